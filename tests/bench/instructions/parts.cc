// Hot paths of single parts: the structures of base, a Raft message, the log, the store.
#include <memory>
#include <string>
#include <utility>

#include "backend/backend.h"
#include "base/interval_tree.h"
#include "base/ordered_map.h"
#include "base/sequence.h"
#include "base/text.h"
#include "mvcc/store.h"
#include "tests/bench/group.h"
#include "tests/bench/instructions/hot_path.h"
#include "wal/wal.h"

namespace orrery::bench {
namespace {

constexpr std::uint64_t kKeys = 10'000;

// All keys in an order that jumps about: 7919 has no divisor in common with 10,000.
std::string key_at(std::uint64_t i) {
  return text("/registry/pods/{:08}", i * 7919 % kKeys);
}

using Words = OrderedMap<std::string, std::uint64_t>;

std::pair<Words, std::vector<std::string>> filled() {
  std::pair<Words, std::vector<std::string>> out;
  for (std::uint64_t i = 0; i < kKeys; ++i) {
    out.second.push_back(key_at(i));
    out.first.put(out.second.back(), i);
  }
  return out;
}

Operation map_find() {
  return [made = filled()](std::uint64_t i) { keep(*made.first.find(made.second[i % kKeys])); };
}

Operation map_put() {
  return
      [made = filled()](std::uint64_t i) mutable { made.first.put(made.second[i % kKeys], i + 1); };
}

Operation sequence_push_back() {
  return [list = Sequence<raftpb::Entry>(), data = Blob("a value")](std::uint64_t i) mutable {
    list.push_back({{}, Term(1), Index(i), data});
  };
}

Operation interval_stab() {
  IntervalTree<std::uint64_t> tree;
  for (std::uint64_t i = 0; i < kKeys; ++i) {
    tree.put({Blob(text("/{:06}", i * 10)), Blob(text("/{:06}", i * 10 + 15))}, i);
  }
  std::vector<std::string> keys;
  keys.reserve(1'000);
  for (std::uint64_t i = 0; i < 1'000; ++i) keys.push_back(text("/{:06}", i * 7919 % 100'000));
  return [tree = std::move(tree), keys = std::move(keys)](std::uint64_t i) {
    std::uint64_t sum = 0;
    tree.stab(keys[i % keys.size()], [&sum](const Interval&, std::uint64_t v) { sum += v; });
    keep(sum);
  };
}

// One entry arrives at a follower: stepped, stored, answered.
Operation raft_append() {
  return [follower = raft::bench::fresh(2, 3), out = std::vector<raft::Message>(),
          work = raft::bench::Work()](std::uint64_t i) mutable {
    raft::Message m;
    m.type = raft::MessageType::App;
    m.from = NodeId(1);
    m.to = NodeId(2);
    m.term = Term(1);
    m.index = m.commit = Index(i);
    m.log_term = Term(i == 0 ? 0 : 1);
    m.entries.push_back({{}, Term(1), Index(i + 1), raft::bench::payload(i)});
    raft::bench::Group::check_ok(follower.step(raft::Io{}, m));
    raft::bench::drain(follower, out, work);
    out.clear();
  };
}

Operation wal_append() {
  disk::Disk disk;
  wal::Wal log = wal::Wal::create(disk, "member/wal", "metadata").value();
  return [disk = std::move(disk), log = std::move(log)](std::uint64_t i) mutable {
    const std::vector<raftpb::Entry> entries = {
        {{}, Term(1), Index(i + 1), raft::bench::payload(i)}};
    const raftpb::HardState state{.term = Term(1), .vote = NodeId(1), .commit = Index(i)};
    const auto next = log.write(disk, entries, state);
    check(next && *next == wal::Next::Sync, "an entry must reach the disk");
    check(log.sync(disk).has_value(), "it does");
  };
}

Operation backend_put() {
  return [backend = backend::Backend()](std::uint64_t i) mutable {
    backend.put(backend::Bucket::Key, key_at(i), raft::bench::payload(i));
    backend.end_tx();
  };
}

Operation mvcc_put() {
  return [backend = backend::Backend(), store = mvcc::Store()](std::uint64_t i) mutable {
    rpc::PutRequest request;
    request.key = Blob(key_at(i));
    request.value = raft::bench::payload(i);
    check(store.apply(backend, request, {}).has_value(), "a put is applied");
  };
}

}  // namespace

std::vector<HotPath> paths_of_parts() {
  return {{"map-find", 2'000, map_find},
          {"map-put", 2'000, map_put},
          {"sequence-push-back", 10'000, sequence_push_back},
          {"interval-stab", 1'000, interval_stab},
          {"raft-append", 1'000, raft_append},
          {"wal-append", 500, wal_append},
          {"backend-put", 1'000, backend_put},
          {"mvcc-put", 1'000, mvcc_put}};
}

}  // namespace orrery::bench
