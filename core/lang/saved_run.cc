#include "lang/saved_run.h"

#include "base/check.h"
#include "base/text.h"
#include "lang/source.h"

namespace orrery::lang {

namespace {

void check_line(std::string_view words) {
  check(words.find('\n') == std::string_view::npos,
        "what is one line in the file has no line break");
}

std::string action_line(const RecordedAction& action) {
  check_line(action.text);
  const std::string what = action.text.empty() ? text("next x{}", action.times) : action.text;
  return text("  {}  {:08x}\n", what, action.digest);
}

std::string command_lines(const RecordedCommand& command) {
  std::string out;
  for (const SourceLine& line : lines_of("", command.text)) {
    out += (out.empty() ? "> " : "| ") + line.text + "\n";
  }
  for (const RecordedAction& action : command.actions) out += action_line(action);
  return out;
}

}  // namespace

std::uint64_t action_count(const SavedRun& run) {
  std::uint64_t count = 0;
  for (const RecordedCommand& command : run.commands) {
    for (const RecordedAction& action : command.actions) count += action.times;
  }
  return count;
}

std::uint32_t low_digest(Digest digest) {
  return static_cast<std::uint32_t>(digest & 0xffffffffU);
}

std::string to_text(const SavedRun& run) {
  std::string out = text("orrery {}\n", kRunFormat);
  check_line(run.release);
  out += text("release {}\nschedule {}\n", run.release, run.schedule);
  for (const Setting& setting : run.configuration) {
    check_line(setting.name + setting.value);
    out += text("set {} {}\n", setting.name, setting.value);
  }
  for (const RecordedCommand& command : run.commands) out += "\n" + command_lines(command);
  return out + text("\nend {}\n", action_count(run));
}

void RunRecorder::command(std::string text) {
  flush();
  run_.commands.push_back({.text = std::move(text), .actions = {}, .line = 0});
}

void RunRecorder::action(std::string text, bool is_default, Digest digest_after) {
  check(!run_.commands.empty(), "a run's actions follow a command");
  if (!is_default) flush();
  RecordedAction action{
      .text = std::move(text), .times = 1, .digest = low_digest(digest_after), .line = 0};
  if (is_default) {
    pending_.push_back(std::move(action));
    if (pending_.size() == kFoldMax) flush();
  } else {
    run_.commands.back().actions.push_back(std::move(action));
  }
}

void RunRecorder::flush() {
  if (pending_.empty()) return;
  auto& actions = run_.commands.back().actions;
  if (pending_.size() >= kFoldMin) {
    actions.push_back(
        {.text = {}, .times = pending_.size(), .digest = pending_.back().digest, .line = 0});
  } else {
    actions.insert(actions.end(), pending_.begin(), pending_.end());
  }
  pending_.clear();
}

SavedRun RunRecorder::take() {
  flush();
  return std::move(run_);
}

}  // namespace orrery::lang
