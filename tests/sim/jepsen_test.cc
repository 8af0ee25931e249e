// Random runs in Jepsen's manner: five members, clients that use everything (registers, a set, lists that grow by
// transactions, locks, leases, users and roles, members that come and go), and a nemesis (partitions, crashes,
// pauses, losses).
// Afterwards the log is played through the model, and every claim is looked at. ORRERY_RUNS sets how many (default
// 25; with
// ORRERY_LONG 20,000), ORRERY_SEED the first seed.
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "check/world_checks.h"
#include "model/model.h"
#include "proto/rpc_codec.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using namespace testing;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

Submit call(std::uint32_t client, std::string line, rpc::Request request, std::uint32_t via) {
  client::BeginCall begin;
  begin.line = std::move(line);
  begin.via = via;
  begin.request = std::move(request);
  return {client, begin};
}

// What appends to a list: the new value only if nobody wrote since it was read.
rpc::TxnRequest append(const Blob& key, std::int64_t read_at, const std::string& value) {
  rpc::TxnRequest txn;
  rpc::Compare unchanged;
  unchanged.target = rpc::CompareTarget::Mod;
  unchanged.key = key;
  unchanged.number = read_at;
  txn.compare = {unchanged};
  rpc::PutRequest put;
  put.key = key;
  put.value = Blob(value);
  txn.success = {{.request = put}};
  return txn;
}

class RandomRun {
 public:
  explicit RandomRun(std::uint64_t seed) : seed_(seed), world_(config(seed)) {}

  void play(int steps) {
    for (int i = 0; i < steps && failure_.empty(); ++i) step();
    if (failure_.empty()) settle();
    if (failure_.empty()) judge(checks::state_violations(world_));
    if (failure_.empty()) judge(checks_.run_violations(world_));
    if (failure_.empty()) compare_with_model();
    if (failure_.empty()) judge_set();
  }

  const std::string& failure() const { return failure_; }
  std::size_t answered_well() const {
    std::size_t out = 0;
    for (const auto& [no, client] : world_.clients()) {
      for (const auto& [number, call] : client->calls()) {
        if (call.answer && !call.answer->error) ++out;
      }
    }
    return out;
  }

 private:
  static Config config(std::uint64_t seed) {
    Config config;
    config.seed = seed;
    config.members = 5;
    config.timing.compaction_batch = 3;
    return config;
  }

  std::uint64_t pick(std::uint64_t bound) {
    return below(draw(seed_, Purpose::TestData, 1, ++draws_), bound);
  }

  std::uint32_t some_member() { return static_cast<std::uint32_t>(pick(5) + 1); }

  void step() {
    const std::uint64_t dice = pick(1000);
    if (dice < 880) return follow_schedule();
    if (dice < 960) return client_acts();
    if (dice < 966) return attempt(Crash{.member = some_member(), .survivors = survivors()});
    if (dice < 978) return attempt(Restart{.member = some_member()});
    if (dice < 984) return partition();
    if (dice < 992) return mend_one();
    paused_ = pick(2) == 0 ? some_member() : 0;
  }

  // A paused member does nothing: its process stands still while its clock goes on.
  void follow_schedule() {
    if (paused_ == 0) {
      if (const auto action = world_.next()) attempt(*action);
      return;
    }
    for (const EnabledAction& enabled : world_.enabled()) {
      const auto* lane = std::get_if<RunLane>(&enabled.action);
      const auto* deliver = std::get_if<Deliver>(&enabled.action);
      const server::Address paused = server::member_address(paused_);
      if (lane != nullptr && lane->member == paused_) continue;
      if (deliver != nullptr && deliver->message.to == paused) continue;
      return attempt(enabled.action);
    }
  }

  void partition() {
    const std::uint64_t side = pick(30) + 1;  // which of the five stand on one side
    for (std::uint32_t a = 1; a <= 5; ++a) {
      for (std::uint32_t b = 1; b <= 5; ++b) {
        const bool apart = ((side >> (a - 1)) & 1U) != ((side >> (b - 1)) & 1U);
        if (a != b && apart) attempt(Cut{server::member_address(a), server::member_address(b)});
      }
    }
  }

  void mend_one() {
    while (!world_.network().cuts().empty() && failure_.empty()) {
      const auto cut = world_.network().cuts().begin()->first;
      attempt(Mend{cut.first, cut.second});
    }
  }

  disk::Survivors survivors() {
    disk::Survivors out;
    const std::uint64_t dice = pick(3);
    if (dice == 1) out.writes = disk::KeepAll{};
    if (dice == 2) out.writes = disk::KeepTorn{.pieces = static_cast<std::uint32_t>(pick(12))};
    return out;
  }

  void client_acts() {
    const auto client = static_cast<std::uint32_t>(pick(4) + 1);
    const std::uint32_t via = some_member();
    const std::uint64_t dice = pick(100);
    if (dice < 25)
      return attempt(put(text("r{}", pick(3)), std::to_string(++values_), client, via));
    if (dice < 40) return attempt(get(text("r{}", pick(3)), client, via, pick(3) == 0));
    if (dice < 52) return attempt(put(text("set/{}", ++values_), "in", client, via));
    if (dice < 64) return grow_list(client, via);
    if (dice < 72) return use_lease(client, via);
    if (dice < 78) return begin_lock(client);
    if (dice < 88) return change_auth(client, via);
    if (dice < 92) return change_members(client, via);
    if (dice < 97) {
      return attempt(watch(text("r{}", pick(3)), 0, text("w{}", ++watches_), client, via));
    }
    attempt(compact(static_cast<std::int64_t>(pick(12) + 1), client));
  }

  // From what the newest store says: a guess of the past when the client is far from it, and then nothing is appended.
  void grow_list(std::uint32_t client, std::uint32_t via) {
    const Blob key("list");
    std::int64_t read_at = 0;
    std::string value;
    if (world_.member(via).up()) {
      const auto& run = world_.member(via).running();
      const auto found =
          run.store.find(run.backend, backend::View::Read, "list", run.store.current_revision());
      if (found && *found) read_at = (*found)->mod_revision, value = (*found)->value.view();
    }
    const std::string element = std::to_string(++values_);
    attempt(call(client, "append " + element, append(key, read_at, value + " " + element), via));
  }

  void use_lease(std::uint32_t client, std::uint32_t via) {
    if (leases_.empty() || pick(3) == 0) {
      const LeaseId id(static_cast<std::int64_t>(1000 + leases_.size()));
      leases_.push_back(id);
      rpc::LeaseGrantRequest grant;
      grant.id = id;
      grant.ttl = static_cast<std::int64_t>(pick(4) + 2);
      return attempt(call(client, "lease grant", rpc::LeaseRequest(grant), via));
    }
    const LeaseId id = leases_[pick(leases_.size())];
    if (pick(2) == 0) {
      return attempt(
          call(client, "lease keep-alive", rpc::LeaseRequest(rpc::LeaseKeepAliveRequest{id}), via));
    }
    rpc::PutRequest under;
    under.key = Blob(text("leased{}", pick(4)));
    under.value = Blob(std::to_string(++values_));
    under.lease = id;
    attempt(call(client, "put under a lease", under, via));
  }

  void begin_lock(std::uint32_t client) {
    if (locks_ > 0 && pick(2) == 0) {
      const std::string name = text("lock{}", pick(locks_) + 1);
      if (pick(2) == 0) {
        return attempt(Submit{client, client::CancelWatch{.line = "cancel", .name = name}});
      }
      return attempt(Submit{
          client, client::PauseWatch{.line = "pause", .name = name, .paused = pick(2) == 0}});
    }
    client::Hold hold;
    hold.name = Blob("mutex");
    hold.ttl = 4;
    const std::string name = text("lock{}", ++locks_);
    attempt(Submit{client, client::BeginProgram{.line = "lock mutex", .name = name, .work = hold}});
  }

  void change_auth(std::uint32_t client, std::uint32_t via) {
    const std::string user = text("u{}", pick(3));
    const std::string role = text("role{}", pick(3));
    const std::uint64_t dice = pick(4);
    rpc::AuthRequest request = rpc::AuthRoleAddRequest{role};
    if (dice == 1) {
      request = rpc::AuthUserAddRequest{user, "", rpc::UserAddOptions{.no_password = true}, ""};
    }
    if (dice == 2) request = rpc::AuthUserGrantRoleRequest{user, role};
    if (dice == 3) {
      const rpc::Permission one{rpc::PermissionType::ReadWrite, Blob("r1"), Blob()};
      request = rpc::AuthRoleGrantPermissionRequest{role, one};
    }
    attempt(call(client, "auth", rpc::Request(request), via));
  }

  // A learner that never starts comes and goes: the log knows it, the quorum does not.
  void change_members(std::uint32_t client, std::uint32_t via) {
    const std::string url = text("http://127.0.0.1:{}", 42'380 + pick(3));
    if (learners_.empty() || pick(2) == 0) {
      return attempt(
          call(client, "member add", rpc::ClusterRequest(rpc::MemberAddRequest{{url}, true}), via));
    }
    attempt(call(client, "member remove",
                 rpc::ClusterRequest(rpc::MemberRemoveRequest{learners_.back()}), via));
    learners_.pop_back();
  }

  void attempt(const Action& action) {
    const World before = world_;
    if (!world_.perform(action)) return;
    ++actions_;
    judge(checks_.observe(before, world_));
    if (actions_ % 128 == 0) judge(checks::state_violations(world_));
    for (std::uint32_t no = 1; no <= world_.member_count(); ++no) {
      if (world_.member(no).status() != server::Status::Panicked) continue;
      fail_with(text("n{} panicked: {}", no, world_.member(no).panic_text()), &action);
    }
    remember_learners();
  }

  void remember_learners() {
    for (const auto& [no, client] : world_.clients()) {
      const auto* last = client->calls().last();
      if (last == nullptr || !last->second.answer || last->second.answer->error) continue;
      const auto* group = std::get_if<rpc::ClusterResponse>(&last->second.answer->response);
      const auto* added = group == nullptr ? nullptr : std::get_if<rpc::MemberAddResponse>(group);
      if (added != nullptr && known_learners_.insert(added->member.id.value()).second) {
        learners_.push_back(added->member.id);
      }
    }
  }

  void judge(const Violations& violations) {
    if (violations.empty()) return;
    fail_with(violations.front().claim + ": " + violations.front().sentence);
  }

  void fail_with(const std::string& words, const Action* action = nullptr) {
    if (!failure_.empty()) return;
    failure_ = text("{}\n  seed {}, after action {}{}", words, seed_, actions_,
                    action == nullptr ? "" : " (" + to_text(*action) + ")");
  }

  void settle() {
    paused_ = 0;
    mend_one();
    for (std::uint64_t lock = 1; lock <= locks_; ++lock) {
      const std::string name = text("lock{}", lock);
      for (std::uint32_t client = 1; client <= 4; ++client) {
        attempt(
            Submit{client, client::PauseWatch{.line = "resume", .name = name, .paused = false}});
      }
    }
    for (std::uint32_t no = 1; no <= world_.member_count(); ++no) attempt(Restart{.member = no});
    const auto settled = [](const World& w) {
      for (const auto& [no, client] : w.clients()) {
        if (!client->open_calls().empty()) return false;
      }
      return leader_of(w) != 0 && caught_up(w);
    };
    for (int i = 0; i < 60'000 && failure_.empty(); ++i) {
      if (settled(world_)) return;
      follow_schedule();
    }
    fail_with("the cluster did not settle");
  }

  // The log, entry by entry, through the pure function that says what etcd is.
  void compare_with_model() {
    const auto& run = world_.member(1).running();
    const raft::Log& log = run.raft.log();
    model::State state = model::initial();
    for (Index at = log.first_index(); at <= run.applied; ++at) {
      const raftpb::Entry& entry = log.at(at);
      if (entry.type != raftpb::EntryType::Normal || entry.data.empty()) continue;
      const auto request = rpc::decode_internal_request(entry.data.view());
      if (!request) return fail_with("an entry cannot be read");
      take(state, request->request);
    }
    if (state.revision != run.store.current_revision()) {
      fail_with(text("the model is at revision {}, n1 at {}", state.revision,
                     run.store.current_revision()));
    }
    for (const auto& [key, pair] : state.keys) {
      const auto found = run.store.find(run.backend, backend::View::Read, key.view(),
                                        run.store.current_revision());
      if (!found || !*found || **found != pair) {
        fail_with(text("n1 has not what the model has under {}", key.view()));
      }
    }
  }

  static void take(model::State& state, const rpc::Request& request) {
    if (const auto* lease = std::get_if<rpc::LeaseRequest>(&request)) {
      const auto* grant = std::get_if<rpc::LeaseGrantRequest>(lease);
      if (grant != nullptr && !state.leases.contains(grant->id)) {
        state.leases.put(grant->id, grant->ttl);
      }
      const auto* revoke = std::get_if<rpc::LeaseRevokeRequest>(lease);
      if (revoke != nullptr && state.leases.contains(revoke->id)) {
        state = model::revoke(state, revoke->id);
      }
      return;
    }
    if (std::holds_alternative<rpc::AuthRequest>(request) ||
        std::holds_alternative<rpc::ClusterRequest>(request) ||
        std::holds_alternative<rpc::MaintenanceRequest>(request)) {
      return;
    }
    model::Outcome outcome = model::apply(state, request);
    if (outcome.answer) state = std::move(outcome.state);
  }

  // Every element that was acknowledged is in the set; every element of the list stands there once.
  void judge_set() {
    const auto& run = world_.member(1).running();
    const std::int64_t now = run.store.current_revision();
    for (const auto& [no, client] : world_.clients()) {
      for (const auto& [number, call] : client->calls()) {
        const auto* put = std::get_if<rpc::PutRequest>(&call.request);
        if (put == nullptr || !call.answer || call.answer->error) continue;
        if (!put->key.view().starts_with("set/")) continue;
        const auto found = run.store.find(run.backend, backend::View::Read, put->key.view(), now);
        if (!found || !*found)
          fail_with(text("{} was added, and is not in the set", put->key.view()));
      }
    }
    const auto list = run.store.find(run.backend, backend::View::Read, "list", now);
    if (!list || !*list) return;
    std::set<std::string> seen;
    std::istringstream words{std::string((*list)->value.view())};
    for (std::string word; words >> word;) {
      if (!seen.insert(word).second) fail_with(text("{} stands in the list twice", word));
    }
  }

  std::uint64_t seed_;
  World world_;
  checks::WorldChecks checks_;
  std::string failure_;
  std::uint64_t actions_ = 0;
  std::uint64_t draws_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t watches_ = 0;
  std::uint64_t locks_ = 0;
  std::uint32_t paused_ = 0;
  std::vector<LeaseId> leases_;
  std::vector<NodeId> learners_;
  std::set<std::uint64_t> known_learners_;
};

TEST(Jepsen, RandomRunsAgreeWithTheModelAndBreakNoClaim) {
  const std::uint64_t first = setting("ORRERY_SEED", 1);
  const std::uint64_t count =
      setting("ORRERY_RUNS", std::getenv("ORRERY_LONG") == nullptr ? 25 : 20'000);
  std::uint64_t answered = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    RandomRun run(seed);

    run.play(2500);

    ASSERT_TRUE(run.failure().empty()) << run.failure();
    answered += run.answered_well();
  }
  std::printf("%llu runs, %llu calls answered well\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(answered));
  EXPECT_GT(answered, count * 10);
}

}  // namespace
}  // namespace orrery::sim
