#include "tests/fuzz/targets.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "backend/backend.h"
#include "backend/inspect.h"
#include "base/check.h"
#include "base/draws.h"
#include "datadir/archive.h"
#include "datadir/dump.h"
#include "datadir/identity.h"
#include "datadir/restore.h"
#include "datadir/snapshot_file.h"
#include "datadir/v2_store.h"
#include "datadir/wire_tree.h"
#include "disk/disk.h"
#include "mvcc/store.h"
#include "proto/raftpb_codec.h"
#include "proto/rpc_codec.h"
#include "source_dir.h"
#include "wal/record.h"
#include "wal/snap.h"
#include "wal/wal.h"

namespace orrery::fuzz {
namespace {

void nothing(const datadir::Tree& tree) {
  (void)datadir::to_text(tree);
  (void)datadir::to_json(tree);
}

// -- seeds

Bytes small_db() {
  backend::Backend backend;
  mvcc::Store store;
  for (int i = 0; i < 40; ++i) {
    rpc::PutRequest put;
    put.key = Blob("key" + std::to_string(i % 7));
    put.value = Blob(Bytes(100, static_cast<char>('a' + i % 26)));
    (void)store.apply(backend, put, [](LeaseId) { return false; });
  }
  backend.end_tx();
  (void)backend.begin_commit();
  backend.finish_commit();
  Bytes out;
  for (const Blob& block : backend.blocks()) {
    out.append(block.view());
    out.append(backend::kPageSize - block.size(), '\0');
  }
  return out;
}

disk::Disk small_directory() {
  datadir::RestoreOptions options;
  options.skip_hash_check = true;
  options.release = datadir::Release::V3_4;
  auto disk = datadir::restore_snapshot(small_db(), options);
  check(disk.has_value(), "a small store is restored");
  return std::move(*disk);
}

Bytes file_with(std::string_view end) {
  const disk::Disk disk = small_directory();
  for (const std::string& path : disk.paths()) {
    if (path.ends_with(end)) return *disk.read(path, 0, *disk.stored_size(path));
  }
  return {};
}

std::vector<Bytes> wal_seeds() {
  return {file_with(".wal")};
}

std::vector<Bytes> snap_seeds() {
  return {file_with(".snap")};
}

std::vector<Bytes> db_seeds() {
  return {small_db()};
}

std::vector<Bytes> snapshot_seeds() {
  return {*datadir::save_snapshot(datadir::blocks_of(small_db()))};
}

std::vector<Bytes> v2_seeds() {
  return {datadir::encode_v2_store(
      {{.id = NodeId(1), .name = "n1", .peer_urls = {"http://a:1"}, .client_urls = {"http://a:2"}}},
      "3.4.0")};
}

std::vector<Bytes> entry_seeds() {
  rpc::PutRequest put;
  put.key = Blob("k");
  put.value = Blob("v");
  rpc::TxnRequest txn;
  txn.success.push_back({put});
  return {rpc::encode(rpc::InternalRequest{.id = 1, .username = {}, .request = txn})};
}

std::vector<Bytes> archive_seeds() {
  return {datadir::pack(small_directory())};
}

// -- targets

// A log of one segment with these bytes: read, repaired if torn, read again to the same entries.
void run_wal(BytesView input) {
  disk::Disk disk;
  disk.install("member/wal/" + wal::segment_name(0, Index(0)), input);
  (void)wal::valid_snapshots(disk, "member/wal");
  (void)datadir::dump_logs(disk, nothing);
  (void)datadir::read_identity(disk);
  const auto opened = wal::open_repairing(disk, "member/wal", walpb::Snapshot{});
  if (!opened) {
    check(!opened.error().detail.empty(), "a refusal has its reason");
    return;
  }
  const auto again = wal::Wal::open(disk, "member/wal", walpb::Snapshot{});
  check(again.has_value(), "a log that was opened opens again");
  check(again->entries == opened->entries, "and holds the same entries");
  check(again->hard_state == opened->hard_state, "and the same hard state");
}

void run_snap(BytesView input) {
  const auto snapshot = wal::decode_snap(input);
  if (!snapshot) return;
  const auto again = wal::decode_snap(wal::encode_snap(*snapshot));
  check(again.has_value() && *again == *snapshot, "a snapshot that was read is written the same");
}

void run_db(BytesView input) {
  const auto blocks = datadir::blocks_of(input);
  (void)datadir::check_db(blocks, {.hash_kv = 0}, nothing);
  (void)datadir::dump_db(blocks, nothing);
  auto backend = backend::Backend::open(blocks);
  if (!backend) return;
  mvcc::Store store;
  (void)store.restore(*backend);
  const std::size_t faults =
      backend->violations().size();  // what does not keep it from being opened
  backend->put(backend::Bucket::Meta, "probe", Blob("x"));
  backend->end_tx();
  (void)backend->begin_commit();
  backend->finish_commit();
  check(backend->violations().size() <= faults, "a commit adds no fault to a file that was opened");
}

void run_snapshot(BytesView input) {
  (void)datadir::snapshot_status(input);
  datadir::RestoreOptions options;
  (void)datadir::restore_snapshot(input, options);
}

void run_v2(BytesView input) {
  const auto members = datadir::read_v2_members(input);
  if (!members) return;
  const auto again = datadir::read_v2_members(datadir::encode_v2_store(*members, "3.4.0"));
  check(again.has_value(), "members that were read are written and read again");
}

void run_entry(BytesView input) {
  (void)datadir::decode_wire("request", input, datadir::Schema::Internal);
  (void)datadir::decode_wire("request", input, datadir::Schema::V2Request);
  (void)raftpb::decode_entry(input);
  (void)raftpb::decode_conf_change(input);
  (void)raftpb::decode_conf_change_v2(input);
  (void)raftpb::decode_message(input);
  const auto request = rpc::decode_internal_request(input);
  if (!request) return;
  const auto again = rpc::decode_internal_request(rpc::encode(*request));
  check(again.has_value() && *again == *request, "a request that was read is written the same");
}

void run_archive(BytesView input) {
  const auto disk = datadir::unpack(input);
  if (!disk) return;
  const auto again = datadir::unpack(datadir::pack(*disk));
  check(again.has_value() && again->paths() == disk->paths(), "a disk that was read is packed");
}

constexpr std::array kTargets{
    Target{"wal", run_wal, wal_seeds},
    Target{"snap", run_snap, snap_seeds},
    Target{"db", run_db, db_seeds},
    Target{"snapshot", run_snapshot, snapshot_seeds},
    Target{"v2store", run_v2, v2_seeds},
    Target{"entry", run_entry, entry_seeds},
    Target{"archive", run_archive, archive_seeds},
    Target{"door", run_door, door_seeds},
    Target{"wire", run_wire, wire_seeds},
};

class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t round) : seed_(seed), round_(round) {}

  std::size_t below(std::size_t bound) {
    return orrery::below(draw(seed_, Purpose::TestData, round_, count_++), bound);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t round_;
  std::uint64_t count_ = 0;
};

void change(Bytes& input, const std::vector<Bytes>& corpus, Draws& draws) {
  const std::size_t at = draws.below(input.size());
  switch (draws.below(6)) {
    case 0:
      input[at] = static_cast<char>(input[at] ^ static_cast<char>(1U << draws.below(8)));
      break;
    case 1: input[at] = static_cast<char>(draws.below(256)); break;
    case 2: input.resize(at + 1); break;
    case 3: input.insert(at, input.substr(draws.below(input.size()), 1 + draws.below(64))); break;
    case 4: {
      constexpr std::array<char, 4> kEdges{'\0', '\x7f', '\xff', '\x80'};
      for (std::size_t i = at; i < std::min(at + 8, input.size()); ++i) {
        input[i] = kEdges.at(draws.below(kEdges.size()));
      }
      break;
    }
    default: {
      const Bytes& other = corpus[draws.below(corpus.size())];
      if (!other.empty()) input.replace(at, 32, other.substr(draws.below(other.size()), 32));
    }
  }
}

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

const Target* find_target(std::string_view name) {
  const auto* found = std::ranges::find(kTargets, name, &Target::name);
  return found == kTargets.end() ? nullptr : found;
}

std::vector<Bytes> corpus_of(const Target& target) {
  std::vector<Bytes> out = target.seeds();
  const std::filesystem::path folder =
      std::filesystem::path(ORRERY_SOURCE_DIR) / "tests/fuzz/corpus" / target.name;
  std::vector<std::filesystem::path> files;
  if (std::filesystem::exists(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry);
  }
  std::ranges::sort(files);
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    out.push_back(bytes.str());
  }
  return out;
}

Bytes mutated(const std::vector<Bytes>& corpus, std::uint64_t seed, std::uint64_t round) {
  Draws draws(seed, round);
  Bytes input = corpus[draws.below(corpus.size())];
  const std::size_t changes = 1 + draws.below(4);
  for (std::size_t i = 0; i < changes && !input.empty(); ++i) change(input, corpus, draws);
  return input;
}

}  // namespace orrery::fuzz
