// Recipes: the Lock and Election services: recipes over the other services, made at the server's side.
//   used by: front_door.h (on the world's thread), tests    uses: small_messages.h, traffic.h
//   ideas:   as etcd has it: each call runs the client's recipe over calls and watches of its own, under its caller's
//            token. They go through the same reception as everybody's, so the record and the world know only them.
//            A recipe is a phase and what it waits for; whoever holds the recipes brings it what its tickets were told.
//   from: etcd server/etcdserver/api/v3lock/lock.go, v3election/election.go; clientv3/concurrency/mutex.go,
//         election.go, key.go; facts D.14
//   differs: the lease is not kept alive while a call waits.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "door/small_messages.h"
#include "door/traffic.h"

namespace orrery::door {

class Recipes {
 public:
  // A call of the house's. What it wants to ask is put into `arrivals`, what it has to say into `departures`.
  struct Desk {
    std::vector<Arrival>& arrivals;
    std::vector<Departure>& departures;
  };

  void begin(Desk desk, const HouseAsked& asked);
  // Is the ticket one that a recipe asked on? Then it goes on.
  bool hear(Desk desk, const client::Told& told);
  // Its caller is gone. False = no recipe's.
  bool leave(Desk desk, Ticket ticket);

  std::size_t size() const { return recipes_.size(); }

 private:
  enum class Phase : std::uint8_t {
    Grant,       // a lease, where none was given
    Try,         // the own key is written unless it is there
    FindOwner,   // the newest key older than one's own
    AwaitOwner,  // until that key is deleted
    Confirm,     // is one's own key still there?
    Simple,      // one question, and its answer is the caller's
    FindLeader,  // Observe: who leads
    AwaitLeader,
    FollowLeader
  };
  struct Recipe {
    Ticket ticket = 0;  // the caller's
    Caller caller;
    HouseMethod method = HouseMethod::Lock;
    HouseRequest request;
    Phase phase = Phase::Simple;
    Ticket asked = 0;  // what it waits for; 0 = nothing
    Blob key;
    std::int64_t revision = 0;  // that created the own key
    rpc::ResponseHeader header;
  };

  void ask(Desk desk, Recipe& recipe, rpc::Request request);
  void watch(Desk desk, Recipe& recipe, rpc::WatchCreateRequest request);
  void unwatch(Desk desk, Recipe& recipe);
  void end(Desk desk, Recipe& recipe, std::optional<Bytes> message, std::optional<Error> error);
  void start(Desk desk, Recipe& recipe);
  void try_to_hold(Desk desk, Recipe& recipe);
  void find_owner(Desk desk, Recipe& recipe);
  void held(Desk desk, Recipe& recipe);
  void answered(Desk desk, Recipe& recipe, const rpc::Response& response);
  void tried(Desk desk, Recipe& recipe, const rpc::TxnResponse& txn);
  void found(Desk desk, Recipe& recipe, const rpc::RangeResponse& range);
  void simple(Desk desk, Recipe& recipe, const rpc::Response& response);
  void heard(Desk desk, Recipe& recipe, const rpc::WatchResponse& response);
  void observe(Desk desk, Recipe& recipe);

  std::map<Ticket, Recipe> recipes_;  // by the caller's ticket
  std::map<Ticket, Ticket> askers_;   // by the ticket asked on: whose
};

}  // namespace orrery::door
