// RandomRun: its end. The faults stop, the cluster settles, and what was said is compared with what is.
#include <set>
#include <sstream>

#include "base/text.h"
#include "proto/rpc_codec.h"
#include "raft/progress.h"
#include "tests/sim/cluster.h"
#include "tests/sim/log_model.h"
#include "tests/sim/random_run.h"

namespace orrery::sim::testing {
namespace {

constexpr int kStepsToSettle = 120'000;

const mvccpb::KeyValue* key_in(const Result<std::optional<mvccpb::KeyValue>>& found) {
  return found && *found ? &**found : nullptr;
}

}  // namespace

const server::Running* leading(const World& world) {
  const std::uint32_t no = leader_of(world);
  return no == 0 ? nullptr : &world.member(no).running();
}

bool RandomRun::belongs(std::uint32_t no) const {
  const server::Running* leader = leading(world_);
  return leader != nullptr && leader->membership.find(world_.member(no).id()) != nullptr;
}

void RandomRun::stop_faults() {
  paused_ = 0;
  mend_all();
  for (const auto& [no, clock] : OrderedMap(world_.clocks())) {
    if (clock.pace() != kRightPace) attempt(SetClock{.member = no, .pace = kRightPace});
  }
  for (std::uint64_t lock = 1; lock <= locks_; ++lock) {
    attempt(Submit{1, client::PauseWatch{"resume", text("lock{}", lock), false}});
    for (std::uint32_t client = 2; client <= 4; ++client) {
      attempt(Submit{client, client::PauseWatch{"resume", text("lock{}", lock), false}});
    }
  }
  for (std::uint32_t no = 1; no <= world_.member_count(); ++no) restart(no);
}

// All calls answered, and every member that belongs to the cluster has applied what its leader has.
bool RandomRun::settled() {
  for (const auto& [no, client] : world_.clients()) {
    for (const auto& [number, open] : client->open_calls()) {
      // A watch at an endpoint that is gone for good knocks there for ever.
      if (client->calls().find(number)->watches_on == 0) return false;
    }
  }
  const server::Running* leader = leading(world_);
  if (leader == nullptr || leader->applied != leader->raft.log().last_index()) return false;
  // Who has led its own removal leads for a second more.
  if (!belongs(leader_of(world_))) return false;
  for (std::uint32_t no = 1; no <= world_.member_count(); ++no) {
    if (!belongs(no)) continue;
    const server::Member& member = world_.member(no);
    if (!member.up() || member.running().applied != leader->applied) return false;
  }
  return true;
}

// Who was added and never started is started now: a voter may be needed.
void RandomRun::settle() {
  stop_faults();
  for (int i = 0; i < kStepsToSettle && failure_.empty(); ++i) {
    if (i % 16 == 0 && settled()) return;
    if (i % 1024 == 0) attempt(Join{world_.member_count() + 1});
    follow_schedule();
  }
  fail_with("the cluster did not settle: " + why_unsettled());
}

std::string RandomRun::standing() const {
  std::string out;
  for (std::uint32_t no = 1; no <= world_.member_count(); ++no) {
    const server::Member& member = world_.member(no);
    out += text("; n{}{}", no, belongs(no) ? "" : " (gone)");
    if (!member.up()) {
      out += " down: " + member.panic_text();
      continue;
    }
    const server::Running& run = member.running();
    const raft::Log& log = run.raft.log();
    out += text(" ({}) term {}, applied {}, committed {}, last {}, follows n{}",
                raft::to_text(run.raft.role()), run.raft.term().value(), run.applied.value(),
                log.committed().value(), log.last_index().value(),
                world_.number_of(run.raft.leader()));
    if (const raft::ProgressMap* progress = run.raft.progress()) {
      out += "\n" + raft::to_text(*progress);
    }
  }
  return out;
}

std::string RandomRun::why_unsettled() const {
  for (const auto& [no, client] : world_.clients()) {
    for (const auto& [number, open] : client->open_calls()) {
      if (client->calls().find(number)->watches_on != 0) continue;
      const client::Call& call = *client->calls().find(number);
      return text(
                 "c{} waits for `{}` ({}): call {} of program {} at n{}, attempt {}, logging in "
                 "{}, deadline in {} ns",
                 no, call.line, server::name_of(call.request), number, call.program, call.via,
                 call.attempts, call.logging_in, call.deadline.value() - world_.now().value()) +
             standing();
    }
  }
  for (std::uint32_t no = 1; no <= world_.member_count(); ++no) {
    if (!world_.member(no).up()) return text("n{} is down", no);
  }
  return (leader_of(world_) == 0 ? "there is no leader" : "a member is behind") + standing();
}

// Who was removed and has not heard of it says nothing about the cluster.
void RandomRun::let_strangers_go() {
  for (std::uint32_t no = 1; no <= world_.member_count(); ++no) {
    const server::Member& member = world_.member(no);
    if (belongs(no)) continue;
    ++counts_["member removed"];
    if (member.up()) attempt(Crash{.member = no, .survivors = {}});
  }
}

void RandomRun::compare_with_model() {
  const std::uint32_t leader = leader_of(world_);
  const raft::Log& log = world_.member(leader).running().raft.log();
  LogModel model;
  if (log.first_index() != Index(1)) return fail_with("the log does not begin at its beginning");
  for (Index at = log.first_index(); at <= world_.member(leader).running().applied; ++at) {
    const raftpb::Entry& entry = log.at(at);
    if (entry.type != raftpb::EntryType::Normal || entry.data.empty()) continue;
    const auto request = rpc::decode_internal_request(entry.data.view());
    if (!request) return fail_with("an entry cannot be read");
    model.take(*request);
  }
  counts_["entry refused at apply"] += model.refused();
  for (std::uint32_t no = 1; no <= world_.member_count(); ++no) {
    if (!belongs(no)) continue;
    ++counts_["member compared with the model"];
    const std::string difference = model.difference_from(world_.member(no));
    if (!difference.empty()) fail_with(text("n{} and the model differ: {}", no, difference));
  }
}

// Every element that was acknowledged is in the set.
void RandomRun::judge_workloads() {
  const server::Running& run = *leading(world_);
  for (const auto& [no, client] : world_.clients()) {
    for (const auto& [number, call] : client->calls()) {
      const auto* put = std::get_if<rpc::PutRequest>(&call.request);
      if (put == nullptr || !call.answer || call.answer->error) continue;
      if (!put->key.view().starts_with("set/")) continue;
      ++counts_["element looked for in the set"];
      const auto found = run.store.find(run.backend, backend::View::Read, put->key.view(),
                                        run.store.current_revision());
      if (key_in(found) == nullptr) {
        fail_with(text("{} was added, and is not in the set", put->key.view()));
      }
    }
  }
  judge_list();
  judge_account();
}

// No element stands in the list twice, and each whose transaction succeeded stands there.
void RandomRun::judge_list() {
  const server::Running& run = *leading(world_);
  const auto list =
      run.store.find(run.backend, backend::View::Read, "list", run.store.current_revision());
  std::set<std::string> seen;
  if (const auto* pair = key_in(list)) {
    std::istringstream words{std::string(pair->value.view())};
    for (std::string word; words >> word;) {
      if (!seen.insert(word).second) fail_with(text("{} stands in the list twice", word));
    }
  }
  for (const auto& [no, client] : world_.clients()) {
    for (const auto& [number, call] : client->calls()) {
      if (!call.line.starts_with("append ") || !call.answer || call.answer->error) continue;
      if (!std::get<rpc::TxnResponse>(call.answer->response).succeeded) continue;
      ++counts_["element looked for in the list"];
      if (!seen.contains(call.line.substr(7))) fail_with(call.line + " was told to have succeeded");
    }
  }
}

// Of fenced writes none comes behind one with a later token.
void RandomRun::judge_account() {
  std::int64_t last = 0;
  for (const mvccpb::Event& event : checks_.history()) {
    if (event.kv.key.view() != "account") continue;
    const std::int64_t token = std::stoll(std::string(event.kv.value.view()));
    ++counts_["fenced write"];
    if (token < last) fail_with(text("token {} wrote behind token {}", token, last));
    last = token;
  }
}

}  // namespace orrery::sim::testing
