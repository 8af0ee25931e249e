// Inflights: the window of appends that were sent to one follower and not yet acknowledged.
//   used by: progress.h             uses: nothing
//   ideas:   each append is known by the index of its last entry; an acknowledgement of that index frees it and
//            all before it. The window has two limits: messages and bytes.
//   from: etcd raft tracker/inflights.go
#pragma once

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "base/strong.h"

namespace orrery::raft {

class Inflights {
 public:
  Inflights() = default;
  Inflights(std::uint64_t max_count, std::uint64_t max_bytes)
      : max_count_(max_count), max_bytes_(max_bytes) {}

  std::uint64_t count() const { return window_.size() - first_; }

  std::uint64_t bytes() const { return bytes_; }

  // The byte limit may be passed by the last message: it is tested before sending, not after.
  bool full() const { return count() >= max_count_ || bytes_ >= max_bytes_; }

  // requires: !full()
  void add(Index last, std::uint64_t bytes) {
    check(!full(), "an append is sent only into a window that has room");
    window_.push_back({last, bytes});
    bytes_ += bytes;
  }

  // The follower has everything up to `acked`.
  void free_to(Index acked) {
    while (first_ < window_.size() && window_[first_].last <= acked) {
      bytes_ -= window_[first_].bytes;
      ++first_;
    }
    if (first_ == window_.size()) {
      window_.clear();
      first_ = 0;
    } else if (first_ > window_.size() / 2) {
      window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }

  void reset() {
    window_.clear();
    first_ = 0;
    bytes_ = 0;
  }

  Digest digest() const {
    Digest out = combine(combine(mix(count()), max_count_), max_bytes_);
    for (std::size_t i = first_; i < window_.size(); ++i) {
      out = combine(combine(out, window_[i].last.value()), window_[i].bytes);
    }
    return out;
  }

  friend bool operator==(const Inflights& a, const Inflights& b) {
    return a.max_count_ == b.max_count_ && a.max_bytes_ == b.max_bytes_ &&
           std::equal(a.window_.begin() + static_cast<std::ptrdiff_t>(a.first_), a.window_.end(),
                      b.window_.begin() + static_cast<std::ptrdiff_t>(b.first_), b.window_.end());
  }

 private:
  struct Sent {
    Index last;
    std::uint64_t bytes = 0;

    friend bool operator==(const Sent&, const Sent&) = default;
  };

  std::uint64_t max_count_ = 0;
  std::uint64_t max_bytes_ = 0;
  std::uint64_t bytes_ = 0;   // of the live part
  std::size_t first_ = 0;     // window_ before this is freed already
  std::vector<Sent> window_;  // last ascending; bounded by max_count_
};

}  // namespace orrery::raft
