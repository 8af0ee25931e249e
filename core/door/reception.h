// Reception: turns what a transport brings into actions of the world, and remembers who stands at the door.
//   used by: live_world.h, whoever cranks a world with a door by hand    uses: traffic.h, sim, lang (secrets)
//   ideas:   the callers of one connection are guests of one client of the world, as their streams share its windows.
//            Clients are numbered from 101 and used again when nobody is left on the connection, so that a world does
//            not grow with every caller that ever was. From 3.5 on no password passes.
//   invariant: a ticket is open from its first arrival until it is answered for good, or gone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "door/traffic.h"
#include "sim/action.h"
#include "sim/world.h"

namespace orrery::door {

inline constexpr std::uint32_t kFirstGuestClient = 101;

class Reception {
 public:
  // The action that lets it in; none when there is nothing to be done (a farewell after the last answer). Errors: what
  // the caller is to be told instead.
  Result<std::optional<sim::Action>> admit(const Arrival& arrival, const sim::World& world);
  // To be called with everything a world has told a guest.
  void told(const client::Told& told);

  std::size_t open() const { return tickets_.size(); }

 private:
  struct Connection {
    std::uint32_t client = 0;
    std::size_t open = 0;  // tickets
  };

  using Admission = Result<std::optional<sim::Action>>;

  Admission admit_one(const Asked& asked, const sim::World& world);
  Admission admit_one(const WatchAsked& asked, const sim::World& world);
  Admission admit_one(const TakenIn& taken, const sim::World& world);
  Admission admit_one(const Gone& gone, const sim::World& world);
  std::uint32_t seat(Ticket ticket, const Caller& caller);
  void leave(Ticket ticket);

  std::map<std::string, Connection> connections_;  // by the transport's name
  std::map<Ticket, std::string> tickets_;          // on which connection
  std::set<std::uint32_t> free_;                   // numbers that were used and are not now
  std::uint32_t next_ = kFirstGuestClient;
};

}  // namespace orrery::door
