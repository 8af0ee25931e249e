// What interaction scripts write behind a command: nodes, numbers, flags.
//   used by: interaction.cc         uses: datadriven.h, environment.h
//   from: etcd raft rafttest/interaction_env_handler_*.go (argument handling)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "raft/script/datadriven.h"
#include "raft/script/environment.h"

namespace orrery::raft::script {

tl::unexpected<Error> wrong(std::string why);

// A node of the group by its id.
Result<NodeId> node_of(Environment& environment, std::string_view word);
// By the position of the word, by the name of the argument, all words.
Result<NodeId> node_at(Environment& environment, const Directive& d, std::size_t position);
Result<NodeId> node_named(Environment& environment, const Directive& d, std::string_view key);
Result<std::vector<NodeId>> nodes_of(Environment& environment, const Directive& d);

bool flag(const Directive& d, std::string_view key);
Result<std::uint64_t> number(const Directive& d, std::string_view key, std::uint64_t otherwise);
Result<std::vector<NodeId>> id_list(const Directive& d, std::string_view key);

}  // namespace orrery::raft::script
