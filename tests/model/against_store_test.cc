// The store and the model, two readings of one specification, must give one answer to everything.
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

  void restart() {
    kit_.commit();
    kit_.crash_and_resume();
  }

 private:
  RandomRequests requests_;
  mvcc::Kit kit_;
  State model_;
};

TEST(ModelAgainstStore, TwoHundredThousandRandomRequestsHaveEqualAnswers) {
  Tally tally;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Pair pair(seed);
    for (int i = 0; i < 4000; ++i) {
      SCOPED_TRACE(text("seed {}, request {}", seed, i));
      pair.step(tally);
      if (i % 100 == 99) pair.compare_events();
      if (i % 500 == 499) pair.restart();
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  EXPECT_GT(tally.answers, 150'000U);
  for (const Errc code : {Errc::EmptyKey, Errc::KeyNotFound, Errc::ValueProvided,
                          Errc::LeaseProvided, Errc::DuplicateKey, Errc::InvalidSortOption,
                          Errc::Compacted, Errc::FutureRev, Errc::LeaseNotFound}) {
    EXPECT_GT(tally.errors[std::string(wire_text(code))], 50U) << wire_text(code);
  }
}

}  // namespace
}  // namespace orrery::model
