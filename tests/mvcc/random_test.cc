// Random histories against the plainest store there is: one whole std::map for every revision.
#include <map>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "tests/mvcc/kit.h"

namespace orrery::mvcc {
namespace {

using mvccpb::KeyValue;
using State = std::map<std::string, KeyValue>;

class NaiveStore {
 public:
  void put(State& state, const std::string& key, const std::string& value) const {
    const auto old = state.find(key);
    KeyValue kv;
    kv.key = Blob(key);
    kv.value = Blob(value);
    kv.mod_revision = current() + 1;
    kv.create_revision = old == state.end() ? kv.mod_revision : old->second.create_revision;
    kv.version = old == state.end() ? 1 : old->second.version + 1;
    state.insert_or_assign(key, kv);
  }

  std::int64_t current() const { return states_.rbegin()->first; }

  const State& now() const { return states_.rbegin()->second; }

  const State& at(std::int64_t revision) const { return states_.at(revision); }

  void add(State state) { states_.emplace(current() + 1, std::move(state)); }

  // Back to what a crash left.
  void drop_after(std::int64_t revision) {
    states_.erase(states_.upper_bound(revision), states_.end());
  }

 private:
  std::map<std::int64_t, State> states_ = {{1, {}}};
};

class RandomRun {
 public:
  explicit RandomRun(std::uint64_t seed) : seed_(seed) {}

  void step() {
    switch (next(20)) {
      case 0: return compact();
      case 1: return commit();
      case 2: return crash();
      case 3:
      case 4: return transaction();
      case 5:
      case 6: return erase(key(), next(2) == 0 ? Bytes() : key());
      default: return put(key(), text("{}", counter_));
    }
  }

  // Every key at one revision that may be read.
  void compare_somewhere() {
    const std::int64_t oldest = std::max<std::int64_t>(kit_.store.compact_revision(), 1);
    const std::int64_t at =
        oldest +
        static_cast<std::int64_t>(next(static_cast<std::uint64_t>(naive_.current() - oldest + 1)));
    const rpc::RangeResponse response = kit_.range(range_of("a", from_key(), at));
    std::vector<KeyValue> expected;
    for (const auto& [name, kv] : naive_.at(at)) expected.push_back(kv);
    ASSERT_EQ(response.kvs, expected) << "at revision " << at;
    ASSERT_EQ(response.header.revision, naive_.current());
  }

  void compare_claims() { ASSERT_TRUE(violations(kit_.store, kit_.backend).empty()); }

 private:
  std::uint64_t next(std::uint64_t bound) {
    return below(draw(seed_, Purpose::TestData, 0, counter_++), bound);
  }

  Bytes key() { return Bytes(1, static_cast<char>('a' + next(6))); }

  void put(const Bytes& key, const std::string& value) {
    State state = naive_.now();
    naive_.put(state, key, value);
    naive_.add(std::move(state));
    kit_.put(key, value);
  }

  std::size_t erase_from(State& state, const Bytes& key, const Bytes& end) const {
    return std::erase_if(state, [&](const auto& entry) {
      return end.empty() ? entry.first == key : entry.first >= key && entry.first < end;
    });
  }

  void erase(const Bytes& key, const Bytes& end) {
    State state = naive_.now();
    const std::size_t erased = erase_from(state, key, end);
    if (erased > 0) naive_.add(std::move(state));
    const auto response = std::get<rpc::DeleteRangeResponse>(kit_.apply(delete_of(key, end)));
    ASSERT_EQ(response.deleted, static_cast<std::int64_t>(erased));
  }

  // Not validated on purpose: the store itself must cope with a key put and deleted in one revision.
  void transaction() {
    State state = naive_.now();
    std::vector<rpc::RequestOp> ops;
    std::size_t changes = 0;
    for (std::uint64_t i = next(5); i > 0; --i) {
      const Bytes name = key();
      if (next(3) == 0) {
        const Bytes end = next(2) == 0 ? Bytes() : key();
        changes += erase_from(state, name, end);
        ops.push_back(op(delete_of(name, end)));
      } else {
        naive_.put(state, name, "txn");
        ++changes;
        ops.push_back(op(put_of(name, "txn")));
      }
    }
    if (changes > 0) naive_.add(std::move(state));
    kit_.txn(txn_of(std::move(ops)));
    ASSERT_EQ(kit_.events.size(), changes);
  }

  void compact() {
    const std::int64_t oldest = kit_.store.compact_revision() + 1;
    if (oldest > naive_.current()) return;
    const auto span = static_cast<std::uint64_t>(naive_.current() - oldest + 1);
    CompactionJob job = kit_.schedule(oldest + static_cast<std::int64_t>(next(span)));
    committed_ = naive_.current();
    const std::size_t limit = 1 + next(7);
    for (std::uint64_t batches = next(20); batches > 0; --batches) {
      if (kit_.batch(job, limit)) return;
    }
    crash();  // in the middle of it
  }

  void commit() {
    kit_.commit();
    committed_ = naive_.current();
  }

  void crash() {
    kit_.crash_and_resume(1 + next(7));
    naive_.drop_after(committed_);
    ASSERT_EQ(kit_.store.current_revision(), committed_);
  }

  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
  std::int64_t committed_ = 1;
  Kit kit_;
  NaiveStore naive_;
};

TEST(StoreRandom, AgreesWithOneMapPerRevisionThroughCompactionsAndCrashes) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(text("seed {}", seed));
    RandomRun run(seed);
    for (int i = 0; i < 500; ++i) {
      run.step();
      run.compare_somewhere();
      if (i % 50 == 0) run.compare_claims();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace orrery::mvcc
