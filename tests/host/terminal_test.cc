// The console and the terminal, on a pseudo terminal of the test's own.
#include "host/terminal.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <pty.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "host/console.h"

namespace orrery::host {
namespace {

// libedit prints its prompt before it takes the terminal over; Ctrl-D in between would be lost.
void wait_for_editing(int master) {
  termios mode = {};
  for (int i = 0; i < 5'000; ++i) {
    if (::tcgetattr(master, &mode) == 0 && (mode.c_lflag & ECHO) == 0) return;
    ::usleep(1'000);
  }
  ADD_FAILURE() << "nobody takes the terminal over";
}

// What a child prints on its own terminal of 100 columns while these keys are typed to it.
template <class Child>
std::string on_terminal(const std::string& keys, Child&& child) {
  winsize size = {};
  size.ws_col = 100;
  size.ws_row = 40;
  int master = -1;
  const pid_t pid = ::forkpty(&master, nullptr, nullptr, &size);
  if (pid == 0) {
    ::setenv("TERM", "vt100", 1);
    ::unsetenv("NO_COLOR");
    child();
    std::fflush(nullptr);
    ::_exit(0);
  }
  std::string out;
  bool typed = false;
  std::array<char, 4096> buffer{};
  while (true) {
    pollfd wait{.fd = master, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 10'000) <= 0) break;
    const ssize_t got = ::read(master, buffer.data(), buffer.size());
    if (got <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(got));
    if (!typed && out.find("> ") != std::string::npos) {
      typed = true;
      wait_for_editing(master);
      EXPECT_EQ(::write(master, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    }
  }
  ::close(master);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
  return out;
}

TEST(Terminal, ItsFactsAreTheSystems) {
  const std::string out = on_terminal("", [] {
    std::printf("%d %d %u", is_terminal(Stream::Out), wants_colour(Stream::Out),
                terminal_width(Stream::Out));
  });
  const std::string plain = on_terminal("", [] {
    ::setenv("NO_COLOR", "1", 1);
    std::printf("%d", wants_colour(Stream::Out));
  });

  EXPECT_EQ(out, "1 1 100");
  EXPECT_EQ(plain, "0");
}

TEST(Terminal, AHiddenLineIsNotShown) {
  const std::string out = on_terminal("secret\n", [] {
    termios mode = {};
    ::tcgetattr(STDIN_FILENO, &mode);
    const bool echoed = (mode.c_lflag & ECHO) != 0;
    const auto line = read_hidden("Password> ");
    ::tcgetattr(STDIN_FILENO, &mode);
    std::printf("[%zu %d %d]", line ? line->size() : 0, echoed, (mode.c_lflag & ECHO) != 0);
  });

  EXPECT_EQ(out, "Password> \r\n[6 1 1]");
}

TEST(Console, TabCompletesFromTheCallersWords) {
  const std::string out = on_terminal("st\tx\r", [] {
    Console console("", [](const std::string& line) {
      return Candidates{
          .begin = 0,
          .words = line == "st" ? std::vector<std::string>{"step"} : std::vector<std::string>{},
          .hint = {}};
    });
    const auto line = console.read_line("> ");
    std::printf("[%s]", line ? line->c_str() : "end");
  });

  EXPECT_NE(out.find("[step x]"), std::string::npos) << out;
}

TEST(Console, ControlDIsTheEnd) {
  const std::string out = on_terminal("\x04", [] {
    Console console("", {});
    std::printf("[%s]", console.read_line("> ") ? "line" : "end");
  });

  EXPECT_NE(out.find("[end]"), std::string::npos) << out;
}

TEST(Console, ACandidateMayBeginInsideWhatTheEditorTakesForAWord) {
  const std::string out = on_terminal("expect n1.appl\t\r", [] {
    Console console("", [](const std::string&) {
      return Candidates{.begin = 10, .words = {"applied"}, .hint = {}};
    });
    const auto line = console.read_line("> ");
    std::printf("[%s]", line ? line->c_str() : "end");
  });

  EXPECT_NE(out.find("[expect n1.applied "), std::string::npos) << out;
}

TEST(Console, HistoryComesBackInTheNextSession) {
  const std::string path = testing::TempDir() + "orrery-history-" + std::to_string(::getpid());
  const auto session = [&] {
    Console console(path, {});
    const auto line = console.read_line("> ");
    std::printf("[%s]", line ? line->c_str() : "end");
  };

  on_terminal("put k v\r", session);
  const std::string out = on_terminal("\x10\r", session);  // Ctrl-P

  EXPECT_NE(out.find("[put k v]"), std::string::npos) << out;
  std::remove(path.c_str());
}

TEST(Console, APipeIsReadLineByLine) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const std::string text = "step 3\n\nlast";
  ASSERT_EQ(::write(pipe[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(pipe[1]);
  const int old = ::dup(STDIN_FILENO);
  ::dup2(pipe[0], STDIN_FILENO);
  {
    Console console("", {});
    EXPECT_FALSE(console.is_interactive());
    EXPECT_EQ(console.read_line("> "), "step 3");
    EXPECT_EQ(console.read_line("> "), "");
    EXPECT_EQ(console.read_line("> "), "last");
    EXPECT_EQ(console.read_line("> "), std::nullopt);
  }
  ::dup2(old, STDIN_FILENO);
  std::clearerr(stdin);
  ::close(old);
  ::close(pipe[0]);
}

}  // namespace
}  // namespace orrery::host
