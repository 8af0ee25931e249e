// Samples: what the articles' metric server would have scraped: each member's counts at equal distances of time.
//   used by: Session (caches a Series), members_table_view.cc    uses: sim (Timeline)
//   ideas:   taken from the timeline afterwards, so that a look changes nothing and a lab needs no preparation. Members
//            are not asked at one moment of the log: a write on its way makes counts differ, which the
//            tolerance forgives; an alert begins when they differ by more for `kAlertAfter` samples in a row.
//   from:    facts "etcd" A, 52 and 64
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/timeline.h"

namespace orrery::gui {

inline constexpr std::uint64_t kTolerance = 2;   // a greater difference counts
inline constexpr std::size_t kAlertAfter = 3;    // samples in a row
inline constexpr std::size_t kMostSamples = 48;  // of a series; beyond, the distance doubles

struct Figures {
  std::uint64_t keys = 0;
  std::uint64_t revision = 0;
  std::uint64_t auth_revision = 0;

  friend bool operator==(const Figures&, const Figures&) = default;
};

struct Sample {
  Nanos at;
  std::size_t position = 0;  // of the timeline: the last one not after `at`
  std::vector<std::optional<Figures>>
      members;  // n1 first; nothing while it is down or not there yet

  friend bool operator==(const Sample&, const Sample&) = default;
};

struct Series {
  Nanos distance;
  std::vector<Sample> samples;  // by time
};

std::uint64_t key_count(const server::Running& run);
Figures figures_of(const server::Running& run);
// The greatest difference between the members that answered.
std::uint64_t spread(const Sample& sample, std::uint64_t Figures::* figure);
// alert[i]: the figure has differed by more than the tolerance in the last kAlertAfter samples up to i.
std::vector<bool> alerts(const Series& series, std::uint64_t Figures::* figure);

// The series of the current branch up to the cursor; what was sampled before is not sampled again.
class Sampler {
 public:
  const Series& update(const sim::Timeline& timeline);

 private:
  Series series_;
  sim::BranchNo branch_ = 0;
};

}  // namespace orrery::gui
