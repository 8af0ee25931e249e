// Hunt: a random schedule, all claims looked at after each of its steps, until one breaks or the budget is spent.
//   used by: cli (hunt), tests/hunt    uses: trial.h, lang (lines to actions)
//   ideas:   a seed says everything: how many members, how large a compaction's batch, how long the log, what clients
//            ask, who dies and comes back, which links are cut, and whose turn it is. Clients' acts (acts.cc) are lines
//            of the command language, so the run can be saved, replayed and read. Chances lean towards where things go
//            wrong: a compaction at the newest revision, a crash while one is going on, watches that share a stream,
//            begin in the future or ask how far they have come.
//   invariant: the same options and seed give the same actions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/violation.h"
#include "hunt/trial.h"
#include "sim/timeline.h"

namespace orrery::hunt {

struct HuntOptions {
  // As `cluster` takes them: lang/binaries.h.
  std::string release;
  std::string preset;
  std::string quirks;
  std::uint32_t members = 0;       // 0 = one or three, as the seed says
  std::uint64_t budget = 200'000;  // units: steps
};

// Errors: what binaries_of says.
Result<sim::Config> config_of(const HuntOptions& options, std::uint64_t seed);

// The script line that begins such a world.
std::string cluster_line(const HuntOptions& options, const sim::Config& config);

class Hunter {
 public:
  Hunter(const sim::Config& config, std::uint64_t seed) : seed_(seed), trial_(config) {}

  // So many steps more, or until a claim breaks.
  void play(std::uint64_t more);
  // Faults end, members start, all comes to rest, and the claims about whole runs are looked at.
  void finish();

  const Trial& trial() const { return trial_; }
  const std::optional<Violation>& found() const { return trial_.found(); }
  std::size_t steps() const { return trial_.actions().size(); }
  const sim::World& world() const { return trial_.world(); }
  // The run as a timeline, to be saved; each act of a client's or of fate's under a line of its own.
  sim::Timeline timeline() const;

 private:
  std::uint64_t pick(std::uint64_t bound);
  std::uint32_t some_member();
  void step();
  void follow();
  void perform(const sim::Action& action);
  // A line of a client's: "c1 put k1 7". What cannot be asked now is left out.
  void ask(const std::string& line);

  // acts.cc
  struct Watched {
    std::uint32_t client = 0;
    const client::Watch* watch = nullptr;  // null = there is none; until the next action
  };
  void act();
  void compact();
  Watched find_watch(std::uint64_t number) const;
  Watched some_watch();
  std::int64_t some_start();
  void watch();
  void nudge_a_watch();
  void change_users();
  void resume_all();

  void crash(std::uint32_t member);
  void restart_one();
  bool leaves_behind() const;
  void cut_or_mend();
  bool tempted();
  const server::Running* somebody() const;
  bool mend_and_start();

  std::uint64_t seed_;
  Trial trial_;
  std::uint64_t draws_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t watches_ = 0;
};

}  // namespace orrery::hunt
