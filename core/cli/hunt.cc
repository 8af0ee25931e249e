#include "cli/hunt.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "host/files.h"
#include "host/terminal.h"
#include "hunt/shrink.h"
#include "lab/narration.h"
#include "lang/run_file.h"
#include "lang/saved_run.h"

namespace orrery::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kStretch = 1'000;  // units: steps, between two signs of life

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

std::optional<std::uint64_t> number_of_seed(std::string_view digits) {
  std::uint64_t out = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, out);
  const bool whole = read.ec == std::errc() && read.ptr == end && !digits.empty();
  return whole ? std::optional(out) : std::nullopt;
}

Result<Seeds> seeds_of(const std::string& words) {
  const std::size_t dots = words.find("..");
  const auto first = number_of_seed(std::string_view(words).substr(0, dots));
  const auto last =
      dots == std::string::npos ? first : number_of_seed(std::string_view(words).substr(dots + 2));
  if (first && last && *first <= *last) return Seeds{*first, *last};
  return fail(Errc::WrongUse, text("--seeds {}: expected A..B, as 1..200", words));
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// How the whole hunt stands.
struct Tally {
  Clock::time_point began = Clock::now();
  std::uint64_t seeds = 0;
  std::uint64_t steps = 0;
  std::vector<double> times;  // to each violation. units: seconds
};

void show_progress(const Tally& tally, std::uint64_t seed, std::uint64_t steps) {
  const double rate = static_cast<double>(tally.steps + steps) / seconds_since(tally.began);
  err(text("\rseed {}, step {}, {:.0f} steps a second ", seed, steps, rate));
}

Result<std::string> save_run(const HuntCommand& command, const hunt::Hunter& hunter,
                             std::uint64_t seed) {
  if (command.save.empty()) return std::string();
  std::error_code failed;
  std::filesystem::create_directories(command.save, failed);
  const std::string file = text("{}/{}-seed{}.orrery", command.save, hunter.found()->claim, seed);
  const auto written = host::write_file(file, lang::to_text(lang::record(hunter.timeline())));
  if (!written) return fail(written.error());
  return file;
}

// About a minute on one core. units: steps
constexpr std::uint64_t kShrinkBudget = 15'000'000;

// The shorter run as a script: in a file beside the saved run, or on stdout.
Result<void> write_script(const HuntCommand& command, const hunt::Hunter& hunter,
                          std::uint64_t seed) {
  const hunt::Story whole = hunt::story_of(hunter.trial());
  const hunt::Story story = hunt::shrink(whole, kShrinkBudget);
  const std::string script =
      hunt::script_of(story, hunt::cluster_line(command.options, story.config));
  if (command.save.empty()) {
    out(script);
    return {};
  }
  const std::string file = text("{}/{}-seed{}.crank", command.save, story.found.claim, seed);
  const auto written = host::write_file(file, script);
  if (!written) return fail(written.error());
  if (!command.json) {
    out(text("shrunk from {} steps to {}: {}\n", hunt::length_of(whole), hunt::length_of(story),
             file));
  }
  return {};
}

void tell(const HuntCommand& command, const hunt::Hunter& hunter, std::uint64_t seed, double took,
          const std::string& file) {
  const Violation& broken = *hunter.found();
  if (command.json) {
    out(text(R"({{"seed":{},"step":{},"seconds":{:.3f},"claim":{},"sentence":{},"saved":{}}})",
             seed, hunter.steps(), took, lab::json_string(broken.claim),
             lab::json_string(broken.sentence), lab::json_string(file)) +
        "\n");
    return;
  }
  out(text("seed {}, step {}: {}: {}\n", seed, hunter.steps(), broken.claim, broken.sentence));
  if (!file.empty()) out(text("saved {}\n", file));
}

double at_share(std::vector<double> times, double share) {
  std::ranges::sort(times);
  const auto last = static_cast<double>(times.size() - 1);
  return times[static_cast<std::size_t>(std::lround(last * share))];
}

void sum_up(const HuntCommand& command, const Tally& tally) {
  const double took = seconds_since(tally.began);
  const double rate = static_cast<double>(tally.steps) / std::max(took, 1e-9);
  if (command.json) {
    out(text(R"({{"seeds":{},"violations":{},"steps":{},"seconds":{:.3f}}})", tally.seeds,
             tally.times.size(), tally.steps, took) +
        "\n");
    return;
  }
  std::string line = text("{} seeds, {} violations, {} steps in {:.1f} s, {:.0f} a second",
                          tally.seeds, tally.times.size(), tally.steps, took, rate);
  if (!tally.times.empty()) {
    line += text("; time to one: median {:.2f} s, 90th percentile {:.2f} s",
                 at_share(tally.times, 0.5), at_share(tally.times, 0.9));
  }
  out(line + "\n");
}

// One seed. True = a claim broke.
Result<bool> hunt_seed(const HuntCommand& command, std::uint64_t seed, bool shows, Tally& tally) {
  auto config = hunt::config_of(command.options, seed);
  if (!config) return fail(config.error());
  const Clock::time_point began = Clock::now();
  hunt::Hunter hunter(*std::move(config), seed);
  while (!hunter.found() && hunter.steps() < command.options.budget) {
    hunter.play(std::min<std::uint64_t>(kStretch, command.options.budget - hunter.steps()));
    if (shows) show_progress(tally, seed, hunter.steps());
  }
  hunter.finish();
  if (shows) err("\r");
  ++tally.seeds;
  tally.steps += hunter.steps();
  if (!hunter.found()) return false;
  tally.times.push_back(seconds_since(began));
  const auto file = save_run(command, hunter, seed);
  if (!file) return fail(file.error());
  tell(command, hunter, seed, tally.times.back(), *file);
  if (!command.shrink) return true;
  const auto written = write_script(command, hunter, seed);
  if (!written) return fail(written.error());
  return true;
}

}  // namespace

int hunt_seeds(const HuntCommand& command) {
  const auto seeds = seeds_of(command.seeds);
  if (!seeds) return stopped(seeds.error());
  const bool shows = host::is_terminal(host::Stream::Err);
  Tally tally;
  for (std::uint64_t seed = seeds->first; seed <= seeds->last; ++seed) {
    const auto broken = hunt_seed(command, seed, shows, tally);
    if (!broken) return stopped(broken.error());
    if (*broken && !command.all) break;
  }
  sum_up(command, tally);
  return tally.times.empty() ? kHolds : kDoesNotHold;
}

}  // namespace orrery::cli
