// A member's life: made, crashed, panicked, started again from its disk.
// from: etcd server/etcdserver/bootstrap.go, server.go (NewServer); facts D.4, D.12
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "datadir/v2_store.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "server/context.h"
#include "wal/snap.h"

namespace orrery::server {
namespace {

// As Go's encoding/json writes membership.Member at a cluster's birth.
std::string member_json(const ClusterPlan::Peer& peer) {
  return text(R"({{"id":{},"peerURLs":["{}"],"name":"{}"}})", peer.id.value(), peer.peer_url,
              peer.name);
}

// One ConfChangeAddNode per member, term 1, committed: every member starts from the same log.
std::vector<raftpb::Entry> bootstrap_entries(const ClusterPlan& plan) {
  std::vector<ClusterPlan::Peer> peers = plan.peers;
  std::ranges::sort(peers, [](const auto& a, const auto& b) { return a.id < b.id; });
  std::vector<raftpb::Entry> entries;
  for (const auto& peer : peers) {
    raftpb::ConfChange change;
    change.node_id = peer.id;
    change.context = Blob(member_json(peer));
    entries.push_back({.type = raftpb::EntryType::ConfChange,
                       .term = Term(1),
                       .index = Index(entries.size() + 1),
                       .data = Blob(raftpb::encode(change))});
  }
  return entries;
}

template <class T>
T must(const Step& step, Result<T> result, std::string_view what) {
  if (!result) step.panic(text("{}: {}", what, result.error().detail));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void make_wal(Step& step, Member& member, bool is_founder) {
  const Bytes metadata = walpb::encode(
      walpb::Metadata{.node_id = member.id(), .cluster_id = member.plan().cluster_id});
  auto wal = must(step, wal::Wal::create(member.edit_disk(), kWalDir, metadata), "create WAL");
  if (!is_founder) return;
  const std::vector<raftpb::Entry> entries = bootstrap_entries(member.plan());
  const raftpb::HardState state{.term = Term(1), .vote = NodeId(0), .commit = entries.back().index};
  (void)must(step, wal.write(member.edit_disk(), entries, state), "write WAL");
  must(step, wal.sync(member.edit_disk()), "sync WAL");
}

void write_members(Member& member) {
  Running& run = member.edit_running();
  for (const rpc::Member& row : founders(member.plan())) {
    run.backend.put(backend::Bucket::Members, text("{:x}", row.id.value()), Blob(to_json(row)));
  }
  // As the leader would decide it first of all.
  run.backend.put(backend::Bucket::Cluster, kClusterVersionKey,
                  Blob(cluster_version_of(member.plan().version)));
  run.backend.end_tx();
}

// A backend whose ten buckets are committed, and its file.
void make_db(Step& step, Member& member) {
  disk::Disk& disk = member.edit_disk();
  must(step, disk.create(kDbPath), "create db");
  std::uint64_t number = 0;
  for (const Blob& page : backend::Backend::initial_pages()) {
    must(step, disk.write_block(kDbPath, number++, page), "write db");
  }
  must(step, disk.fsync(kDbPath), "sync db");
  disk.sync_dir(kSnapDir);
  Context context(step, member);
  context.run.backend = backend::Backend::create();
  write_members(member);
  CommitFrame frame;
  while (!run(context, frame)) {
  }
}

// A crash may have come between a snapshot's record in the log and its file's taking the db's place.
// from: etcd server/storage/backend.go (RecoverSnapshotBackend)
backend::Backend open_newest_backend(const Step& step, Member& member,
                                     const std::optional<raftpb::Snapshot>& snapshot) {
  backend::Backend found = open_backend(step, member.disk(), kDbPath);
  if (!snapshot || snapshot->index <= consistent_index_of(found)) return found;
  const std::string path = received_db_path(snapshot->index);
  disk::Disk& disk = member.edit_disk();
  if (!disk.exists(path)) {
    step.panic("failed to recover v3 backend from snapshot: snap: snapshot file doesn't exist");
  }
  must(step, disk.rename(path, kDbPath), "recover v3 backend from snapshot");
  return open_backend(step, disk, kDbPath);
}

// Leftovers of a file that was being received or defragmented.
void remove_leftovers(Member& member) {
  disk::Disk& disk = member.edit_disk();
  for (const std::string& name : disk.list(kSnapDir)) {
    if (!name.starts_with("tmp") && !name.starts_with("db.tmp")) continue;
    (void)disk.remove(text("{}/{}", kSnapDir, name));  // one that stays does no harm
  }
}

// The configuration changes in the log are judged anew by what it began with.
void recover_logged(Running& run, const ClusterPlan& plan,
                    const std::optional<raftpb::Snapshot>& snapshot) {
  if (!snapshot) {
    for (const rpc::Member& one : founders(plan)) run.logged.restore_member(one);
    return;
  }
  const auto members = datadir::read_v2_members(snapshot->data.view());
  if (!members) {
    run.logged = run.membership;  // a snapshot without a v2 store
    return;
  }
  for (const datadir::MemberInfo& one : *members) {
    run.logged.restore_member({.id = one.id,
                               .name = one.name,
                               .peer_urls = one.peer_urls,
                               .client_urls = one.client_urls,
                               .is_learner = one.is_learner});
  }
}

// from: etcd server/etcdserver/api/membership/cluster.go (mustDetectDowngrade)
void refuse_older_binary(const Step& step, const Member& member) {
  const Membership& members = member.running().membership;
  const std::string own = cluster_version_of(member.plan().version);
  if (members.version().empty() || !is_older(own, members.version())) return;
  const bool wanted = members.downgrade().enabled && members.downgrade().target_version == own;
  if (wanted) return;
  const std::string_view before =
      member.plan().version == Version::V3_4 ? "cluster cannot be downgraded" : "invalid downgrade";
  step.panic(text("{}; server version is lower than determined cluster version", before));
}

void open_db(Step& step, Member& member, const std::optional<raftpb::Snapshot>& snapshot) {
  Context context(step, member);
  Running& run = context.run;
  remove_leftovers(member);
  run.backend = open_newest_backend(step, member, snapshot);
  recover_index(run, run.backend);
  recover_lessor(context, run.backend);
  recover_store(context);
  recover_auth(context);
  recover_alarms(context);
  recover_membership(context);
  refuse_older_binary(step, member);
  recover_logged(run, member.plan(), snapshot);
}

raft::Config raft_config(const Step& step, const Member& member) {
  raft::Config config;
  config.id = member.id();
  config.election_ticks = step.timing().election_ticks;
  config.pre_vote = member.plan().version != Version::V3_4;
  config.check_quorum = true;
  return config;
}

// The newest .snap file the log vouches for: before it, the log may be gone.
std::optional<raftpb::Snapshot> load_snapshot(Step& step, Member& member) {
  const auto known = must(step, wal::valid_snapshots(member.disk(), kWalDir), "open WAL");
  return wal::load_newest_snap(member.edit_disk(), kSnapDir, known).snapshot;
}

void open_wal(Step& step, Member& member, std::optional<raftpb::Snapshot> snapshot) {
  Running& run = member.edit_running();
  walpb::Snapshot at;
  if (snapshot) at = {snapshot->index, snapshot->term, {}};
  auto opened = must(step, wal::open_repairing(member.edit_disk(), kWalDir, at), "open WAL");
  run.wal = std::move(opened.wal);
  run.saved_hard_state = opened.hard_state;
  raft::Storage storage;
  if (snapshot) {
    run.applied = snapshot->index;
    run.applied_term = snapshot->term;
    run.conf_state = snapshot->conf_state;
    run.snapshot_index = snapshot->index;
    run.memory_snapshot = snapshot->index;
    must(step, storage.apply_snapshot(std::move(*snapshot)), "load snapshot");
  }
  storage.set_hard_state(opened.hard_state);
  storage.append(opened.entries);
  Context context(step, member);
  run.raft = raft::Raft(raft_config(step, member), std::move(storage), raft_io(context));
}

// Ids never repeat over restarts: member, time of start, counter. from: etcd pkg/idutil (Generator)
std::uint64_t first_request_id(const Step& step, const Member& member) {
  const std::uint64_t milliseconds = static_cast<std::uint64_t>(step.now().value()) / 1'000'000;
  return ((member.id().value() & 0xffffU) << 48U) | ((milliseconds & 0xffffffffffU) << 8U) |
         (member.restarts() << 4U);
}

}  // namespace

void boot(Step& step, Member& member) {
  make_wal(step, member, true);
  make_db(step, member);
  restart(step, member);
}

void join(Step& step, Member& member) {
  make_wal(step, member, false);
  make_db(step, member);
  restart(step, member);
}

void crash(Member& member, const disk::Survivors& survivors) {
  member.edit_disk().crash(survivors);
  member.edit_running() = Running{};
  member.set_status(Status::Down);
}

void install(Member& member, disk::Disk disk, ClusterPlan plan) {
  member.edit_running() = Running{};
  member.set_status(Status::Down);
  member.edit_disk() = std::move(disk);
  member.set_plan(std::move(plan));
  member.count_install();
}

void panic(Member& member, const std::string& text) {
  // A panicking process writes nothing more; the page cache belongs to the machine, which lives on.
  member.edit_running() = Running{};
  member.set_status(Status::Panicked, text);
}

void restart(Step& step, Member& member) {
  member.count_restart();
  member.edit_running() = Running{};
  member.set_status(Status::Running);
  Running& run = member.edit_running();
  run.store = mvcc::Store(store_rules(member.plan().quirks));
  run.watches = watch::WatchStore({}, watch_quirks(member.plan().quirks));
  try {
    std::optional<raftpb::Snapshot> snapshot = load_snapshot(step, member);
    open_db(step, member, snapshot);
    open_wal(step, member, std::move(snapshot));
  } catch (const raft::Panic& panic) {
    step.panic(panic.text);
  }
  Context context(step, member);
  start_monitors(context);
  const Nanos now = step.now();
  run.next_request_id = first_request_id(step, member);
  // Members do not tick in step: each started at its own moment.
  const auto tick = static_cast<std::uint64_t>(step.timing().tick.value());
  const std::uint64_t offset =
      below(step.draw(Purpose::Schedule, member.no(), member.restarts()), tick);
  run.node.next_tick = now + static_cast<std::int64_t>(offset + 1);
  run.commit.next = next_tick_after(now, step.timing().commit_interval);
  run.sync.next = next_tick_after(now, step.timing().watch_sync_interval);
  run.victims.next = next_tick_after(now, step.timing().victim_interval);
  run.compactor.last = now;
  if (step.timing().auto_compact_period != Nanos(0) || step.timing().auto_compact_revisions != 0) {
    run.compactor.next = now + seconds(1).value();
  }
}

}  // namespace orrery::server
