// Detail: how much of what happens counts as a step of its own.
//   used by: Session (N and P), the timeline and next-steps views    uses: sim
//   ideas:   student: messages, elections, commits, what a transaction makes visible, watch events. Storage: also what
//            reaches the disk or the open batch. Engineer: every phase. A coarse step is a number of phases, so it
//            can be echoed as the command that it is: "step 7".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/timeline.h"

namespace orrery::gui {

enum class Detail : std::uint8_t { Student, Storage, Engineer };

// `notes`: what World::perform said about the action.
bool is_seen(Detail detail, const sim::World& before, const sim::Action& action,
             const sim::World& after, const std::vector<std::string>& notes);

// How many steps of the default schedule lead to the next one that is seen; 0 = nothing happens by itself.
std::size_t steps_ahead(Detail detail, sim::World world);

// The positions in (from, to] of the current branch whose last step is seen.
std::vector<std::size_t> seen_positions(sim::Timeline& timeline, Detail detail, std::size_t from,
                                        std::size_t to);

// The nearest one behind and before a position; the branch's end and beginning where there is none.
std::size_t seen_after(sim::Timeline& timeline, Detail detail, std::size_t position);
std::size_t seen_before(sim::Timeline& timeline, Detail detail, std::size_t position);

}  // namespace orrery::gui
