// What an entry of the log asks for: decided when its turn comes, before the batch tx lock is taken.
// from: etcd server/etcdserver/server.go (applyEntryNormal, applyConfChange), apply/uber_apply.go; facts D.10
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "proto/raftpb_codec.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using ApplyPhase = ApplyLane::Phase;

raftpb::ConfChangeV2 as_v2(const raftpb::ConfChange& change) {
  raftpb::ConfChangeV2 out;
  out.changes.push_back({change.type, change.node_id});
  return out;
}

void write_members(Context& context, const raftpb::ConfChange& change) {
  Running& run = context.run;
  take_batch_tx_inside_apply(context);
  run.membership.apply(change);
  write_member_row(context, change.node_id);
  if (!end_batch_tx(context)) return;
  run.apply.commit = CommitFrame{};
  run.apply.phase = ApplyPhase::Commit;
}

// A change of the cluster's members: decided anew here, for others may have come before it, and by the log alone,
// so that a replay decides alike. One that is refused still goes to raft, with no member in it.
raftpb::ConfChangeV2 apply_to_members(Context& context, raftpb::ConfChange change, bool is_new) {
  Running& run = context.run;
  const bool of_birth =
      change.id == 0;  // who is there from the beginning stands in the rows already
  if (of_birth) return as_v2(change);
  const auto valid =
      run.logged.validate(change, context.step.timing().max_learners, context.step.guards());
  if (is_new) run.apply.request_id = change.id;
  if (!valid) {
    if (is_new) run.apply.error = valid.error();
    change.node_id = NodeId(0);
    return as_v2(change);
  }
  run.logged.apply(change);
  if (!is_new) return as_v2(change);
  if (change.type == raftpb::ConfChangeType::RemoveNode && change.node_id == context.member.id()) {
    run.node.stop_at = context.step.now() + seconds(1).value();
  }
  write_members(context, change);
  if (context.step.noting()) {
    context.step.note(
        text("n{} now knows {} members", context.member.no(), run.membership.members().size()));
  }
  return as_v2(change);
}

}  // namespace

void refuse(ApplyLane& lane, Error error) {
  lane.error = std::move(error);
  lane.phase = ApplyPhase::Applied;
}

void apply_conf_change(Context& context, const raftpb::Entry& entry, bool is_new) {
  Running& run = context.run;
  raftpb::ConfChangeV2 change;
  if (entry.type == raftpb::EntryType::ConfChange) {
    const auto one = raftpb::decode_conf_change(entry.data);
    if (!one) context.step.panic("unmarshal conf change: " + one.error().detail);
    change = apply_to_members(context, *one, is_new);
  } else {
    const auto many = raftpb::decode_conf_change_v2(entry.data);
    if (!many) context.step.panic("unmarshal conf change: " + many.error().detail);
    change = *many;
  }
  // What a snapshot has overtaken changes nothing.
  run.conf_state = run.raft.apply_conf_change(raft_io(context), entry.index, change);
  after_raft(context);
}

namespace {

// Nothing is changed by these: they are carried out only where somebody waits for the answer.
bool only_reads(const rpc::Request& request) {
  if (std::holds_alternative<rpc::RangeRequest>(request)) return true;
  const auto* auth = std::get_if<rpc::AuthRequest>(&request);
  if (auth == nullptr) return false;
  return std::holds_alternative<rpc::AuthUserGetRequest>(*auth) ||
         std::holds_alternative<rpc::AuthUserListRequest>(*auth) ||
         std::holds_alternative<rpc::AuthRoleGetRequest>(*auth) ||
         std::holds_alternative<rpc::AuthRoleListRequest>(*auth) ||
         std::holds_alternative<rpc::AuthStatusRequest>(*auth);
}

void plan_operations(Context& context, const rpc::Request& request) {
  Running& run = context.run;
  const auto lease_known = [&](LeaseId id) { return run.lessor.find(id) != nullptr; };
  auto plan = run.store.plan(run.backend, request, lease_known, context.step.guards());
  if (!plan) {
    if (plan.error().code == Errc::Corrupt) context.step.panic(plan.error().detail);
    refuse(run.apply, plan.error());
    return;
  }
  run.apply.work = ApplyLane::Work::Operations;
  run.apply.txn = run.store.begin(std::move(*plan));
  run.apply.phase = ApplyPhase::TakeTx;
}

// The lease's keys go in one transaction, in their order, so that every member writes the same rows.
void plan_revocation(Context& context, const rpc::LeaseRevokeRequest& request) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  if (!context.step.guards()(run.lessor.find(request.id) != nullptr, "the lease is there",
                             {{"lease", request.id}})) {
    return refuse(lane, fail(Errc::LeaseNotFound).value());
  }
  lane.work = ApplyLane::Work::Revocation;
  lane.keys = {};
  for (const Blob& key : run.lessor.keys_of(request.id)) lane.keys.push_back(key);
  lane.txn = {};
  lane.txn.txn = run.store.begin_write();
  lane.phase = ApplyPhase::TakeTx;
}

void plan_service(Context& context, const rpc::InternalRequest& request) {
  ApplyLane& lane = context.run.apply;
  const auto* lease = std::get_if<rpc::LeaseRequest>(&request.request);
  if (lease != nullptr && std::holds_alternative<rpc::LeaseRevokeRequest>(*lease)) {
    return plan_revocation(context, std::get<rpc::LeaseRevokeRequest>(*lease));
  }
  const auto* auth = std::get_if<rpc::AuthRequest>(&request.request);
  const bool makes_token =
      auth != nullptr && std::holds_alternative<rpc::InternalAuthenticateRequest>(*auth);
  if (makes_token || only_reads(request.request)) {
    apply_service(context, request);  // and takes no transaction
    return;
  }
  lane.work = ApplyLane::Work::Whole;
  lane.phase = ApplyPhase::TakeTx;
}

}  // namespace

// What the entry asks for, decided on the state before it; an error means that nothing will change.
void plan_request(Context& context, const rpc::InternalRequest& request) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const Guards& guards = context.step.guards();
  lane.request_id = request.id;
  if (only_reads(request.request) && !run.waiters.contains(request.id)) return;
  const auto allowed = may_apply(run, context.member.plan(), request, guards);
  if (!allowed) return refuse(lane, allowed.error());
  lane.over_quota = !fits_quota(run, context.step.timing(), request.request, guards);
  const bool compacts = std::holds_alternative<rpc::CompactionRequest>(request.request);
  if (!compacts && request.request.index() < 4) return plan_operations(context, request.request);
  lane.request = request;
  if (!compacts) return plan_service(context, request);
  lane.work = ApplyLane::Work::Operations;
  lane.schedules_compaction = true;
  lane.phase = ApplyPhase::TakeTx;
}

// The first entry of a leader's term: from here on it counts the leases' time.
void promote_lessor(Context& context) {
  Running& run = context.run;
  if (!context.step.guards()(is_leader(run), "this member leads")) return;
  const Timing& timing = context.step.timing();
  run.lessor.promote(context.step.now(), Nanos(timing.tick.value() * timing.election_ticks));
}

}  // namespace orrery::server
