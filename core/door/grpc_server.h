// GrpcServer: gRPC for the callers at one member's endpoint.
//   used by: endpoint.h    uses: gRPC, proto/methods.h, traffic.h
//   ideas:   a generic service: every method is bytes in and bytes out, read and written by our own codecs. Its threads
//            only put arrivals into the mailbox; answers come back through deliver(). Connections are accepted by
//            somebody else, who hands them over when they speak HTTP/2.
//   limits:  request size, keepalive as etcd has them.
//   from: etcd server/etcdserver/api/v3rpc/grpc.go; facts B.0, C.10; gRPC C++ callback API
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "door/pages.h"
#include "door/traffic.h"

namespace orrery::door {

struct GrpcOptions {
  std::uint32_t member = 1;  // whose endpoint this is
  std::size_t max_request_bytes = std::size_t{3} * 512 * 1024;
  bool knows_newer_methods = true;  // what 3.5 has brought: AuthStatus, Downgrade
};

class GrpcServer {
 public:
  struct Impl;  // the transport's own

  // The mailbox outlives the server. Errors: Unavailable.
  static Result<std::unique_ptr<GrpcServer>> start(const GrpcOptions& options, Mailbox<Letter>& to);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // Takes over a connection that was accepted; closes it in the end. `user`: whom its certificate names.
  void adopt(int descriptor, const std::string& user = {});
  // From any thread. True = the ticket is one of this server's and somebody waits for it.
  bool deliver(const Departure& departure);
  // Streams whose callers asked for a leader end, as etcd's do: with NoLeader, Observe with Canceled.
  void end_leaderless();
  // Every call that waits ends with this.
  void turn_out(const Error& error);
  // Of the calls so far; nothing of leaders.
  Tally tally();
  // Ends every call with Unavailable.
  void shutdown();

 private:
  explicit GrpcServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::door
