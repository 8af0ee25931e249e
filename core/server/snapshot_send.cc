// snap-send lane: a follower whose entries are gone gets the backend as it is, and Raft hears how that went.
// from: etcd server/etcdserver/snapshot_merge.go, server.go (sendMergedSnap), api/rafthttp/snapshot_sender.go,
//       peer.go (ReportUnreachable); facts D.12
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

void fail_transfer(Context& context, std::uint64_t no) {
  Running& run = context.run;
  const NodeId to = run.snap_send.transfers.find(no)->to;
  run.snap_send.transfers.erase(no);
  run.raft.report_unreachable(raft_io(context), to);
  run.raft.report_snapshot(raft_io(context), to, false);
  after_raft(context);
}

// The one that is due first; null = none.
const SnapshotTransfer* first_due(const Running& run, std::uint64_t* number) {
  const SnapshotTransfer* first = nullptr;
  for (const auto& [no, transfer] : run.snap_send.transfers) {
    if (first != nullptr && first->due <= transfer.due) continue;
    first = &transfer;
    if (number != nullptr) *number = no;
  }
  return first;
}

}  // namespace

// The files of a backend are shared with the message, block by block: nothing is copied, and later commits do not show.
void send_merged_snapshot(Context& context) {
  Running& run = context.run;
  raftpb::Message message = run.snap_send.asked.front();
  run.snap_send.asked.drop_front(1);
  const std::uint32_t to = number_of(context.member, message.to);
  if (to == 0) return;  // removed meanwhile
  message.snapshot = {.data = snapshot_data(context),
                      .conf_state = run.conf_state,
                      .index = run.applied,
                      .term = run.applied_term};
  const std::uint64_t no = run.snap_send.next++;
  const Nanos give_up = context.step.now() + context.step.timing().snapshot_timeout.value();
  run.snap_send.transfers.put(
      no, {.to = message.to, .to_no = to, .index = run.applied, .arrived = false, .due = give_up});
  if (context.step.noting()) {
    context.step.note(
        text("n{} sends n{} a snapshot at {}", context.member.no(), to, run.applied.value()));
  }
  SnapshotPost post{.transfer = no, .message = std::move(message), .db = run.backend.blocks()};
  context.step.send(Packet{member_address(context.member.no()), member_address(to),
                           Channel::Snapshot, Shared<SnapshotPost>(std::move(post))});
}

void receive_snapshot_reply(Context& context, const SnapshotReply& reply) {
  Running& run = context.run;
  SnapshotTransfer* transfer = run.snap_send.transfers.edit(reply.transfer);
  if (transfer == nullptr || transfer->arrived) return;  // given up already
  if (!reply.ok) return fail_transfer(context, reply.transfer);
  transfer->arrived = true;
  transfer->due = context.step.now() + context.step.timing().snapshot_release.value();
  run.raft.report_snapshot(raft_io(context), transfer->to, true);
  after_raft(context);
}

void lose_transfers(Context& context, std::uint32_t to) {
  std::vector<std::uint64_t> lost;
  for (const auto& [no, transfer] : context.run.snap_send.transfers) {
    if (transfer.to_no == to && !transfer.arrived) lost.push_back(no);
  }
  for (const std::uint64_t no : lost) fail_transfer(context, no);
}

void peer_unreachable(Step& step, Member& member, const Packet& packet) {
  Context context(step, member);
  if (const auto* post = std::get_if<Shared<SnapshotPost>>(&packet.payload)) {
    if (context.run.snap_send.transfers.contains((*post)->transfer)) {
      fail_transfer(context, (*post)->transfer);
    }
    return;
  }
  const auto* message = std::get_if<raftpb::Message>(&packet.payload);
  if (message == nullptr) return;
  context.run.active_since.erase(message->to);
  context.run.raft.report_unreachable(raft_io(context), message->to);
}

void peer_ended(Step& step, Member& member, std::uint32_t no) {
  Context context(step, member);
  lose_transfers(context, no);
}

Readiness snap_send_readiness(const Look& look) {
  if (look.run.snap_send.transfers.empty()) {
    look.guards(false, "a snapshot is on its way");
    return kBlocked;
  }
  return ready_at(first_due(look.run, nullptr)->due);
}

void run_snap_send(Context& context) {
  std::uint64_t no = 0;
  const SnapshotTransfer* transfer = first_due(context.run, &no);
  if (!transfer->arrived) return fail_transfer(context, no);
  context.run.snap_send.transfers.erase(no);
}

}  // namespace orrery::server
