// StepIndex: who did each step of the current branch, so that a timeline of 100,000 steps paints at once.
//   used by: Session, the timeline view    uses: sim
//   ideas:   two bytes a step, appended as history grows; a switch of branch keeps the shared beginning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/timeline.h"

namespace orrery::gui {

enum class StepKind : std::uint8_t { Message, Lane, Tick, Client, Fault, Order };

struct StepMark {
  std::uint8_t owner = 0;  // the member; 0 = no member's
  StepKind kind = StepKind::Lane;

  friend bool operator==(const StepMark&, const StepMark&) = default;
};

StepMark mark_of(const sim::Action& action);

// A member was down from a position to another.
struct DownSpan {
  std::uint32_t member = 0;
  std::size_t from = 0;
  std::size_t to = 0;

  friend bool operator==(const DownSpan&, const DownSpan&) = default;
};

class StepIndex {
 public:
  // Makes marks() those of the timeline's current branch, whole.
  void update(const sim::Timeline& timeline);

  // marks()[i] is the step from position i to i + 1.
  const std::vector<StepMark>& marks() const { return marks_; }
  std::vector<DownSpan> down_spans() const;
  // Positions at which a link was cut or mended.
  const std::vector<std::size_t>& faults() const { return faults_; }

 private:
  struct Turn {
    std::size_t at = 0;
    std::uint32_t member = 0;
    bool down = false;
  };

  std::vector<StepMark> marks_;
  std::vector<Turn> turns_;
  std::vector<std::size_t> faults_;
  sim::BranchNo branch_ = 0;
};

}  // namespace orrery::gui
