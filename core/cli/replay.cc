// orrery replay: saved runs performed anew; and orrery raft-script: etcd-io/raft's scripts.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "host/files.h"
#include "lab/narration.h"
#include "lab/session.h"
#include "lang/ledger.h"
#include "raft/script.h"

namespace orrery::cli {

namespace {

// The first claim that breaks on the way; empty = none.
std::string broken_claim(const sim::Timeline& timeline) {
  lang::Ledger ledger;
  const Violations broken = ledger.violations(timeline);
  return broken.empty() ? "" : broken.front().claim + ": " + broken.front().sentence;
}

int replay_one(const std::string& file, bool json, bool checks) {
  const auto timeline = lab::read_and_replay(file);
  const std::string broken = timeline && checks ? broken_claim(*timeline) : "";
  if (json) {
    const std::string why =
        timeline ? "" : ",\"error\":" + lab::json_string(timeline.error().detail);
    const std::string what = timeline ? text(R"(,"steps":{},"digest":"{:016x}")",
                                             timeline->position(), timeline->world().digest())
                                      : "";
    const std::string claim = broken.empty() ? "" : ",\"broken\":" + lab::json_string(broken);
    out(text("{{\"file\":{},\"holds\":{}{}{}{}}}\n", lab::json_string(file),
             timeline.has_value() && broken.empty(), what, why, claim));
  }
  if (!timeline) return stopped(timeline.error());
  if (!json) {
    out(text("{}: {} steps, each digest as recorded; the last is {:016x}\n", file,
             timeline->position(), timeline->world().digest()));
  }
  if (!json && !broken.empty()) out(broken + "\n");
  return broken.empty() ? kHolds : kDoesNotHold;
}

int raft_script_one(const std::string& file, bool rewrite) {
  const auto bytes = host::read_file(file);
  if (!bytes) return stopped(bytes.error());
  const auto report = raft::run_script(file, *bytes);
  if (!report) return stopped(report.error());
  if (rewrite && !report->ok()) {
    const auto written = host::write_file(file, report->rewritten);
    if (!written) return stopped(written.error());
    out(text("{}: {} of {} answers rewritten\n", file, report->mismatches, report->directives));
    return kHolds;
  }
  out(report->diff);
  out(text("{}: {} commands, {} answered otherwise\n", file, report->directives,
           report->mismatches));
  return report->ok() ? kHolds : kDoesNotHold;
}

}  // namespace

int replay(const ReplayOptions& options) {
  int worst = kHolds;
  for (const std::string& file : options.files) {
    worst = std::max(worst, replay_one(file, options.json, options.checks));
  }
  return worst;
}

int raft_script(const RaftScriptOptions& options) {
  int worst = kHolds;
  for (const std::string& file : options.files) {
    worst = std::max(worst, raft_script_one(file, options.rewrite));
  }
  return worst;
}

}  // namespace orrery::cli
