// What a member's memory holds beside its disk, recovered from a backend's rows: at a start, and after a snapshot.
// from: etcd server/etcdserver/server.go (NewServer, applySnapshot), bootstrap.go; facts D.4, D.12
#include <utility>

#include "auth/jwt.h"
#include "base/big_endian.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

template <class T>
T must(const Step& step, Result<T> result, std::string_view what) {
  if (!result) step.panic(text("{}: {}", what, result.error().detail));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
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
  return value ? from_big_endian(value->view()).value_or(0) : 0;
}

lease::Rules lease_rules(const Context& context) {
  const Timing& timing = context.step.timing();
  const std::int64_t election = timing.tick.value() * timing.election_ticks;
  return {.min_ttl = (3 * election / 2 + 999'999'999) / 1'000'000'000,
          .revoke_rate = timing.lease_revoke_rate,
          .retry = timing.lease_retry,
          .checkpoints = timing.lease_checkpoints,
          .checkpoint_interval = timing.checkpoint_interval,
          .persist_checkpoints =
              timing.lease_checkpoints && context.member.plan().version == Version::V3_6};
}

auth::Rules auth_rules(const Context& context) {
  const Timing& timing = context.step.timing();
  return {.checks_ranges = context.member.plan().version != Version::V3_4,
          .jwt = timing.jwt_tokens,
          .token_ttl = timing.token_ttl,
          .jwt_key = auth::world_jwt_key(context.member.plan().cluster_id)};
}

}  // namespace

backend::Backend open_backend(const Step& step, const disk::Disk& disk, std::string_view path) {
  const std::uint64_t size = must(step, disk.size(path), "open db");
  return must(step, backend::Backend::open(blocks_of(disk, path, size)), "open db");
}

Index consistent_index_of(const backend::Backend& backend) {
  return Index(meta_number(backend, "consistent_index"));
}

void recover_index(Running& run, const backend::Backend& backend) {
  run.consistent = consistent_index_of(backend);
  run.consistent_term = Term(meta_number(backend, "term"));
  run.consistent_in_tx = run.consistent;
  run.consistent_on_disk = run.consistent;
}

void recover_lessor(const Context& context, const backend::Backend& backend) {
  context.run.lessor = lease::Lessor(lease_rules(context));
  must(context.step, context.run.lessor.restore(backend, {}), "restore leases");
}

void recover_store(const Context& context) {
  Running& run = context.run;
  auto restored =
      must(context.step, run.store.restore(run.backend, context.step.guards()), "restore store");
  for (const auto& [key, lease] : restored.leases) {
    if (run.lessor.find(lease) != nullptr) run.lessor.attach(key, lease);
  }
  if (!restored.resume) return;
  // etcd schedules the compaction again; its scheduled revision is written and committed anew.
  run.compact.jobs.push_back(
      {.revision = restored.resume->revision, .waiter = 0, .job = *restored.resume});
  run.backend.end_tx();
}

void recover_alarms(const Context& context) {
  must(context.step, context.run.alarms.restore(context.run.backend), "restore alarms");
}

void recover_auth(const Context& context) {
  context.run.auth = auth::AuthStore(auth_rules(context));
  must(context.step, context.run.auth.restore(context.run.backend), "restore users and roles");
}

void recover_membership(const Context& context) {
  Running& run = context.run;
  Membership members;
  run.backend.range(backend::View::Batch, backend::Bucket::Members, "", "", 0,
                    [&](BytesView key, BytesView value) {
                      const auto row = parse_change_context(value);
                      if (!row) {
                        context.step.panic(text("member {}: {}", key, row.error().detail));
                      }
                      members.restore_member(row->member);
                    });
  run.backend.range(backend::View::Batch, backend::Bucket::MembersRemoved, "", "", 0,
                    [&](BytesView key, BytesView /*value*/) {
                      const auto id = id_of_row(key);
                      if (!id) {
                        context.step.panic(text("removed member {}: no id", quoted(key)));
                      }
                      members.restore_removed(*id);
                    });
  const auto version =
      run.backend.get(backend::View::Batch, backend::Bucket::Cluster, kClusterVersionKey);
  if (version) members.set_version(std::string(version->view()));
  const auto downgrade =
      run.backend.get(backend::View::Batch, backend::Bucket::Cluster, kDowngradeKey);
  if (downgrade) members.set_downgrade(parse_downgrade(downgrade->view()));
  run.membership = std::move(members);
}

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

}  // namespace orrery::server
