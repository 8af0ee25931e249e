// Crash points: places in a member's life that have a name, for "crash n2 at raftBeforeSave".
//   used by: lang (crash, Tab), hunt    uses: member.h
//   ideas:   a point is a phase of a lane that is about to run: whatever the phase would do has not happened. etcd's
//            own names stand for the phase that comes next; every phase of every lane has the name LANE.PHASE too
//            ("apply.take-tx"), and a commit of the backend is COMMIT's whichever lane runs it ("commit.write-meta").
//   from: etcd's gofail sites (server/etcdserver/raft.go, storage/wal, storage/backend, storage/mvcc)
//   differs: where etcd has two sites between which nothing durable or visible happens, both are the same phase here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/member.h"

namespace orrery::server {

// A phase of a lane, and what must hold beside it.
struct CrashPlace {
  enum class Also : std::uint8_t {
    Nothing,
    Follower,        // the Ready was taken by a follower
    NobodyToTell,    // no watcher hears of the transaction, so its end follows in the same phase
    LastBatch,       // this batch of the compaction finishes it
    AfterLastBatch,  // the batch before this commit finished it
    AfterBatch,      // it did not
    ForCompaction,   // the commit writes a scheduled compaction
    ConfChange,      // the entry is a configuration change
    Normal,          // the entry is none
    WithSnapshot,    // the Ready brings a snapshot
    TimeToLive,      // a lease's time to live is asked for
    Publishes,       // the member has not told the others its name
  };
  std::string lane;   // "raft"; "commit" also stands for a commit inside another lane
  std::string phase;  // as position_of() says
  Also also = Also::Nothing;

  friend bool operator==(const CrashPlace&, const CrashPlace&) = default;
};

struct CrashPoint {
  std::string name;
  std::vector<CrashPlace> places;  // any of them

  friend bool operator==(const CrashPoint&, const CrashPoint&) = default;
};

// Errors: WrongUse, listing the points there are.
Result<CrashPoint> find_crash_point(std::string_view name);
std::vector<std::string> crash_point_names();
// Is this lane of the member, which the schedule is about to run, at the point?
bool is_at(const Member& member, const LaneId& lane, const CrashPoint& point, const Timing& timing);

}  // namespace orrery::server
