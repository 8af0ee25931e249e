// Clock: how time goes for one member, beside the world's own.
//   used by: world.h (a member's steps and deadlines), check (leases)    uses: base
//   ideas:   a line of straight stretches: from some moment of the world on it goes at so many percent of the world's
//            pace. What it showed in the past can still be asked, and it never goes back.
//   invariant: at(when(own)) >= own, so that a deadline has passed when the world comes to it.
//   differs: there are no jumps. etcd's timers and leases run by Go's monotonic clock, which a jump of the wall clock
//            does not move.
#pragma once

#include <cstdint>
#include <optional>

#include "base/sequence.h"
#include "base/strong.h"

namespace orrery::sim {

inline constexpr std::uint32_t kRightPace = 100;     // units: percent of the world's pace
inline constexpr std::uint32_t kFastestPace = 1000;  // 0 = it stands still

class Clock {
 public:
  // What it shows at this moment of the world.
  Nanos at(Nanos moment) const;
  // The first moment of the world, from the last change of its pace on, when it shows this; none = it never will.
  std::optional<Nanos> when(Nanos own) const;
  std::uint32_t pace() const { return stretches_.empty() ? kRightPace : stretches_.back().pace; }
  // From `moment` on. requires: moment is no earlier than the change before; pace <= kFastestPace
  void set_pace(Nanos moment, std::uint32_t pace);

  template <class F>
  void fields(F&& f) const {
    f("stretches", stretches_);
  }
  friend bool operator==(const Clock&, const Clock&) = default;

 private:
  struct Stretch {
    Nanos from;  // of the world's time
    Nanos own;   // what the clock shows then
    std::uint32_t pace = kRightPace;

    template <class F>
    void fields(F&& f) const {
      f("from", from), f("own", own), f("pace", pace);
    }
    friend bool operator==(const Stretch&, const Stretch&) = default;
  };

  Stretch stretch_at(Nanos moment) const;

  Sequence<Stretch> stretches_;  // before the first: right
};

}  // namespace orrery::sim
