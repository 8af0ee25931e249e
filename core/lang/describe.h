// Describe: actions and worlds in words, for step, enabled, history, show and diff.
//   used by: interpreter, lab    uses: sim
//   ideas:   an action's line begins with its text form, which `perform` reads back; what it is about follows in
//            parentheses. The state of a world is a list of named lines, so that two worlds can be compared by them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/world.h"

namespace orrery::lang {

// "deliver n1->n2 append#3 (MsgApp term 2 ...)", "run n1 raft (wal-sync)". The world is the one before.
std::string describe(const sim::World& world, const sim::Action& action);
// The line without its parentheses.
std::string action_text(std::string_view described);

using StateLine = std::pair<std::string, std::string>;  // "n1 commit", "7"

// Every fact that diff compares, by name.
std::vector<StateLine> state_lines(const sim::World& world);

// What show can look at.
std::vector<std::string_view> member_aspects();
std::vector<std::string_view> cluster_aspects();

// requires: the aspect is one of the above, or empty
std::string show_cluster(const sim::World& world, std::string_view aspect);
std::string show_member(const sim::World& world, std::uint32_t member, std::string_view aspect);
std::string show_client(const sim::World& world, std::uint32_t client);

}  // namespace orrery::lang
