// Random schedules with crashes, restarts, partitions and losses: nothing acknowledged is lost, logs match, replay
// gives equal worlds. ORRERY_SCHEDULES sets how many (default 200; with ORRERY_LONG 10,000), ORRERY_SEED the first
// seed.
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "check/world_checks.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using namespace testing;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

std::uint64_t schedule_count() {
  return from_environment("ORRERY_SCHEDULES", std::getenv("ORRERY_LONG") == nullptr ? 200 : 10'000);
}

// One schedule: chooses, performs, remembers, looks at every claim after every step.
class Schedule {
 public:
  explicit Schedule(std::uint64_t seed) : seed_(seed), world_(config(seed)) {}

  void run(int steps) {
    for (int i = 0; i < steps && failure_.empty(); ++i) step();
    if (failure_.empty()) settle();
    if (failure_.empty()) judge_state();
    if (failure_.empty()) judge(checks_.run_violations(world_));
  }

  const std::string& failure() const { return failure_; }

  const World& world() const { return world_; }

  std::size_t acknowledged() const {
    std::size_t count = 0;
    for (const auto& [no, client] : world_.clients()) {
      for (const auto& [number, call] : client->calls()) {
        if (call.answer && !call.answer->error) ++count;
      }
    }
    return count;
  }

  Digest replayed() const {
    World again(config(seed_));
    for (const Action& action : actions_) {
      if (!again.perform(action)) return 0;
    }
    return again.digest();
  }

 private:
  static Config config(std::uint64_t seed) {
    Config config;
    config.seed = seed;
    config.members = seed % 4 == 0 ? 5 : 3;
    config.timing.compaction_batch = 3;
    return config;
  }

  std::uint64_t pick(std::uint64_t bound) {
    return below(draw(seed_, Purpose::TestData, 0, ++draws_), bound);
  }

  std::uint32_t some_member() {
    return static_cast<std::uint32_t>(pick(world_.member_count()) + 1);
  }

  void step() {
    const std::uint64_t dice = pick(1000);
    if (dice < 780) return follow_schedule();
    if (dice < 900) return any_enabled();
    if (dice < 960) return client_acts();
    if (dice < 964) return attempt(Crash{.member = some_member(), .survivors = survivors()});
    if (dice < 974) return attempt(Restart{.member = some_member()});
    if (dice < 982) return attempt(Cut{address(), address()});
    if (dice < 992) return mend_one();
    lose_one();
  }

  void follow_schedule() {
    if (const auto action = world_.next()) attempt(*action);
  }

  void any_enabled() {
    // Not what is due far off: a deadline taken early would only let every call time out.
    std::vector<EnabledAction> enabled = world_.enabled();
    std::erase_if(enabled,
                  [&](const EnabledAction& e) { return e.due > world_.now() + 150'000'000; });
    if (!enabled.empty()) attempt(enabled[pick(enabled.size())].action);
  }

  void client_acts() {
    const auto client = static_cast<std::uint32_t>(pick(3) + 1);
    const std::string key = text("k{}", pick(4));
    const std::uint64_t dice = pick(100);
    if (dice < 60) return attempt(put(key, text("v{}", ++values_), client, some_member()));
    if (dice < 85) return attempt(get(key, client, some_member(), pick(3) == 0));
    if (dice < 95) {
      return attempt(watch(key, static_cast<std::int64_t>(pick(8)), text("w{}", ++watches_), client,
                           some_member()));
    }
    attempt(compact(static_cast<std::int64_t>(pick(6) + 1), client));
  }

  disk::Survivors survivors() {
    disk::Survivors out;
    const std::uint64_t dice = pick(3);
    if (dice == 1) out.writes = disk::KeepAll{};
    if (dice == 2) out.writes = disk::KeepTorn{.pieces = static_cast<std::uint32_t>(pick(12))};
    return out;
  }

  server::Address address() { return server::member_address(some_member()); }

  void mend_one() {
    const auto& cuts = world_.network().cuts();
    if (cuts.empty()) return;
    auto it = cuts.begin();
    for (std::uint64_t skip = pick(cuts.size()); skip > 0; --skip) ++it;
    attempt(Mend{it->first.first, it->first.second});
  }

  void lose_one() {
    for (const EnabledAction& enabled : world_.enabled()) {
      const auto* deliver = std::get_if<Deliver>(&enabled.action);
      if (deliver == nullptr || deliver->message.channel == server::Channel::Calls) continue;
      return pick(2) == 0 ? attempt(Drop{deliver->message}) : attempt(Duplicate{deliver->message});
    }
  }

  void attempt(const Action& action) {
    const World before = world_;
    if (!world_.perform(action)) return;
    actions_.push_back(action);
    judge(checks_.observe(before, world_));
    if (world_.steps() % 64 == 0) judge_state();
    for (std::uint32_t no = 1; no <= world_.member_count(); ++no) {
      if (world_.member(no).status() == server::Status::Panicked) {
        failure_ = text("n{} panicked: {}", no, world_.member(no).panic_text());
        report(action);
      }
    }
  }

  void judge_state() { judge(checks::state_violations(world_)); }

  void judge(const Violations& violations) {
    if (violations.empty() || !failure_.empty()) return;
    failure_ = violations.front().claim + ": " + violations.front().sentence;
    if (!actions_.empty()) report(actions_.back());
  }

  void report(const Action& action) {
    failure_ += text("\n  seed {}, after action {} ({})", seed_, actions_.size(), to_text(action));
  }

  // Faults end; every call gets its answer and every member catches up.
  void settle() {
    while (!world_.network().cuts().empty() && failure_.empty()) {
      const auto cut = world_.network().cuts().begin()->first;
      attempt(Mend{cut.first, cut.second});
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
    if (failure_.empty()) failure_ = text("seed {}: the cluster did not settle", seed_);
  }

  std::uint64_t seed_;
  World world_;
  checks::WorldChecks checks_;
  std::vector<Action> actions_;
  std::string failure_;
  std::uint64_t draws_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t watches_ = 0;
};

TEST(Schedules, NothingAcknowledgedIsLostWhateverHappens) {
  const std::uint64_t first = from_environment("ORRERY_SEED", 1);
  const std::uint64_t count = schedule_count();
  std::uint64_t steps = 0;
  std::uint64_t acknowledged = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Schedule schedule(seed);

    schedule.run(600);

    ASSERT_TRUE(schedule.failure().empty()) << schedule.failure();
    ASSERT_EQ(schedule.replayed(), schedule.world().digest()) << "seed " << seed;
    steps += schedule.world().steps();
    acknowledged += schedule.acknowledged();
  }
  RecordProperty("steps", std::to_string(steps));
  std::printf("%llu schedules, %llu steps, %llu calls acknowledged\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(steps),
              static_cast<unsigned long long>(acknowledged));
  EXPECT_GT(acknowledged, count);
}

}  // namespace
}  // namespace orrery::sim
