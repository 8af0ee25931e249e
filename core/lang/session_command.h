// Commands about the session and the lab: the cluster, files, what a lab says and asks.
//   used by: command.h      uses: nothing
//   invariant: as in command.h: plain structs, one per row of the table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orrery::lang {

struct Cluster {
  std::uint32_t members = 3;
  std::uint64_t seed = 1;
  std::string version;  // "v3.6.0"; empty = the default
  std::string preset;   // "v3.4.23", "mixed-3.2-3.3": a release with its defects; empty = none
  std::string quirks;   // names with commas between; empty = none

  // etcd's own flags; 0 = as etcd has it.
  std::int64_t quota_bytes = 0;
  std::uint64_t snapshot_count = 0;
  std::uint64_t catch_up_entries = 0;
  std::int64_t compaction_batch = 0;

  friend bool operator==(const Cluster&, const Cluster&) = default;
};

struct Save {
  std::string file;

  friend bool operator==(const Save&, const Save&) = default;
};

struct Load {
  std::string file;

  friend bool operator==(const Load&, const Load&) = default;
};

// Writes a member's disk as a data directory of the host's.
struct Eject {
  std::string member;
  std::string folder;

  friend bool operator==(const Eject&, const Eject&) = default;
};

// Gives a member the disk that a data directory of the host's holds, and starts it from there.
struct LoadMember {
  std::string member;
  std::string folder;

  friend bool operator==(const LoadMember&, const LoadMember&) = default;
};

struct Say {
  std::string words;

  friend bool operator==(const Say&, const Say&) = default;
};

// A prediction question: asked before the reveal.
struct Ask {
  std::string question;
  std::vector<std::string> choices;
  std::uint32_t right = 1;  // the right choice, from 1
  std::string explanation;

  friend bool operator==(const Ask&, const Ask&) = default;
};

// The reader's answer to the last question.
struct Answer {
  std::uint32_t choice = 1;

  friend bool operator==(const Answer&, const Answer&) = default;
};

// Real clients, let in beside the commands: opens at the live line's endpoints, moves there, or closes.
struct Door {
  enum class Kind : std::uint8_t { Open, Here, Close };
  Kind kind = Kind::Open;
  std::uint16_t port = 0;  // of n1; the others' follow. 0 = ports that are free

  friend bool operator==(const Door&, const Door&) = default;
};

struct Help {
  std::string command;  // empty = all

  friend bool operator==(const Help&, const Help&) = default;
};

struct Quit {
  friend bool operator==(const Quit&, const Quit&) = default;
};

}  // namespace orrery::lang
