// handler lanes: Maintenance.Snapshot.
// from: etcd server/etcdserver/api/v3rpc/maintenance.go (Snapshot), storage/backend/backend.go (Snapshot); facts B.5
#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "base/check.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using HandlerPhase = HandlerLane::Phase;

constexpr std::uint64_t kBlocksPerMessage = 8;  // 32 KiB

BytesView bytes_of(const Blob& block) {
  static constexpr std::array<char, disk::kBlockBytes> kZeros{};
  return block.empty() ? BytesView(kZeros.data(), kZeros.size()) : block.view();
}

Blob sha256(const Sequence<Blob>& blocks) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  EVP_MD_CTX* work = EVP_MD_CTX_new();
  bool done = EVP_DigestInit_ex(work, EVP_sha256(), nullptr) == 1;
  for (const Blob& block : blocks) {
    const BytesView bytes = bytes_of(block);
    done = done && EVP_DigestUpdate(work, bytes.data(), bytes.size()) == 1;
  }
  done = done && EVP_DigestFinal_ex(work, hash.data(), &size) == 1;
  EVP_MD_CTX_free(work);
  check(done && size == 32, "SHA-256 is available");
  Bytes out;
  for (std::size_t i = 0; i < 32; ++i) out.push_back(static_cast<char>(hash.at(i)));
  return Blob(out);
}

rpc::SnapshotResponse message(const Context& context) {
  rpc::SnapshotResponse out;
  if (context.member.plan().version == Version::V3_6) out.version = "3.6.0";
  return out;
}

}  // namespace

Readiness snapshot_commit_readiness(const Look& look, const HandlerLane& handler) {
  if (handler.snapshot) return readiness(look, *handler.snapshot->commit);
  return is_free(look, look.run.batch_tx, "the batch tx lock is free") ? kReady : kBlocked;
}

void snapshot_commit(Context& context, std::uint64_t no, HandlerLane& handler) {
  if (!handler.snapshot) {
    std::erase(context.run.waiting_defrags, no);
    acquire(context.run.batch_tx, LaneKind::Handler);
    handler.snapshot = SnapshotStream{};
    handler.snapshot->commit = CommitFrame{};
  }
  if (!run(context, *handler.snapshot->commit)) return;
  handler.snapshot->commit.reset();
  release_batch_tx(context);
  handler.snapshot->blocks = context.run.backend.blocks();
  handler.phase = HandlerPhase::SnapshotSend;
}

void snapshot_send(Context& context, HandlerLane& handler) {
  SnapshotStream& stream = *handler.snapshot;
  rpc::SnapshotResponse out = message(context);
  if (stream.sent == stream.blocks.size()) {
    out.blob = sha256(stream.blocks);
    handler.response = rpc::MaintenanceResponse(out);
    handler.phase = HandlerPhase::Answer;
    return;
  }
  const std::uint64_t end =
      std::min<std::uint64_t>(stream.blocks.size(), stream.sent + kBlocksPerMessage);
  Bytes bytes;
  for (; stream.sent < end; ++stream.sent) bytes += bytes_of(stream.blocks[stream.sent]);
  out.blob = Blob(bytes);
  out.remaining_bytes = (stream.blocks.size() - stream.sent) * disk::kBlockBytes;
  context.step.send(Packet{member_address(context.member.no()), handler.client, Channel::Calls,
                           SnapshotChunk{.call = handler.call, .response = std::move(out)}});
}

}  // namespace orrery::server
