#include "tests/backend/helpers.h"

namespace orrery::backend {
namespace {

using testing::IsEmpty;

// Shapes of work, each of which reaches other corners of the tree.
struct Shape {
  const char* name;
  std::uint64_t keys;          // how many different keys
  std::size_t value_bytes;     // at most
  std::uint64_t erase_per_10;  // erasures among ten operations
  std::uint64_t batch;         // operations per commit
};

constexpr Shape kShapes[] = {
    {.name = "inline", .keys = 8, .value_bytes = 60, .erase_per_10 = 4, .batch = 5},
    {.name = "small rows", .keys = 4000, .value_bytes = 30, .erase_per_10 = 3, .batch = 300},
    {.name = "shrinking", .keys = 3000, .value_bytes = 80, .erase_per_10 = 7, .batch = 500},
    {.name = "overflow", .keys = 60, .value_bytes = 20000, .erase_per_10 = 3, .batch = 10},
    {.name = "single operations", .keys = 300, .value_bytes = 300, .erase_per_10 = 4, .batch = 1},
    {.name = "large batches", .keys = 2000, .value_bytes = 100, .erase_per_10 = 5, .batch = 4000},
};

constexpr Bucket kUsed[] = {Bucket::Key, Bucket::Lease, Bucket::Meta};

class Trial {
 public:
  Trial(const Shape& shape, std::uint64_t seed) : shape_(shape), draws_(seed) {}

  void operate() {
    const Bucket bucket = kUsed[draws_.below(3)];
    Model& model = models_[bucket];
    // Some keys are longer than the others, so that branch pages differ in fan-out.
    Bytes key = revision_key(draws_.below(shape_.keys));
    if (key.back() % 7 == 0) key += std::string(200, 'k');
    if (draws_.below(10) < shape_.erase_per_10) {
      backend_.erase(bucket, key);
      model.erase(key);
      return;
    }
    const std::string value(draws_.below(shape_.value_bytes + 1),
                            static_cast<char>('a' + draws_.below(26)));
    backend_.put(bucket, key, Blob(value));
    model[key] = value;
  }

  void commit_and_compare() {
    for (const Bucket bucket : kUsed) {
      ASSERT_EQ(rows_of(backend_, View::Batch, bucket), models_[bucket]);
    }
    if (!reader_ && draws_.below(6) == 0) {
      reader_ = backend_.begin_read();
      reader_rows_ = committed_;
    }
    commit(backend_, file_);
    committed_ = models_;
    ASSERT_THAT(backend_.violations(), IsEmpty());
    for (const Bucket bucket : kUsed) {
      ASSERT_EQ(rows_of(backend_, View::Read, bucket), models_[bucket]);
    }
    if (reader_ && draws_.below(3) == 0) check_and_end_reader();
    if (!reader_) reopen();
  }

  void run(std::uint64_t commits) {
    for (std::uint64_t i = 0; i < commits; ++i) {
      for (std::uint64_t op = 0; op < shape_.batch; ++op) operate();
      ASSERT_NO_FATAL_FAILURE(commit_and_compare());
    }
  }

 private:
  void check_and_end_reader() {
    for (const Bucket bucket : kUsed) {
      Model rows;
      reader_->range(bucket, {}, {}, 0,
                     [&](BytesView key, BytesView value) { rows.emplace(key, value); });
      ASSERT_EQ(rows, reader_rows_[bucket]);
    }
    backend_.end_read(*reader_);
    reader_.reset();
  }

  // A committed file read back is the same backend.
  void reopen() {
    ASSERT_THAT(check_file(file_.blocks), IsEmpty());
    const Result<Backend> opened = Backend::open(file_.blocks);
    ASSERT_TRUE(opened) << opened.error().detail;
    ASSERT_EQ(opened->size(), backend_.size());
    ASSERT_EQ(opened->committed().meta, backend_.committed().meta);
    ASSERT_EQ(opened->hash(true), backend_.hash(true));
    for (const Bucket bucket : kUsed) {
      ASSERT_EQ(rows_of(*opened, View::Read, bucket), models_[bucket]);
    }
    if (backend_.free_list().pending_count() != 0) return;
    ASSERT_EQ(opened->free_list().free_count(), backend_.free_list().free_count());
    if (opened->size_in_use() == backend_.size_in_use()) {
      ASSERT_EQ(*opened, backend_);
    }
  }

  Shape shape_;
  Draws draws_;
  Backend backend_;
  File file_;
  std::map<Bucket, Model> models_;
  std::map<Bucket, Model> committed_;
  std::optional<ReadTx> reader_;
  std::map<Bucket, Model> reader_rows_;
};

TEST(Random, OperationsAndCommitsAgreeWithMapsAndEveryFileOpens) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE(seed);
      Trial trial(shape, seed);
      trial.run(shape.batch >= 4000 ? 4 : 15);
      ASSERT_FALSE(testing::Test::HasFatalFailure());
    }
  }
}

TEST(Random, PointReadsAgreeWithRanges) {
  Draws draws(9);
  Backend backend;
  File file;
  for (int i = 0; i < 3000; ++i) {
    backend.put(Bucket::Key, revision_key(draws.below(5000)), Blob(text("value {}", i)));
    if (i % 700 == 0) commit(backend, file);
    if (i % 10 == 0) backend.end_tx();
    if (i % 5 == 0) backend.erase(Bucket::Key, revision_key(draws.below(5000)));
  }
  for (const View view : {View::Batch, View::Read}) {
    const Model rows = rows_of(backend, view, Bucket::Key);
    for (std::uint64_t i = 0; i < 5000; ++i) {
      const Bytes key = revision_key(i);
      const auto found = backend.get(view, Bucket::Key, key);
      const auto expected = rows.find(key);
      ASSERT_EQ(found.has_value(), expected != rows.end()) << i;
      if (found) {
        ASSERT_EQ(found->view(), expected->second);
      }
      if (found) {
        ASSERT_EQ(*backend.find(view, Bucket::Key, key), expected->second);
      }
      const Cursor at = backend.seek(view, Bucket::Key, key);
      const auto next = rows.lower_bound(key);
      ASSERT_EQ(at.valid(), next != rows.end());
      if (at.valid()) {
        ASSERT_EQ(at.key(), next->first);
      }
    }
  }
}

// A search guesses from a key's first eight bytes: keys that share them, or are shorter, must not matter.
TEST(Random, KeysOfAnyLengthAndPrefixAreFound) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    Draws draws(seed);
    Backend backend;
    File file;
    Model model;
    for (int i = 0; i < 3000; ++i) {
      Bytes key = draws.below(3) == 0 ? "a long common prefix " : "";
      for (std::uint64_t n = 1 + draws.below(12); n > 0; --n) {
        key.push_back(static_cast<char>(draws.below(seed % 2 == 0 ? 3 : 256)));
      }
      backend.put(Bucket::Lease, key, Blob(text("{}", i)));
      model[key] = text("{}", i);
      if (i % 1000 == 999) commit(backend, file);
    }
    ASSERT_THAT(backend.violations(), IsEmpty());
    ASSERT_EQ(rows_of(backend, View::Read, Bucket::Lease), model);
    for (const auto& [key, value] : model) {
      ASSERT_EQ(backend.find(View::Read, Bucket::Lease, key), value);
      const Bytes missing = key + "?";
      const Cursor at = backend.seek(View::Read, Bucket::Lease, missing);
      const auto next = model.lower_bound(missing);
      ASSERT_EQ(at.valid(), next != model.end());
      if (at.valid()) {
        ASSERT_EQ(at.key(), next->first);
      }
    }
  }
}

}  // namespace
}  // namespace orrery::backend
