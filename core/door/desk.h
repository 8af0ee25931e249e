// Desk: between the endpoints and a world: letters become arrivals, what a world has told goes out.
//   used by: front_door.h, cranked_door.h, on the thread that owns the world
//   uses:    endpoints.h, recipes.h, pages.h, token_exchange.h
//   ideas:   most letters are arrivals already. Recipes (Lock, Election) and probes (/health) ask on tickets of their
//            own, and their answers stop here.
//   from: etcd server/etcdserver/api/v3rpc/interceptor.go (monitorLeader); facts B.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "door/endpoints.h"
#include "door/pages.h"
#include "door/recipes.h"
#include "door/token_exchange.h"
#include "door/traffic.h"
#include "sim/world.h"

namespace orrery::door {

class Desk {
 public:
  explicit Desk(Endpoints& endpoints) : endpoints_(&endpoints) {}

  // Callers show and get JWTs of this key, not the world's own.
  void exchange_tokens(std::shared_ptr<const TokenKey> key) {
    tokens_ = TokenExchange(std::move(key));
  }

  // What is to be let in now: what has come, and what recipes ask on. Pages that only look are given at once. `now` is
  // the host's time.
  std::vector<Arrival> sort(std::vector<Letter> letters, const sim::World& world, Nanos now);
  void hear(const client::Told& told, const sim::World& world);
  // What was heard goes out.
  void send();
  // What callers wait for goes out; watchers' events with the next Endpoints::take().
  void send_answers();
  // Ends streams at members that have not known a leader for three looks, one each election timeout of the world's.
  void look_for_leaders(const sim::World& world);
  // Do recipes want to ask on?
  bool has_more() const { return !asides_.empty(); }

 private:
  // A probe whose read is under way.
  struct Probing {
    Look look;
    Probe probe = Probe::Health;
    Nanos deadline;
  };

  // Of a member: who it has been led by, as far as somebody looked.
  struct Led {
    NodeId by;
    std::uint64_t changes = 0;

    void see(NodeId leader) {
      if (leader != NodeId(0) && leader != by) ++changes;
      by = leader;
    }
  };

  void admit(Arrival arrival, std::vector<Arrival>& arrivals);
  void show(const Look& look, const sim::World& world, Nanos now, std::vector<Arrival>& arrivals);
  void begin_probe(const Look& look, Probe probe, const sim::World& world, Nanos now,
                   std::vector<Arrival>& arrivals);
  void end_probe(Ticket read, const std::string& reason, const sim::World& world);
  void end_late_probes(const sim::World& world, Nanos now, std::vector<Arrival>& arrivals);

  Endpoints* endpoints_;
  TokenExchange tokens_;
  std::map<Ticket, Probing> probes_;  // by the ticket of the read
  Recipes recipes_;
  std::vector<Arrival> asides_;  // what recipes want to ask next
  std::vector<Departure> departures_;
  std::map<std::uint32_t, Led> leaders_;
  std::map<std::uint32_t, Nanos> ends_;  // members without a leader: when their streams end
};

}  // namespace orrery::door
