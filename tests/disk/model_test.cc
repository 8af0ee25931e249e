// A disk under random work and crashes, against a model that keeps whole files as strings.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "disk/disk.h"
#include "tests/disk/random.h"

namespace orrery::disk {
namespace {

struct ModelFile {
  std::string durable;
  std::string cached;
  std::vector<std::pair<std::uint64_t, std::string>> writes;  // since the last fsync
};

class Bench {
 public:
  explicit Bench(std::uint64_t seed) : random_{.seed = seed} {
    for (const char* path : {"d/a", "d/b", "e/c"}) {
      disk_.install(path, "");
      model_[path] = {};
    }
  }

  void work() {
    const auto it = std::next(model_.begin(), static_cast<std::ptrdiff_t>(random_.upto(3)));
    auto& [path, file] = *it;
    const std::uint64_t choice = random_.upto(10);
    if (choice < 6) {
      write(path, file);
    } else if (choice < 9) {
      ASSERT_TRUE(disk_.fsync(path));
      file.durable = file.cached;
      file.writes.clear();
    } else {
      crash();
    }
    check_all();
  }

 private:
  void write(const std::string& path, ModelFile& file) {
    const bool block = random_.upto(4) == 0;
    const bool append = !block && random_.upto(2) == 0;
    const std::uint64_t offset = block    ? random_.upto(5) * kBlockBytes
                                 : append ? file.cached.size()
                                          : random_.upto(20000);
    std::string bytes(block ? kBlockBytes : 1 + random_.upto(2000), '\0');
    for (char& c : bytes) c = static_cast<char>('a' + random_.upto(26));
    if (block) {
      ASSERT_TRUE(disk_.write_block(path, offset / kBlockBytes, Blob(bytes)));
    } else {
      ASSERT_TRUE(append ? disk_.append(path, bytes) : disk_.write(path, offset, bytes));
    }
    overwrite(file.cached, offset, bytes);
    file.writes.emplace_back(offset, bytes);
  }

  // Each file keeps the first so many sectors of its unsynced writes.
  void crash() {
    Survivors survivors;
    for (auto& [path, file] : model_) {
      const auto pieces = static_cast<std::uint32_t>(random_.upto(12));
      survivors.files.emplace_back(path, KeepTorn{pieces});
      std::uint64_t left = pieces;
      for (const auto& [offset, bytes] : file.writes) {
        const std::uint64_t first = offset / kSectorBytes;
        const std::uint64_t last = (offset + bytes.size() - 1) / kSectorBytes;
        const std::uint64_t kept = std::min(left, last - first + 1);
        left -= kept;
        const std::uint64_t end = std::min((first + kept) * kSectorBytes, offset + bytes.size());
        if (kept > 0) overwrite(file.durable, offset, bytes.substr(0, end - offset));
      }
      file.cached = file.durable;
      file.writes.clear();
    }
    disk_.crash(survivors);
  }

  void check_all() {
    for (const auto& [path, file] : model_) {
      ASSERT_EQ(*disk_.size(path), file.cached.size()) << path;
      ASSERT_EQ(*disk_.read_all(path), file.cached) << path;
      const File* held = disk_.find_file(path);
      ASSERT_EQ(held->durable().read(0, held->durable().size()), file.durable) << path;
    }
  }

  Random random_;
  Disk disk_;
  std::map<std::string, ModelFile> model_;
};

TEST(DiskModel, RandomWritesFsyncsAndTornCrashesAgreeWithStrings) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Bench bench(seed);
    for (int i = 0; i < 120; ++i) {
      bench.work();
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << " step " << i;
    }
  }
}

}  // namespace
}  // namespace orrery::disk
