// Raft in memory: what a commit, a message, a quorum and a Ready cost. peers/raft/main.go does the same work with
// etcd's Raft, under the same names and counts; tests/bench/compare raft puts them side by side.
#include <cstdint>
#include <sys/resource.h>
#include <vector>

#include <benchmark/benchmark.h>

#include "raft/joint.h"
#include "tests/bench/group.h"

// So that callgrind counts the operations alone: tests/bench/compare --instructions.
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#endif

namespace orrery::raft::bench {
namespace {

// Counting is on while it lives.
struct Counted {
  Counted() { CALLGRIND_TOGGLE_COLLECT; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { CALLGRIND_TOGGLE_COLLECT; }
};

// Runs `operation` as often as the benchmark says.
template <class Operation>
void measure(benchmark::State& state, Operation operation) {
  const Counted counted;
  for (auto _ : state) operation();
}

// For the process so far: of use when one benchmark runs alone. units: KiB
double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss);
}

void report(benchmark::State& state, const Work& work, std::uint32_t hash) {
  state.counters["messages"] = static_cast<double>(work.messages);
  state.counters["committed"] = static_cast<double>(work.committed);
  state.counters["readys"] = static_cast<double>(work.readys);
  state.counters["hash"] = hash;
  state.counters["peak_kib"] = peak_memory();
}

// One proposal at the leader until every member knows it committed.
void propose_to_commit(benchmark::State& state) {
  Group group(static_cast<std::uint64_t>(state.range(0)));
  std::uint64_t number = 0;
  measure(state, [&] {
    group.propose(++number);
    group.settle();
  });
  report(state, group.work, log_hash(group.members.back()));
}

BENCHMARK(propose_to_commit)->Name("raft/propose_to_commit")->Arg(3)->Arg(5)->Iterations(20'000);

// 64 proposals before anything moves.
void propose_64_to_commit(benchmark::State& state) {
  Group group(static_cast<std::uint64_t>(state.range(0)));
  std::uint64_t number = 0;
  measure(state, [&] {
    for (int i = 0; i < 64; ++i) group.propose(++number);
    group.settle();
  });
  report(state, group.work, log_hash(group.members.back()));
}

BENCHMARK(propose_64_to_commit)
    ->Name("raft/propose_64_to_commit")
    ->Arg(3)
    ->Arg(5)
    ->Iterations(1'000);

// -- one message at a member, and its Readys until it rests

Message from_leader(MessageType type) {
  Message m;
  m.type = type;
  m.from = NodeId(1);
  m.to = NodeId(2);
  m.term = Term(1);
  return m;
}

void step_append(benchmark::State& state) {
  Raft follower = fresh(2, 3);
  Work work;
  std::vector<Message> out;
  std::uint64_t index = 0;
  measure(state, [&] {
    Message m = from_leader(MessageType::App);
    m.index = Index(index);
    m.log_term = Term(index == 0 ? 0 : 1);
    m.commit = Index(index);
    ++index;
    m.entries.push_back({{}, Term(1), Index(index), payload(index)});
    Group::check_ok(follower.step(Io{}, m));
    drain(follower, out, work);
    out.clear();
  });
  report(state, work, log_hash(follower));
}

BENCHMARK(step_append)->Name("raft/step_append")->Iterations(50'000);

void step_heartbeat(benchmark::State& state) {
  Raft follower = fresh(2, 3);
  Work work;
  std::vector<Message> out;
  const Message m = from_leader(MessageType::Heartbeat);
  measure(state, [&] {
    Group::check_ok(follower.step(Io{}, m));
    drain(follower, out, work);
    out.clear();
  });
  report(state, work, 0);
}

BENCHMARK(step_heartbeat)->Name("raft/step_heartbeat")->Iterations(200'000);

// Its vote is gone already.
void step_vote_refused(benchmark::State& state) {
  Raft follower = fresh(2, 3);
  Work work;
  std::vector<Message> out;
  Message m = from_leader(MessageType::Vote);
  Group::check_ok(follower.step(Io{}, m));
  m.from = NodeId(3);
  measure(state, [&] {
    Group::check_ok(follower.step(Io{}, m));
    drain(follower, out, work);
    out.clear();
  });
  report(state, work, 0);
}

BENCHMARK(step_vote_refused)->Name("raft/step_vote_refused")->Iterations(200'000);

// The leader's half of a commit: the proposal, and the acknowledgements of two followers.
void step_acknowledgements(benchmark::State& state) {
  Group group(3);
  Raft& leader = group.members[0];
  Work work;
  std::vector<Message> out;
  Message m = from_leader(MessageType::AppResp);
  m.to = NodeId(1);
  std::uint64_t number = 0;
  measure(state, [&] {
    group.propose(++number);
    drain(leader, out, work);
    m.index = Index(number + 1);
    for (const std::uint64_t follower : {2U, 3U}) {
      m.from = NodeId(follower);
      Group::check_ok(leader.step(Io{}, m));
      drain(leader, out, work);
    }
    out.clear();
  });
  report(state, work, log_hash(leader));
}

BENCHMARK(step_acknowledgements)->Name("raft/step_acknowledgements")->Iterations(50'000);

// -- a Ready of many entries: received in one message, stored, committed in the same Ready

void ready(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  Raft follower = fresh(2, 3);
  Work work;
  std::vector<Message> out;
  Message m = from_leader(MessageType::App);
  m.entries.assign(count, {{}, Term(1), {}, payload(7)});
  std::uint64_t index = 0;
  measure(state, [&] {
    m.index = Index(index);
    m.log_term = Term(index == 0 ? 0 : 1);
    for (raftpb::Entry& entry : m.entries) entry.index = Index(++index);
    m.commit = Index(index);
    Group::check_ok(follower.step(Io{}, m));
    drain(follower, out, work);
    out.clear();
  });
  report(state, work, log_hash(follower));
}

BENCHMARK(ready)->Name("raft/ready")->Arg(1)->Iterations(50'000);
BENCHMARK(ready)->Name("raft/ready")->Arg(64)->Iterations(4'000);
BENCHMARK(ready)->Name("raft/ready")->Arg(1024)->Iterations(300);

// -- quorum arithmetic

void quorum_committed(benchmark::State& state) {
  const auto voters = static_cast<std::uint64_t>(state.range(0));
  IdSet ids;
  IdMap<Index> acked;
  for (std::uint64_t id = 1; id <= voters; ++id) {
    ids.add(NodeId(id));
    acked.add(NodeId(id), Index(id * 7919 % 101));
  }
  std::uint64_t sum = 0;
  measure(state, [&] {
    const Index index = committed_index(ids, [&acked](NodeId id) { return *acked.find(id); });
    benchmark::DoNotOptimize(index);
    sum += index.value();
  });
  report(state, {}, static_cast<std::uint32_t>(sum));
}

BENCHMARK(quorum_committed)
    ->Name("raft/quorum_committed")
    ->DenseRange(3, 9, 2)
    ->Iterations(1'000'000);

// Every second voter has granted, the rest are silent.
void quorum_votes(benchmark::State& state) {
  const auto voters = static_cast<std::uint64_t>(state.range(0));
  IdSet ids;
  Votes votes;
  for (std::uint64_t id = 1; id <= voters; ++id) {
    ids.add(NodeId(id));
    if (id % 2 == 1) votes.add(NodeId(id), true);
  }
  std::uint64_t won = 0;
  measure(state, [&] {
    const VoteResult result = vote_result(ids, votes);
    benchmark::DoNotOptimize(result);
    won += result == VoteResult::Won ? 1U : 0U;
  });
  report(state, {}, static_cast<std::uint32_t>(won));
}

BENCHMARK(quorum_votes)->Name("raft/quorum_votes")->DenseRange(3, 9, 2)->Iterations(1'000'000);

}  // namespace
}  // namespace orrery::raft::bench
