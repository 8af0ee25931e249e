// Config: what a Raft member is told once, at its start.
//   used by: everything here; the server and the script runner fill it in    uses: base/strong.h
//   ideas:   durations are counted in ticks; sizes are limits, kNoLimit switches one off.
//   from: etcd raft raft.go (Config)
//   differs: storage, logger and randomness are no part of it: the first is owned by Raft, the other two
//            come with each call (io.h).
#pragma once

#include <cstdint>
#include <limits>

#include "base/result.h"
#include "base/strong.h"

namespace orrery::raft {

inline constexpr NodeId kNobody{0};
// Addresses of the two local workers of the asynchronous variant (ready.h).
inline constexpr NodeId kAppendThread{std::numeric_limits<std::uint64_t>::max()};
inline constexpr NodeId kApplyThread{std::numeric_limits<std::uint64_t>::max() - 1};

constexpr bool is_storage_thread(NodeId id) {
  return id == kAppendThread || id == kApplyThread;
}

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

enum class ReadOnlyOption : std::uint8_t {
  Safe,       // a read index is confirmed by a round of heartbeats
  LeaseBased  // the leader trusts its lease: correct only while clocks run alike
};

struct Config {
  NodeId id{};              // never 0, never a storage thread
  int election_ticks = 10;  // without a leader for this long: an election. units: ticks
  int heartbeat_ticks = 1;  // the leader's pause between heartbeats. units: ticks
  Index applied{};          // what the state machine holds at a restart; 0 = nothing

  std::uint64_t max_size_per_msg = 1ULL << 20U;           // units: bytes of entries in a MsgApp
  std::uint64_t max_committed_size_per_ready = 0;         // units: bytes; 0 = max_size_per_msg
  std::uint64_t max_uncommitted_entries_size = kNoLimit;  // units: payload bytes of proposals
  std::uint64_t max_inflight_msgs = 512;                  // unacknowledged MsgApp to one follower
  std::uint64_t max_inflight_bytes = kNoLimit;            // units: payload bytes

  bool pre_vote = false;      // ask first whether an election could be won (thesis 9.6)
  bool check_quorum = false;  // a leader that hears no majority for an election timeout steps down
  bool async_storage_writes = false;  // storage as messages to two local workers (ready.h)
  ReadOnlyOption read_only = ReadOnlyOption::Safe;
  bool disable_proposal_forwarding = false;     // a follower refuses proposals
  bool disable_conf_change_validation = false;  // the leader logs any configuration change
  bool step_down_on_removal = false;            // a leader that is no voter any more steps down

  template <class F>
  void fields(F&& f) const {
    f("id", id), f("election_ticks", election_ticks), f("heartbeat_ticks", heartbeat_ticks);
    f("applied", applied), f("max_size_per_msg", max_size_per_msg);
    f("max_committed_size_per_ready", max_committed_size_per_ready);
    f("max_uncommitted_entries_size", max_uncommitted_entries_size);
    f("max_inflight_msgs", max_inflight_msgs), f("max_inflight_bytes", max_inflight_bytes);
    f("pre_vote", pre_vote), f("check_quorum", check_quorum);
    f("async_storage_writes", async_storage_writes), f("read_only", read_only);
    f("disable_proposal_forwarding", disable_proposal_forwarding);
    f("disable_conf_change_validation", disable_conf_change_validation);
    f("step_down_on_removal", step_down_on_removal);
  }
  friend bool operator==(const Config&, const Config&) = default;
};

// Says what is wrong with a configuration, if anything.
Result<void> validate(const Config& config);

}  // namespace orrery::raft
