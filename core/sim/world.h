// World: a whole cluster with its clients, network, disks and clock, as one value.
//   used by: Timeline, check, lang, hunt    uses: server, client, network
//   ideas:   a copy is a checkpoint and costs a few counters; two worlds given the same actions stay equal.
//            perform() is the only way anything changes. The agenda holds every action that may happen, by due time,
//            so next() is its first row; it is derived from the state and kept in step with it.
//   invariant 1: same configuration, same actions: same digest, on every machine and in every build.
//   invariant 2: agenda_violations(world) is empty after every perform.
//   note: if perform throws ContractViolation the world is spoilt; the timeline rebuilds the one before.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/guards.h"
#include "base/ordered_map.h"
#include "base/result.h"
#include "base/shared.h"
#include "base/strong.h"
#include "client/client.h"
#include "server/member.h"
#include "server/step.h"
#include "sim/action.h"
#include "sim/clock.h"
#include "sim/network.h"

namespace orrery::sim {

struct Config {
  std::uint64_t seed = 1;
  std::uint32_t members = 3;
  server::Version version = server::Version::V3_6;
  server::Timing timing;
  std::vector<server::Place> places;          // n1 first; who has none has the usual one
  std::string token;                          // of the cluster; empty = the usual one
  std::vector<server::QuirkSet> quirks = {};  // n1 first; who has none has no defect of etcd's

  template <class F>
  void fields(F&& f) const {
    f("seed", seed), f("members", members), f("version", version), f("timing", timing);
    if (!places.empty()) f("places", places);
    if (!token.empty()) f("token", token);
    if (!quirks.empty()) f("quirks", quirks);
  }
  friend bool operator==(const Config&, const Config&) = default;
};

// Who acts, in the order in which equal due times are served.
struct Subject {
  enum class Kind : std::uint8_t { Message, Lane, ClientTimer, ClientWake };
  Kind kind = Kind::Message;
  ChannelId channel = {};      // Message: the head of this channel
  std::uint32_t owner = 0;     // Lane: the member; ClientTimer, ClientWake: the client
  server::LaneId lane = {};    // Lane
  std::uint64_t number = 0;    // ClientTimer: the call
  client::TimerId timer = {};  // ClientWake

  template <class F>
  void fields(F&& f) const {
    f("kind", kind), f("channel", channel), f("owner", owner), f("lane", lane);
    f("number", number), f("timer", timer);
  }
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

struct AgendaKey {
  Nanos due;
  Subject subject;

  template <class F>
  void fields(F&& f) const {
    f("due", due), f("subject", subject);
  }
  friend auto operator<=>(const AgendaKey&, const AgendaKey&) = default;
};

struct EnabledAction {
  Action action;
  Nanos due;  // when the default schedule takes it; performing it earlier moves the clock there
  bool held = false;
};

struct BlockedAction {
  std::string subject;               // e.g. "n1 apply"
  std::vector<GuardRecord> reasons;  // the guards that refused, the decisive one last
};

// What an action would do and why: the same action performed on a copy, with explaining on.
struct Explanation {
  Result<void> outcome;
  std::vector<GuardRecord> guards;
  std::vector<std::string> notes;
};

class World {
 public:
  World();
  explicit World(Config config);

  // Everything that may happen now, by due time. Crashes, cuts and submissions are always possible and not listed.
  std::vector<EnabledAction> enabled() const;
  // Lanes and messages that cannot go on, with the reason.
  std::vector<BlockedAction> blocked() const;
  // What the default schedule takes; none when nothing will ever happen by itself.
  std::optional<Action> next() const;
  // When it is due.
  std::optional<Nanos> next_due() const;

  // Errors: WrongUse when the action is not possible here; the world is unchanged then. `notes`, if given, receives
  // sentences about what happened.
  Result<void> perform(const Action& action, std::vector<std::string>* notes = nullptr);
  Explanation explain(const Action& action) const;

  const Config& config() const { return config_; }
  Nanos now() const { return now_; }
  // What the member's clock shows, now or at another moment of the world's.
  Nanos clock_of(std::uint32_t no) const { return clock_of(no, now_); }
  Nanos clock_of(std::uint32_t no, Nanos moment) const;
  // Of the members whose clocks have ever gone at a pace of their own.
  const OrderedMap<std::uint32_t, Clock>& clocks() const { return clocks_; }
  std::uint64_t steps() const { return steps_; }  // actions performed since the beginning
  std::uint32_t member_count() const { return static_cast<std::uint32_t>(members_.size()); }
  // requires: 1 <= no <= member_count()
  const server::Member& member(std::uint32_t no) const;
  // Surely equal members, without a look at them: the two worlds share one.
  bool shares_member(const World& other, std::uint32_t no) const;
  const OrderedMap<std::uint32_t, Shared<client::Client>>& clients() const { return clients_; }
  const Network& network() const { return network_; }
  const OrderedMap<AgendaKey, bool>& agenda() const { return agenda_; }
  // What the default schedule leaves alone.
  const OrderedMap<Subject, bool>& held() const { return held_; }
  // What the last action had to say to guests: gone with the next one.
  const std::vector<client::Told>& told() const { return told_; }
  // The number of the member with this Raft id; 0 = none.
  std::uint32_t number_of(NodeId id) const;

  Digest digest() const;

  template <class F>
  void fields(F&& f) const {
    f("config", config_), f("now", now_), f("steps", steps_), f("members", members_);
    f("clients", clients_), f("network", network_), f("agenda", agenda_), f("held", held_);
    // A world in which every clock goes right has the digest that it had before there were others.
    if (!clocks_.empty()) f("clocks", clocks_);
    if (!told_.empty()) f("told", told_);
  }
  friend bool operator==(const World&, const World&) = default;

 private:
  friend std::vector<std::string> agenda_violations(const World& world);

  struct Effects;  // what one perform accumulates

  Result<void> act(Effects& effects, const Deliver& action);
  Result<void> act(Effects& effects, const Drop& action);
  Result<void> act(Effects& effects, const Duplicate& action);
  Result<void> act(Effects& effects, const RunLane& action);
  Result<void> act(Effects& effects, const Submit& action);
  Result<void> act(Effects& effects, const ClientTimeout& action);
  Result<void> act(Effects& effects, const ClientWake& action);
  Result<void> act(Effects& effects, const Crash& action);
  Result<void> act(Effects& effects, const Restart& action);
  Result<void> act(Effects& effects, const Join& action);
  Result<void> act(Effects& effects, const Install& action);
  Result<void> act(Effects& effects, const Cut& action);
  Result<void> act(Effects& effects, const Mend& action);
  Result<void> act(Effects& effects, const Hold& action);
  Result<void> act(Effects& effects, const Release& action);
  Result<void> act(Effects& effects, const Delay& action);
  Result<void> act(Effects& effects, const SetClock& action);
  Result<void> act(Effects& effects, const Wait& action);

  Result<void> perform_guarded(const Action& action, const Guards& guards,
                               std::vector<std::string>* notes);
  void name_members(GuardRecord& record) const;
  Result<void> possible(const Deliver& action, const Guards& guards) const;
  server::Member& edit_member(std::uint32_t no);
  client::Client& edit_client(std::uint32_t no);
  void flush(server::Step& step);
  void transmit(server::Step& step, const server::Packet& packet);
  // The process dies, its connections with it.
  void take_down(const Effects& effects, std::uint32_t no);
  void start_joined(const Effects& effects, std::uint32_t no);
  bool is_up(const server::Address& address) const;  // a member that is there and runs
  Nanos latency(const server::Step& step, const server::Packet& packet) const;
  void panicked(std::uint32_t no, const std::string& text);
  void break_connections(server::Step& step, std::uint32_t no);
  const AgendaKey* first_row() const;
  void schedule_head(const ChannelId& id);
  void unschedule_head(const ChannelId& id);
  void refresh_member(std::uint32_t no);
  void unschedule_member(std::uint32_t no);
  server::Readiness readiness(const server::Member& member, const server::LaneId& lane,
                              const Guards& guards) const;
  void refresh_lane(std::uint32_t no, server::Member& member, const server::LaneId& lane);
  // What the client's step has left for the world to do, messages first.
  void run_errands(Effects& effects, server::Step& step, std::uint32_t client);

  Config config_;
  Nanos now_;
  std::uint64_t steps_ = 0;
  std::vector<Shared<server::Member>> members_;  // n1 first
  OrderedMap<std::uint32_t, Shared<client::Client>> clients_;
  Network network_;
  OrderedMap<AgendaKey, bool> agenda_;
  OrderedMap<Subject, bool> held_;
  OrderedMap<std::uint32_t, Clock> clocks_;
  std::vector<client::Told> told_;
};

static_assert(std::regular<World>);

// Every difference between the agenda and what the state says may happen; empty when all is well.
std::vector<std::string> agenda_violations(const World& world);

// The action a row of the agenda stands for.
Action action_of(const World& world, const Subject& subject);

}  // namespace orrery::sim
