// GrpcServer: gRPC for the callers at all members' endpoints.
//   used by: endpoints.h    uses: grpc_wire.h, traffic.h, epoll
//   ideas:   no thread of its own: whoever calls pump() reads what has come and writes what there is to say. The thread
//            that owns a running world pumps itself, so a call costs no change of threads. All else may come from
//            any thread. Connections are accepted by somebody else, who hands them over when they speak HTTP/2.
//            While callers keep coming, watchers' events go out in turn, a part of the watchers at a time: who is
//            behind gets several with one write. Answers do not wait.
//   limits:  request size, concurrent streams, keepalive as etcd has them.
//   from: etcd server/etcdserver/api/v3rpc/grpc.go; facts B.0, C.10
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "door/grpc_call.h"
#include "door/pages.h"
#include "door/traffic.h"

namespace orrery::door {

class GrpcServer {
 public:
  struct Impl;

  // The mailbox outlives the server. Errors: Unavailable.
  static Result<std::unique_ptr<GrpcServer>> start(const GrpcOptions& options, Mailbox<Letter>& to);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // Takes over a connection to a member that was accepted; closes it in the end. `user`: whom its certificate names.
  void adopt(int descriptor, std::uint32_t member, const std::string& user = {});

  // Waits for at most so long until something comes (not at all while events wait), reads it, writes what callers wait
  // for, and a part of the events. One thread at a time.
  void pump(Nanos patience);
  // Makes pump() return.
  void wake();

  // True = somebody waits for the ticket. It goes out with the next flush() or pump().
  bool deliver(const Departure& departure);
  void flush();
  void flush_answers();
  // Streams of a member's whose callers asked for a leader end, as etcd's do: with NoLeader, Observe with Canceled.
  void end_leaderless(std::uint32_t member);
  // Every call that waits ends with this.
  void turn_out(const Error& error);
  // Of the calls so far; nothing of leaders.
  Tally tally(std::uint32_t member);
  // A member's connections are closed.
  void close(std::uint32_t member);

 private:
  explicit GrpcServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::door
