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

std::uint64_t chance(std::uint64_t seed, std::uint64_t which, std::uint64_t bound) {
  return below(draw(seed, Purpose::TestData, 2, which), bound);
}

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
  config.timing.compaction_batch = static_cast<std::int64_t>(2 + chance(seed, 0, 4));
  // A log so short that who is left behind gets a snapshot.
  if (config.members > 1 && chance(seed, 1, 2) == 0) {
    config.timing.snapshot_count = 4 + chance(seed, 2, 12);
    config.timing.catch_up_entries = 1 + chance(seed, 3, 4);
  }
  return config;
}

std::string cluster_line(const HuntOptions& options, const sim::Config& config) {
  std::string out = text("cluster {} --seed {}", config.members, config.seed);
  if (!options.release.empty()) out += " --as " + options.release;
  if (!options.preset.empty()) out += " --preset " + options.preset;
  if (!options.quirks.empty()) out += " --quirk " + options.quirks;
  const server::Timing& timing = config.timing;
  if (timing.snapshot_count != 0) {
    out += text(" --snapshot-count {} --snapshot-catchup-entries {}", timing.snapshot_count,
                timing.catch_up_entries);
  }
  return out + text(" --compaction-batch-limit {}", timing.compaction_batch);
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
      if (pick(leaves_behind() ? 400 : 60) != 0) continue;
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

// Where the log is short, absences are long: who comes back gets a snapshot.
bool Hunter::leaves_behind() const {
  return world().config().timing.snapshot_count != 0;
}

// One member is cut off from another, or everything is mended.
void Hunter::cut_or_mend() {
  if (!world().network().cuts().empty() || world().member_count() == 1) {
    if (leaves_behind() && pick(4) != 0) return;
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
  resume_all();
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
