#include "lang/run_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "lang/command.h"
#include "lang/scanner.h"
#include "lang/source.h"
#include "lang/submission.h"

namespace orrery::lang {

namespace {

struct Path {
  std::vector<sim::Action> actions;
  std::vector<sim::CommandMark> commands;  // by position
};

// The root's part first.
Path path_of(const sim::Timeline& timeline) {
  std::vector<sim::BranchNo> chain{timeline.branch()};
  while (timeline.branches()[chain.back()].parent != chain.back()) {
    chain.push_back(timeline.branches()[chain.back()].parent);
  }
  Path out;
  for (std::size_t i = chain.size(); i-- > 0;) {
    const sim::Branch& branch = timeline.branches()[chain[i]];
    const std::size_t end = i == 0 ? branch.length() : timeline.branches()[chain[i - 1]].fork;
    for (std::size_t at = branch.fork; at < end; ++at) {
      out.actions.push_back(branch.actions[at - branch.fork]);
    }
    for (const sim::CommandMark& mark : branch.commands) {
      if (mark.at < end) out.commands.push_back(mark);
    }
  }
  return out;
}

constexpr std::array<std::pair<const char*, std::uint64_t server::Timing::*>, 4> kLimits{
    {{"snapshot-count", &server::Timing::snapshot_count},
     {"snapshot-catchup-entries", &server::Timing::catch_up_entries},
     {"max-txn-ops", &server::Timing::max_txn_ops},
     {"max-request-bytes", &server::Timing::max_request_bytes}}};

// units: nanoseconds
constexpr std::array<std::pair<const char*, Nanos server::Timing::*>, 6> kDurations{
    {{"tick", &server::Timing::tick},
     {"auto-compact-period", &server::Timing::auto_compact_period},
     {"link-latency", &server::Timing::link_latency},
     {"link-jitter", &server::Timing::link_jitter},
     {"call-latency", &server::Timing::call_latency},
     {"fsync-latency", &server::Timing::fsync_latency}}};

constexpr std::array<std::pair<const char*, std::int64_t server::Timing::*>, 3> kNumbers{
    {{"token-ttl", &server::Timing::token_ttl},
     {"bcrypt-cost", &server::Timing::bcrypt_cost},
     {"auto-compact-revisions", &server::Timing::auto_compact_revisions}}};

// 0 or 1.
constexpr std::array<std::pair<const char*, bool server::Timing::*>, 2> kSwitches{
    {{"jwt-tokens", &server::Timing::jwt_tokens},
     {"strict-reconfig", &server::Timing::strict_reconfig}}};

std::vector<Setting> settings_of(const sim::Config& config) {
  std::vector<Setting> out{{"seed", std::to_string(config.seed)},
                           {"members", std::to_string(config.members)},
                           {"version", std::string(server::to_text(config.version))}};
  // What is as always is not said.
  const server::Timing usual;
  const auto say = [&](const char* name, auto value, auto otherwise) {
    if (value != otherwise) out.push_back({name, std::to_string(value)});
  };
  const server::Timing& timing = config.timing;
  say("quota-backend-bytes", timing.quota_bytes, usual.quota_bytes);
  for (const auto& [name, field] : kLimits) say(name, timing.*field, usual.*field);
  for (const auto& [name, field] : kDurations) {
    say(name, (timing.*field).value(), (usual.*field).value());
  }
  say("election-ticks", timing.election_ticks, usual.election_ticks);
  for (const auto& [name, field] : kNumbers) say(name, timing.*field, usual.*field);
  for (const auto& [name, field] : kSwitches) {
    say(name, static_cast<int>(timing.*field), static_cast<int>(usual.*field));
  }
  for (const server::Place& place : config.places) {
    out.push_back({"place", word_text(place.name) + " " + word_text(place.peer_url) + " " +
                                word_text(place.client_url)});
  }
  if (!config.token.empty()) out.push_back({"token", config.token});
  say("compaction-batch-limit", timing.compaction_batch, usual.compaction_batch);
  for (std::size_t i = 0; i < config.quirks.size(); ++i) {
    if (config.quirks[i].empty()) continue;
    out.push_back({"quirk", text("n{} {}", i + 1, server::to_text(config.quirks[i]))});
  }
  return out;
}

template <class Number>
bool read_number(const std::string& digits, Number& out) {
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, out);
  return read.ec == std::errc{} && read.ptr == end;
}

// NAME PEER-URL CLIENT-URL, each quoted if it is empty.
Result<void> take_place(sim::Config& config, const std::string& value) {
  const SourceLine line{.file = "place", .number = 1, .text = value};
  Scanner scanner(line);
  std::vector<std::string> words;
  while (!scanner.at_end()) {
    const auto word = scanner.word();
    if (!word) return fail(word.error());
    words.push_back(word->text);
  }
  if (words.size() != 3) return fail(Errc::Syntax, text("cannot read the place {}", value));
  config.places.push_back({.name = words[0], .peer_url = words[1], .client_url = words[2]});
  return {};
}

// n2 NAME,NAME
Result<void> take_quirks(sim::Config& config, const std::string& value) {
  const std::size_t blank = std::min(value.find(' '), value.size());
  const std::string digits = value.substr(0, blank);
  std::uint32_t no = 0;
  const bool named = digits.starts_with('n') && read_number(digits.substr(1), no);
  if (!named || no == 0 || no > 9 || blank == value.size()) {
    return fail(Errc::Syntax, text("cannot read the quirks {}", value));
  }
  const auto quirks = server::parse_quirks(std::string_view(value).substr(blank + 1));
  if (!quirks) return fail(quirks.error());
  if (config.quirks.size() < config.members) config.quirks.resize(config.members);
  if (no > config.quirks.size()) {
    return fail(Errc::Syntax, text("the quirks {} are of no member", value));
  }
  config.quirks[no - 1] = *quirks;
  return {};
}

// A limit or a duration. False = it is none, or no number.
bool take_timing(server::Timing& timing, const Setting& setting) {
  if (setting.name == "quota-backend-bytes") return read_number(setting.value, timing.quota_bytes);
  if (setting.name == "compaction-batch-limit") {
    return read_number(setting.value, timing.compaction_batch);
  }
  for (const auto& [name, field] : kLimits) {
    if (setting.name == name) return read_number(setting.value, timing.*field);
  }
  for (const auto& [name, field] : kNumbers) {
    if (setting.name == name) return read_number(setting.value, timing.*field);
  }
  if (setting.name == "election-ticks") return read_number(setting.value, timing.election_ticks);
  for (const auto& [name, field] : kSwitches) {
    if (setting.name != name || (setting.value != "0" && setting.value != "1")) continue;
    timing.*field = setting.value == "1";
    return true;
  }
  for (const auto& [name, field] : kDurations) {
    std::int64_t nanos = 0;
    if (setting.name != name || !read_number(setting.value, nanos)) continue;
    timing.*field = Nanos(nanos);
    return true;
  }
  return false;
}

Result<void> take_setting(sim::Config& config, const Setting& setting) {
  if (take_timing(config.timing, setting)) return {};
  if (setting.name == "place") return take_place(config, setting.value);
  if (setting.name == "quirk") return take_quirks(config, setting.value);
  if (setting.name == "token") {
    config.token = setting.value;
    return {};
  }
  if (setting.name == "seed" && read_number(setting.value, config.seed)) return {};
  const bool has_members = setting.name == "members" && read_number(setting.value, config.members);
  if (has_members && config.members >= 1 && config.members <= 9) return {};
  if (setting.name == "version") {
    for (const auto version :
         {server::Version::V3_4, server::Version::V3_5, server::Version::V3_6}) {
      if (server::to_text(version) != setting.value) continue;
      config.version = version;
      return {};
    }
  }
  return fail(Errc::Syntax, text("cannot read the setting {} {}", setting.name, setting.value));
}

tl::unexpected<Error> departs(std::string_view file, const RecordedAction& line,
                              const std::string& why, Errc code) {
  return fail_at({.file = std::string(file), .line = line.line, .column = 3},
                 text("the run departs here, at {}: {}",
                      line.text.empty() ? text("next x{}", line.times) : quoted(line.text), why),
                 code);
}

Result<void> perform_line(sim::Timeline& timeline, std::string_view file,
                          const RecordedAction& line) {
  for (std::uint64_t i = 0; i < line.times; ++i) {
    Result<sim::Action> action = sim::Action();
    if (!line.text.empty()) {
      action = parse_any_action(line.text, timeline.world());
      if (!action) return departs(file, line, action.error().detail, Errc::Syntax);
    } else if (const auto next = timeline.world().next()) {
      action = *next;
    } else {
      return departs(file, line, "nothing happens by itself", Errc::Expectation);
    }
    const auto done = timeline.perform(*action);
    if (!done) return departs(file, line, done.error().detail, Errc::Expectation);
  }
  const std::uint32_t digest = low_digest(timeline.world().digest());
  if (digest == line.digest) return {};
  return departs(file, line,
                 text("after step {} the world's digest is {:08x}, the file has {:08x}",
                      timeline.position(), digest, line.digest),
                 Errc::Expectation);
}

}  // namespace

SavedRun run_head(const sim::Config& config) {
  return {.release = std::string(kRelease),
          .schedule = kScheduleVersion,
          .configuration = settings_of(config),
          .commands = {}};
}

SavedRun record(const sim::Timeline& timeline) {
  const Path path = path_of(timeline);
  RunRecorder recorder(run_head(timeline.config()));
  sim::World world(timeline.config());
  auto mark = path.commands.begin();
  if (path.commands.empty() || path.commands.front().at > 0) recorder.command("step");
  for (std::size_t at = 0; at < path.actions.size(); ++at) {
    for (; mark != path.commands.end() && mark->at == at; ++mark) recorder.command(mark->line);
    const sim::Action& action = path.actions[at];
    const auto next = world.next();
    const bool is_default = next && *next == action;
    const auto done = world.perform(action);
    check(done.has_value(), "a recorded action can be performed again");
    recorder.action(sim::to_text(action), is_default, world.digest());
  }
  return recorder.take();
}

Result<sim::Timeline> replay(std::string_view file, const SavedRun& run) {
  sim::Config config;
  for (const Setting& setting : run.configuration) {
    const auto taken = take_setting(config, setting);
    if (!taken) return fail_at({.file = std::string(file)}, taken.error().detail);
  }
  sim::Timeline timeline(config);
  for (const RecordedCommand& command : run.commands) {
    timeline.begin_command(command.text);
    for (const RecordedAction& line : command.actions) {
      const auto done = perform_line(timeline, file, line);
      if (!done) return fail(done.error());
    }
  }
  return timeline;
}

}  // namespace orrery::lang
