// What the tests of the backend share: a file that takes a commit's phases, and draws.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/backend.h"
#include "base/draws.h"
#include "base/text.h"

namespace orrery::backend {

// A disk's file as far as a backend is concerned.
struct File {
  Sequence<Blob> blocks = Backend::initial_pages();

  void write(const PageWrite& page) {
    while (blocks.size() <= page.page.value()) blocks.push_back(Blob{});
    blocks.edit(page.page.value()) = page.bytes;
  }
  void write_data(const CommitPlan& plan) {
    for (const PageWrite& page : plan.data) write(page);
  }
};

inline CommitPlan commit(Backend& backend, File& file) {
  const CommitPlan plan = backend.begin_commit();
  file.write_data(plan);
  file.write(plan.meta);
  backend.finish_commit();
  return plan;
}

inline Sequence<Blob> blocks_of(BytesView bytes) {
  Sequence<Blob> out;
  for (std::size_t at = 0; at < bytes.size(); at += kPageSize) {
    out.push_back(Blob(bytes.substr(at, kPageSize)));
  }
  return out;
}

inline Bytes bytes_of(const Sequence<Blob>& blocks) {
  Bytes out;
  for (const Blob& block : blocks) {
    out.append(block.view());
    if (block.empty()) out.append(kPageSize, '\0');
  }
  return out;
}

// A row key of the bucket "key": main, '_', sub, big endian.
inline Bytes revision_key(std::uint64_t main, std::uint64_t sub = 0) {
  Bytes out;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(main >> shift));
  out.push_back('_');
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(sub >> shift));
  return out;
}

using Model = std::map<std::string, std::string>;

inline Model rows_of(const Backend& backend, View view, Bucket bucket) {
  Model out;
  backend.range(view, bucket, {}, {}, 0,
                [&](BytesView key, BytesView value) { out.emplace(key, value); });
  return out;
}

// Numbers for one test, in order.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t below(std::uint64_t bound) {
    return orrery::below(draw(seed_, Purpose::TestData, 0, count_++), bound);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

}  // namespace orrery::backend
