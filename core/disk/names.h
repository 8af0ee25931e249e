// Names: the directory tree of a disk as a program sees it, as a crash would leave it, and the changes in between.
//   used by: Disk    uses: base's OrderedMap and Sequence
//   ideas:   changes go to a journal in order, as in a journaling file system; making one durable makes all earlier
//            ones durable. A directory exists while it holds a file; renaming one renames all below it at once.
//   differs: no empty directories, no hard links.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ordered_map.h"
#include "base/sequence.h"
#include "base/strong.h"

namespace orrery::disk {

// A file, whatever its name; numbers are not used again.
using Inode = Strong<struct InodeTag>;

struct Linked {
  std::string path;
  Inode inode;

  template <class F>
  void fields(F&& f) const {
    f("path", path), f("inode", inode);
  }

  friend bool operator==(const Linked&, const Linked&) = default;
};

struct Unlinked {
  std::string path;

  template <class F>
  void fields(F&& f) const {
    f("path", path);
  }

  friend bool operator==(const Unlinked&, const Unlinked&) = default;
};

// A file, or every file below a directory.
struct Renamed {
  std::string from;
  std::string to;

  template <class F>
  void fields(F&& f) const {
    f("from", from), f("to", to);
  }

  friend bool operator==(const Renamed&, const Renamed&) = default;
};

using NameChange = std::variant<Linked, Unlinked, Renamed>;
using NameMap = OrderedMap<std::string, Inode>;

class Names {
 public:
  std::optional<Inode> find(std::string_view path) const;
  // Is it a file, or a directory with a file somewhere below?
  bool exists(std::string_view path) const;
  // Names of the files directly in `dir`, sorted.
  std::vector<std::string> list(std::string_view dir) const;
  std::vector<std::string> below(std::string_view dir) const;

  void change(NameChange change);
  // The file's own fsync: whatever led to its name is durable.
  void sync_file(std::string_view path);
  // Whatever happened directly in the directory is durable.
  void sync_dir(std::string_view dir);
  // The first `survivors` changes of the journal happened, the others did not.
  void crash(std::size_t survivors);

  const NameMap& cached() const { return cached_; }

  const NameMap& durable() const { return durable_; }

  const Sequence<NameChange>& journal() const { return journal_; }

  template <class F>
  void fields(F&& f) const {
    f("cached", cached_), f("durable", durable_), f("journal", journal_);
  }

  friend bool operator==(const Names&, const Names&) = default;

 private:
  void commit(std::size_t count);

  NameMap cached_;
  NameMap durable_;
  Sequence<NameChange> journal_;  // what leads from durable_ to cached_
};

}  // namespace orrery::disk
