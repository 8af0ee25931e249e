#include "lab/sweep.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "check/world_checks.h"
#include "lang/settled.h"

namespace orrery::lab {
namespace {

// A world and what has been seen of it.
struct Watched {
  sim::World world;
  checks::WorldChecks seen;

  // The first claim that broke; empty = none.
  Result<std::string> perform(const sim::Action& action) {
    const sim::World before = world;
    const auto done = world.perform(action);
    if (!done) return fail(done.error());
    const Violations broken = seen.observe(before, world);
    if (broken.empty()) return std::string();
    return broken.front().claim + ": " + broken.front().sentence;
  }
};

// `member` 0 = every one.
std::string crash_members(Watched& run, std::uint32_t member, const disk::Survivors& survivors) {
  for (std::uint32_t no = 1; no <= run.world.member_count(); ++no) {
    if (!run.world.member(no).up() || (member != 0 && member != no)) continue;
    const auto done = run.perform(sim::Crash{.member = no, .survivors = survivors});
    if (!done) return done.error().detail;
    if (!done->empty()) return *done;
  }
  return {};
}

// What a script may have left: links that are cut, things that are held.
void set_free(sim::World& world) {
  for (std::uint32_t a = 1; a <= world.member_count(); ++a) {
    for (std::uint32_t b = 1; b <= world.member_count(); ++b) {
      const auto from = server::member_address(a);
      const auto to = server::member_address(b);
      if (world.network().is_cut(from, to)) (void)world.perform(sim::Mend{from, to});
    }
  }
  const auto held = world.held();
  for (const auto& [subject, on] : held) {
    if (subject.kind == sim::Subject::Kind::Message)
      (void)world.perform(sim::Release{subject.channel});
    if (subject.kind != sim::Subject::Kind::Lane) continue;
    (void)world.perform(sim::Release{sim::RunLane{.member = subject.owner, .lane = subject.lane}});
  }
}

std::string restart_all(Watched& run) {
  for (std::uint32_t no = 1; no <= run.world.member_count(); ++no) {
    if (run.world.member(no).up()) continue;
    const auto done = run.perform(sim::Restart{.member = no});
    if (!done) return done.error().detail;
    if (!done->empty()) return *done;
    if (run.world.member(no).up()) continue;
    return text("n{} does not start: {}", no, run.world.member(no).panic_text());
  }
  return {};
}

bool has_leader(const sim::World& world) {
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (world.member(no).up() && world.member(no).running().raft.is_leader()) return true;
  }
  return false;
}

std::string settle(Watched& run, std::uint64_t budget) {
  for (std::uint64_t i = 0; i < budget; ++i) {
    if (has_leader(run.world) && !lang::why_unsettled(run.world)) return {};
    const auto next = run.world.next();
    if (!next) return "nothing happens any more";
    const auto done = run.perform(*next);
    if (!done) return done.error().detail;
    if (!done->empty()) return *done;
  }
  return text("not quiet after {} steps: {}", budget,
              lang::why_unsettled(run.world).value_or("there is no leader"));
}

// What is wrong with the recovery from this crash; empty = nothing.
std::string recover(Watched run, std::uint32_t member, const disk::Survivors& survivors,
                    std::uint64_t budget) {
  if (auto broken = crash_members(run, member, survivors); !broken.empty()) return broken;
  set_free(run.world);
  if (auto broken = restart_all(run); !broken.empty()) return broken;
  if (auto broken = settle(run, budget); !broken.empty()) return broken;
  const Violations whole = run.seen.run_violations(run.world);
  if (!whole.empty()) return whole.front().claim + ": " + whole.front().sentence;
  const Violations now = checks::state_violations(run.world);
  return now.empty() ? "" : now.front().claim + ": " + now.front().sentence;
}

// Who crashes at this step: 0 = all at once.
std::vector<std::uint32_t> whom(const sim::World& world, bool each_alone) {
  if (!each_alone) return {0};
  std::vector<std::uint32_t> out;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (world.member(no).up()) out.push_back(no);
  }
  return out;
}

void crash_with_every_policy(const Watched& run, SweepFinding finding, const SweepOptions& options,
                             SweepReport& report) {
  for (const disk::Survivors& survivors : sweep_policies(run.world)) {
    ++report.crashes;
    finding.what = recover(run, finding.member, survivors, options.budget_steps);
    if (finding.what.empty()) continue;
    finding.survivors = disk::to_text(survivors);
    report.findings.push_back(finding);
  }
}

}  // namespace

std::vector<disk::Survivors> sweep_policies(const sim::World& world) {
  std::uint32_t most = 0;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    for (const auto& [path, pieces] : world.member(no).disk().unsynced()) {
      most = std::max(most, pieces);
    }
  }
  std::vector<disk::Survivors> out(2);
  out[1].writes = disk::KeepAll{};
  std::vector<std::uint32_t> torn = {1, most / 2, most - std::min(most, 1U)};
  std::ranges::sort(torn);
  torn.erase(std::ranges::unique(torn).begin(), torn.end());
  for (const std::uint32_t pieces : torn) {
    if (pieces == 0 || pieces >= most) continue;
    out.emplace_back().writes = disk::KeepTorn{pieces};
  }
  return out;
}

Result<SweepReport> sweep(const sim::Timeline& timeline, const SweepOptions& options,
                          const SweepProgress& progress) {
  SweepReport report;
  Watched run{.world = sim::World(timeline.config()), .seen = {}};
  const std::size_t length = timeline.branches()[timeline.branch()].length();
  for (std::size_t step = 1; step <= length; ++step) {
    const sim::Action& action = timeline.action_before(step);
    const auto done = run.perform(action);
    if (!done) return fail(done.error());
    if (step < options.from || (step - options.from) % options.every != 0) continue;
    ++report.steps;
    SweepFinding finding;
    finding.step = step;
    finding.action = sim::to_text(action);
    for (const std::uint32_t member : whom(run.world, options.each_alone)) {
      finding.member = member;
      crash_with_every_policy(run, finding, options, report);
    }
    if (progress) progress(step, length);
  }
  return report;
}

}  // namespace orrery::lab
