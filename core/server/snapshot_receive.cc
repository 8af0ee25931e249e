// snap-receive lane: a posted snapshot becomes a file, and only then a message of Raft's.
// from: etcd server/etcdserver/api/rafthttp/http.go (snapshotHandler), api/snap/db.go (SaveDBFrom); facts D.12
#include <utility>

#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using SnapReceivePhase = SnapReceiveLane::Phase;

constexpr std::string_view kTmpPath = "member/snap/tmp";

const ReceivedSnapshot& at_hand(const SnapReceiveLane& lane) {
  return *lane.queue.front();
}

Result<void> write_blocks(disk::Disk& disk, const Sequence<Blob>& blocks) {
  auto done = disk.create(kTmpPath);
  for (std::uint64_t number = 0; done && number < blocks.size(); ++number) {
    if (blocks[number].empty()) {
      done = disk.preallocate(kTmpPath, (number + 1) * disk::kBlockBytes);
    } else {
      done = disk.write_block(kTmpPath, number, blocks[number]);
    }
  }
  return done;
}

// The sender learns of it, and raft never hears of the snapshot.
void give_up(Context& context, const Error& error) {
  SnapReceiveLane& lane = context.run.snap_receive;
  (void)context.member.edit_disk().remove(kTmpPath);
  lane.ok = false;
  lane.phase = SnapReceivePhase::Reply;
  if (context.step.noting()) {
    context.step.note(text("n{} cannot keep the snapshot: {}", context.member.no(), error.detail));
  }
}

void write(Context& context) {
  SnapReceiveLane& lane = context.run.snap_receive;
  const auto done = write_blocks(context.member.edit_disk(), at_hand(lane).post->db);
  if (!done) return give_up(context, done.error());
  lane.due = context.step.now() + context.step.timing().fsync_latency.value();
  lane.phase = SnapReceivePhase::Sync;
}

void sync(Context& context) {
  const auto done = context.member.edit_disk().fsync(kTmpPath);
  if (!done) return give_up(context, done.error());
  context.run.snap_receive.phase = SnapReceivePhase::Rename;
}

// One that is there already is as good.
void rename(Context& context) {
  SnapReceiveLane& lane = context.run.snap_receive;
  disk::Disk& disk = context.member.edit_disk();
  const std::string path = received_db_path(at_hand(lane).post->message.snapshot.index);
  const auto done = disk.exists(path) ? disk.remove(kTmpPath) : disk.rename(kTmpPath, path);
  if (!done) return give_up(context, done.error());
  lane.phase = SnapReceivePhase::Process;
}

void reply(Context& context) {
  SnapReceiveLane& lane = context.run.snap_receive;
  const ReceivedSnapshot& received = at_hand(lane);
  context.step.send(Packet{member_address(context.member.no()), received.from, Channel::Calls,
                           SnapshotReply{.transfer = received.post->transfer, .ok = lane.ok}});
  lane.queue.drop_front(1);
  lane.ok = true;
  lane.phase = SnapReceivePhase::Write;
}

}  // namespace

std::string_view to_text(SnapReceiveLane::Phase phase) {
  switch (phase) {
    case SnapReceivePhase::Write: return "write";
    case SnapReceivePhase::Sync: return "sync";
    case SnapReceivePhase::Rename: return "rename";
    case SnapReceivePhase::Process: return "process";
    case SnapReceivePhase::Reply: return "reply";
  }
  return "";
}

void receive_snapshot(Context& context, const Address& from, const Shared<SnapshotPost>& post) {
  context.run.snap_receive.queue.push_back(
      Shared<ReceivedSnapshot>(ReceivedSnapshot{.from = from, .post = post}));
}

Readiness snap_receive_readiness(const Look& look) {
  const SnapReceiveLane& lane = look.run.snap_receive;
  if (!look.guards(!lane.queue.empty(), "a snapshot was posted")) return kBlocked;
  return lane.phase == SnapReceivePhase::Sync ? ready_at(lane.due) : kReady;
}

void run_snap_receive(Context& context) {
  SnapReceiveLane& lane = context.run.snap_receive;
  switch (lane.phase) {
    case SnapReceivePhase::Write: return write(context);
    case SnapReceivePhase::Sync: return sync(context);
    case SnapReceivePhase::Rename: return rename(context);
    case SnapReceivePhase::Process:
      receive_raft(context, at_hand(lane).from.no, at_hand(lane).post->message);
      lane.phase = SnapReceivePhase::Reply;
      return;
    case SnapReceivePhase::Reply: return reply(context);
  }
}

}  // namespace orrery::server
