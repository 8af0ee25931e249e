// The commands of interaction scripts, one function each.
//   used by: script.cc              uses: environment.h, datadriven.h
//   from: etcd raft rafttest/interaction_env_handler_*.go
#pragma once

#include <string>

#include "raft/script/datadriven.h"
#include "raft/script/environment.h"

namespace orrery::raft::script {

// Performs one command; what it prints, "ok" if nothing, its error's text last.
std::string perform(Environment& environment, const Directive& directive);

// Is it a command of interaction scripts?
bool is_interaction_command(std::string_view command);

}  // namespace orrery::raft::script
