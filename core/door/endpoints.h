// Endpoints: where the members of a world are reached: for each an acceptor, a gRPC server and a desk for HTTP.
//   used by: front_door.h, cranked_door.h    uses: acceptor.h, grpc_server.h, http_desk.h
//   ideas:   their threads put what comes into one mailbox; whoever owns the world takes it from there, and gives back
//            what there is to say.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
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
                      const TlsOptions& tls = {});
  void open();
  // Where a member is down nobody listens, as where a process has died; where it is up again somebody does.
  void follow(const sim::World& world);
  // Nobody is let in any more; calls end with Unavailable.
  void close();

  Mailbox<Letter>& mailbox() { return mailbox_; }

  void deliver(const Departure& departure);
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
    std::unique_ptr<GrpcServer> grpc;
    std::unique_ptr<HttpDesk> http;
    std::unique_ptr<TlsDesk> tls;  // null = plain
  };

  // The ports that were free are the post's from then on.
  static Result<void> listen_at(std::vector<Address>& addresses,
                                std::vector<std::unique_ptr<Acceptor>>& out);
  Result<void> make(std::size_t at);
  static void open(Endpoint& endpoint);
  static void close(Endpoint& endpoint);
  GrpcServer* grpc_of(std::uint32_t member) const;

  Mailbox<Letter> mailbox_;
  std::vector<Post> posts_;
  TlsOptions tls_;
  GrpcOptions grpc_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;  // by member; null = it is down
};

}  // namespace orrery::door
