#include "raft/script/interaction.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "proto/raftpb_codec.h"
#include "raft/describe.h"
#include "raft/script/arguments.h"

namespace orrery::raft::script {

namespace {

using Done = Result<void>;

Done set_level(Environment& environment, std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames{"DEBUG", "INFO",  "WARN",
                                                   "ERROR", "FATAL", "NONE"};
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  const auto found = std::ranges::find(kNames, upper);
  if (found == kNames.end()) {
    return wrong("log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]");
  }
  environment.output.level = static_cast<int>(found - kNames.begin());
  return {};
}

// -- building the group

Result<Config> member_config(const Directive& d) {
  Config config;
  config.election_ticks = 3;
  config.heartbeat_ticks = 1;
  config.max_size_per_msg = kNoLimit;
  const auto inflight = number(d, "inflight", 0x7fffffff);
  const auto page = number(d, "max-committed-size-per-ready", 0);
  const auto applied = number(d, "index", 0);
  if (!inflight) return fail(inflight.error());
  if (!page) return fail(page.error());
  if (!applied) return fail(applied.error());
  config.max_inflight_msgs = *inflight;
  config.max_committed_size_per_ready = *page;
  config.applied = Index(*applied);
  config.async_storage_writes = flag(d, "async-storage-writes");
  config.pre_vote = flag(d, "prevote");
  config.check_quorum = flag(d, "checkquorum");
  config.disable_conf_change_validation = flag(d, "disable-conf-change-validation");
  config.step_down_on_removal = flag(d, "step-down-on-removal");
  const std::string* reads = d.value("read-only");
  if (reads != nullptr && *reads != "safe" && *reads != "lease-based") {
    return wrong(text("invalid read-only option {}", quoted(*reads)));
  }
  if (reads != nullptr && *reads == "lease-based") config.read_only = ReadOnlyOption::LeaseBased;
  return config;
}

Done add_nodes(Environment& environment, const Directive& d) {
  const auto words = d.words();
  if (words.empty()) return wrong("add-nodes needs a count");
  const auto count = parse_number(words[0]);
  if (!count) return fail(count.error());
  const auto config = member_config(d);
  if (!config) return fail(config.error());
  const auto voters = id_list(d, "voters");
  if (!voters) return fail(voters.error());
  const auto learners = id_list(d, "learners");
  if (!learners) return fail(learners.error());
  raftpb::Snapshot bootstrap;
  bootstrap.conf_state.voters = *voters;
  bootstrap.conf_state.learners = *learners;
  bootstrap.index = config->applied;
  if (const std::string* content = d.value("content")) bootstrap.data = Blob(*content);
  return environment.add_members(*count, *config, bootstrap);
}

Done log_level(Environment& environment, const Directive& d) {
  const auto words = d.words();
  return words.empty() ? Done{} : set_level(environment, words[0]);
}

// -- acting on one member

// Runs `action(raft, io)` on the first node that the directive names.
template <class Action>
Done on_first(Environment& environment, const Directive& d, Action action) {
  const auto id = node_at(environment, d, 0);
  if (!id) return fail(id.error());
  return environment.run(*id, action);
}

Done campaign(Environment& environment, const Directive& d) {
  return on_first(environment, d, [](Raft& raft, const Io& io) -> Done {
    raft.campaign(io);
    return {};
  });
}

Done propose(Environment& environment, const Directive& d) {
  if (d.arguments.size() != 2) return wrong("propose needs a node and one word");
  const Argument& word = d.arguments[1];
  const std::string data = word.values.empty() ? word.key : word.key + "=" + word.values[0];
  return on_first(environment, d,
                  [&](Raft& raft, const Io& io) { return raft.propose(io, Blob(data)); });
}

Result<raftpb::ConfChangeTransition> transition_of(const Directive& d) {
  using enum raftpb::ConfChangeTransition;
  for (const Argument& argument : d.arguments) {
    const bool known = argument.key == "v1" || argument.key == "transition";
    if (!known && !argument.values.empty()) return wrong("unknown command " + argument.key);
  }
  const std::string* name = d.value("transition");
  if (name == nullptr || *name == "auto") return Auto;
  if (*name == "implicit") return JointImplicit;
  if (*name == "explicit") return JointExplicit;
  return wrong("unknown transition " + *name);
}

Done propose_conf_change(Environment& environment, const Directive& d) {
  const auto transition = transition_of(d);
  if (!transition) return fail(transition.error());
  const auto changes = parse_changes(d.input);
  if (!changes) return fail(changes.error());
  if (!flag(d, "v1")) {
    const raftpb::ConfChangeV2 change{*transition, *changes, {}};
    return on_first(environment, d,
                    [&](Raft& raft, const Io& io) { return raft.propose_conf_change(io, change); });
  }
  if (changes->size() != 1 || *transition != raftpb::ConfChangeTransition::Auto) {
    return wrong("v1 conf change can only have one operation and no transition");
  }
  const raftpb::ConfChange change{0, changes->front().type, changes->front().node_id, {}};
  return on_first(environment, d,
                  [&](Raft& raft, const Io& io) { return raft.propose_conf_change(io, change); });
}

Done tick(Environment& environment, const Directive& d) {
  return on_first(environment, d, [&](Raft& raft, const Io& io) -> Done {
    const Config& config = raft.state().config;
    const int ticks = d.command == "tick-election" ? config.election_ticks : config.heartbeat_ticks;
    for (int i = 0; i < ticks; ++i) raft.tick(io);
    return {};
  });
}

Done set_timeout(Environment& environment, const Directive& d) {
  const auto timeout = number(d, "timeout", 0);
  if (!timeout) return fail(timeout.error());
  return on_first(environment, d, [&](Raft& raft, const Io&) -> Done {
    raft.set_randomized_election_timeout(static_cast<int>(*timeout));
    return {};
  });
}

Done transfer_leadership(Environment& environment, const Directive& d) {
  const auto from = node_named(environment, d, "from");
  if (!from) return fail(from.error());
  const auto to = number(d, "to", 0);
  if (!to) return fail(to.error());
  environment.run(*from, [&](Raft& raft, const Io& io) { raft.transfer_leader(io, NodeId(*to)); });
  return {};
}

Done forget_leader(Environment& environment, const Directive& d) {
  return on_first(environment, d, [](Raft& raft, const Io& io) { return raft.forget_leader(io); });
}

Done report_unreachable(Environment& environment, const Directive& d) {
  const auto about = node_at(environment, d, 1);
  if (!about) return fail(about.error());
  return on_first(environment, d, [&](Raft& raft, const Io& io) -> Done {
    raft.report_unreachable(io, *about);
    return {};
  });
}

Done send_snapshot(Environment& environment, const Directive& d) {
  const auto from = node_at(environment, d, 0);
  const auto to = node_at(environment, d, 1);
  if (!from) return fail(from.error());
  if (!to) return fail(to.error());
  Message m;
  m.type = MessageType::Snap;
  m.from = *from;
  m.to = *to;
  m.term = environment.member(*from).raft.term();
  m.snapshot = environment.member(*from).raft.storage().snapshot();
  environment.output.write(describe(m));
  environment.post(std::move(m));
  return {};
}

// -- moving things on

// One node: its output as it is; several: each under its header.
template <class Process>
Done for_nodes(Environment& environment, const Directive& d, std::string_view doing,
               Process process) {
  const auto ids = nodes_of(environment, d);
  if (!ids) return fail(ids.error());
  for (const NodeId id : *ids) {
    const auto done = ids->size() == 1 ? process(id)
                                       : environment.under(text("> {} {}", id.value(), doing),
                                                           [&] { return process(id); });
    if (!done) return done;
  }
  return {};
}

Done process_ready(Environment& environment, const Directive& d) {
  return for_nodes(environment, d, "handling Ready",
                   [&](NodeId id) { return environment.process_ready(id); });
}

Done process_append_thread(Environment& environment, const Directive& d) {
  return for_nodes(environment, d, "processing append thread",
                   [&](NodeId id) { return environment.process_append_thread(id); });
}

Done process_apply_thread(Environment& environment, const Directive& d) {
  return for_nodes(environment, d, "processing apply thread",
                   [&](NodeId id) { return environment.process_apply_thread(id); });
}

Result<MessageType> type_named(std::string_view name) {
  for (int number = 0; number <= static_cast<int>(MessageType::ForgetLeader); ++number) {
    const auto type = static_cast<MessageType>(number);
    if (to_text(type) == name) return type;
  }
  return wrong(text("unknown message type {}", name));
}

Done deliver_msgs(Environment& environment, const Directive& d) {
  std::vector<Recipient> recipients;
  std::optional<MessageType> type;
  for (const Argument& argument : d.arguments) {
    if (argument.key == "type" && !argument.values.empty()) {
      const auto named = type_named(argument.values[0]);
      if (!named) return fail(named.error());
      type = *named;
      continue;
    }
    const bool drop = argument.key == "drop";
    for (const std::string& word : drop ? argument.values : std::vector{argument.key}) {
      const auto id = parse_number(word);
      if (!id) return fail(id.error());
      recipients.push_back({NodeId(*id), drop});
    }
  }
  if (environment.deliver(recipients, type) == 0) environment.output.write_line("no messages");
  return {};
}

Done stabilize(Environment& environment, const Directive& d) {
  const auto ids = nodes_of(environment, d);
  if (!ids) return fail(ids.error());
  const int level = environment.output.level;
  if (const std::string* name = d.value("log-level")) {
    if (auto set = set_level(environment, *name); !set) return set;
  }
  auto done = environment.stabilize(*ids);
  environment.output.level = level;
  return done;
}

// -- looking

Done print_log(Environment& environment, NodeId id) {
  const Storage& storage = environment.member(id).raft.storage();
  const Index first = storage.first_index();
  const Index last = storage.last_index();
  if (last < first) {
    environment.output.write(
        text("log is empty: first index={}, last index={}", first.value(), last.value()));
    return {};
  }
  const auto entries = storage.entries(first, last + 1, kNoLimit);
  if (!entries) return fail(entries.error());
  environment.output.write(describe(std::span(*entries)));
  return {};
}

Done raft_log(Environment& environment, const Directive& d) {
  const auto id = node_at(environment, d, 0);
  if (!id) return fail(id.error());
  return print_log(environment, *id);
}

Done compact(Environment& environment, const Directive& d) {
  const auto id = node_at(environment, d, 0);
  if (!id) return fail(id.error());
  const auto words = d.words();
  if (words.size() < 2) return wrong("compact needs an index");
  const auto index = parse_number(words[1]);
  if (!index) return fail(index.error());
  const auto compacted = environment.member(*id).raft.storage().compact(Index(*index));
  return compacted ? print_log(environment, *id) : compacted;
}

Done raft_state(Environment& environment, const Directive&) {
  for (const NodeId id : environment.ids()) {
    const Raft& raft = environment.member(id).raft;
    environment.output.write_line(text("{}: {} {} Term:{} Lead:{}", words(id), to_text(raft.role()),
                                       raft.cluster().is_voter(id) ? "(Voter)" : "(Non-Voter)",
                                       raft.term().value(), raft.leader().value()));
  }
  return {};
}

Done status(Environment& environment, const Directive& d) {
  const auto id = node_at(environment, d, 0);
  if (!id) return fail(id.error());
  const ProgressMap* progress = environment.member(*id).raft.progress();
  if (progress != nullptr) environment.output.write(to_text(*progress));
  return {};
}

Done breakpoint(Environment&, const Directive&) {
  return {};
}

struct Command {
  std::string_view name;
  Done (*perform)(Environment&, const Directive&);
};

constexpr std::array kCommands{
    Command{"_breakpoint", breakpoint},
    Command{"add-nodes", add_nodes},
    Command{"campaign", campaign},
    Command{"compact", compact},
    Command{"deliver-msgs", deliver_msgs},
    Command{"forget-leader", forget_leader},
    Command{"log-level", log_level},
    Command{"process-append-thread", process_append_thread},
    Command{"process-apply-thread", process_apply_thread},
    Command{"process-ready", process_ready},
    Command{"propose", propose},
    Command{"propose-conf-change", propose_conf_change},
    Command{"raft-log", raft_log},
    Command{"raft-state", raft_state},
    Command{"report-unreachable", report_unreachable},
    Command{"send-snapshot", send_snapshot},
    Command{"set-randomized-election-timeout", set_timeout},
    Command{"stabilize", stabilize},
    Command{"status", status},
    Command{"tick-election", tick},
    Command{"tick-heartbeat", tick},
    Command{"transfer-leadership", transfer_leadership},
};

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  return found == kCommands.end() ? nullptr : &*found;
}

// A member's panic ends the script's directive, not the program.
Done perform_guarded(const Command& command, Environment& environment, const Directive& d) {
  try {
    return command.perform(environment, d);
  } catch (const Panic& panic) {
    return wrong("panic: " + panic.text);
  } catch (const ContractViolation& violation) {
    return wrong(std::string("contract violated: ") + violation.what());
  }
}

}  // namespace

std::string perform(Environment& environment, const Directive& directive) {
  environment.output.text.clear();
  const Command* command = find_command(directive.command);
  const Done done = command == nullptr ? wrong("unknown command")
                                       : perform_guarded(*command, environment, directive);
  std::string& out = environment.output.text;
  if (!done && environment.output.quiet()) return done.error().detail;
  if (!done) out += done.error().detail;
  return out.empty() ? "ok" : out;
}

bool is_interaction_command(std::string_view command) {
  return find_command(command) != nullptr;
}

}  // namespace orrery::raft::script
