// Defrag: a defragmentation in progress: rows copied chunk by chunk into a new file's backend.
//   used by: server's defrag lane, which holds all locks meanwhile
//   steps:   begin -> (copy_chunk -> commit of target(), written to db.tmp) until done() -> fsync, rename ->
//            the backend becomes take_target()
//   ideas:   the target is a Backend like any other, so its commits have the same phases.
//   from: etcd mvcc/backend/backend.go (defrag, defragdb)
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/backend.h"

namespace orrery::backend {

// Rows copied between two commits of the target.
inline constexpr std::size_t kDefragLimit = 10'000;

class Defrag {
 public:
  Defrag() = default;
  // requires: source.pending() == 0 (etcd commits first). Refuses a file with buckets that are not
  // etcd's.
  static Result<Defrag> begin(const Backend& source);

  // Copies up to `limit` rows into the target's batch; commit the target afterwards.
  // requires: !done(), and `source` has not changed since begin
  void copy_chunk(const Backend& source, std::size_t limit = kDefragLimit);

  bool done() const { return bucket_ == kBucketCount; }

  Backend& target() { return target_; }

  const Backend& target() const { return target_; }

  // requires: done(), target committed
  Backend take_target();

  friend bool operator==(const Defrag&, const Defrag&) = default;

  template <class F>
  void fields(F&& f) const {
    f("target", target_);
    f("bucket", bucket_);
    f("after", after_);
  }

 private:
  Backend target_;
  std::size_t bucket_ = 0;  // the one being copied, in name order; kBucketCount = all copied
  Bytes after_;             // the last key copied of it; "" = none yet
};

}  // namespace orrery::backend
