// GrpcCaller: calls a member of any etcd, ours or stock, as a client.
//   used by: cli (monitor)    uses: gRPC
//   ideas:   one call at a time, bytes in and bytes out, by the same codecs as the server's side.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/blob.h"
#include "base/result.h"
#include "base/strong.h"

namespace orrery::door {

class GrpcCaller {
 public:
  // "127.0.0.1:2379". Connects with the first call.
  explicit GrpcCaller(const std::string& endpoint);
  ~GrpcCaller();
  GrpcCaller(GrpcCaller&&) noexcept;
  GrpcCaller& operator=(GrpcCaller&&) noexcept;
  GrpcCaller(const GrpcCaller&) = delete;
  GrpcCaller& operator=(const GrpcCaller&) = delete;

  struct Reply {
    int code = 0;       // gRPC's; 0 = it is answered
    std::string words;  // of an error
    Bytes bytes;        // of the answer

    friend bool operator==(const Reply&, const Reply&) = default;
  };

  Reply ask(std::string_view method, BytesView request, Nanos timeout,
            const std::string& token = {});
  // Of a method with streams: how it ended, or the first response; then nobody listens any more.
  Reply ask_stream(std::string_view method, BytesView request, Nanos timeout,
                   const std::string& token = {});
  // Errors: Unavailable, with what the other side or the connection said.
  Result<Bytes> call(std::string_view method, BytesView request, Nanos timeout,
                     const std::string& token = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::door
