// GrpcServer: one member's endpoint for gRPC clients.
//   used by: serve (cli), the debugger    uses: gRPC, methods.h, traffic.h
//   ideas:   a generic service: every method is bytes in and bytes out, read and written by our own codecs. Its threads
//            only put arrivals into the mailbox; answers come back through deliver().
//   limits:  request size, concurrent streams and keepalive as etcd has them.
//   from: etcd server/etcdserver/api/v3rpc/grpc.go; facts C.12; gRPC C++ callback API
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "door/traffic.h"

namespace orrery::door {

struct GrpcOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;    // 0 = one that is free
  std::uint32_t member = 1;  // whose endpoint this is
  std::size_t max_request_bytes = std::size_t{3} * 512 * 1024;
};

class GrpcServer {
 public:
  struct Impl;  // the transport's own

  // Error: Unavailable, with the address. The mailbox outlives the server.
  static Result<std::unique_ptr<GrpcServer>> listen(const GrpcOptions& options,
                                                    Mailbox<Arrival>& to);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  std::uint16_t port() const;
  // From any thread. A ticket that nobody waits for is passed over; true = it was of this server.
  bool deliver(const Departure& departure);
  // Ends every call with Unavailable.
  void shutdown();

 private:
  explicit GrpcServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::door
