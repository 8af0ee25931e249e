#include "tests/golden/etcdctl/case_file.h"

#include <regex>
#include <sstream>

#include "base/text.h"

namespace orrery::conversation {

namespace {

bool is_answer(const std::string& line) {
  return line.starts_with("| ") || line.starts_with("E ") || line.starts_with("rc") || line == "|";
}

void read_head(const std::string& line, CaseFile& out) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string::npos) return;
  const std::string name = line.substr(0, colon);
  if (name == "title") out.title = line.substr(colon + 2);
  if (name == "needs") out.needs = line.substr(colon + 2);
}

CaseStep step_of(const std::smatch& match, int line) {
  CaseStep step{.kind = match[1].str().front(),
                .options = {},
                .text = match[3],
                .input = {},
                .expected = {},
                .line = line};
  std::string listed = match[2];
  if (!listed.empty()) listed = listed.substr(1, listed.size() - 2);
  std::istringstream words(listed);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    step.options[word.substr(0, equals)] =
        equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return step;
}

}  // namespace

Result<CaseFile> read_case(const std::string& name, const std::string& bytes) {
  static const std::regex kStep(R"(([$@])(\[[^\]]*\])? (.*))");
  CaseFile out;
  std::istringstream lines(bytes);
  bool in_body = false;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::smatch match;
    if (!in_body) {
      in_body = line == "--";
      read_head(line, out);
    } else if (line.find_first_not_of(' ') == std::string::npos || line.starts_with('#')) {
      continue;
    } else if (std::regex_match(line, match, kStep)) {
      out.steps.push_back(step_of(match, number));
    } else if (line.starts_with('<') && !out.steps.empty()) {
      out.steps.back().input.push_back(line.size() > 2 ? line.substr(2) : "");
    } else if (is_answer(line) && !out.steps.empty()) {
      out.steps.back().expected.push_back(line);
    } else {
      return fail(Errc::Syntax, text("{}:{}: not understood: {}", name, number, line));
    }
  }
  return out;
}

}  // namespace orrery::conversation
