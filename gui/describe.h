// Describe: entries, messages, actions and times in the words of the panels: short ones for chips, sentences for hints.
//   used by: every view    uses: sim, server, proto
#pragma once

#include <QString>

#include "base/guards.h"
#include "sim/world.h"

namespace orrery::gui {

// "put hello", "conf change", "empty (a leader's first)"
QString entry_words(const raftpb::Entry& entry);
// The same in about so many characters: the verb goes first, then the end of the key; a value stays.
QString short_entry_words(const raftpb::Entry& entry, qsizetype characters);
// "put hello = world1", "range hello"
QString request_words(const rpc::Request& request);
// At most about nine characters: "App 7-9", "ok 9", "beat", "Vote?"
QString chip_words(const server::Payload& payload);
// "append 7 to 9, term 3"
QString payload_words(const server::Payload& payload);
// "n1: apply, take-tx", "MsgApp n1 to n2: append 7 to 9, term 3"
QString action_words(const sim::World& world, const sim::Action& action);
// The same without its actor, for a list under the actor's name: "apply: take-tx", "from n1: MsgApp, append 7-9".
QString short_action_words(const sim::World& world, const sim::Action& action);
// What a lane does next: "take-tx"; a commit inside another lane says so.
QString position_words(const server::Member& member, const server::LaneId& lane);
// Waits for an answer, and can go on only because its deadline is a timer.
bool is_only_deadline(const server::Member& member, const server::LaneId& lane);
// Ticks, heartbeats and the loops that only look at a clock: what a list folds away.
bool is_routine(const sim::World& world, const sim::Action& action);
// "1.234 567 s"
QString time_words(Nanos time);
// "in 12.3 ms", "now"
QString due_words(Nanos now, Nanos due);
// "the lock is free: no (owner 3)"
QString guard_words(const GuardRecord& guard);
// A command as it was typed, with dots where a saved run keeps the hash of a password.
QString command_words(std::string_view line);
// It ended because the others removed it: nothing is wrong with it.
bool was_removed(const server::Member& member);
// Bytes as text when they are printable, else as hex.
QString bytes_words(BytesView bytes, int limit = 48);

}  // namespace orrery::gui
