#include "cli/sweep.h"

#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "host/terminal.h"
#include "lab/labs.h"
#include "lab/narration.h"
#include "lab/play.h"
#include "lab/sweep.h"

namespace orrery::cli {
namespace {

using lab::json_string;

Result<lab::Play> played(const std::string& what) {
  const auto file = lab::find_script(what);
  if (!file) return fail(file.error());
  auto play = lab::Play::open(*file);
  if (!play) return play;
  while (!play->done()) {
    const lab::Scene scene = play->next();
    if (scene.outcome.error) return fail(*scene.outcome.error);
  }
  return play;
}

void show(const lab::SweepFinding& finding, bool json) {
  if (json) {
    out(text("{{\"step\":{},\"action\":{},\"survivors\":{},\"what\":{}}}\n", finding.step,
             json_string(finding.action), json_string(finding.survivors),
             json_string(finding.what)));
    return;
  }
  out(text("after step {} ({}), keep {}: {}\n", finding.step, finding.action, finding.survivors,
           finding.what));
}

}  // namespace

int sweep(const SweepCommand& options) {
  if (options.every == 0) return stopped({Errc::WrongUse, "--every wants 1 or more"});
  const auto play = played(options.what);
  if (!play) return stopped(play.error());
  lab::SweepProgress progress;
  if (host::is_terminal(host::Stream::Err)) {
    progress = [](std::size_t step, std::size_t steps) { err(text("\r{} of {}", step, steps)); };
  }
  const auto report = lab::sweep(play->session().interpreter().timeline(),
                                 {.from = options.from, .every = options.every}, progress);
  if (progress) err("\r");
  if (!report) return stopped(report.error());
  for (const lab::SweepFinding& finding : report->findings) show(finding, options.json);
  const std::string totals = options.json
                                 ? text("{{\"steps\":{},\"crashes\":{},\"findings\":{}}}\n",
                                        report->steps, report->crashes, report->findings.size())
                                 : text("{} steps, {} crashes, {} without full recovery\n",
                                        report->steps, report->crashes, report->findings.size());
  out(totals);
  return report->findings.empty() ? kHolds : kDoesNotHold;
}

}  // namespace orrery::cli
