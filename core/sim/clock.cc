// Clocks of members: their arithmetic, and the world's use of them.
#include "sim/clock.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "sim/world.h"

namespace orrery::sim {

namespace {

constexpr std::int64_t kWhole = kRightPace;
// Farther than any run goes; what lies beyond counts as this far.
constexpr std::int64_t kFarAway = INT64_MAX / 4;

}  // namespace

Clock::Stretch Clock::stretch_at(Nanos moment) const {
  for (std::size_t i = stretches_.size(); i > 0; --i) {
    if (stretches_[i - 1].from <= moment) return stretches_[i - 1];
  }
  return {};
}

Nanos Clock::at(Nanos moment) const {
  const Stretch stretch = stretch_at(moment);
  const std::int64_t passed = moment - stretch.from;
  const std::int64_t pace = stretch.pace;
  return stretch.own + (passed / kWhole * pace + passed % kWhole * pace / kWhole);
}

std::optional<Nanos> Clock::when(Nanos own) const {
  const Stretch stretch = stretches_.empty() ? Stretch{} : stretches_.back();
  const std::int64_t ahead = own - stretch.own;
  if (ahead <= 0) return stretch.from;
  const std::int64_t pace = stretch.pace;
  if (pace == 0) return std::nullopt;
  if (ahead / pace >= kFarAway / kWhole) return Nanos(kFarAway);
  return stretch.from + (ahead / pace * kWhole + (ahead % pace * kWhole + pace - 1) / pace);
}

void Clock::set_pace(Nanos moment, std::uint32_t pace) {
  check(pace <= kFastestPace, "the pace is one that a clock can have");
  check(stretches_.empty() || stretches_.back().from <= moment, "clocks are set in order");
  stretches_.push_back({.from = moment, .own = at(moment), .pace = pace});
}

Nanos World::clock_of(std::uint32_t no, Nanos moment) const {
  const Clock* clock = clocks_.empty() ? nullptr : clocks_.find(no);
  return clock == nullptr ? moment : clock->at(moment);
}

// The agenda knows the world's time alone: when will the member's clock show what the lane waits for?
server::Readiness World::readiness(const server::Member& member, const server::LaneId& lane,
                                   const Guards& guards) const {
  const server::Readiness ready = server::readiness(member, lane, guards);
  if (clocks_.empty() || !ready.enabled || ready.due == Nanos(0)) return ready;
  const Clock* clock = clocks_.find(member.no());
  if (clock == nullptr) return ready;
  const auto when = clock->when(ready.due);
  if (!guards(when.has_value(), "the member's clock goes on to the time that the lane waits for",
              {{"shows", clock->at(now_)}, {"waits for", ready.due}})) {
    return server::kBlocked;
  }
  return server::ready_at(*when);
}

Result<void> World::act(Effects& /*effects*/, const SetClock& action) {
  const std::uint32_t no = action.member;
  if (no < 1 || no > members_.size()) {
    return fail(Errc::WrongUse, text("there is no member n{}", no));
  }
  if (action.pace > kFastestPace) {
    return fail(Errc::WrongUse, text("a clock goes at {} percent at most", kFastestPace));
  }
  const Clock* known = clocks_.find(no);
  Clock clock = known == nullptr ? Clock{} : *known;
  if (clock.pace() == action.pace) {
    return fail(Errc::WrongUse, text("n{}'s clock goes at {} percent already", no, action.pace));
  }
  clock.set_pace(now_, action.pace);
  clocks_.put(no, std::move(clock));
  if (!member(no).up()) return {};
  server::Member& changed = edit_member(no);
  for (const server::LaneId& lane : server::lanes(changed)) refresh_lane(no, changed, lane);
  return {};
}

}  // namespace orrery::sim
