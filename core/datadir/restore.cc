#include "datadir/restore.h"

#include <algorithm>
#include <utility>

#include "backend/backend.h"
#include "base/big_endian.h"
#include "base/text.h"
#include "datadir/dump.h"
#include "datadir/identity.h"
#include "datadir/paths.h"
#include "datadir/snapshot_file.h"
#include "datadir/v2_store.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "wal/snap.h"
#include "wal/wal.h"

namespace orrery::datadir {
namespace {

// The new cluster: members by name, as etcd orders its conf changes.
struct Plan {
  std::vector<MemberInfo> members;
  NodeId self;
  raftpb::ConfState conf_state;

  Index last() const { return Index(members.size()); }
};

Result<Plan> plan_cluster(const RestoreOptions& options) {
  Plan plan;
  std::vector<RestoreOptions::Peer> peers = options.cluster;
  std::ranges::sort(peers, {}, &RestoreOptions::Peer::name);
  for (const auto& peer : peers) {
    const NodeId id = member_id({peer.url}, options.token);
    plan.members.push_back(
        {.id = id, .name = peer.name, .peer_urls = {peer.url}, .client_urls = {}});
    plan.conf_state.voters.push_back(id);
    if (peer.name == options.name) plan.self = id;
  }
  if (plan.self == NodeId(0)) {
    return fail(Errc::WrongUse,
                text("the cluster has no member {}: --initial-cluster must name it", options.name));
  }
  return plan;
}

std::string json_of(const raftpb::ConfState& state) {
  std::string voters;
  for (const NodeId id : state.voters)
    voters += text("{}{}", voters.empty() ? "" : ",", id.value());
  return text("{{\"voters\":[{}],\"auto_leave\":false}}", voters);
}

void forget_rows(backend::Backend& backend, backend::Bucket bucket) {
  std::vector<Bytes> keys;
  backend.range(backend::View::Batch, bucket, "", "", 0,
                [&](BytesView key, BytesView) { keys.emplace_back(key); });
  for (const Bytes& key : keys) backend.erase(bucket, key);
}

Result<Bytes> rewritten_db(BytesView db, const Plan& plan, Release release) {
  auto backend = backend::Backend::open(blocks_of(db));
  if (!backend) return fail(backend.error());
  forget_rows(*backend, backend::Bucket::Members);
  forget_rows(*backend, backend::Bucket::MembersRemoved);
  backend->put(backend::Bucket::Meta, "consistent_index", Blob(big_endian(plan.last().value())));
  if (release != Release::V3_4) {
    backend->put(backend::Bucket::Meta, "term", Blob(big_endian(1)));
    backend->put(backend::Bucket::Meta, "confState", Blob(json_of(plan.conf_state)));
    for (const MemberInfo& member : plan.members) {
      backend->put(backend::Bucket::Members, text("{:x}", member.id.value()),
                   Blob(to_json(member)));
    }
  }
  backend->end_tx();
  (void)backend->begin_commit();
  backend->finish_commit();
  Bytes out;
  for (const Blob& block : backend->blocks()) {
    out.append(block.view());
    out.append(backend::kPageSize - block.size(), '\0');
  }
  return out;
}

Result<void> write_log(disk::Disk& disk, const Plan& plan, Release release) {
  std::vector<NodeId> ids;
  for (const MemberInfo& member : plan.members) ids.push_back(member.id);
  const walpb::Metadata metadata{.node_id = plan.self, .cluster_id = cluster_id(ids)};
  auto wal = wal::Wal::create(disk, kWalDir, walpb::encode(metadata));
  if (!wal) return fail(wal.error());
  std::vector<raftpb::Entry> entries;
  for (const MemberInfo& member : plan.members) {
    raftpb::ConfChange change;
    change.node_id = member.id;
    change.context = Blob(to_json(member));
    entries.push_back({.type = raftpb::EntryType::ConfChange,
                       .term = Term(1),
                       .index = Index(entries.size() + 1),
                       .data = Blob(raftpb::encode(change))});
  }
  const raftpb::HardState state{
      .term = Term(1), .vote = plan.members.front().id, .commit = plan.last()};
  const auto written = wal->write(disk, entries, state);
  if (!written) return fail(written.error());
  raftpb::Snapshot snapshot;
  snapshot.data = Blob(encode_v2_store(plan.members, ""));
  snapshot.conf_state = plan.conf_state;
  snapshot.index = plan.last();
  snapshot.term = Term(1);
  const auto path = wal::write_snap(disk, kSnapDir, snapshot);
  if (!path) return fail(path.error());
  if (const auto synced = wal::sync_snap(disk, *path); !synced) return synced;
  walpb::Snapshot position{.index = plan.last(), .term = Term(1), .conf_state = {}};
  if (release != Release::V3_4) position.conf_state = plan.conf_state;
  if (const auto noted = wal->write_snapshot(disk, position); !noted) return noted;
  return wal->sync(disk);
}

}  // namespace

Result<std::vector<RestoreOptions::Peer>> parse_cluster(std::string_view words) {
  std::vector<RestoreOptions::Peer> out;
  while (!words.empty()) {
    const std::size_t comma = words.find(',');
    const std::string_view word = words.substr(0, comma);
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string_view::npos || equals + 1 == word.size()) {
      return fail(Errc::WrongUse, text("expected NAME=URL,..., found {}", quoted(word)));
    }
    out.push_back(
        {.name = std::string(word.substr(0, equals)), .url = std::string(word.substr(equals + 1))});
    words.remove_prefix(comma == std::string_view::npos ? words.size() : comma + 1);
  }
  return out;
}

Result<disk::Disk> restore_snapshot(BytesView file, const RestoreOptions& options) {
  const auto db = checked_db(file, !options.skip_hash_check);
  if (!db) return fail(db.error());
  const auto plan = plan_cluster(options);
  if (!plan) return fail(plan.error());
  const auto rewritten = rewritten_db(*db, *plan, options.release);
  if (!rewritten) return fail(rewritten.error());
  disk::Disk disk;
  disk.install(kDbPath, *rewritten);
  if (const auto written = write_log(disk, *plan, options.release); !written) {
    return fail(written.error());
  }
  return disk;
}

}  // namespace orrery::datadir
