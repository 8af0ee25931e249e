#include "gui/samples.h"

#include <algorithm>

#include "mvcc/store.h"

namespace orrery::gui {
namespace {

constexpr Nanos kFirstDistance(25'000'000);

Sample sample_of(const sim::World& world, Nanos at, std::size_t position) {
  Sample out{.at = at, .position = position, .members = {}};
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const server::Member& member = world.member(no);
    out.members.push_back(member.up() ? std::optional(figures_of(member.running())) : std::nullopt);
  }
  return out;
}

// The last position of [low, high] whose world's clock does not show more than `at`. requires: low's does not
std::size_t position_at(sim::Timeline& timeline, std::size_t low, std::size_t high, Nanos at) {
  while (low < high) {
    const std::size_t middle = low + (high - low + 1) / 2;
    if (timeline.world_at(middle).now() <= at) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace

std::uint64_t key_count(const server::Running& run) {
  const auto all = mvcc::Interval::of({}, BytesView("\0", 1));
  return static_cast<std::uint64_t>(run.store.index().count(all, run.store.current_revision()));
}

Figures figures_of(const server::Running& run) {
  return {.keys = key_count(run),
          .revision = static_cast<std::uint64_t>(run.store.current_revision()),
          .auth_revision = run.auth.revision()};
}

std::uint64_t spread(const Sample& sample, std::uint64_t Figures::* figure) {
  std::optional<std::uint64_t> least;
  std::uint64_t most = 0;
  for (const auto& member : sample.members) {
    if (!member) continue;
    const std::uint64_t value = (*member).*figure;
    least = std::min(least.value_or(value), value);
    most = std::max(most, value);
  }
  return least ? most - *least : 0;
}

std::vector<bool> alerts(const Series& series, std::uint64_t Figures::* figure) {
  std::vector<bool> out;
  std::size_t in_a_row = 0;
  for (const Sample& sample : series.samples) {
    in_a_row = spread(sample, figure) > kTolerance ? in_a_row + 1 : 0;
    out.push_back(in_a_row >= kAlertAfter);
  }
  return out;
}

const Series& Sampler::update(const sim::Timeline& timeline) {
  const Nanos now = timeline.world().now();
  if (timeline.branch() != branch_ || series_.distance == Nanos(0)) {
    series_ = {.distance = kFirstDistance, .samples = {}};
    branch_ = timeline.branch();
  }
  std::erase_if(series_.samples, [&](const Sample& one) {
    return one.at > now || one.position > timeline.position();
  });
  while (now.value() / series_.distance.value() >= static_cast<std::int64_t>(kMostSamples)) {
    series_.distance = Nanos(series_.distance.value() * 2);
  }
  std::erase_if(series_.samples,
                [&](const Sample& one) { return one.at.value() % series_.distance.value() != 0; });
  const Nanos from =
      series_.samples.empty() ? Nanos(0) : series_.samples.back().at + series_.distance.value();
  sim::Timeline copy = timeline;  // the cursor's timeline is only read
  for (Nanos at = from; at <= now; at = at + series_.distance.value()) {
    const std::size_t low = series_.samples.empty() ? 0 : series_.samples.back().position;
    const std::size_t position = position_at(copy, low, timeline.position(), at);
    series_.samples.push_back(sample_of(copy.world_at(position), at, position));
  }
  return series_;
}

}  // namespace orrery::gui
