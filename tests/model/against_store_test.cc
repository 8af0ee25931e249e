// The store and the model, two readings of one specification, must give one answer to everything.
#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include "base/text.h"
#include "model/model.h"
#include "mvcc/request.h"
#include "tests/model/random_requests.h"
#include "tests/mvcc/kit.h"

namespace orrery::model {
namespace {

Result<mvcc::Store::Applied> apply_to_store(mvcc::Kit& kit, const rpc::Request& request) {
  const Result<void> valid = mvcc::validate(request);
  if (!valid) return fail(valid.error());
  return kit.try_apply(request);
}

// What the store's rows say happened in the revisions that are left.
std::vector<mvccpb::Event> events_of(const State& state, std::int64_t from) {
  std::vector<mvccpb::Event> out;
  for (auto it = state.history.lower_bound(from); it != state.history.end(); ++it) {
    for (const auto& event : it->second.events) out.push_back(event);
  }
  return out;
}

struct Tally {
  std::uint64_t answers = 0;
  std::map<std::string, std::uint64_t> errors;
};

class Pair {
 public:
  explicit Pair(std::uint64_t seed) : requests_(seed), model_(initial()) {
    for (std::int64_t lease = 1; lease <= 3; ++lease) {
      kit_.leases.insert(LeaseId(lease));
      model_.leases.put(LeaseId(lease), 60);
    }
  }

  void step(Tally& tally) {
    const rpc::Request request = requests_.next(model_.revision, model_.compact_revision);
    const mvcc::Kit before = kit_;
    const Result<mvcc::Store::Applied> applied = apply_to_store(kit_, request);
    const Outcome outcome = apply(model_, request);

    ASSERT_EQ(applied.has_value(), outcome.answer.has_value());
    if (!applied) {
      ASSERT_EQ(applied.error(), outcome.answer.error());
      ++tally.errors[applied.error().detail];
      kit_ = before;  // after a panic in the middle of a transaction
    } else {
      ASSERT_EQ(applied->response, *outcome.answer);
      ++tally.answers;
    }
    model_ = outcome.state;
    ASSERT_EQ(kit_.store.current_revision(), model_.revision);
    ASSERT_EQ(kit_.store.compact_revision(), model_.compact_revision);
  }

  // Above the compaction revision nothing may be missing.
  void compare_events() {
    const std::int64_t from = std::max<std::int64_t>(model_.compact_revision + 1, 2);
    const auto events = kit_.store.events_in(kit_.backend, from, model_.revision + 1);
    ASSERT_TRUE(events.has_value());
    ASSERT_EQ(*events, events_of(model_, from));
  }

  // All keys, and a few of them, at every revision that may be read.
  void compare_ranges_at_live_revisions() {
    for (std::int64_t at = std::max<std::int64_t>(model_.compact_revision, 1);
         at <= model_.revision; ++at) {
      for (rpc::RangeRequest range :
           {mvcc::range_of("a", mvcc::from_key(), at), mvcc::range_of("c", "f", at)}) {
        const auto answer = kit_.store.range(kit_.backend, range);
        ASSERT_TRUE(answer.has_value());
        ASSERT_EQ(rpc::Response(*answer), *apply(model_, range).answer) << "at " << at;
      }
    }
  }

  void restart() {
    kit_.commit();
    kit_.crash_and_resume();
  }

 private:
  RandomRequests requests_;
  mvcc::Kit kit_;
  State model_;
};

// A million requests with ORRERY_LONG.
TEST(ModelAgainstStore, RandomRequestsHaveEqualAnswers) {
  Tally tally;
  const std::uint64_t runs = std::getenv("ORRERY_LONG") == nullptr ? 25 : 250;
  for (std::uint64_t seed = 0; seed < runs; ++seed) {
    Pair pair(seed);
    for (int i = 0; i < 4000; ++i) {
      SCOPED_TRACE(text("seed {}, request {}", seed, i));
      pair.step(tally);
      if (i % 100 == 99) pair.compare_events();
      if (i % 250 == 249) pair.compare_ranges_at_live_revisions();
      if (i % 500 == 499) pair.restart();
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  EXPECT_GT(tally.answers, runs * 3000);
  for (const Errc code : {Errc::EmptyKey, Errc::KeyNotFound, Errc::ValueProvided,
                          Errc::LeaseProvided, Errc::DuplicateKey, Errc::InvalidSortOption,
                          Errc::Compacted, Errc::FutureRev, Errc::LeaseNotFound}) {
    EXPECT_GT(tally.errors[std::string(wire_text(code))], 50U) << wire_text(code);
  }
}

}  // namespace
}  // namespace orrery::model
