// Shows: a stock etcd, our store and the model answer alike, request by request, errors included.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "base/text.h"
#include "model/model.h"
#include "mvcc/request.h"
#include "tests/model/random_requests.h"
#include "tests/mvcc/kit.h"
#include "tests/stock/gateway.h"
#include "tests/stock/stock.h"

namespace orrery::stock {
namespace {

using Answer = Result<rpc::Response>;

struct Tally {
  std::map<std::string, std::uint64_t> answers;  // by kind
  std::map<std::string, std::uint64_t> errors;   // by text
  std::uint64_t panics = 0;                      // not asked: a stock etcd would not come back

  std::uint64_t requests() const {
    std::uint64_t out = 0;
    for (const auto& [kind, count] : answers) out += count;
    for (const auto& [words, count] : errors) out += count;
    return out;
  }
};

const char* kind_of(const rpc::Request& request) {
  constexpr std::array<const char*, 5> kKinds = {"range", "put", "delete", "txn", "compact"};
  return kKinds.at(request.index());
}

class Three {
 public:
  Three(std::uint64_t seed, std::uint16_t port)
      : requests_(seed, model::RandomRequests::Sorts::Known),
        model_(model::initial()),
        stock_(port) {}

  void grant_leases() {
    for (std::int64_t lease = 1; lease <= 3; ++lease) {
      const Result<void> granted = stock_.grant(LeaseId(lease), 100'000);
      ASSERT_TRUE(granted) << granted.error().detail;
      kit_.leases.insert(LeaseId(lease));
      model_.leases.put(LeaseId(lease), 100'000);
    }
  }

  void step() { ask(requests_.next(model_.revision, model_.compact_revision)); }

  // All keys, and a few of them, at every revision that may be read.
  void ask_live_revisions() {
    for (std::int64_t at = std::max<std::int64_t>(model_.compact_revision, 1);
         at <= model_.revision; ++at) {
      ask(mvcc::range_of("a", mvcc::from_key(), at));
      ask(mvcc::range_of("c", "f", at));
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  const Tally& tally() const { return tally_; }

 private:
  void ask(const rpc::Request& request) {
    SCOPED_TRACE(text("request {}, a {}", tally_.requests(), kind_of(request)));
    const model::Outcome outcome = model::apply(model_, request);
    const mvcc::Kit before = kit_;
    const Answer ours = ours_to(request);
    if (panics(before, request, outcome)) {
      kit_ = before;
      ++tally_.panics;
      return;
    }
    const Answer theirs = stock_.call(request);

    ASSERT_EQ(theirs.has_value(), outcome.answer.has_value()) << words(theirs) << words(ours);
    ASSERT_EQ(ours.has_value(), outcome.answer.has_value());
    if (theirs) {
      ASSERT_EQ(rpc::Response(*theirs), *outcome.answer);
      ASSERT_EQ(*ours, *outcome.answer);
      ++tally_.answers[kind_of(request)];
    } else {
      ASSERT_EQ(theirs.error().detail, outcome.answer.error().detail);
      ASSERT_EQ(ours.error().detail, outcome.answer.error().detail);
      ++tally_.errors[theirs.error().detail];
    }
    model_ = outcome.state;
  }

  Answer ours_to(const rpc::Request& request) {
    const Result<void> valid = mvcc::validate(request);
    if (!valid) return fail(valid.error());
    Result<mvcc::Store::Applied> applied = kit_.try_apply(request);
    if (!applied) return fail(applied.error());
    return std::move(applied->response);
  }

  // Passes every check and then fails in the middle of its changes.
  static bool panics(const mvcc::Kit& kit, const rpc::Request& request,
                     const model::Outcome& outcome) {
    if (outcome.answer || !mvcc::validate(request) ||
        std::holds_alternative<rpc::CompactionRequest>(request)) {
      return false;
    }
    const auto known = [&](LeaseId id) { return kit.leases.contains(id); };
    return kit.store.plan(kit.backend, request, known).has_value();
  }

  static std::string words(const Answer& answer) {
    return answer ? "an answer; " : answer.error().detail + "; ";
  }

  model::RandomRequests requests_;
  mvcc::Kit kit_;
  model::State model_;
  Gateway stock_;
  Tally tally_;
};

class Answers : public BesideStock {};

// With ORRERY_LONG 20,000 requests.
TEST_F(Answers, AStockEtcdOurStoreAndTheModelGiveOneAnswer) {
  const Scratch scratch("answers");
  const Stock stock({.name = "n1", .data_dir = scratch / "theirs", .peer_url = "", .more = {}});
  ASSERT_TRUE(stock.healthy()) << stock.log();
  Three three(1, stock.client_port());
  three.grant_leases();
  const std::uint64_t wanted = std::getenv("ORRERY_LONG") == nullptr ? 2'000 : 20'000;

  for (std::uint64_t i = 0; three.tally().requests() < wanted; ++i) {
    three.step();
    if (i % 250 == 249) three.ask_live_revisions();
    if (HasFatalFailure()) FAIL() << stock.log();
  }

  const Tally& tally = three.tally();
  for (const auto& [kind, count] : tally.answers) std::printf("%8lu %s\n", count, kind.c_str());
  for (const auto& [error, count] : tally.errors) std::printf("%8lu %s\n", count, error.c_str());
  std::printf("%8lu not asked: etcd panics\n", tally.panics);
  for (const char* kind : {"range", "put", "delete", "txn", "compact"}) {
    EXPECT_GT(tally.answers.at(kind), wanted / 100) << kind;
  }
  for (const Errc code : {Errc::EmptyKey, Errc::KeyNotFound, Errc::DuplicateKey, Errc::Compacted,
                          Errc::FutureRev, Errc::LeaseNotFound}) {
    EXPECT_TRUE(tally.errors.contains(std::string(wire_text(code)))) << wire_text(code);
  }
}

}  // namespace
}  // namespace orrery::stock
