#include "hunt/hunt.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "base/check.h"
#include "base/draws.h"
#include "base/text.h"
#include "lang/binaries.h"
#include "lang/settled.h"
#include "lang/submission.h"

namespace orrery::hunt {
namespace {

using server::Member;
using sim::Action;

constexpr std::uint64_t kKeys = 4;
constexpr std::uint64_t kOpenWatches = 6;

}  // namespace

Result<sim::Config> config_of(const HuntOptions& options, std::uint64_t seed) {
  sim::Config config;
  config.seed = seed;
  config.members = options.members != 0 ? options.members : (seed % 2 == 0 ? 1U : 3U);
  auto binaries =
      lang::binaries_of(options.release, options.preset, options.quirks, config.members);
  if (!binaries) return fail(binaries.error());
  config.version = binaries->version;
  config.quirks = std::move(binaries->quirks);
  config.timing.compaction_batch =
      static_cast<std::int64_t>(2 + below(draw(seed, Purpose::TestData, 2, 0), 4));
  return config;
}

std::string cluster_line(const HuntOptions& options, const sim::Config& config) {
  std::string out = text("cluster {} --seed {}", config.members, config.seed);
  if (!options.release.empty()) out += " --as " + options.release;
  if (!options.preset.empty()) out += " --preset " + options.preset;
  if (!options.quirks.empty()) out += " --quirk " + options.quirks;
  return out + text(" --compaction-batch-limit {}", config.timing.compaction_batch);
}

std::uint64_t Hunter::pick(std::uint64_t bound) {
  return below(draw(seed_, Purpose::TestData, 3, ++draws_), bound);
}

std::uint32_t Hunter::some_member() {
  return static_cast<std::uint32_t>(pick(world().member_count())) + 1;
}

const server::Running* Hunter::somebody() const {
  for (std::uint32_t no = 1; no <= world().member_count(); ++no) {
    if (world().member(no).up()) return &world().member(no).running();
  }
  return nullptr;
}

void Hunter::play(std::uint64_t more) {
  if (steps() == 0) ask("c9 monkey --every=40ms --name=monkey");
  const std::size_t end = steps() + more;
  while (!found() && steps() < end) step();
}

void Hunter::step() {
  if (tempted()) return;
  const std::uint64_t dice = pick(1000);
  if (dice < 945) return follow();
  if (dice < 990) return act();
  if (dice < 994) return crash(some_member());
  cut_or_mend();
}

// Whoever is down comes back soon; whoever is inside a compaction is in danger.
bool Hunter::tempted() {
  for (std::uint32_t no = 1; no <= world().member_count(); ++no) {
    const Member& member = world().member(no);
    if (!member.up()) {
      if (pick(60) != 0) continue;
      restart_one();
      return true;
    }
    if (member.running().compact.jobs.empty() || pick(40) != 0) continue;
    crash(no);
    return true;
  }
  return false;
}

// Mostly what is due first, now and then something a little later.
void Hunter::follow() {
  const auto next = world().next();
  if (!next) return act();
  if (pick(6) != 0) return perform(*next);
  std::uint64_t skip = pick(4);
  for (const auto& [key, on] : world().agenda()) {
    if (skip-- != 0) continue;
    return perform(sim::action_of(world(), key.subject));
  }
  perform(*next);
}

void Hunter::perform(const Action& action) {
  (void)trial_.perform(action);
}

void Hunter::ask(const std::string& line) {
  const auto action = lang::parse_any_action(line, world());
  check(action.has_value(), "the hunter's lines are commands");
  perform(*action);
}

void Hunter::act() {
  const std::uint64_t key = pick(kKeys);
  const std::uint64_t client = 1 + pick(3);
  const std::uint64_t via = world().member_count() == 1 ? 1 : some_member();
  const std::uint64_t dice = pick(100);
  if (dice < 35) return ask(text("c{} put k{} {} --endpoints=n{}", client, key, ++values_, via));
  if (dice < 55) return ask(text("c{} del k{} --endpoints=n{}", client, key, via));
  if (dice < 75) return compact();
  if (dice < 85) return watch();
  if (dice < 92) return change_users();
  if (dice < 96) return ask(text("c{} get k{} --endpoints=n{}", client, key, via));
  ask(text(R"(c{} txn if version("none") = "0" then del k{} --from-key; put k{} {})", client, key,
           key, ++values_));
}

// Mostly at the newest revision, where the rules of what may go are finest.
void Hunter::compact() {
  const server::Running* run = somebody();
  if (run == nullptr) return;
  const std::int64_t back = pick(3) == 0 ? static_cast<std::int64_t>(pick(4)) : 0;
  const std::int64_t revision = run->store.current_revision() - back;
  if (revision > run->store.compact_revision() && revision > 1) {
    ask(text("c4 compaction {}", revision));
  }
}

// The oldest of many watches ends; of those that nobody has any more nothing needs to.
void Hunter::end_oldest_watch() {
  const std::string oldest = text("w{}", watches_ - kOpenWatches + 1);
  std::uint32_t whose = 0;
  for (const auto& [no, client] : world().clients()) {
    if (client->find_watch(oldest) != nullptr) whose = no;
  }
  if (whose != 0) ask(text("c{} cancel {}", whose, oldest));
}

void Hunter::watch() {
  const server::Running* run = somebody();
  if (run == nullptr) return;
  const auto back = static_cast<std::int64_t>(pick(5));
  const std::int64_t from =
      pick(2) == 0 ? run->store.compact_revision() : run->store.current_revision() - back;
  if (watches_ >= kOpenWatches) end_oldest_watch();
  ask(text("c{} watch k{} --rev={} --name=w{} --endpoints=n{}", 5 + pick(2), pick(kKeys),
           std::max<std::int64_t>(from, 1), ++watches_, some_member()));
}

void Hunter::change_users() {
  const std::uint64_t role = pick(3);
  if (pick(2) == 0) return ask(text("c7 role add r{}", role));
  ask(text("c7 role grant-permission r{} readwrite k{}", role, pick(kKeys)));
}

void Hunter::crash(std::uint32_t member) {
  disk::Survivors survivors;
  const std::uint64_t dice = pick(3);
  if (dice == 1) survivors.writes = disk::KeepAll{};
  if (dice == 2) {
    survivors.writes = disk::KeepTorn{.pieces = static_cast<std::uint32_t>(pick(8))};
  }
  perform(sim::Crash{.member = member, .survivors = survivors});
}

void Hunter::restart_one() {
  for (std::uint32_t no = 1; no <= world().member_count(); ++no) {
    if (!world().member(no).up()) return perform(sim::Restart{.member = no});
  }
}

// One member is cut off from another, or everything is mended.
void Hunter::cut_or_mend() {
  if (!world().network().cuts().empty() || world().member_count() == 1) {
    while (!found() && !world().network().cuts().empty()) {
      const auto link = world().network().cuts().begin()->first;
      perform(sim::Mend{link.first, link.second});
    }
    return;
  }
  const std::uint32_t one = some_member();
  const std::uint32_t other = one % world().member_count() + 1;
  perform(sim::Cut{server::member_address(one), server::member_address(other)});
}

bool Hunter::mend_and_start() {
  while (!found() && !world().network().cuts().empty()) {
    const auto link = world().network().cuts().begin()->first;
    perform(sim::Mend{link.first, link.second});
  }
  for (std::uint32_t no = 1; no <= world().member_count() && !found(); ++no) {
    if (!world().member(no).up()) perform(sim::Restart{.member = no});
  }
  return !found();
}

void Hunter::finish() {
  if (found() || !mend_and_start()) return;
  for (const auto& [no, client] : world().clients()) {
    if (client->find_program("monkey") == nullptr) continue;
    ask(text("c{} cancel monkey", no));
    break;
  }
  if (!found()) trial_.come_to_rest();
}

sim::Timeline Hunter::timeline() const {
  sim::Timeline out(world().config());
  for (const Action& action : trial_.actions()) {
    if (is_act(action)) out.begin_command("perform " + sim::to_text(action));
    const auto done = out.perform(action);
    check(done.has_value(), "a run can be performed again");
  }
  return out;
}

}  // namespace orrery::hunt
