#include "host/console.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <editline/readline.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "host/files.h"
#include "host/terminal.h"

namespace orrery::host {

namespace {

constexpr int kHistoryMax = 1000;

// libedit's callbacks take no argument of ours: this is the one Console's side of them.
struct Session {
  CompleteLine complete;
  KeepLine keep;
  Candidates found;
  std::size_t next = 0;
  Bell bell;
};

Session& session() {
  static Session one;
  return one;
}

// One candidate a call, allocated as libedit frees it; null at the end.
char* next_candidate(const char*, int) {
  Session& here = session();
  if (here.next >= here.found.words.size()) return nullptr;
  return ::strdup(here.found.words[here.next++].c_str());
}

void show_hint(const std::string& hint) {
  const std::string line = text("\n{}\n", hint);
  (void)!::write(STDOUT_FILENO, line.data(), line.size());
  rl_forced_update_display();
}

char** completions(const char* word, int start, int end) {
  Session& here = session();
  rl_attempted_completion_over = 1;
  const std::string line(rl_line_buffer, static_cast<std::size_t>(end));
  here.found = here.complete ? here.complete(line) : Candidates{};
  here.next = 0;
  // libedit divides words its own way: give it the text from where it thinks that the word begins.
  const auto begin = static_cast<std::size_t>(start);
  for (std::string& one : here.found.words) {
    if (here.found.begin > begin) {
      one.insert(0, line, begin, here.found.begin - begin);
    } else {
      one = one.substr(std::min(one.size(), begin - here.found.begin));
    }
  }
  if (here.found.words.empty()) {
    if (!here.found.hint.empty()) show_hint(here.found.hint);
    return nullptr;
  }
  return rl_completion_matches(word, next_candidate);
}

// Ctrl-C gives the line up, not the program.
std::optional<std::string> edited_line(const std::string& prompt) {
  struct sigaction old = {};
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGINT, &ignore, &old);
  char* read = ::readline(prompt.c_str());
  ::sigaction(SIGINT, &old, nullptr);
  if (read == nullptr) return std::nullopt;
  std::string line(read);
  std::free(read);
  const bool is_blank = line.find_first_not_of(" \t") == std::string::npos;
  const KeepLine& keep = session().keep;
  if (!is_blank && (!keep || keep(line))) ::add_history(line.c_str());
  return line;
}

// Waits for a key or the bell, for a while. libedit asks again until there is a key.
int wait_for_key() {
  constexpr int kPatience = 200;  // units: milliseconds
  const Bell& bell = session().bell;
  (void)std::fflush(stdout);
  std::array<pollfd, 2> waits{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                              pollfd{.fd = bell.descriptor, .events = POLLIN, .revents = 0}};
  (void)::poll(waits.data(), waits.size(), kPatience);
  if ((waits[0].revents & POLLIN) != 0) return 0;
  const std::string news = bell.look();
  if (news.empty()) return 0;
  const std::string lines = "\r\033[K" + news;
  (void)!::write(STDOUT_FILENO, lines.data(), lines.size());
  rl_forced_update_display();
  return 0;
}

}  // namespace

Console::Console(std::string history, CompleteLine complete, KeepLine keep)
    : interactive_(is_terminal(Stream::In) && is_terminal(Stream::Out)),
      history_(std::move(history)) {
  if (!interactive_) return;
  session().complete = std::move(complete);
  session().keep = std::move(keep);
  rl_readline_name = "orrery";
  rl_attempted_completion_function = completions;
  rl_initialize();
  using_history();
  stifle_history(kHistoryMax);
  if (!history_.empty() && file_exists(history_)) read_history(history_.c_str());
}

Console::~Console() {
  if (!interactive_) return;
  if (!history_.empty()) write_history(history_.c_str());
  session() = Session{};
  rl_event_hook = nullptr;
}

void Console::hear(std::optional<Bell> bell) {
  bell_ = std::move(bell);
  if (!interactive_) return;
  session().bell = bell_.value_or(Bell{});
  rl_event_hook = bell_ ? wait_for_key : nullptr;
}

// False = the input is over.
bool Console::wait_for_input() {
  constexpr int kPatience = 200;  // units: milliseconds
  (void)std::fflush(stdout);
  while (true) {
    const int other = bell_ ? bell_->descriptor : -1;
    std::array<pollfd, 2> waits{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                pollfd{.fd = other, .events = POLLIN, .revents = 0}};
    (void)::poll(waits.data(), waits.size(), bell_ ? kPatience : -1);
    if (bell_) {
      const std::string news = bell_->look();
      (void)!::write(STDOUT_FILENO, news.data(), news.size());
    }
    if (waits[0].revents != 0) break;
  }
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got > 0) piped_.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

std::optional<std::string> Console::piped_line() {
  std::size_t end = piped_.find('\n');
  while (end == std::string::npos && wait_for_input()) end = piped_.find('\n');
  if (end == std::string::npos && piped_.empty()) return std::nullopt;
  std::string line = piped_.substr(0, end);
  piped_.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

std::optional<std::string> Console::read_line(const std::string& prompt) {
  return interactive_ ? edited_line(prompt) : piped_line();
}

}  // namespace orrery::host
