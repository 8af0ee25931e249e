// LiveWorld: a world that runs by the host's clock, with callers from outside.
//   used by: front_door.h (its one thread), tests    uses: reception.h, sim, lang (saved runs)
//   ideas:   whoever owns it says what time it is, so it knows no clock of its own. What is let in becomes actions;
//            then everything that is due by now happens. Links take no time and disks hardly any, so an answer is there
//            at once, unless it waits for time to pass.
//            Only what came from outside is recorded, with the number of steps of the default schedule between: the
//            rest follows from it.
//   invariant: saved() performed anew ends in a world equal to this one.
//   units:   virtual nanoseconds; the world's clock never runs ahead of the host's.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "door/reception.h"
#include "door/traffic.h"
#include "lang/saved_run.h"
#include "sim/world.h"

namespace orrery::door {

// The profile `live`: links and calls take no time, an fsync a nanosecond.
server::Timing live_timing();

class LiveWorld {
 public:
  explicit LiveWorld(const sim::Config& config, bool recording = true);
  // Called after each step, before anybody hears of it.
  void watch_steps(std::function<void(const sim::World&)> watcher) {
    watcher_ = std::move(watcher);
  }

  // Lets virtual time pass until the members have a leader and have said where they listen. Errors: Budget.
  Result<void> settle();

  // Time passes until now, if nothing is due before.
  void come_to(Nanos now);
  // What has come, at this moment.
  void let_in(const std::vector<Arrival>& arrivals, Nanos now);
  // All that is due by now. False = there is more: one call does a bounded amount of work, and ends when it has so much
  // to say outside.
  bool run_until(Nanos now, std::size_t most_told = std::numeric_limits<std::size_t>::max());
  // An action of the operator's own: a crash, a cut. Errors: WrongUse.
  Result<void> act(const sim::Action& action);

  // What there is to say outside since the last time.
  std::vector<client::Told> take_told();
  // When something will happen by itself.
  std::optional<Nanos> next_due() const { return world_.next_due(); }
  const sim::World& world() const { return world_; }
  std::size_t open_tickets() const { return reception_.open(); }

  // The run so far, performed anew to have its digests. Errors: Expectation, if it ended in another world.
  Result<lang::SavedRun> saved() const;

 private:
  struct Entry {
    std::uint64_t defaults = 0;  // steps of the default schedule before it
    sim::Action action;
  };

  void perform(const sim::Action& action);
  void listen();

  sim::World world_;
  Reception reception_;
  std::vector<client::Told> told_;
  std::function<void(const sim::World&)> watcher_;
  bool recording_;
  std::vector<Entry> entries_;
  std::uint64_t defaults_ = 0;  // since the last entry
};

}  // namespace orrery::door
