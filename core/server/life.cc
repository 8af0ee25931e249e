// A member's life: made, crashed, panicked, started again from its disk.
// from: etcd server/etcdserver/bootstrap.go, server.go (NewServer); facts D.4, D.12
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
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

// Who was there at the cluster's birth.
std::vector<rpc::Member> founders(const ClusterPlan& plan) {
  std::vector<rpc::Member> out;
  for (const ClusterPlan::Peer& peer : plan.peers) {
    if (out.size() == plan.founders) break;
    out.push_back({.id = peer.id,
                   .name = peer.name,
                   .peer_urls = {peer.peer_url},
                   .client_urls = {peer.client_url},
                   .is_learner = false});
  }
  return out;
}

void write_members(Member& member) {
  Running& run = member.edit_running();
  for (const rpc::Member& row : founders(member.plan())) {
    run.backend.put(backend::Bucket::Members, text("{:x}", row.id.value()), Blob(to_json(row)));
  }
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

Sequence<Blob> blocks_of(const disk::Disk& disk, std::string_view path, std::uint64_t size) {
  Sequence<Blob> out;
  for (std::uint64_t number = 0; number * disk::kBlockBytes < size; ++number) {
    const auto block = disk.block(path, number);
    out.push_back(block ? *block : Blob());
  }
  return out;
}

std::uint64_t meta_number(const backend::Backend& backend, BytesView key) {
  const auto value = backend.get(backend::View::Batch, backend::Bucket::Meta, key);
  if (!value || value->size() != 8) return 0;
  std::uint64_t out = 0;
  for (const char c : value->view()) out = (out << 8U) | static_cast<std::uint8_t>(c);
  return out;
}

void restore_membership(Step& step, const Member& member, Running& run) {
  for (const rpc::Member& one : founders(member.plan())) run.replayed.restore_member(one);
  run.backend.range(backend::View::Batch, backend::Bucket::Members, "", "", 0,
                    [&](BytesView key, BytesView value) {
                      const auto row = parse_change_context(value);
                      if (!row) step.panic(text("member {}: {}", key, row.error().detail));
                      run.membership.restore_member(row->member);
                    });
  run.backend.range(backend::View::Batch, backend::Bucket::MembersRemoved, "", "", 0,
                    [&](BytesView key, BytesView /*value*/) {
                      const auto id = id_of_row(key);
                      if (!id) step.panic(text("removed member {}: no id", quoted(key)));
                      run.membership.restore_removed(*id);
                    });
}

lease::Rules lease_rules(const Step& step, Version version) {
  const Timing& timing = step.timing();
  const std::int64_t election = timing.tick.value() * timing.election_ticks;
  return {.min_ttl = (3 * election / 2 + 999'999'999) / 1'000'000'000,
          .revoke_rate = timing.lease_revoke_rate,
          .retry = timing.lease_retry,
          .checkpoints = timing.lease_checkpoints,
          .checkpoint_interval = timing.checkpoint_interval,
          .persist_checkpoints = timing.lease_checkpoints && version == Version::V3_6};
}

auth::Rules auth_rules(const Step& step, const Member& member) {
  return {.checks_ranges = member.plan().version != Version::V3_4,
          .jwt = step.timing().jwt_tokens,
          .token_ttl = step.timing().token_ttl,
          .jwt_key = text("key of cluster {:x}", member.plan().cluster_id)};
}

void open_db(Step& step, Member& member) {
  Running& run = member.edit_running();
  const std::uint64_t size = must(step, member.disk().size(kDbPath), "open db");
  run.backend =
      must(step, backend::Backend::open(blocks_of(member.disk(), kDbPath, size)), "open db");
  run.consistent = Index(meta_number(run.backend, "consistent_index"));
  run.consistent_term = Term(meta_number(run.backend, "term"));
  run.consistent_on_disk = run.consistent;
  auto restored = must(step, run.store.restore(run.backend, step.guards()), "restore store");
  run.lessor = lease::Lessor(lease_rules(step, member.plan().version));
  must(step, run.lessor.restore(run.backend, restored.leases), "restore leases");
  run.auth = auth::AuthStore(auth_rules(step, member));
  must(step, run.auth.restore(run.backend), "restore users and roles");
  must(step, run.alarms.restore(run.backend), "restore alarms");
  restore_membership(step, member, run);
  if (!restored.resume) return;
  // etcd schedules the compaction again; its scheduled revision is written and committed anew.
  run.compact.jobs.push_back(
      {.revision = restored.resume->revision, .waiter = 0, .job = *restored.resume});
  run.backend.end_tx();
}

raft::Config raft_config(const Step& step, const Member& member) {
  raft::Config config;
  config.id = member.id();
  config.election_ticks = step.timing().election_ticks;
  config.pre_vote = member.plan().version != Version::V3_4;
  config.check_quorum = true;
  return config;
}

void open_wal(Step& step, Member& member) {
  Running& run = member.edit_running();
  // The newest .snap file the log vouches for: before it, the log may be gone.
  const auto known = must(step, wal::valid_snapshots(member.disk(), kWalDir), "open WAL");
  wal::LoadedSnap loaded = wal::load_newest_snap(member.edit_disk(), kSnapDir, known);
  walpb::Snapshot at;
  if (loaded.snapshot) at = {loaded.snapshot->index, loaded.snapshot->term, {}};
  auto opened = must(step, wal::open_repairing(member.edit_disk(), kWalDir, at), "open WAL");
  run.wal = std::move(opened.wal);
  run.saved_hard_state = opened.hard_state;
  raft::Storage storage;
  if (loaded.snapshot) {
    run.applied = loaded.snapshot->index;
    run.applied_term = loaded.snapshot->term;
    run.conf_state = loaded.snapshot->conf_state;
    must(step, storage.apply_snapshot(std::move(*loaded.snapshot)), "load snapshot");
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
  try {
    open_db(step, member);
    open_wal(step, member);
  } catch (const raft::Panic& panic) {
    step.panic(panic.text);
  }
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
