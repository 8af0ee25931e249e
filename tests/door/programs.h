// Programs of this build and of a stock etcd, run as a person runs them.
//   used by: tests/door
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "source_dir.h"

namespace orrery::door::testing {

struct Output {
  int status = -1;
  std::string words;
};

inline Output shell(const std::string& command) {
  Output out;
  std::FILE* pipe = ::popen(("( " + command + " ) 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    out.words.append(buffer.data(), got);
  }
  const int status = ::pclose(pipe);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

// One process of `orrery`, on ports that were free.
class Serving {
 public:
  explicit Serving(const std::string& arguments, const std::string& record = "") {
    start("serve " + arguments + (record.empty() ? "" : " --record '" + record + "'"));
  }

 private:
  void start(const std::string& arguments) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], 1);
      ::close(ends[0]);
      const std::string command = std::string("exec '") + ORRERY_PROGRAM + "' " + arguments;
      ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    read_endpoints(ends[0]);
    ::close(ends[0]);
  }

 public:
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;
  ~Serving() { (void)end(); }

  const std::string& endpoints() const { return endpoints_; }

  // Its exit status.
  int end(int signal = SIGTERM) {
    if (pid_ <= 0) return -1;
    ::kill(pid_, signal);
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  // "export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=127.0.0.1:4001,..."
  void read_endpoints(int from) {
    std::string line;
    for (char byte = 0; ::read(from, &byte, 1) == 1 && byte != '\n';) line += byte;
    const std::size_t at = line.find("ENDPOINTS=");
    if (at != std::string::npos) endpoints_ = line.substr(at + 10);
  }

  pid_t pid_ = -1;
  std::string endpoints_;
};

inline std::string etcdctl() {
  return std::string(ORRERY_STOCK_FOLDER) + "/usr/bin/etcdctl";
}

// Unpacks a stock etcd into the build folder unless it is there.
inline Output fetch_stock() {
  return shell(std::string("'") + ORRERY_SOURCE_DIR + "/tests/stock/fetch' '" +
               ORRERY_STOCK_FOLDER + "'");
}

// A folder of this process that is gone when the object is.
class Scratch {
 public:
  Scratch()
      : path_((std::filesystem::temp_directory_path() / ("door-dir-" + std::to_string(::getpid())))
                  .string()) {
    std::filesystem::remove_all(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A program on a terminal of its own.
class Terminal {
 public:
  explicit Terminal(const std::string& command) {
    const winsize size{.ws_row = 40, .ws_col = 160, .ws_xpixel = 0, .ws_ypixel = 0};
    pid_ = ::forkpty(&end_, nullptr, nullptr, &size);
    if (pid_ != 0) return;
    ::setenv("TERM", "vt100", 1);
    ::setenv("HOME", "/nonexistent", 1);
    ::execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
    ::_exit(127);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    ::close(end_);
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  void type(const std::string& line) {
    const std::string keys = line + "\n";
    (void)!::write(end_, keys.data(), keys.size());
  }

  // Until the words have been shown since the last time; what was shown up to their end is behind then.
  bool shows(const std::string& words, std::chrono::milliseconds patience = kPatience) {
    const auto until = Clock::now() + patience;
    std::size_t at = shown_.find(words, seen_);
    while (at == std::string::npos && Clock::now() < until && read()) {
      at = shown_.find(words, seen_);
    }
    if (at == std::string::npos) return false;
    seen_ = at + words.size();
    return true;
  }

  // The rest of the line behind what was seen.
  std::string rest_of_line() {
    const std::size_t from = seen_;
    if (!shows("\n")) return {};
    std::string out = shown_.substr(from, seen_ - from);
    while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) out.pop_back();
    return out;
  }

  // Its exit status.
  int end() {
    const auto until = Clock::now() + kPatience;
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0 && Clock::now() < until) (void)read();
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  const std::string& shown() const { return shown_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kPatience{20'000};

  // Waits a little. False = nothing will come any more.
  bool read() {
    pollfd wait{.fd = end_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 50) <= 0) return true;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(end_, buffer.data(), buffer.size());
    if (got > 0) shown_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  pid_t pid_ = -1;
  int end_ = -1;
  std::string shown_;
  std::size_t seen_ = 0;
};

// A command whose end nobody waits for yet.
class Background {
 public:
  explicit Background(const std::string& command)
      : pipe_(::popen(("exec 2>&1; " + command).c_str(), "r")) {}
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background() { (void)end(); }

  // Has it closed its output?
  bool has_ended(int patience_ms = 0) {
    pollfd wait{.fd = ::fileno(pipe_), .events = POLLIN, .revents = 0};
    while (!over_ && ::poll(&wait, 1, patience_ms) > 0) {
      std::array<char, 4096> buffer{};
      const ssize_t got = ::read(wait.fd, buffer.data(), buffer.size());
      if (got <= 0) over_ = true;
      if (got > 0) out_.words.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return over_;
  }

  // Waits for it.
  Output end() {
    if (pipe_ == nullptr) return out_;
    while (!has_ended(100)) {
    }
    const int status = ::pclose(std::exchange(pipe_, nullptr));
    out_.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out_;
  }

 private:
  std::FILE* pipe_;
  bool over_ = false;
  Output out_;
};

}  // namespace orrery::door::testing
