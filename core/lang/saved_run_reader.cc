// The reader of saved runs: strict, so that a changed line is named rather than guessed at.
#include <charconv>
#include <optional>

#include "base/text.h"
#include "lang/saved_run.h"
#include "lang/source.h"

namespace orrery::lang {

namespace {

constexpr std::size_t kDigestDigits = 8;

template <class Number>
std::optional<Number> number_in(std::string_view digits, int base = 10) {
  Number number{};
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number, base);
  if (digits.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

bool is_digest(std::string_view digits) {
  return digits.size() == kDigestDigits &&
         digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class RunReader {
 public:
  RunReader(std::string_view file, std::string_view text)
      : file_(file), lines_(lines_of(file, text)) {}

  Result<SavedRun> read() {
    auto done = read_format()
                    .and_then([&] { return read_release(); })
                    .and_then([&] { return read_schedule(); })
                    .and_then([&] { return read_body(); });
    if (!done) return fail(done.error());
    return std::move(run_);
  }

 private:
  bool at_end() const { return at_ == lines_.size(); }

  std::string_view here() const { return at_end() ? std::string_view{} : lines_[at_].text; }

  tl::unexpected<Error> expected(std::string_view what, std::size_t offset = 0) const {
    const auto last = static_cast<std::uint32_t>(lines_.size() + 1);
    const Place place =
        at_end() ? Place{.file = file_, .line = last, .column = 1} : lines_[at_].place(offset);
    const std::string found = at_end() ? "the end of the file" : quoted(here().substr(offset));
    return fail_at(place, text("expected {}, found {}", what, found), Errc::Corrupt);
  }

  Result<void> read_format() {
    const auto number =
        here().starts_with("orrery ") ? number_in<std::uint32_t>(here().substr(7)) : std::nullopt;
    if (!number || *number == 0) return expected("\"orrery 1\", as a saved run begins");
    if (*number > kRunFormat) {
      return expected(text("format {} or earlier (a later release saved this)", kRunFormat), 7);
    }
    ++at_;
    return {};
  }

  Result<void> read_release() {
    if (!here().starts_with("release ")) return expected("\"release\" and a version");
    run_.release = here().substr(8);
    ++at_;
    return {};
  }

  Result<void> read_schedule() {
    const auto number =
        here().starts_with("schedule ") ? number_in<std::uint32_t>(here().substr(9)) : std::nullopt;
    if (!number) return expected("\"schedule\" and a number");
    run_.schedule = *number;
    ++at_;
    return {};
  }

  Result<void> read_body() {
    while (!here().starts_with("end ")) {
      if (at_end()) return expected("\"end\" and the number of actions");
      auto done = read_line();
      if (!done) return done;
      ++at_;
    }
    const auto count = number_in<std::uint64_t>(here().substr(4));
    if (!count || *count != action_count(run_)) {
      return expected(text("{} here, as there are so many actions above", action_count(run_)), 4);
    }
    for (++at_; !at_end(); ++at_) {
      if (!here().empty()) return expected("nothing behind \"end\"");
    }
    return {};
  }

  Result<void> read_line() {
    const std::string_view line = here();
    if (line.empty()) return {};
    if (line.starts_with("set ")) return read_setting();
    if (line.starts_with("> ")) return read_command();
    if (run_.commands.empty()) return expected(R"("set" or a command ("> "))");
    if (line.starts_with("| ") || line == "|") return read_continuation();
    if (line.starts_with("  ")) return read_action();
    return expected(R"(a command ("> "), an action (two blanks) or "end")");
  }

  Result<void> read_setting() {
    const std::string_view rest = here().substr(4);
    const std::size_t blank = rest.find(' ');
    if (blank == 0 || blank == std::string_view::npos) return expected("a name and a value", 4);
    if (!run_.commands.empty()) return expected("the configuration above the first command");
    run_.configuration.push_back(
        {.name = std::string(rest.substr(0, blank)), .value = std::string(rest.substr(blank + 1))});
    return {};
  }

  Result<void> read_command() {
    run_.commands.push_back(
        {.text = std::string(here().substr(2)), .actions = {}, .line = lines_[at_].number});
    return {};
  }

  Result<void> read_continuation() {
    RecordedCommand& command = run_.commands.back();
    if (!command.actions.empty()) return expected("an action: the command above is complete");
    command.text += "\n" + std::string(here().size() > 2 ? here().substr(2) : "");
    return {};
  }

  Result<void> read_action() {
    const std::string_view line = here();
    const std::size_t digits = line.size() - std::min(line.size(), kDigestDigits);
    const std::size_t end = digits < 2 ? 0 : digits - 2;
    if (end < 3 || line.substr(end, 2) != "  " || !is_digest(line.substr(digits))) {
      return expected("an action, two blanks and 8 hexadecimal digits");
    }
    RecordedAction action{.text = std::string(line.substr(2, end - 2)),
                          .times = 1,
                          .digest = *number_in<std::uint32_t>(line.substr(digits), 16),
                          .line = lines_[at_].number};
    if (action.text.starts_with("next x")) {
      const auto times = number_in<std::uint64_t>(std::string_view(action.text).substr(6));
      if (!times || *times == 0 || *times > kFoldMax) {
        return expected(text("a number of steps from 1 to {}", kFoldMax), 8);
      }
      action.times = *times;
      action.text.clear();
    }
    run_.commands.back().actions.push_back(std::move(action));
    return {};
  }

  std::string file_;
  std::vector<SourceLine> lines_;
  std::size_t at_ = 0;
  SavedRun run_;
};

}  // namespace

Result<SavedRun> read_run(std::string_view file, std::string_view text) {
  return RunReader(file, text).read();
}

}  // namespace orrery::lang
