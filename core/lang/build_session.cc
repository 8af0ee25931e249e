// Builders of the commands about time, looking, claims, the session and the lab.
#include <limits>
#include <utility>

#include "base/text.h"
#include "lang/builders.h"
#include "lang/placeholders.h"

namespace orrery::lang {

namespace {

// One number or one word: what jump, why, forget and perform take.
template <class T>
T number_or_text(const Arguments& arguments, std::string_view number, std::string_view words) {
  if (arguments.has(number)) return T{arguments.count(number, 0)};
  return T{arguments.text(words)};
}

}  // namespace

Result<CommandBody> build_back(const Arguments& arguments) {
  return Back{.count = arguments.count("N", 1)};
}

Result<CommandBody> build_forward(const Arguments& arguments) {
  return Forward{.count = arguments.count("N", 1)};
}

Result<CommandBody> build_jump(const Arguments& arguments) {
  return number_or_text<Jump>(arguments, "COUNT", "NAME");
}

Result<CommandBody> build_mark(const Arguments& arguments) {
  return Mark{.name = arguments.text("NAME")};
}

Result<CommandBody> build_branch(const Arguments& arguments) {
  return Branch{.name = arguments.text("NAME")};
}

Result<CommandBody> build_switch(const Arguments& arguments) {
  return Switch{.name = arguments.text("NAME")};
}

Result<CommandBody> build_branches(const Arguments&) {
  return Branches{};
}

Result<CommandBody> build_why(const Arguments& arguments) {
  if (!arguments.has("N") && !arguments.has("ACTION")) return Why{};
  return number_or_text<Why>(arguments, "N", "ACTION");
}

// One word alone is a party when it looks like one: "show n2", "show raft".
Result<CommandBody> build_show(const Arguments& arguments) {
  Show show{.party = arguments.text("PARTY"), .aspect = arguments.text("ASPECT")};
  const bool is_client = show.party.size() > 1 && show.party.front() == 'c' &&
                         is_count(std::string_view(show.party).substr(1));
  if (show.aspect.empty() && !is_member_name(show.party) && !is_client) {
    std::swap(show.party, show.aspect);
  }
  return show;
}

Result<CommandBody> build_print(const Arguments& arguments) {
  return Print{.expression = arguments.expression("EXPR")};
}

Result<CommandBody> build_history(const Arguments& arguments) {
  return History{.count = arguments.count("N", 20)};
}

Result<CommandBody> build_diff(const Arguments& arguments) {
  return Diff{.count = arguments.count("N", 1)};
}

Result<CommandBody> build_expect(const Arguments& arguments) {
  if (!arguments.has("output")) return Expect{.claim = arguments.expression("CLAIM")};
  ExpectOutput expect{.watch = arguments.text("WATCH"), .lines = {}};
  for (const SourceLine& line : arguments.block()) {
    if (line.text.find_first_not_of(" \t") == std::string::npos) break;
    expect.lines.push_back(line.text);
  }
  return expect;
}

Result<CommandBody> build_always(const Arguments& arguments) {
  std::string name = arguments.text("NAME:");
  name.pop_back();
  return Always{.name = std::move(name), .claim = arguments.expression("CONDITION")};
}

Result<CommandBody> build_break(const Arguments& arguments) {
  return Break{.condition = arguments.expression("CONDITION")};
}

Result<CommandBody> build_forget(const Arguments& arguments) {
  return number_or_text<Forget>(arguments, "N", "NAME");
}

Result<CommandBody> build_counters(const Arguments&) {
  return Counters{};
}

Result<CommandBody> build_claims(const Arguments&) {
  return Claims{};
}

Result<CommandBody> build_cluster(const Arguments& arguments) {
  const std::uint64_t members = arguments.count("N", 3);
  if (members > 9) {
    return fail_at(arguments.find("N")->place, "expected at most 9 members");
  }
  return Cluster{
      .members = static_cast<std::uint32_t>(members),
      .seed = arguments.count("--seed", 1),
      .version = arguments.text("--as"),
      .preset = arguments.text("--preset"),
      .quirks = arguments.text("--quirk"),
      .quota_bytes = static_cast<std::int64_t>(arguments.count("--quota-backend-bytes", 0)),
      .snapshot_count = arguments.count("--snapshot-count", 0),
      .catch_up_entries = arguments.count("--snapshot-catchup-entries", 0),
      .compaction_batch =
          static_cast<std::int64_t>(arguments.count("--compaction-batch-limit", 0))};
}

Result<CommandBody> build_save(const Arguments& arguments) {
  return Save{.file = arguments.text("FILE")};
}

Result<CommandBody> build_load(const Arguments& arguments) {
  if (!arguments.has("MEMBER")) return Load{.file = arguments.text("FILE")};
  return LoadMember{.member = arguments.text("MEMBER"), .folder = arguments.text("FOLDER")};
}

Result<CommandBody> build_eject(const Arguments& arguments) {
  return Eject{.member = arguments.text("MEMBER"), .folder = arguments.text("FOLDER")};
}

Result<CommandBody> build_say(const Arguments& arguments) {
  return Say{.words = arguments.text("TEXT")};
}

namespace {

// One line of a question's block: "- choice", "+ the right choice", "= a line of the explanation".
Result<void> add_line(Ask& ask, bool& has_right, const SourceLine& line) {
  const char kind = line.text.front();
  const std::size_t begin = std::min(line.text.find_first_not_of(' ', 1), line.text.size());
  const std::string words = line.text.substr(begin);
  if (kind == '=') {
    ask.explanation += (ask.explanation.empty() ? "" : "\n") + words;
    return {};
  }
  if (kind != '-' && kind != '+') {
    return fail_at(line.place(0), "expected a choice (-), the right choice (+) or why (=)");
  }
  ask.choices.push_back(words);
  if (kind == '+') {
    if (has_right) return fail_at(line.place(0), "expected one right choice (+), found another");
    has_right = true;
    ask.right = static_cast<std::uint32_t>(ask.choices.size());
  }
  return {};
}

}  // namespace

Result<CommandBody> build_ask(const Arguments& arguments) {
  Ask ask{.question = arguments.text("TEXT"), .choices = {}, .right = 0, .explanation = {}};
  bool has_right = false;
  for (const SourceLine& line : arguments.block()) {
    if (line.text.find_first_not_of(" \t") == std::string::npos) break;
    const auto added = add_line(ask, has_right, line);
    if (!added) return fail(added.error());
  }
  if (ask.choices.size() < 2 || !has_right) {
    return fail_at(arguments.place(),
                   "expected, below the question, two choices or more (-), one of them right (+)");
  }
  return ask;
}

Result<CommandBody> build_answer(const Arguments& arguments) {
  const std::uint64_t choice = arguments.count("N", 1);
  if (choice > std::numeric_limits<std::uint32_t>::max()) {
    return fail_at(arguments.find("N")->place, "expected the number of a choice");
  }
  return Answer{.choice = static_cast<std::uint32_t>(choice)};
}

Result<CommandBody> build_door(const Arguments& arguments) {
  if (arguments.has("close")) return Door{.kind = Door::Kind::Close};
  if (arguments.has("here")) return Door{.kind = Door::Kind::Here};
  const std::uint64_t port = arguments.count("N", 0);
  if (port > std::numeric_limits<std::uint16_t>::max()) {
    return fail_at(arguments.find("N")->place, "expected a port");
  }
  return Door{.kind = Door::Kind::Open, .port = static_cast<std::uint16_t>(port)};
}

Result<CommandBody> build_help(const Arguments& arguments) {
  return Help{.command = arguments.text("COMMAND")};
}

Result<CommandBody> build_quit(const Arguments&) {
  return Quit{};
}

}  // namespace orrery::lang
