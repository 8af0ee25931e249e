// Frames: pieces of work that several lanes run inside themselves, each with a position of its own.
//   used by: lanes.h (a lane holds the frame it is inside of)    uses: backend, raft values
//   ideas:   etcd runs a backend commit inside whichever goroutine unlocks the batch at its limit, so a commit is a
//            frame, not a lane. A lane's stack is spelled out as optionals: at most two frames are ever open.
//   from: etcd server/storage/backend/batch_tx.go (commit), raft.go (start); design section 1
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "backend/backend.h"
#include "backend/defrag.h"
#include "base/strong.h"
#include "proto/raftpb.h"

namespace orrery::server {

// One commit of the backend, holding the batch tx lock from Hook to SyncMeta.
//   Hook        pre-commit hook: consistent index and term join the batch; spill into pages
//   WritePages  dirty pages to the file (cached)
//   SyncPages   fdatasync
//   WriteMeta   the meta page of this txid
//   SyncMeta    fdatasync; from here the commit counts
struct CommitFrame {
  enum class Phase : std::uint8_t { Hook, WritePages, SyncPages, WriteMeta, SyncMeta };
  Phase phase = Phase::Hook;
  backend::CommitPlan plan;
  Index consistent;  // what the file will hold of the consistent index
  Nanos due;         // when the running fsync ends

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("plan", plan), f("consistent", consistent), f("due", due);
  }
  friend bool operator==(const CommitFrame&, const CommitFrame&) = default;
};

std::string_view to_text(CommitFrame::Phase phase);

// One defragmentation, with the batch tx lock held from Lock to Rename; nothing is read from the store meanwhile.
//   Lock     take the lock
//   Commit   (frame) what is pending goes into the old file
//   Copy     some rows into the new file, and a commit there
//   Sync     fdatasync of the new file
//   Rename   the new file takes the old one's place
struct DefragFrame {
  enum class Phase : std::uint8_t { Lock, Commit, Copy, Sync, Rename };
  Phase phase = Phase::Lock;
  std::optional<CommitFrame> commit;
  backend::Defrag work;
  Nanos due;  // when the running fsync ends

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("commit", commit), f("work", work), f("due", due);
  }
  friend bool operator==(const DefragFrame&, const DefragFrame&) = default;
};

std::string_view to_text(DefragFrame::Phase phase);

}  // namespace orrery::server
