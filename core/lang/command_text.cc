// Commands back to the lines that parse to them.
#include <array>
#include <type_traits>

#include "base/text.h"
#include "lang/command.h"
#include "lang/duration.h"
#include "lang/txn_text.h"

namespace orrery::lang {

namespace {

std::string word(std::string_view raw) {
  return word_text(raw);
}

std::string word_flag(std::string_view name, const std::string& value) {
  return value.empty() ? "" : text(" --{}={}", name, value);
}

std::string flag(std::string_view name, bool on) {
  return on ? text(" --{}", name) : "";
}

template <class Number>
std::string number_flag(std::string_view name, Number value) {
  return value != 0 ? text(" --{}={}", name, value) : "";
}

template <class Binary>
std::string binary_text(const Binary& it) {
  return word_flag("as", it.version) + word_flag("preset", it.preset) +
         word_flag("quirk", it.quirks);
}

std::string counted(std::uint64_t count) {
  return count == 1 ? "" : text(" {}", count);
}

std::string call_text(const CallOptions& call) {
  std::string out;
  if (call.write_out == WriteOut::Json) out += " -w json";
  if (call.write_out == WriteOut::Fields) out += " -w fields";
  if (call.write_out == WriteOut::Table) out += " -w table";
  out += flag("hex", call.hex) + flag("cluster", call.cluster);
  out += word_flag("endpoints", call.via);
  if (!call.user.empty()) out += " --user=" + word_text(call.user);
  if (!call.client.empty()) out += " --client=" + call.client;
  return call.background ? out + " &" : out;
}

std::string interval_text(const Interval& interval) {
  std::string out = " " + word(interval.key);
  if (interval.range_end) out += " " + word(*interval.range_end);
  return out + flag("prefix", interval.prefix) + flag("from-key", interval.from_key);
}

std::string_view sort_word(rpc::SortTarget target) {
  switch (target) {
    case rpc::SortTarget::Key: return "KEY";
    case rpc::SortTarget::Version: return "VERSION";
    case rpc::SortTarget::Create: return "CREATE";
    case rpc::SortTarget::Mod: return "MODIFY";
    case rpc::SortTarget::Value: return "VALUE";
  }
  return {};
}

std::string link_text(const Link& link) {
  return text("{}{}{}", link.from, link.both_ways ? "<->" : "->", link.to);
}

std::string choice_text(const MessageChoice& choice) {
  std::string out = " " + link_text(choice.link);
  if (!choice.type.empty()) out += " " + choice.type;
  return choice.ordinal == 1 ? out : text("{} #{}", out, choice.ordinal);
}

// What a variant of "nothing, a number, a word, a message, ..." adds behind the command's name.
struct Tail {
  std::string operator()(std::monostate) const { return {}; }

  std::string operator()(std::uint64_t number) const { return text(" {}", number); }

  std::string operator()(const std::string& words) const { return " " + words; }

  std::string operator()(const MessageChoice& choice) const { return choice_text(choice); }

  std::string operator()(const LaneChoice& choice) const {
    return text(" {} {}", choice.member, choice.lane);
  }

  std::string operator()(const Link& link) const { return " " + link_text(link); }
};

template <class Variant>
std::string tail(std::string_view name, const Variant& what) {
  return std::string(name) + std::visit(Tail{}, what);
}

std::string op_list(const std::vector<TxnOp>& ops) {
  std::string out;
  for (const TxnOp& op : ops) {
    out += (out.empty() ? " " : "; ") +
           std::visit([](const auto& one) { return to_text(CommandBody(one)); }, op);
  }
  return out;
}

struct ClientText {
  std::string operator()(const Put& put) const {
    std::string out = "put " + word(put.key);
    if (!put.ignore_value) out += " " + word(put.value);
    if (put.lease != LeaseId(0)) out += text(" --lease={:x}", put.lease.value());
    return out + flag("prev-kv", put.prev_kv) + flag("ignore-value", put.ignore_value) +
           flag("ignore-lease", put.ignore_lease) + call_text(put.call);
  }

  std::string operator()(const Get& get) const {
    std::string out = "get" + interval_text(get.interval);
    out += number_flag("rev", get.revision) + number_flag("limit", get.limit);
    if (get.sort_target) out += text(" --sort-by={}", sort_word(*get.sort_target));
    if (get.sort_order) {
      out += *get.sort_order == rpc::SortOrder::Descend ? " --order=DESCEND" : " --order=ASCEND";
    }
    if (get.serializable) out += " --consistency=s";
    return out + flag("keys-only", get.keys_only) + flag("count-only", get.count_only) +
           flag("print-value-only", get.print_value_only) + call_text(get.call);
  }

  std::string operator()(const Del& del) const {
    return "del" + interval_text(del.interval) + flag("prev-kv", del.prev_kv) + call_text(del.call);
  }

  std::string operator()(const Txn& txn) const {
    std::string compares;
    for (const rpc::Compare& compare : txn.compares) {
      compares += (compares.empty() ? " " : " and ") + to_text(compare);
    }
    const std::string failure = txn.failure.empty() ? "" : " else" + op_list(txn.failure);
    CallOptions options = txn.call;
    options.background = false;
    return text("txn{} if{} then{}{}{}", call_text(options), compares, op_list(txn.success),
                failure, txn.call.background ? " &" : "");
  }

  std::string operator()(const Watch& watch) const {
    std::string out = "watch" + interval_text(watch.interval) + number_flag("rev", watch.revision);
    out += flag("prev-kv", watch.prev_kv) + flag("progress-notify", watch.progress_notify);
    out += number_flag("window", watch.window) + number_flag("frame", watch.frame);
    out += word_flag("name", watch.name) + word_flag("with", watch.shares);
    return out + call_text(watch.call);
  }

  std::string operator()(const CancelWatch& cancel) const { return "cancel " + cancel.watch; }

  std::string operator()(const Progress& progress) const { return "progress " + progress.watch; }

  std::string operator()(const Pause& pause) const { return "pause " + pause.watch; }

  std::string operator()(const Resume& resume) const { return "resume " + resume.watch; }

  std::string operator()(const Poll& poll) const {
    std::string out = "poll " + word(poll.key) + flag("recursive", poll.recursive);
    out += number_flag("after", poll.after);
    return out + word_flag("name", poll.name) + call_text(poll.call);
  }

  std::string operator()(const Compact& compact) const {
    return text("compaction {}", word_text(std::to_string(compact.revision))) +
           flag("physical", compact.physical) + call_text(compact.call);
  }

  std::string operator()(const SaveSnapshot& save) const {
    return "snapshot save " + word(save.file) + call_text(save.call);
  }

  std::string operator()(const SnapshotStatus& status) const {
    return "snapshot status " + word(status.file) + call_text(status.call);
  }

  std::string operator()(const RunProgram& program) const {
    CallOptions options = program.call;
    options.background = false;
    const std::string name = word_flag("name", program.name);
    const std::string tail = program.tail.empty() ? "" : " " + program.tail;
    return program.words + name + call_text(options) + tail + (program.call.background ? " &" : "");
  }

  template <class Tag>
  std::string operator()(const ServiceCall<Tag>& service) const {
    const std::string blank = service.words.empty() ? "" : " ";
    return std::string(name_of(service)) + blank + service.words + call_text(service.call);
  }
};

struct CrankText {
  std::string operator()(const Step& step) const {
    const std::string_view unit = step.unit == StepUnit::Event   ? " event"
                                  : step.unit == StepUnit::Round ? " round"
                                                                 : "";
    return text("step{}{}", unit, counted(step.count));
  }

  std::string operator()(const Perform& perform) const { return tail("perform", perform.action); }

  std::string operator()(const Next&) const { return "next"; }

  std::string operator()(const Enabled& enabled) const {
    return "enabled" + flag("why-not", enabled.why_not);
  }

  std::string operator()(const Run& run) const { return "run " + duration_text(run.duration); }

  std::string operator()(const Repeat& repeat) const {
    return text("repeat {} {}", repeat.count, repeat.line);
  }

  std::string operator()(const Settle&) const { return "settle"; }

  std::string operator()(const Until& until) const {
    const std::string within = until.within ? " within " + duration_text(*until.within) : "";
    return text("until {}{}", to_text(until.goal), within);
  }

  std::string operator()(const Deliver& one) const { return "deliver" + choice_text(one.message); }

  std::string operator()(const Drop& one) const { return "drop" + choice_text(one.message); }

  std::string operator()(const Duplicate& one) const {
    return "duplicate" + choice_text(one.message);
  }

  std::string operator()(const Delay& delay) const {
    return text("delay{} {}", choice_text(delay.message), duration_text(delay.by));
  }

  std::string operator()(const Hold& hold) const { return tail("hold", hold.what); }

  std::string operator()(const Release& release) const { return tail("release", release.what); }

  std::string operator()(const Fire& fire) const {
    return text("fire {} {}", fire.member, fire.timer);
  }

  std::string operator()(const Crash& crash) const {
    std::string out = "crash " + crash.member;
    if (crash.keep == Keep::All) out += " keep all";
    if (crash.keep == Keep::Torn) out += text(" keep torn {}", crash.torn);
    return crash.point.empty() ? out : text("{} at {}", out, crash.point);
  }

  std::string operator()(const Restart& restart) const {
    return "restart " + restart.member + binary_text(restart);
  }

  std::string operator()(const Join& join) const { return "join " + join.member; }

  std::string operator()(const SetClock& clock) const {
    return text("clock {} {}", clock.member, clock.pace);
  }

  std::string operator()(const Partition& partition) const {
    std::string out = "partition";
    for (std::size_t i = 0; i < partition.groups.size(); ++i) {
      if (i > 0) out += " |";
      for (const std::string& party : partition.groups[i]) out += " " + party;
    }
    return out;
  }

  std::string operator()(const Cut& cut) const { return "cut " + link_text(cut.link); }

  std::string operator()(const Heal& heal) const { return tail("heal", heal.what); }
};

struct SessionText {
  std::string operator()(const Back& back) const { return "back" + counted(back.count); }

  std::string operator()(const Forward& one) const { return "forward" + counted(one.count); }

  std::string operator()(const Jump& jump) const { return tail("jump", jump.to); }

  std::string operator()(const Mark& mark) const { return "mark " + mark.name; }

  std::string operator()(const Branch& one) const {
    return one.name.empty() ? "branch" : "branch " + one.name;
  }

  std::string operator()(const Switch& one) const { return "switch " + one.name; }

  std::string operator()(const Branches&) const { return "branches"; }

  std::string operator()(const Why& why) const { return tail("why", why.what); }

  std::string operator()(const Show& show) const {
    const std::string party = show.party.empty() ? "" : " " + show.party;
    return "show" + party + (show.aspect.empty() ? "" : " " + show.aspect);
  }

  std::string operator()(const Print& print) const { return "print " + to_text(print.expression); }

  std::string operator()(const History& history) const {
    return history.count == 20 ? "history" : text("history {}", history.count);
  }

  std::string operator()(const Diff& diff) const { return "diff" + counted(diff.count); }

  std::string operator()(const Expect& expect) const { return "expect " + to_text(expect.claim); }

  std::string operator()(const ExpectOutput& expect) const {
    std::string out = "expect output" + (expect.watch.empty() ? "" : " " + expect.watch);
    for (const std::string& line : expect.lines) out += "\n" + line;
    return out;
  }

  std::string operator()(const Always& always) const {
    return text("always {}: {}", always.name, to_text(always.claim));
  }

  std::string operator()(const Break& one) const { return "break " + to_text(one.condition); }

  std::string operator()(const Forget& forget) const { return tail("forget", forget.what); }

  std::string operator()(const Counters&) const { return "counters"; }

  std::string operator()(const Claims&) const { return "claims"; }

  std::string operator()(const Cluster& cluster) const {
    std::string out = text("cluster {}", cluster.members);
    if (cluster.seed != 1) out += text(" --seed={}", cluster.seed);
    out += binary_text(cluster);
    return out + number_flag("quota-backend-bytes", cluster.quota_bytes) +
           number_flag("snapshot-count", cluster.snapshot_count) +
           number_flag("snapshot-catchup-entries", cluster.catch_up_entries) +
           number_flag("compaction-batch-limit", cluster.compaction_batch);
  }

  std::string operator()(const Save& save) const { return "save " + word(save.file); }

  std::string operator()(const Load& load) const { return "load " + word(load.file); }

  std::string operator()(const Eject& eject) const {
    return text("eject {} {}", eject.member, word(eject.folder));
  }

  std::string operator()(const LoadMember& load) const {
    return text("load {} {}", load.member, word(load.folder));
  }

  std::string operator()(const Door& door) const {
    switch (door.kind) {
      case Door::Kind::Open: return door.port == 0 ? "door open" : text("door open {}", door.port);
      case Door::Kind::Here: return "door here";
      case Door::Kind::Close: return "door close";
    }
    return "door";
  }

  std::string operator()(const Say& say) const {
    return say.words.empty() ? "say" : "say " + say.words;
  }

  std::string operator()(const Ask& ask) const {
    std::string out = "ask " + ask.question;
    for (std::size_t i = 0; i < ask.choices.size(); ++i) {
      out += text("\n{} {}", i + 1 == ask.right ? '+' : '-', ask.choices[i]);
    }
    for (const SourceLine& line : lines_of("", ask.explanation)) out += "\n= " + line.text;
    return out;
  }

  std::string operator()(const Answer& answer) const { return text("answer {}", answer.choice); }

  std::string operator()(const Help& help) const {
    return help.command.empty() ? "help" : "help " + help.command;
  }

  std::string operator()(const Quit&) const { return "quit"; }
};

}  // namespace

std::string to_text(const CommandBody& body) {
  const auto written = [](const auto& one) {
    if constexpr (std::is_invocable_v<ClientText, decltype(one)>) {
      return ClientText{}(one);
    } else if constexpr (std::is_invocable_v<CrankText, decltype(one)>) {
      return CrankText{}(one);
    } else {
      return SessionText{}(one);
    }
  };
  return std::visit(written, body);
}

}  // namespace orrery::lang
