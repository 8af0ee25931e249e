// Disk: one member's simulated disk, as a value.
//   used by: wal, backend, server, sim, host (load and eject)    uses: File, Names
//   ideas:   files by path ("member/snap/db"), each with a cached and a durable version that share their blocks.
//            A write is cached until fsync(path), a change of names until sync_dir(dir); a crash keeps what it is
//            told to of the rest. A file's fsync also makes its own name durable, with every earlier change of names,
//            as journaling file systems do. A directory exists while it holds a file.
//   invariant 1: a copy is O(1), a write O(log n), never a copy of the file.
//   invariant 2: what fsync and sync_dir covered survives every crash.
//   errors:  Errc::Io with the operation, the path and the reason, in the words a Go program would see.
//   differs: renames of directories are atomic; slow disks are the schedule's matter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/blob.h"
#include "base/digest.h"
#include "base/ordered_map.h"
#include "base/result.h"
#include "base/shared.h"
#include "disk/file.h"
#include "disk/names.h"
#include "disk/survivors.h"

namespace orrery::disk {

// What is wrong with the hardware, as switches.
struct Faults {
  std::optional<std::uint64_t> capacity_bytes;            // unset = endless
  OrderedMap<std::string, std::uint32_t> failing_fsyncs;  // by path: how many more will fail
  OrderedMap<std::string, std::int64_t>
      misdirections;  // by path: the next write goes astray by blocks

  template <class F>
  void fields(F&& f) const {
    f("capacity_bytes", capacity_bytes), f("failing_fsyncs", failing_fsyncs);
    f("misdirections", misdirections);
  }

  friend bool operator==(const Faults&, const Faults&) = default;
};

class Disk {
 public:
  // -- files
  bool exists(std::string_view path) const { return names_.exists(path); }

  // Makes it, or empties it when it is there.
  Result<void> create(std::string_view path);
  Result<void> write(std::string_view path, std::uint64_t offset, BytesView bytes);
  Result<void> append(std::string_view path, BytesView bytes);
  // A whole block, shared and not copied. requires: block.size() == kBlockBytes
  Result<void> write_block(std::string_view path, std::uint64_t number, Blob block);
  // Cuts, or extends with zeros.
  Result<void> truncate(std::string_view path, std::uint64_t size);
  // Extends with zeros that take their place on the disk; never cuts.
  Result<void> preallocate(std::string_view path, std::uint64_t size);
  Result<void> fsync(std::string_view path);

  Result<std::uint64_t> size(std::string_view path) const;
  // The size, or less when only zeros follow (whole blocks of them).
  Result<std::uint64_t> stored_size(std::string_view path) const;
  // As many of the bytes as exist.
  Result<Bytes> read(std::string_view path, std::uint64_t offset, std::uint64_t size) const;
  Result<Bytes> read_all(std::string_view path) const;
  // 4096 bytes, zeros past the end; an empty Blob when all are zero. Nothing is copied.
  Result<Blob> block(std::string_view path, std::uint64_t number) const;

  // -- directories
  Result<void> rename(std::string_view from, std::string_view to);  // file or directory; replaces
  Result<void> remove(std::string_view path);
  void remove_all(std::string_view dir);  // every file below; none is fine
  void sync_dir(std::string_view dir);

  // Names of the files directly in `dir`, sorted.
  std::vector<std::string> list(std::string_view dir) const { return names_.list(dir); }

  // Every file's path, sorted.
  std::vector<std::string> paths() const;

  // -- crash and faults
  void crash(const Survivors& survivors);
  // Paths with unsynced changes and the pieces these fall into, sorted by path.
  std::vector<std::pair<std::string, std::uint32_t>> unsynced() const;

  // How many directory changes a crash may still lose.
  std::uint32_t unsynced_names() const;

  void set_capacity(std::optional<std::uint64_t> bytes) { faults_.capacity_bytes = bytes; }

  // Each file rounded up to blocks; preallocated space counts.
  std::uint64_t used_bytes() const;
  void fail_fsyncs(std::string_view path, std::uint32_t count);
  // The next write to `path` reaches the medium `blocks` further on (or back).
  void misdirect_next_write(std::string_view path, std::int64_t blocks);
  Result<void> flip_bit(std::string_view path, std::uint64_t offset, unsigned bit);

  // -- whole files, for load and eject
  // Puts a file there as if it had always been: durable at once.
  void install(std::string_view path, BytesView bytes);

  // For the inspector; null when there is none.
  const File* find_file(std::string_view path) const;

  const Names& names() const { return names_; }

  const OrderedMap<Inode, Shared<File>>& files() const { return files_; }

  const Faults& faults() const { return faults_; }

  template <class F>
  void fields(F&& f) const {
    f("names", names_), f("files", files_), f("faults", faults_), f("next_inode", next_inode_);
  }

  friend bool operator==(const Disk&, const Disk&) = default;

 private:
  File* edit_file(std::string_view path);
  Result<void> write_blob(std::string_view path, std::uint64_t offset, Blob bytes);
  Result<void> make_room(std::string_view path, std::uint64_t old_size, std::uint64_t size) const;
  void drop_nameless();

  Names names_;
  OrderedMap<Inode, Shared<File>> files_;
  Faults faults_;
  Inode next_inode_{1};
};

}  // namespace orrery::disk
