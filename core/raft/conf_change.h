// Changing the configuration: pure functions from a configuration and a list of changes to the next one.
//   used by: membership.h, the confchange scripts    uses: cluster_config.h
//   ideas:   a simple change moves at most one voter, so old and new majorities overlap by themselves (thesis
//            4.1). Anything larger goes through a joint configuration: enter copies the voters to the outgoing
//            half and changes the incoming one; leave drops the outgoing half (paper section 6).
//   from: raft paper section 6, thesis 4.1 to 4.3; etcd raft confchange/confchange.go, confchange/restore.go
//   differs: etcd edits the progress map along; here a change only names who lost its progress, and the leader
//            (who alone has such a map) adapts it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/raftpb.h"
#include "raft/cluster_config.h"

namespace orrery::raft {

using Changes = std::vector<raftpb::ConfChangeSingle>;

struct Reconfiguration {
  ClusterConfig config;
  IdSet forgotten;  // left the group on the way; who is a member again starts anew

  friend bool operator==(const Reconfiguration&, const Reconfiguration&) = default;
};

Result<Reconfiguration> simple_change(const ClusterConfig& config, const Changes& changes);
Result<Reconfiguration> enter_joint(const ClusterConfig& config, bool auto_leave,
                                    const Changes& changes);
Result<Reconfiguration> leave_joint(const ClusterConfig& config);

// Chooses among the three as the change asks.
Result<Reconfiguration> reconfigure(const ClusterConfig& config,
                                    const raftpb::ConfChangeV2& change);

// The configuration that a snapshot or a restart describes.
ClusterConfig config_of(const raftpb::ConfState& state);

raftpb::ConfChangeV2 as_v2(const raftpb::ConfChange& change);

// An empty change: leaves a joint configuration.
bool asks_to_leave(const raftpb::ConfChangeV2& change);
// Nothing = a simple change; else whether the joint configuration is left automatically.
std::optional<bool> asks_to_enter(const raftpb::ConfChangeV2& change);

// The change in an entry of a configuration type. An entry without data is an empty V2 change.
Result<raftpb::ConfChangeV2> change_of(const raftpb::Entry& entry);

constexpr bool is_conf_change(raftpb::EntryType type) {
  return type != raftpb::EntryType::Normal;
}

// "v1 l2 r3 u4", and back.
std::string to_text(const Changes& changes);
Result<Changes> parse_changes(std::string_view words);

// etcd's own words: "transition:ConfChangeTransitionAuto changes:{type:ConfChangeAddNode node_id:3}"
std::string describe_change(const raftpb::Entry& entry);

}  // namespace orrery::raft
