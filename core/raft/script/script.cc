#include "raft/script.h"

#include "base/text.h"
#include "raft/script/confchange.h"
#include "raft/script/datadriven.h"
#include "raft/script/interaction.h"
#include "raft/script/quorum.h"

namespace orrery::raft {

namespace {

using script::Directive;

// What lives from one directive to the next.
struct Runner {
  script::Environment environment;
  script::Changer changer;

  std::string answer(const Directive& directive) {
    if (directive.command == "committed" || directive.command == "vote") {
      return script::perform_quorum(directive);
    }
    if (script::is_conf_change_command(directive.command)) {
      return script::perform_conf_change(changer, directive);
    }
    return script::perform(environment, directive);
  }
};

std::vector<std::string_view> lines_of(std::string_view content) {
  std::vector<std::string_view> out;
  while (!content.empty()) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    out.push_back(content.substr(0, end));
    content.remove_prefix(std::min(end + 1, content.size()));
  }
  return out;
}

// Both texts line by line, the common head and tail as context.
std::string difference(std::string_view expected, std::string_view actual) {
  const auto want = lines_of(expected);
  const auto got = lines_of(actual);
  std::size_t head = 0;
  while (head < want.size() && head < got.size() && want[head] == got[head]) ++head;
  std::size_t tail = 0;
  while (tail < want.size() - head && tail < got.size() - head &&
         want[want.size() - 1 - tail] == got[got.size() - 1 - tail]) {
    ++tail;
  }
  std::string out;
  for (std::size_t i = head < 3 ? 0 : head - 3; i < head; ++i) out += text("   {}\n", want[i]);
  for (std::size_t i = head; i < want.size() - tail; ++i) out += text("  -{}\n", want[i]);
  for (std::size_t i = head; i < got.size() - tail; ++i) out += text("  +{}\n", got[i]);
  return out;
}

}  // namespace

Result<ScriptReport> run_script(std::string_view name, std::string_view content) {
  const auto directives = script::parse(name, content);
  if (!directives) return fail(directives.error());
  ScriptReport report;
  Runner runner;
  std::size_t copied = 0;
  for (const Directive& directive : *directives) {
    std::string actual = runner.answer(directive);
    if (!actual.empty() && actual.back() != '\n') actual += '\n';
    ++report.directives;
    if (actual != directive.expected) {
      ++report.mismatches;
      report.diff += text("{}:{}: {}\n{}", name, directive.line, directive.command,
                          difference(directive.expected, actual));
    }
    report.rewritten += content.substr(copied, directive.answer_begin - copied);
    report.rewritten += script::answer_block(actual);
    copied = directive.answer_end;
  }
  report.rewritten += content.substr(copied);
  return report;
}

}  // namespace orrery::raft
