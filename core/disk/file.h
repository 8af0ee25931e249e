// File: what a program sees of a file, what a crash would leave of it, and the changes in between.
//   used by: Disk    uses: Content, Survivors
//   ideas:   durable + pending changes, in order = cached. fsync makes the cached content the durable one. Small
//            writes between two fsyncs only queue up; they are folded into blocks when an fsync or a larger write
//            comes.
//   invariant: cached content is durable content with all pending changes applied, unless a misdirected write made
//              the two differ (`diverged`): then the program sees it right until it starts anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/blob.h"
#include "base/digest.h"
#include "base/sequence.h"
#include "disk/content.h"
#include "disk/survivors.h"

namespace orrery::disk {

struct Write {
  std::uint64_t offset = 0;
  Blob bytes;
  std::int64_t astray_blocks = 0;  // how far off it reaches the medium; 0 = where it should

  template <class F>
  void fields(F&& f) const {
    f("offset", offset), f("bytes", bytes), f("astray_blocks", astray_blocks);
  }

  friend bool operator==(const Write&, const Write&) = default;
};

struct Resize {
  std::uint64_t size = 0;

  template <class F>
  void fields(F&& f) const {
    f("size", size);
  }

  friend bool operator==(const Resize&, const Resize&) = default;
};

using Change = std::variant<Write, Resize>;

class File {
 public:
  // A file whose whole content is durable.
  static File loaded(BytesView bytes);

  std::uint64_t size() const { return size_; }

  void write(Write write);
  void resize(std::uint64_t size);
  void fsync();

  Bytes read(std::uint64_t offset, std::uint64_t size) const;
  Blob block(std::uint64_t number) const;
  std::uint64_t stored_size() const;

  const Content& durable() const { return durable_; }

  const Sequence<Change>& pending() const { return pending_; }

  bool synced() const { return pending_.empty(); }

  // Would a crash change nothing?
  bool fresh() const { return pending_.empty() && !diverged_; }

  // Into how many pieces the pending changes fall (survivors.h).
  std::uint32_t pieces() const;
  void crash(const Keep& keep);
  // A bit of the medium turns over. requires: offset < size of the durable content
  void flip_bit(std::uint64_t offset, unsigned bit);

  Digest digest() const;
  friend bool operator==(const File& a, const File& b);

 private:
  // The content with every pending change in it.
  Content cached() const;
  void enqueue(Change change);
  void fold();

  Content durable_;
  Sequence<Change> pending_;  // what a crash may lose, in order of writing
  Content cached_;            // durable_ and the first folded_ pending changes
  std::size_t folded_ = 0;
  std::uint64_t size_ = 0;    // of the cached content
  bool misdirected_ = false;  // a pending write will go astray
  bool diverged_ = false;     // a synced write went astray
};

}  // namespace orrery::disk
