// Survivors: what a crash leaves of the writes and directory changes that nothing had made durable.
//   used by: Disk::crash, the crash action, search    uses: nothing
//   ideas:   a file's unsynced changes fall into pieces, counted in the order of writing: each 512-byte sector that a
//            write touches is one, each change of size is one. A crash keeps none, all, the first few (a torn
//            write), or any chosen ones. Directory changes go to a journal, so a first part of them survives.
//            The text form is one word, then exceptions:  torn:3 member/snap/db=all names=2
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace orrery::disk {

struct KeepNone {
  template <class F>
  void fields(F&&) const {}

  friend bool operator==(const KeepNone&, const KeepNone&) = default;
};

struct KeepAll {
  template <class F>
  void fields(F&&) const {}

  friend bool operator==(const KeepAll&, const KeepAll&) = default;
};

// The first `pieces` in the order of writing.
struct KeepTorn {
  std::uint32_t pieces = 0;

  template <class F>
  void fields(F&& f) const {
    f("pieces", pieces);
  }

  friend bool operator==(const KeepTorn&, const KeepTorn&) = default;
};

struct KeepChosen {
  std::vector<std::uint32_t> pieces;  // their numbers, ascending

  template <class F>
  void fields(F&& f) const {
    f("pieces", pieces);
  }

  friend bool operator==(const KeepChosen&, const KeepChosen&) = default;
};

using Keep = std::variant<KeepNone, KeepAll, KeepTorn, KeepChosen>;

bool keeps(const Keep& keep, std::uint32_t piece);

struct Survivors {
  Keep writes;                                      // in every file but these:
  std::vector<std::pair<std::string, Keep>> files;  // path and its own rule
  // How many directory changes survive; unset = all with `all`, else none.
  std::optional<std::uint32_t> names;

  const Keep& of_file(std::string_view path) const;

  template <class F>
  void fields(F&& f) const {
    f("writes", writes), f("files", files), f("names", names);
  }

  friend bool operator==(const Survivors&, const Survivors&) = default;
};

// "none", "all", "torn:3", "pieces:0+2".
std::string to_text(const Keep& keep);
std::string to_text(const Survivors& survivors);
// Reads what to_text wrote; the empty text is "none".
Result<Survivors> parse_survivors(std::string_view words);

}  // namespace orrery::disk
