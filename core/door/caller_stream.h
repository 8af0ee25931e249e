// CallerStream: a stream of a member's of any etcd, ours or stock, as a client: requests go in, responses are read.
//   used by: cli (mirror_cluster.h)    uses: gRPC
//   ideas:   a thread-free pair of calls: write() waits until the bytes are on their way, read() for a response.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/blob.h"
#include "base/strong.h"
#include "door/caller.h"

namespace orrery::door {

class CallerStream {
 public:
  // "127.0.0.1:2379", "/etcdserverpb.Watch/Watch". Connects at once.
  CallerStream(const std::string& endpoint, std::string_view method, const std::string& token);
  // Whoever was read from hears that nobody listens any more.
  ~CallerStream();
  CallerStream(const CallerStream&) = delete;
  CallerStream& operator=(const CallerStream&) = delete;

  // False = the stream is over.
  bool write(BytesView request);
  // None = nothing has come in that time, or the stream is over.
  std::optional<Bytes> read(Nanos patience);
  // How it ended; none = it goes on.
  const std::optional<GrpcCaller::Reply>& ending() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::door
