// The store: puts, reads, transactions, both indexes, restore, compaction. peers/mvcc does the same work with etcd's
// mvcc over bbolt, under the same names and counts; tests/bench/compare mvcc puts them side by side.
// note: etcd's commits reach a disk; ours make the same pages and leave the writing to a World. Only CPU time counts.
#include <cstdint>
#include <optional>
#include <utility>

#include "base/check.h"
#include "mvcc/store.h"
#include "mvcc/tree_index.h"
#include "proto/mvccpb_codec.h"
#include "tests/bench/work.h"

namespace orrery::mvcc::bench {
namespace {

using orrery::bench::key_of;
using orrery::bench::report;
using orrery::bench::scrambled;
using orrery::bench::value_of;
using orrery::bench::Work;

struct Member {
  Backend backend;
  Store store;

  Member() { commit(); }

  void commit() {
    backend.end_tx();
    backend.begin_commit();
    backend.finish_commit();
  }

  void end() {
    backend.end_tx();
    if (backend.commit_is_due()) commit();
  }

  void put(std::uint64_t key, std::uint64_t value) {
    WriteTxn txn = store.begin_write();
    store.put(backend, txn, key_of(key), value_of(value), LeaseId());
    store.end_write(txn);
    end();
  }

  std::uint32_t hash() const {
    const auto out = store.hash_kv(backend, 0);
    check(out.has_value(), "the current revision has a hash");
    return out->hash;
  }

  Work work() const {
    return {.messages = store.index().size(),
            .committed = static_cast<std::uint64_t>(store.current_revision()),
            .readys = 0,
            .hash = hash()};
  }
};

// -- transactions

void put(benchmark::State& state) {
  Member member;
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t i = 0;
  for (auto _ : state) {
    member.put(scrambled(i, keys), i);
    ++i;
  }
  report(state, member.work());
}

BENCHMARK(put)->Name("mvcc/put")->Arg(10'000)->Arg(100'000)->Iterations(100'000);

void txn_of_10(benchmark::State& state) {
  Member member;
  std::uint64_t i = 0;
  for (auto _ : state) {
    WriteTxn txn = member.store.begin_write();
    for (int n = 0; n < 10; ++n, ++i) {
      member.store.put(member.backend, txn, key_of(scrambled(i, 10'000)), value_of(i), LeaseId());
    }
    member.store.end_write(txn);
    member.end();
  }
  report(state, member.work());
}

BENCHMARK(txn_of_10)->Name("mvcc/txn_of_10")->Iterations(10'000);

void range(benchmark::State& state) {
  constexpr std::uint64_t kKeys = 10'000;
  const auto width = static_cast<std::uint64_t>(state.range(0));
  Member member;
  for (std::uint64_t i = 0; i < kKeys; ++i) member.put(i, i);
  member.commit();
  Work work;
  std::uint64_t i = 0;
  for (auto _ : state) {
    const std::uint64_t from = scrambled(i++, kKeys - 101);
    rpc::RangeRequest request;
    request.key = key_of(from);
    if (width > 1) request.range_end = key_of(from + width);
    const auto found = member.store.range(member.backend, request);
    work.messages += found->kvs.size();
    work.hash += static_cast<std::uint32_t>(found->kvs.back().mod_revision);
  }
  report(state, work);
}

BENCHMARK(range)->Name("mvcc/range")->Arg(1)->Iterations(200'000);
BENCHMARK(range)->Name("mvcc/range")->Arg(100)->Iterations(5'000);

// -- the index of all keys: 100,000 keys of 10 revisions

constexpr std::uint64_t kRevisions = 1'000'000;
constexpr std::uint64_t kKeys = 100'000;

Revision revision_of(std::uint64_t i) {
  return {static_cast<std::int64_t>(i) + 2, 0};
}

TreeIndex full_index() {
  TreeIndex index;
  for (std::uint64_t i = 0; i < kRevisions; ++i) {
    index.put(key_of(scrambled(i, kKeys)), revision_of(i));
  }
  return index;
}

void tree_index_put(benchmark::State& state) {
  TreeIndex index;
  std::uint64_t i = 0;
  for (auto _ : state) {
    index.put(key_of(scrambled(i, kKeys)), revision_of(i));
    ++i;
  }
  report(state, {.messages = index.size()});
}

BENCHMARK(tree_index_put)->Name("mvcc/tree_index_put")->Iterations(kRevisions);

void tree_index_get(benchmark::State& state) {
  const TreeIndex index = full_index();
  Work work;
  std::uint64_t i = 0;
  for (auto _ : state) {
    const auto at = static_cast<std::int64_t>(kRevisions / 2 + i % 1'000);
    const auto found = index.find(key_of(scrambled(i++, kKeys)), at);
    work.hash += static_cast<std::uint32_t>(found->modified.main + found->version);
  }
  report(state, work);
}

BENCHMARK(tree_index_get)->Name("mvcc/tree_index_get")->Iterations(kRevisions);

void tree_index_compact(benchmark::State& state) {
  TreeIndex index = full_index();
  Work work;
  for (auto _ : state) {
    work.messages = index.compact(kRevisions / 2, Rules()).size();
  }
  work.committed = index.size();
  report(state, work);
}

BENCHMARK(tree_index_compact)->Name("mvcc/tree_index_compact")->Iterations(1);

// -- the index of one key

void key_index_put(benchmark::State& state) {
  KeyIndex index;
  std::uint64_t i = 0;
  for (auto _ : state) index.put(revision_of(i++));
  report(state, {.messages = index.revision_count()});
}

BENCHMARK(key_index_put)->Name("mvcc/key_index_put")->Iterations(kRevisions);

KeyIndex full_key() {
  KeyIndex index;
  for (std::uint64_t i = 0; i < kRevisions; ++i) index.put(revision_of(i));
  return index;
}

// The revisions asked for are recent ones: etcd's search begins at the newest.
void key_index_get(benchmark::State& state) {
  const KeyIndex index = full_key();
  Work work;
  std::uint64_t i = 0;
  for (auto _ : state) {
    const auto found = index.find(static_cast<std::int64_t>(kRevisions - i++ % 100));
    work.hash += static_cast<std::uint32_t>(found->modified.main + found->version);
  }
  report(state, work);
}

BENCHMARK(key_index_get)->Name("mvcc/key_index_get")->Iterations(kRevisions);

void key_index_compact(benchmark::State& state) {
  KeyIndex index = full_key();
  for (auto _ : state) index.compact(kRevisions / 2, Rules());
  report(state, {.messages = index.revision_count()});
}

BENCHMARK(key_index_compact)->Name("mvcc/key_index_compact")->Iterations(1);

// -- whole stores of many rows: 10 revisions a key

Member rows(std::uint64_t count) {
  Member member;
  for (std::uint64_t i = 0; i < count; ++i) {
    mvccpb::KeyValue kv;
    const std::uint64_t key = scrambled(i, count / 10);
    kv.key = key_of(key);
    kv.value = value_of(i);
    kv.version = static_cast<std::int64_t>(i / (count / 10)) + 1;
    kv.mod_revision = revision_of(i).main;
    kv.create_revision = revision_of(i % (count / 10)).main;
    member.backend.put(backend::Bucket::Key, BucketKeyBytes(revision_of(i)),
                       Blob(mvccpb::encode(kv)));
    if (i % 10'000 == 9'999) member.commit();
  }
  member.commit();
  return member;
}

void restore(benchmark::State& state) {
  Member member = rows(static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) {
    const auto restored = member.store.restore(member.backend);
    check(restored.has_value(), "the rows can be read");
  }
  report(state, member.work());
}

BENCHMARK(restore)->Name("mvcc/restore")->Arg(100'000)->Arg(1'000'000)->Iterations(1);

// At the newest revision: of ten rows of a key nine go, in batches of 1,000 rows with a commit after each.
void compact(benchmark::State& state) {
  Member member = rows(static_cast<std::uint64_t>(state.range(0)));
  check(member.store.restore(member.backend).has_value(), "the rows can be read");
  for (auto _ : state) {
    auto job = member.store.schedule_compaction(member.backend, member.store.current_revision());
    check(job.has_value(), "the compaction is scheduled");
    member.commit();
    member.store.compact_index(*job);
    while (!member.store.compact_batch(member.backend, *job).done) member.commit();
    member.commit();
  }
  report(state, member.work());
}

BENCHMARK(compact)->Name("mvcc/compact")->Arg(100'000)->Arg(1'000'000)->Iterations(1);

}  // namespace
}  // namespace orrery::mvcc::bench
