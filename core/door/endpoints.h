// Endpoints: where the members of a world are reached: for each an acceptor and a desk for HTTP, and one gRPC server.
//   used by: front_door.h, cranked_door.h    uses: acceptor.h, grpc_server.h, http_desk.h
//   ideas:   what comes lies in one mailbox; whoever owns the world takes it from there, and gives back what there is
//            to say. A world that runs reads the gRPC connections itself, in take(); for one that is cranked a thread
//            does.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "door/acceptor.h"
#include "door/grpc_server.h"
#include "door/http_desk.h"
#include "door/pages.h"
#include "door/tls_desk.h"
#include "door/traffic.h"
#include "sim/world.h"

namespace orrery::door {

struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0 = one that is free
};

// Where one member is reached.
struct Post {
  std::vector<Address> clients;
  std::vector<Address> metrics;  // where HTTP is served besides, plainly
};

class Endpoints {
 public:
  Endpoints() = default;
  ~Endpoints();
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  // Listens at one post for each member, n1's first; nobody is let in before open(). Errors: Unavailable (an address).
  // Errors besides: WrongUse (a certificate).
  Result<void> listen(const sim::Config& config, const std::vector<Post>& posts,
                      const TlsOptions& tls = {}, const GrpcOptions& grpc = {});
  void open();
  // All that has come; waits for at most `patience` if there is nothing. The thread that calls this reads gRPC.
  std::vector<Letter> take(Nanos patience);
  // Makes take() return. From any thread.
  void wake();
  // A thread reads gRPC from here on: whoever owns the world waits for the mailbox.
  void read_by_thread();
  // Where a member is down nobody listens, as where a process has died; where it is up again somebody does.
  void follow(const sim::World& world);
  // Nobody is let in any more; calls end with Unavailable.
  void close();

  Mailbox<Letter>& mailbox() { return mailbox_; }

  // It goes out with the next flush() or take().
  void deliver(const Departure& departure);
  void flush();
  void flush_answers();
  void give(const Look& look, const Page& page);
  // A member has been without a leader for long: streams that want one end.
  void end_leaderless(std::uint32_t member);
  Tally tally(std::uint32_t member) const;
  // Every call that waits is told this; connections stay.
  void turn_out(const Error& error);

  // "127.0.0.1:2379", n1 first.
  std::vector<std::string> clients() const;
  // Of the further addresses for HTTP, likewise.
  std::vector<std::string> metrics() const;

 private:
  // Of a member that is up.
  struct Endpoint {
    std::vector<std::unique_ptr<Acceptor>> clients;
    std::vector<std::unique_ptr<Acceptor>> metrics;
    std::unique_ptr<HttpDesk> http;
    std::unique_ptr<TlsDesk> tls;  // null = plain
  };

  // The ports that were free are the post's from then on.
  static Result<void> listen_at(std::vector<Address>& addresses,
                                std::vector<std::unique_ptr<Acceptor>>& out);
  Result<void> make(std::size_t at);
  void open(std::size_t at);
  void close(std::size_t at);

  Mailbox<Letter> mailbox_;
  std::vector<Post> posts_;
  TlsOptions tls_;
  std::unique_ptr<GrpcServer> grpc_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;  // by member; null = it is down
  std::atomic<bool> closing_ = false;
  std::thread reader_;  // of gRPC, when the world is cranked
};

}  // namespace orrery::door
