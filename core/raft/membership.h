// Membership: how a committed configuration change, a restart or a snapshot changes who belongs to the group.
//   used by: raft, follower, step   uses: conf_change.h, replication.h
//   from: raft paper section 6, 7; etcd raft raft.go (applyConfChange, switchToConfig, restore)
#pragma once

#include "raft/conf_change.h"
#include "raft/state.h"

namespace orrery::raft {

// Applies a change that is committed. Panics if it is impossible on this configuration: then members differ.
raftpb::ConfState apply_change(State& raft, const Io& io, const raftpb::ConfChangeV2& change);

// Who left loses its progress; who came gets a fresh one and counts as active, so that a quorum check does not
// depose the leader before the newcomer could answer.
void adapt_progress(ProgressMap& progress, const Reconfiguration& next, Index last_index,
                    const Inflights& window);

// Takes on a configuration. A leader commits what the new majorities already have, and starts sending to newcomers.
void switch_to(State& raft, const Io& io, const Reconfiguration& next);

// Installs a snapshot of the leader's in place of the log. False = it brings nothing.
bool restore(State& raft, const Io& io, const raftpb::Snapshot& snapshot);

// Entries up to `index` have been applied; a leader then leaves a joint configuration that asks for it.
void on_applied(State& raft, const Io& io, Index index, std::uint64_t bytes);
void on_snapshot_applied(State& raft, const Io& io, Index index);

}  // namespace orrery::raft
