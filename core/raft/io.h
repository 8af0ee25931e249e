// Io: what every call into Raft brings along: explaining, one random number, and a place for log lines.
//   used by: every function here that decides something    uses: base/guards.h
//   ideas:   Raft draws no randomness and prints nothing. A call that resets the election timer takes
//            `entropy`; a caller who wants etcd's log lines gives a sink. Without a sink a line costs one
//            branch: its text is never made.
//   from: etcd raft logger.go (levels); the words of the lines are etcd's, so that its scripts can judge us
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/guards.h"
#include "base/text.h"
#include "proto/raftpb.h"

namespace orrery::raft {

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };

struct LogLine {
  LogLevel level = LogLevel::Info;
  std::string text;

  friend bool operator==(const LogLine&, const LogLine&) = default;
};

struct LogSink {
  std::vector<LogLine> lines;
};

// Explains nothing, at no cost.
inline const Guards& no_guards() {
  static const Guards none;
  return none;
}

// Lives for one call; never part of a world.
struct Io {
  const Guards& guards = no_guards();
  std::uint64_t entropy =
      0;                   // a reset election timer runs election_ticks + entropy % election_ticks
  LogSink* log = nullptr;  // null = nobody reads the log
};

// A member's own end: what etcd answers with a panic (a log that lost committed entries, an impossible
// configuration change). Thrown; the member's disk stays and it may be restarted.
struct Panic {
  std::string text;
};

[[noreturn]] inline void panic(std::string text) {
  throw Panic{std::move(text)};
}

// How a log line shows a value: ids in hex, numbers in decimal, the rest by its to_text().
inline std::string words(NodeId id) {
  return text("{:x}", id.value());
}

inline std::uint64_t words(Term term) {
  return term.value();
}

inline std::uint64_t words(Index index) {
  return index.value();
}

inline std::string_view words(raftpb::MessageType type) {
  return to_text(type);
}

inline std::string_view words(std::string_view chars) {
  return chars;
}

template <class T>
  requires std::is_integral_v<T>
constexpr T words(T number) {
  return number;
}

template <class T>
  requires requires(const T& value) {
    { to_text(value) } -> std::same_as<std::string>;
  }
std::string words(const T& value) {
  return to_text(value);
}

template <class T>
using Words = decltype(words(std::declval<const T&>()));

template <class... Args>
void say(const Io& io, LogLevel level, fmt::format_string<Words<Args>...> format,
         const Args&... args) {
  if (io.log == nullptr) [[likely]]
    return;
  io.log->lines.push_back({level, fmt::format(format, words(args)...)});
}

}  // namespace orrery::raft
