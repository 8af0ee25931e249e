// The log and the store's file on a virtual disk: append, replay, puts, gets, scans, commits, defragmentation.
// peers/storage does the same work with etcd's wal and bbolt, under the same names and counts;
// tests/bench/compare storage puts them side by side.
// note: theirs write to a file system in memory with fsync off; ours write and sync a virtual disk, phase by phase.
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "backend/defrag.h"
#include "base/check.h"
#include "base/crc32c.h"
#include "disk/disk.h"
#include "proto/walpb_codec.h"
#include "tests/bench/work.h"
#include "wal/wal.h"

namespace orrery::backend::bench {
namespace {

using orrery::bench::report;
using orrery::bench::scrambled;
using orrery::bench::value_of;
using orrery::bench::Work;

constexpr const char* kDir = "member/wal";
constexpr const char* kDb = "member/snap/db";
constexpr std::size_t kEntryBytes = 100;

// -- the log

// The number in the first eight bytes, little end first, then zeros.
Blob payload(std::uint64_t number) {
  std::array<char, kEntryBytes> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  return Blob(BytesView(bytes.data(), bytes.size()));
}

struct Log {
  disk::Disk disk;
  wal::Wal wal;
  std::uint64_t last = 0;

  Log() {
    const Bytes metadata = walpb::encode(walpb::Metadata{NodeId(1), 2});
    wal = wal::Wal::create(disk, kDir, metadata).value();
  }

  // The entries that follow, and the commit up to the last one before.
  void append(std::uint64_t count) {
    std::vector<raftpb::Entry> entries;
    entries.reserve(count);
    for (std::uint64_t i = 1; i <= count; ++i) {
      entries.push_back({{}, Term(1), Index(last + i), payload(last + i)});
    }
    const raftpb::HardState state{.term = Term(1), .vote = NodeId(1), .commit = Index(last)};
    last += count;
    const auto next = wal.write(disk, entries, state);
    check(next.has_value(), "the log takes what it is given");
    if (*next == wal::Next::Sync) check(wal.sync(disk).has_value(), "the log is synced");
    if (*next != wal::Next::Cut) return;
    auto phase = wal::CutPhase::CloseTail;
    while (phase != wal::CutPhase::Done) phase = wal.cut(disk, phase).value();
  }

  // Of every segment's bytes, in order: equal hashes are equal files.
  std::uint32_t hash() const {
    std::uint32_t out = 0;
    for (const std::string& name : disk.list(kDir)) {
      if (wal::parse_segment_name(name))
        out = crc32c(out, *disk.read_all(text("{}/{}", kDir, name)));
    }
    return out;
  }
};

void wal_append(benchmark::State& state) {
  Log log;
  const auto batch = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) log.append(batch);
  report(state, {.messages = log.last, .committed = 0, .readys = 0, .hash = log.hash()});
}

BENCHMARK(wal_append)->Name("storage/wal_append")->Arg(1)->Iterations(200'000);
BENCHMARK(wal_append)->Name("storage/wal_append")->Arg(10)->Iterations(50'000);
BENCHMARK(wal_append)->Name("storage/wal_append")->Arg(100)->Iterations(10'000);
BENCHMARK(wal_append)->Name("storage/wal_append")->Arg(1000)->Iterations(1'000);

void wal_replay(benchmark::State& state) {
  Log log;
  while (log.last < static_cast<std::uint64_t>(state.range(0))) log.append(1'000);
  Work work;
  for (auto _ : state) {
    const auto opened = wal::Wal::open(log.disk, kDir, walpb::Snapshot{});
    check(opened.has_value(), "a sound log opens");
    work.messages = opened->entries.size();
    work.committed = opened->hard_state.commit.value();
    for (const raftpb::Entry& entry : opened->entries) work.hash += crc32c(0, entry.data);
  }
  report(state, work);
}

BENCHMARK(wal_replay)->Name("storage/wal_replay")->Arg(100'000)->Iterations(1);
BENCHMARK(wal_replay)->Name("storage/wal_replay")->Arg(1'000'000)->Iterations(1);

// -- the store's file

// A revision's key: main and sub, big end first, and a low line between them.
struct RowKeyBytes {
  std::array<char, 17> bytes{};

  explicit RowKeyBytes(std::uint64_t main) {
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(main >> (56 - 8 * i));
    bytes[8] = '_';
  }
  BytesView view() const { return {bytes.data(), bytes.size()}; }
};

struct Db {
  disk::Disk disk;
  Backend backend;

  Db() {
    check(disk.create(kDb).has_value(), "a new file");
    std::uint64_t page = 0;
    for (const Blob& bytes : Backend::initial_pages()) write(kDb, page++, bytes);
    commit(backend, kDb);
  }

  void write(const char* path, std::uint64_t page, const Blob& bytes) {
    check(disk.write_block(path, page, bytes).has_value(), "a page is written");
  }

  // Pages, sync, meta page, sync.
  void commit(Backend& which, const char* path) {
    const CommitPlan plan = which.begin_commit();
    for (const PageWrite& page : plan.data) write(path, page.page.value(), page.bytes);
    check(disk.fsync(path).has_value(), "the pages are synced");
    write(path, plan.meta.page.value(), plan.meta.bytes);
    check(disk.fsync(path).has_value(), "the meta page is synced");
    which.finish_commit();
  }

  void commit() { commit(backend, kDb); }

  void end() {
    backend.end_tx();
    if (backend.commit_is_due()) commit();
  }

  void put(std::uint64_t row, std::uint64_t value) {
    backend.put(Bucket::Key, RowKeyBytes(row).view(), value_of(value));
    end();
  }

  void fill(std::uint64_t rows) {
    for (std::uint64_t i = 0; i < rows; ++i) put(i, i);
    commit();
  }

  // Rows, and a hash over all keys and values.
  Work work() const {
    Work out;
    for (Cursor at = backend.seek(View::Read, Bucket::Key, {}); at.valid(); at.next()) {
      ++out.messages;
      out.hash = crc32c(crc32c(out.hash, at.key()), at.value());
    }
    return out;
  }
};

void put_sequential(benchmark::State& state) {
  Db db;
  std::uint64_t i = 0;
  for (auto _ : state) {
    db.put(i, i);
    ++i;
  }
  report(state, db.work());
}

BENCHMARK(put_sequential)->Name("storage/put_seq")->Arg(100'000)->Iterations(100'000);
BENCHMARK(put_sequential)->Name("storage/put_seq")->Arg(1'000'000)->Iterations(1'000'000);

void put_random(benchmark::State& state) {
  Db db;
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t i = 0;
  for (auto _ : state) {
    db.put(scrambled(i, rows), i);
    ++i;
  }
  report(state, db.work());
}

BENCHMARK(put_random)->Name("storage/put_rand")->Arg(100'000)->Iterations(100'000);
BENCHMARK(put_random)->Name("storage/put_rand")->Arg(1'000'000)->Iterations(1'000'000);

void get(benchmark::State& state) {
  Db db;
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  db.fill(rows);
  Work work;
  std::uint64_t i = 0;
  for (auto _ : state) {
    const auto found =
        db.backend.find(View::Read, Bucket::Key, RowKeyBytes(scrambled(i, rows)).view());
    work.messages += found->size();
    work.hash += static_cast<unsigned char>(found->back());
    ++i;
  }
  report(state, work);
}

BENCHMARK(get)->Name("storage/get")->Arg(100'000)->Iterations(1'000'000);
BENCHMARK(get)->Name("storage/get")->Arg(1'000'000)->Iterations(1'000'000);

void scan(benchmark::State& state) {
  Db db;
  db.fill(static_cast<std::uint64_t>(state.range(0)));
  Work work;
  for (auto _ : state) {
    for (Cursor at = db.backend.seek(View::Read, Bucket::Key, {}); at.valid(); at.next()) {
      work.messages += at.key().size() + at.value().size();
      work.hash += static_cast<unsigned char>(at.value().back());
    }
  }
  report(state, work);
}

BENCHMARK(scan)->Name("storage/scan")->Arg(100'000)->Iterations(50);
BENCHMARK(scan)->Name("storage/scan")->Arg(1'000'000)->Iterations(5);

// One row behind all others, then the commit.
void commit(benchmark::State& state) {
  Db db;
  auto row = static_cast<std::uint64_t>(state.range(0));
  db.fill(row);
  for (auto _ : state) {
    db.put(row, row);
    db.commit();
    ++row;
  }
  report(state, db.work());
}

BENCHMARK(commit)->Name("storage/commit")->Arg(100'000)->Iterations(20'000);
BENCHMARK(commit)->Name("storage/commit")->Arg(1'000'000)->Iterations(20'000);

// Three of four rows are copied to a new file, which takes the old one's place.
void defragment(benchmark::State& state) {
  constexpr const char* kNew = "member/snap/db.tmp";
  Db db;
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  db.fill(rows);
  for (std::uint64_t row = 0; row < rows; row += 4) {
    db.backend.erase(Bucket::Key, RowKeyBytes(row).view());
    db.end();
  }
  db.commit();
  for (auto _ : state) {
    Defrag defrag = Defrag::begin(db.backend).value();
    check(db.disk.create(kNew).has_value(), "a new file");
    std::uint64_t page = 0;
    for (const Blob& bytes : Backend::initial_pages()) db.write(kNew, page++, bytes);
    while (!defrag.done()) {
      defrag.copy_chunk(db.backend);
      db.commit(defrag.target(), kNew);
    }
    check(db.disk.rename(kNew, kDb).has_value(), "the new file takes the old one's name");
    db.backend = defrag.take_target();
  }
  report(state, db.work());
}

BENCHMARK(defragment)->Name("storage/defrag")->Arg(100'000)->Iterations(1);
BENCHMARK(defragment)->Name("storage/defrag")->Arg(1'000'000)->Iterations(1);

}  // namespace
}  // namespace orrery::backend::bench
