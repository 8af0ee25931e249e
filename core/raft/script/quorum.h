// The commands of quorum scripts: committed, vote.
//   used by: script.cc              uses: joint.h
//   from: etcd raft quorum/datadriven_test.go, quorum/majority.go (Describe)
#pragma once

#include <string>

#include "raft/script/datadriven.h"

namespace orrery::raft::script {

std::string perform_quorum(const Directive& directive);

}  // namespace orrery::raft::script
