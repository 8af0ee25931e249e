// Submission: between a client's command as text and as an action of the world.
//   used by: interpreter (performs it), run_file.h (reads it back from a saved run)    uses: requests.h, etcdctl.h, sim
//   ideas:   the line that travels with a call is the command without its client: "put hello world1" of "c1 put hello
//            world1". From that line alone the answer can be printed as the command asked for, wherever and
//            whenever it arrives, in any branch and after loading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lang/command.h"
#include "lang/etcdctl.h"
#include "sim/world.h"

namespace orrery::lang {

// Is it a command of a client's: put, ..., watch, poll, cancel, pause, ...?
bool is_submission(const CommandBody& body);
// For a watch without a name one is chosen. Errors: no such member, no such watch, a client that is none.
// requires: is_submission(body)
Result<sim::Submit> submission_of(const CommandBody& body, const sim::World& world);
// "c1 put hello world1", as a saved run has it.
Result<sim::Submit> parse_submission(std::string_view text, const sim::World& world);
// Any action's line, submissions included.
Result<sim::Action> parse_any_action(std::string_view text, const sim::World& world);

// What etcdctl prints for this call's answer. requires: call.answer
Printed print_call(const client::Call& call);
// What it prints for one response of this watch.
Printed print_response(const client::Watch& watch, const rpc::WatchResponse& response);

}  // namespace orrery::lang
