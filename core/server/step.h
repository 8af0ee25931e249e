// Step: the only door through which a phase has effects outside its own member.
//   used by: every lane and frame of server and client    uses: packet.h, guards, draws
//   ideas:   made anew by World::perform for each action; holds references, so it is never part of a world.
//   differs: lives here and not in base, because what it sends are packets; pure modules take only Guards.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/draws.h"
#include "base/guards.h"
#include "base/strong.h"
#include "server/packet.h"

namespace orrery::server {

inline constexpr std::uint64_t kUsualTxnOps = 128;
inline constexpr std::uint64_t kUsualRequestBytes = 1'572'864;

// Durations and limits of a world; part of its configuration, the same for all members.
struct Timing {
  Nanos tick = millis(100);             // etcd: heartbeat interval
  int election_ticks = 10;              // etcd: election timeout / tick
  Nanos link_latency = Nanos(500'000);  // one way, between members
  Nanos link_jitter = Nanos(100'000);   // added: a draw in [0, jitter)
  Nanos call_latency = Nanos(200'000);  // one way, client to member
  Nanos fsync_latency = Nanos(1'000'000);
  Nanos commit_interval = millis(100);  // etcd: backend batch interval
  Nanos watch_sync_interval = millis(100);
  Nanos victim_interval = millis(10);
  Nanos compaction_sleep = millis(10);
  std::int64_t compaction_batch = 1000;  // rows
  Nanos request_timeout = seconds(7);    // 5 s + 2 election timeouts
  Nanos read_index_retry = millis(500);
  Nanos call_timeout = seconds(5);  // etcdctl --command-timeout
  std::uint64_t apply_gap = 5000;   // committed but not applied entries before calls are refused
  std::int64_t lease_revoke_rate = 1000;  // leases a second
  Nanos lease_retry = seconds(3);         // until an expired lease is proposed for revocation again
  Nanos checkpoint_interval = seconds(300);
  bool lease_checkpoints = false;            // etcd: feature LeaseCheckpoint
  std::int64_t token_ttl = 300;              // of simple tokens and JWTs. units: seconds
  bool jwt_tokens = false;                   // instead of simple ones
  std::int64_t bcrypt_cost = 4;              // etcd: 10
  std::int64_t quota_bytes = 2'147'483'648;  // etcd: quota-backend-bytes; negative = off
  std::uint64_t snapshot_count =
      0;  // applied entries between two snapshots on disk; 0 = the version's
  std::uint64_t catch_up_entries = 5000;  // kept in the log behind a snapshot
  Nanos snapshot_release = seconds(30);   // etcd: releaseDelayAfterSnapshot
  Nanos snapshot_timeout = seconds(5);    // etcd: snapResponseReadTimeout
  bool strict_reconfig = true;
  std::uint64_t max_learners = 1;
  Nanos auto_compact_period = Nanos(0);      // 0 = off
  std::int64_t auto_compact_revisions = 0;   // 0 = off
  bool initial_corrupt_check = false;        // at each start, against the peers
  Nanos corrupt_check_time = Nanos(0);       // 0 = off
  Nanos compact_hash_check_time = Nanos(0);  // 0 = off; etcd: a minute when the feature is on
  Nanos apply_warning = millis(100);         // an entry that takes longer to apply leaves a trace
  std::uint64_t max_txn_ops = kUsualTxnOps;  // etcd: max-txn-ops
  std::uint64_t max_request_bytes = kUsualRequestBytes;  // of a marshalled proposal

  template <class F>
  void fields(F&& f) const {
    f("tick", tick), f("election_ticks", election_ticks), f("link_latency", link_latency);
    f("link_jitter", link_jitter), f("call_latency", call_latency);
    f("fsync_latency", fsync_latency), f("commit_interval", commit_interval);
    f("watch_sync_interval", watch_sync_interval), f("victim_interval", victim_interval);
    f("compaction_sleep", compaction_sleep), f("compaction_batch", compaction_batch);
    f("request_timeout", request_timeout), f("read_index_retry", read_index_retry);
    f("call_timeout", call_timeout), f("apply_gap", apply_gap);
    f("lease_revoke_rate", lease_revoke_rate);
    f("lease_retry", lease_retry), f("checkpoint_interval", checkpoint_interval);
    f("lease_checkpoints", lease_checkpoints), f("token_ttl", token_ttl);
    f("jwt_tokens", jwt_tokens), f("bcrypt_cost", bcrypt_cost), f("quota_bytes", quota_bytes);
    f("snapshot_count", snapshot_count), f("catch_up_entries", catch_up_entries);
    f("snapshot_release", snapshot_release), f("snapshot_timeout", snapshot_timeout);
    f("strict_reconfig", strict_reconfig), f("max_learners", max_learners);
    f("auto_compact_period", auto_compact_period);
    f("auto_compact_revisions", auto_compact_revisions);
    f("initial_corrupt_check", initial_corrupt_check);
    f("corrupt_check_time", corrupt_check_time);
    f("compact_hash_check_time", compact_hash_check_time), f("apply_warning", apply_warning);
    // A world with the usual limits has the digest that it had before they could be set.
    if (max_txn_ops != kUsualTxnOps) f("max_txn_ops", max_txn_ops);
    if (max_request_bytes != kUsualRequestBytes) f("max_request_bytes", max_request_bytes);
  }
  friend bool operator==(const Timing&, const Timing&) = default;
};

// A member's own panic: state, not a fault of Orrery's. Thrown by Step::panic, caught by World::perform.
struct MemberPanic {
  std::string text;
};

class Step {
 public:
  Step(Nanos now, std::uint64_t seed, const Timing& timing, const Guards& guards,
       std::vector<std::string>* notes)
      : now_(now), seed_(seed), timing_(timing), guards_(guards), notes_(notes) {}

  Nanos now() const { return now_; }

  const Timing& timing() const { return timing_; }

  const Guards& guards() const { return guards_; }

  std::uint64_t draw(Purpose purpose, std::uint64_t owner, std::uint64_t counter) const {
    return orrery::draw(seed_, purpose, owner, counter);
  }

  void send(Packet packet) { outbox_.push_back(std::move(packet)); }

  [[noreturn]] void panic(std::string text) const { throw MemberPanic{std::move(text)}; }

  // Narration for people: is anybody listening, and the sentence. Never changes what happens.
  bool noting() const { return notes_ != nullptr; }

  void note(std::string sentence) const {
    if (notes_ != nullptr) notes_->push_back(std::move(sentence));
  }

  std::vector<Packet>& outbox() { return outbox_; }

 private:
  Nanos now_;
  std::uint64_t seed_;
  const Timing& timing_;
  const Guards& guards_;
  std::vector<std::string>* notes_;
  std::vector<Packet> outbox_;
};

}  // namespace orrery::server
