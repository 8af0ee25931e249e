// Commands of the session and the lab.
#include "base/text.h"
#include "datadir/archive.h"
#include "lang/binaries.h"
#include "lang/describe.h"
#include "lang/help.h"
#include "lang/interpreter.h"
#include "lang/world_terms.h"

namespace orrery::lang {

Result<void> Interpreter::act(const Cluster& cluster) {
  auto binaries = binaries_of(cluster.version, cluster.preset, cluster.quirks, cluster.members);
  if (!binaries) return fail(binaries.error());
  sim::Config config;
  config.seed = cluster.seed;
  config.members = cluster.members;
  config.version = binaries->version;
  if (cluster.quota_bytes != 0) config.timing.quota_bytes = cluster.quota_bytes;
  if (cluster.snapshot_count != 0) config.timing.snapshot_count = cluster.snapshot_count;
  if (cluster.catch_up_entries != 0) config.timing.catch_up_entries = cluster.catch_up_entries;
  if (cluster.compaction_batch != 0) config.timing.compaction_batch = cluster.compaction_batch;
  config.quirks = std::move(binaries->quirks);
  note(text("{} member{}, seed {}, version {}{}", cluster.members, cluster.members == 1 ? "" : "s",
            cluster.seed, server::to_text(config.version), quirks_text(config.quirks)));
  adopt(sim::Timeline(std::move(config)));
  return {};
}

Result<void> Interpreter::act(const Save& save) {
  outcome_.demand = save;
  return {};
}

Result<void> Interpreter::act(const Load& load) {
  outcome_.demand = load;
  return {};
}

Result<void> Interpreter::act(const Eject& eject) {
  if (member_number(world(), eject.member) == 0) {
    return fail(Errc::WrongUse, text("there is no member {}", eject.member));
  }
  outcome_.demand = eject;
  return {};
}

Result<void> Interpreter::act(const LoadMember& load) {
  if (member_number(world(), load.member) == 0) {
    return fail(Errc::WrongUse, text("there is no member {}", load.member));
  }
  outcome_.demand = load;
  return {};
}

Outcome Interpreter::install(const LoadMember& load, const disk::Disk& disk) {
  outcome_ = {};
  line_ = to_text(CommandBody(load));
  line_marked_ = false;
  const auto done = start_from(load, disk);
  if (!done) outcome_.error = done.error();
  return std::move(outcome_);
}

Result<void> Interpreter::start_from(const LoadMember& load, const disk::Disk& disk) {
  const std::uint32_t no = member_number(world(), load.member);
  if (no == 0) return fail(Errc::WrongUse, text("there is no member {}", load.member));
  const auto installed = perform(sim::Install{.member = no, .archive = Blob(datadir::pack(disk))});
  if (!installed) return installed;
  const auto started = perform(sim::Restart{.member = no});
  if (!started) return started;
  if (!world().member(no).up()) return {};
  const server::Running& run = world().member(no).running();
  note(text("{} starts from {}: revision {}, consistent index {}", load.member, load.folder,
            run.store.current_revision(), run.consistent.value()));
  return {};
}

Result<void> Interpreter::act(const Say& words) {
  say(Piece::Kind::Say, words.words + "\n");
  return {};
}

Result<void> Interpreter::act(const Ask& ask) {
  question_ = ask;
  outcome_.demand = ask;
  return {};
}

Result<void> Interpreter::act(const Answer& answer) {
  if (!question_) return fail(Errc::WrongUse, "no question has been asked");
  if (answer.choice == 0 || answer.choice > question_->choices.size()) {
    return fail(Errc::WrongUse, text("the choices are 1 to {}", question_->choices.size()));
  }
  const bool right = answer.choice == question_->right;
  say(Piece::Kind::Say, right ? "Right.\n"
                              : text("Not so: it is {}, {}.\n", question_->right,
                                     question_->choices[question_->right - 1]));
  say(Piece::Kind::Say, question_->explanation.empty() ? "" : question_->explanation + "\n");
  return {};
}

Result<void> Interpreter::act(const Help& help) {
  if (help.command.empty()) {
    say(Piece::Kind::Output, help_text());
    return {};
  }
  if (help.command == "terms") {
    say(Piece::Kind::Output, terms_text());
    return {};
  }
  const CommandRow* row = find_command(help.command);
  if (row == nullptr) return fail(Errc::WrongUse, text("there is no command {}", help.command));
  say(Piece::Kind::Output, help_text(*row));
  return {};
}

Result<void> Interpreter::act(const Door& door) {
  outcome_.demand = door;
  return {};
}

Result<void> Interpreter::act(const Quit& quit) {
  outcome_.demand = quit;
  return {};
}

CompletionNames Interpreter::names() const {
  CompletionNames out;
  for (std::uint32_t no = 1; no <= world().member_count(); ++no) {
    out.members.push_back(member_text(no));
  }
  out.clients.emplace_back("c1");
  for (const auto& [no, client] : world().clients()) {
    if (no != 1) out.clients.push_back(text("c{}", no));
    for (const auto& [stream, watch] : client->watches()) out.watches.push_back(watch.name);
    for (const auto& [poll, state] : client->polls()) out.watches.push_back(state.name);
  }
  for (const sim::Branch& branch : timeline_.branches()) out.branches.push_back(branch.name);
  for (const auto& [name, place] : marks_) out.marks.push_back(name);
  for (const WatchedClaim& one : claims_) out.claims.push_back(one.name);
  for (std::size_t kind = 0; kind < server::kLaneKinds; ++kind) {
    out.lanes.emplace_back(server::to_text(static_cast<server::LaneKind>(kind)));
  }
  out.timers = {"tick", "commit", "sync-watchers", "sync-victims", "compact"};
  out.points = server::crash_point_names();
  for (const std::string_view one : member_aspects()) out.aspects.emplace_back(one);
  for (const std::string_view one : cluster_aspects()) out.aspects.emplace_back(one);
  out.types = {"MsgApp",     "MsgAppResp",   "MsgHeartbeat",     "MsgHeartbeatResp",
               "MsgPreVote", "MsgVoteResp",  "MsgPreVoteResp",   "MsgVote",
               "MsgProp",    "MsgReadIndex", "MsgReadIndexResp", "MsgSnap"};
  out.versions = {"v3.4.23", "v3.5.29", "v3.6.0"};
  return out;
}

}  // namespace orrery::lang
