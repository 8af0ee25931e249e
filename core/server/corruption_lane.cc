// corruption lane: do the members' data agree? At a start, from time to time, and after compactions.
// from: etcd server/etcdserver/corrupt.go (InitialCheck, PeriodicCheck, CompactHashCheck); facts C.11, D.18
#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using CorruptionPhase = CorruptionLane::Phase;

void begin_round(Context& context, std::int64_t revision, CorruptionPhase next) {
  CorruptionLane& lane = context.run.corruption;
  lane.heard = {};
  ++lane.round;
  lane.own_revision = context.run.store.current_revision();
  ask_peers(context, kCorruptionCall | lane.round,
            rpc::MaintenanceRequest(rpc::HashKVRequest{revision}));
  lane.give_up = context.step.now() + context.step.timing().request_timeout.value();
  lane.phase = next;
}

void hash_own(Context& context, CorruptionPhase next) {
  Running& run = context.run;
  const auto own = run.store.hash_kv(run.backend, 0, context.step.guards());
  if (!own) context.step.panic("corruption check: " + own.error().detail);
  run.corruption.own = *own;
  begin_round(context, own->revision, next);
}

void accuse(Context& context, NodeId member) {
  if (context.step.noting()) {
    context.step.note(text("n{} says that {:x} is corrupt", context.member.no(), member.value()));
  }
  begin_own_call(context, rpc::MaintenanceRequest(rpc::AlarmRequest{
                              rpc::AlarmAction::Activate, member, rpc::AlarmType::Corrupt}));
}

void judge_initial(Context& context) {
  CorruptionLane& lane = context.run.corruption;
  std::size_t different = 0;
  for (const auto& [id, peer] : lane.heard) {
    if (!peer.answer) continue;
    const bool comparable = peer.answer->compact_revision == lane.own.compact_revision;
    const bool same = context.step.guards()(
        !comparable || peer.answer->hash == lane.own.hash, "the peer's data are the same",
        {{"own hash", lane.own.hash}, {"the peer's", peer.answer->hash}});
    different += same ? 0U : 1U;
  }
  if (different > 0) {
    context.step.panic(
        text("{:x} found data inconsistency with peers", context.member.id().value()));
  }
  lane.phase = CorruptionPhase::Hash;
  lane.give_up = {};
}

void confirm(Context& context) {
  CorruptionLane& lane = context.run.corruption;
  // Nobody's key: what counts is that the read was linearizable.
  rpc::RangeRequest read;
  read.key = Blob("\x01");
  lane.reader = begin_own_call(context, read);
  lane.phase = CorruptionPhase::WaitConfirm;
}

// The first that is surely wrong; etcd accuses at most one member a round.
std::optional<NodeId> wrong_one(const CorruptionLane& lane, const mvcc::KeyValueHash& again,
                                std::int64_t revision_again, NodeId self, const Guards& guards) {
  const bool still =
      lane.own.revision == again.revision && lane.own.compact_revision == again.compact_revision;
  if (!guards(!still || lane.own.hash == again.hash, "the own hash has not changed by itself")) {
    return self;
  }
  for (const auto& [id, peer] : lane.heard) {
    if (!peer.answer) continue;
    const rpc::HashKVResponse& one = *peer.answer;
    if (!guards(one.header.revision <= revision_again, "the peer is not ahead of a later read",
                {{"its revision", one.header.revision}, {"ours", revision_again}}) ||
        !guards(one.compact_revision <= again.compact_revision, "the peer has not compacted more",
                {{"it to", one.compact_revision}, {"we to", again.compact_revision}})) {
      return id;
    }
    const bool comparable = one.compact_revision == lane.own.compact_revision;
    if (!guards(!comparable || one.hash == lane.own.hash, "the peer's hash is ours",
                {{"its hash", one.hash}, {"ours", lane.own.hash}})) {
      return id;
    }
  }
  return std::nullopt;
}

void judge(Context& context) {
  Running& run = context.run;
  CorruptionLane& lane = run.corruption;
  lane.phase = CorruptionPhase::Hash;
  const auto again = run.store.hash_kv(run.backend, 0, context.step.guards());
  if (!again) context.step.panic("corruption check: " + again.error().detail);
  const auto wrong = wrong_one(lane, *again, run.store.current_revision(), context.member.id(),
                               context.step.guards());
  if (wrong) accuse(context, *wrong);
}

// The newest that a compaction has left since the last one compared; null = none.
const mvcc::KeyValueHash* newest_hash(const Running& run) {
  const mvcc::KeyValueHash* out = nullptr;
  for (const mvcc::KeyValueHash& one : run.store.compaction_hashes()) {
    if (one.revision > run.corruption.compared) out = &one;
  }
  return out;
}

void compare(Context& context) {
  CorruptionLane& lane = context.run.corruption;
  lane.next_compare =
      next_tick_after(context.step.now(), context.step.timing().compact_hash_check_time);
  const mvcc::KeyValueHash* newest = newest_hash(context.run);
  if (newest == nullptr) {
    lane.phase = CorruptionPhase::Hash;
    return;
  }
  lane.own = *newest;
  begin_round(context, newest->revision, CorruptionPhase::JudgeCompared);
}

// Who holds which hash, of those that were compacted alike.
using Holders = std::map<std::uint32_t, std::vector<NodeId>>;

Holders group(const CorruptionLane& lane, NodeId self, std::size_t* checked) {
  Holders out{{lane.own.hash, {self}}};
  for (const auto& [id, peer] : lane.heard) {
    if (!peer.answer || peer.answer->compact_revision != lane.own.compact_revision) continue;
    ++*checked;
    out[peer.answer->hash].push_back(id);
  }
  return out;
}

void judge_compared(Context& context) {
  Running& run = context.run;
  CorruptionLane& lane = run.corruption;
  lane.phase = CorruptionPhase::Hash;
  std::size_t checked = 0;
  const Holders holders = group(lane, context.member.id(), &checked);
  const std::size_t members = run.membership.members().size();
  if (context.step.guards()(holders.size() == 1, "all that were compared have one hash",
                            {{"compared", checked}, {"members", members}})) {
    if (checked + 1 == members) lane.compared = lane.own.revision;
    return;
  }
  lane.compared = lane.own.revision;
  const std::size_t quorum = members / 2 + 1;
  const auto most =
      std::ranges::find_if(holders, [&](const auto& row) { return row.second.size() >= quorum; });
  if (!context.step.guards()(most != holders.end(), "a majority has one hash")) {
    return accuse(context, NodeId(0));
  }
  for (const auto& [hash, ids] : holders) {
    if (hash == most->first) continue;
    for (const NodeId id : ids) accuse(context, id);
  }
}

bool all_heard(const Running& run, NodeId self) {
  return std::ranges::all_of(run.membership.members(), [&](const auto& row) {
    return row.first == self || run.corruption.heard.contains(row.first);
  });
}

Readiness when_heard(const Look& look) {
  const bool all = look.guards(all_heard(look.run, look.member.id()), "every peer has answered");
  return all ? kReady : ready_at(look.run.corruption.give_up);
}

// The two timers; 0 = off.
Readiness when_due(const Look& look) {
  const CorruptionLane& lane = look.run.corruption;
  Nanos due(INT64_MAX);
  if (lane.next != Nanos(0)) due = lane.next;
  if (lane.next_compare != Nanos(0) && newest_hash(look.run) != nullptr) {
    due = std::min(due, lane.next_compare);
  }
  if (!look.guards(due != Nanos(INT64_MAX), "a corruption check is on") ||
      !look.guards(is_leader(look.run), "this member leads")) {
    return kBlocked;
  }
  return ready_at(due);
}

void start_round(Context& context) {
  CorruptionLane& lane = context.run.corruption;
  const bool hashes =
      lane.next != Nanos(0) && (lane.next_compare == Nanos(0) || lane.next <= lane.next_compare ||
                                newest_hash(context.run) == nullptr);
  if (!hashes) return compare(context);
  lane.next = next_tick_after(context.step.now(), context.step.timing().corrupt_check_time);
  hash_own(context, CorruptionPhase::Confirm);
}

}  // namespace

std::string_view to_text(CorruptionLane::Phase phase) {
  switch (phase) {
    case CorruptionPhase::Hash: return "hash";
    case CorruptionPhase::Initial: return "initial";
    case CorruptionPhase::JudgeInitial: return "judge-initial";
    case CorruptionPhase::Confirm: return "confirm";
    case CorruptionPhase::WaitConfirm: return "wait-confirm";
    case CorruptionPhase::Judge: return "judge";
    case CorruptionPhase::JudgeCompared: return "judge-compared";
  }
  return "";
}

bool awaits_initial_check(const Running& run) {
  const CorruptionPhase phase = run.corruption.phase;
  return phase == CorruptionPhase::Initial || phase == CorruptionPhase::JudgeInitial;
}

void start_monitors(Context& context) {
  const Timing& timing = context.step.timing();
  CorruptionLane& lane = context.run.corruption;
  const Nanos now = context.step.now();
  if (timing.initial_corrupt_check) lane.phase = CorruptionPhase::Initial;
  if (timing.corrupt_check_time != Nanos(0)) {
    lane.next = next_tick_after(now, timing.corrupt_check_time);
  }
  if (timing.compact_hash_check_time != Nanos(0)) {
    lane.next_compare = next_tick_after(now, timing.compact_hash_check_time);
  }
}

void hear_hash(Context& context, const Address& from, const CallAnswer& answer) {
  CorruptionLane& lane = context.run.corruption;
  if (answer.call != (kCorruptionCall | lane.round)) return;
  PeerHash heard;
  if (!answer.error) {
    const auto& held = std::get<rpc::MaintenanceResponse>(answer.response);
    heard.answer = std::get<rpc::HashKVResponse>(held);
  }
  lane.heard.put(id_of_peer(context, from), heard);
}

Readiness corruption_readiness(const Look& look) {
  const CorruptionLane& lane = look.run.corruption;
  switch (lane.phase) {
    case CorruptionPhase::Hash: return when_due(look);
    case CorruptionPhase::Confirm:
    case CorruptionPhase::JudgeInitial:
    case CorruptionPhase::JudgeCompared: return when_heard(look);
    case CorruptionPhase::WaitConfirm:
      return look.guards(!look.run.handlers.contains(lane.reader), "the read is answered")
                 ? kReady
                 : kBlocked;
    case CorruptionPhase::Initial:
    case CorruptionPhase::Judge: return kReady;
  }
  return kBlocked;
}

void run_corruption(Context& context) {
  CorruptionLane& lane = context.run.corruption;
  switch (lane.phase) {
    case CorruptionPhase::Hash: return start_round(context);
    case CorruptionPhase::Initial: return hash_own(context, CorruptionPhase::JudgeInitial);
    case CorruptionPhase::JudgeInitial: return judge_initial(context);
    case CorruptionPhase::Confirm: return confirm(context);
    case CorruptionPhase::WaitConfirm: lane.phase = CorruptionPhase::Judge; return;
    case CorruptionPhase::Judge: return judge(context);
    case CorruptionPhase::JudgeCompared: return judge_compared(context);
  }
}

}  // namespace orrery::server
