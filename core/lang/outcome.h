// Outcome: what a command gave: words for several kinds of reader, and what it wants of whoever gave it.
//   used by: interpreter (makes it), lab, cli, gui (show it)    uses: command.h
//   ideas:   Output is what golden tests compare and what a pipe gets; Error is what etcdctl writes beside it; Note is
//            for people alone. Files and readers are outside: a command that needs them says so as a demand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "lang/command.h"

namespace orrery::lang {

struct Piece {
  enum class Kind : std::uint8_t { Output, Error, Note, Say };
  Kind kind = Kind::Output;
  std::string text;  // whole lines

  friend bool operator==(const Piece&, const Piece&) = default;
};

// What `snapshot save` has fetched.
struct WriteFile {
  std::string file;
  Blob bytes;

  friend bool operator==(const WriteFile&, const WriteFile&) = default;
};

// save and load need a file, eject and load n1 a folder, ask a reader, quit whoever reads the lines, door whoever
// can listen.
using Demand = std::variant<std::monostate, Save, Load, Eject, LoadMember, Ask, Quit, WriteFile,
                            SnapshotStatus, Door>;

struct Outcome {
  std::vector<Piece> pieces;
  Demand demand;
  std::optional<Error> error;  // why the command stopped; the pieces before it stand
  int exit_status = 0;         // of the last etcdctl that ended

  void add(Piece::Kind kind, std::string lines) {
    if (!lines.empty()) pieces.push_back({kind, std::move(lines)});
  }
};

// What a pipe gets, and what golden tests compare: Output and Error, in order.
std::string output_of(const Outcome& outcome);

}  // namespace orrery::lang
