// The commands of confchange scripts: simple, enter-joint, leave-joint, one configuration a file.
//   used by: script.cc              uses: conf_change.h, membership.h
//   from: etcd raft confchange/datadriven_test.go
#pragma once

#include <string>

#include "raft/cluster_config.h"
#include "raft/progress.h"
#include "raft/script/datadriven.h"

namespace orrery::raft::script {

struct Changer {
  ClusterConfig config;
  ProgressMap progress;
  Index last_index;  // counts the directives
};

std::string perform_conf_change(Changer& changer, const Directive& directive);

bool is_conf_change_command(std::string_view command);

}  // namespace orrery::raft::script
