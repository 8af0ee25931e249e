#include "gui/step_index.h"

#include <algorithm>

#include "base/overloaded.h"

namespace orrery::gui {
namespace {

std::uint8_t owner_of(const server::Address& address) {
  return address.kind == server::Address::Kind::Member ? static_cast<std::uint8_t>(address.no)
                                                       : std::uint8_t{0};
}

std::uint8_t number(std::uint32_t member) {
  return static_cast<std::uint8_t>(member);
}

// The steps that two branches share: up to the lower fork on the way from both to their common ancestor.
std::size_t shared_steps(const sim::Timeline& timeline, sim::BranchNo a, sim::BranchNo b) {
  const auto& branches = timeline.branches();
  if (a >= branches.size()) return 0;
  std::size_t shared = std::min(branches[a].length(), branches[b].length());
  while (a != b) {
    sim::BranchNo& later = a > b ? a : b;
    shared = std::min(shared, branches[later].fork);
    later = branches[later].parent;
  }
  return shared;
}

}  // namespace

StepMark mark_of(const sim::Action& action) {
  return std::visit(
      Overloaded{
          [](const sim::Deliver& a) { return StepMark{owner_of(a.message.to), StepKind::Message}; },
          [](const sim::Drop& a) { return StepMark{owner_of(a.message.to), StepKind::Fault}; },
          [](const sim::Duplicate& a) { return StepMark{owner_of(a.message.to), StepKind::Fault}; },
          [](const sim::RunLane& a) {
            const bool tick = a.lane.kind == server::LaneKind::Node;
            return StepMark{number(a.member), tick ? StepKind::Tick : StepKind::Lane};
          },
          [](const sim::Submit&) { return StepMark{0, StepKind::Client}; },
          [](const sim::ClientTimeout&) { return StepMark{0, StepKind::Client}; },
          [](const sim::ClientWake&) { return StepMark{0, StepKind::Client}; },
          [](const sim::Crash& a) { return StepMark{number(a.member), StepKind::Fault}; },
          [](const sim::Restart& a) { return StepMark{number(a.member), StepKind::Fault}; },
          [](const sim::Join& a) { return StepMark{number(a.member), StepKind::Fault}; },
          [](const sim::Install& a) { return StepMark{number(a.member), StepKind::Fault}; },
          [](const sim::SetClock& a) { return StepMark{number(a.member), StepKind::Fault}; },
          [](const sim::Cut& a) { return StepMark{owner_of(a.from), StepKind::Fault}; },
          [](const sim::Mend& a) { return StepMark{owner_of(a.from), StepKind::Fault}; },
          [](const sim::Hold&) { return StepMark{0, StepKind::Order}; },
          [](const sim::Release&) { return StepMark{0, StepKind::Order}; },
          [](const sim::Wait&) { return StepMark{0, StepKind::Order}; },
          [](const sim::Delay&) { return StepMark{0, StepKind::Order}; },
      },
      action);
}

void StepIndex::update(const sim::Timeline& timeline) {
  const sim::BranchNo branch = timeline.branch();
  const std::size_t length = timeline.branches()[branch].length();
  const std::size_t kept = std::min(marks_.size(), shared_steps(timeline, branch_, branch));
  marks_.resize(kept);
  std::erase_if(turns_, [&](const Turn& turn) { return turn.at >= kept; });
  std::erase_if(faults_, [&](std::size_t at) { return at >= kept; });
  branch_ = branch;
  for (std::size_t at = kept; at < length; ++at) {
    const sim::Action& action = timeline.action_before(at + 1);
    marks_.push_back(mark_of(action));
    if (const auto* crash = std::get_if<sim::Crash>(&action)) {
      turns_.push_back({at, crash->member, true});
    } else if (const auto* install = std::get_if<sim::Install>(&action)) {
      turns_.push_back({at, install->member, true});
    } else if (const auto* restart = std::get_if<sim::Restart>(&action)) {
      turns_.push_back({at, restart->member, false});
    } else if (std::holds_alternative<sim::Cut>(action) ||
               std::holds_alternative<sim::Mend>(action)) {
      faults_.push_back(at);
    }
  }
}

std::vector<DownSpan> StepIndex::down_spans() const {
  std::vector<DownSpan> out;
  for (const Turn& turn : turns_) {
    if (turn.down) {
      out.push_back({turn.member, turn.at, marks_.size()});
      continue;
    }
    for (auto span = out.rbegin(); span != out.rend(); ++span) {
      if (span->member != turn.member) continue;
      span->to = turn.at;
      break;
    }
  }
  return out;
}

}  // namespace orrery::gui
