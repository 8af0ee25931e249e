// Every promise of watch accepts a faultless transcript and names the fault seeded for it.
#include "check/watch_guarantees.h"

#include <functional>
#include <set>

#include <gtest/gtest.h>

namespace orrery::checks {
namespace {

using mvccpb::Event;
using mvccpb::EventType;
using rpc::WatchResponse;

Event put(const std::string& key, std::int64_t revision, std::int64_t created,
          const std::string& value) {
  Event out;
  out.kv.key = Blob(key);
  out.kv.mod_revision = revision;
  out.kv.create_revision = created;
  out.kv.version = 1;
  out.kv.value = Blob(value);
  return out;
}

Event del(const std::string& key, std::int64_t revision) {
  Event out;
  out.type = EventType::Delete;
  out.kv.key = Blob(key);
  out.kv.mod_revision = revision;
  return out;
}

// a@2, a and b@3 in one transaction, b@4, a deleted @5, a@6.
WatchHistory history() {
  WatchHistory out;
  out.events = {put("a", 2, 2, "1"), put("a", 3, 2, "2"), put("b", 3, 3, "3"),
                put("b", 4, 3, "4"), del("a", 5),         put("a", 6, 6, "6")};
  return out;
}

WatchResponse response(std::int64_t id, std::int64_t revision, std::vector<Event> events = {}) {
  WatchResponse out;
  out.watch_id = id;
  out.header.revision = revision;
  out.events = std::move(events);
  return out;
}

WatchResponse created(std::int64_t id, std::int64_t revision) {
  WatchResponse out = response(id, revision);
  out.created = true;
  return out;
}

rpc::WatchCreateRequest create_from(std::int64_t start) {
  rpc::WatchCreateRequest out;
  out.key = Blob("a");
  out.range_end = Blob("z");
  out.start_revision = start;
  return out;
}

// What a faultless server sends to a watch of everything from revision 2 on: three catch-up batches, progress.
WatchRecord faultless() {
  const std::vector<Event> all = history().events;
  WatchRecord out;
  out.name = "s1/0";
  out.request = create_from(2);
  out.created = created(0, 4);
  out.responses = {response(0, 4, {all[0], all[1], all[2], all[3]}), response(0, 5, {all[4]}),
                   response(-1, 5), response(0, 6, {all[5]})};
  return out;
}

std::set<std::string> broken_claims(const WatchRecord& watch, const WatchHistory& events) {
  std::set<std::string> out;
  for (const Violation& violation : watch_violations(watch, events)) out.insert(violation.claim);
  for (const Violation& violation : watch_complete(watch, events, 6)) out.insert(violation.claim);
  return out;
}

TEST(WatchGuarantees, AcceptAFaultlessTranscript) {
  EXPECT_TRUE(broken_claims(faultless(), history()).empty());
}

struct Fault {
  const char* claim;
  const char* name;
  std::function<void(WatchRecord&)> seed;
};

const std::vector<Fault>& faults() {
  static const std::vector<Fault> kFaults = {
      {"WatchOrdered", "two live responses swapped",
       [](WatchRecord& w) { std::swap(w.responses[1].events, w.responses[3].events); }},
      {"WatchOrdered", "two events of one transaction swapped",
       [](WatchRecord& w) { std::swap(w.responses[0].events[1], w.responses[0].events[2]); }},
      {"WatchUnique", "a response delivered twice",
       [](WatchRecord& w) { w.responses.push_back(w.responses.back()); }},
      {"WatchAtomic", "a transaction in two responses",
       [](WatchRecord& w) {
         const std::vector<Event> all = w.responses[0].events;
         w.responses[0].events = {all[0], all[1]};
         w.responses.insert(w.responses.begin() + 1, response(0, 4, {all[2], all[3]}));
       }},
      {"WatchReliable", "an event in the middle lost",
       [](WatchRecord& w) { w.responses.erase(w.responses.begin() + 1); }},
      {"WatchReliable", "half a transaction lost",
       [](WatchRecord& w) { w.responses[0].events.erase(w.responses[0].events.begin() + 2); }},
      {"WatchResumable", "the first event lost",
       [](WatchRecord& w) { w.responses[0].events.erase(w.responses[0].events.begin()); }},
      {"WatchResumable", "told of a compaction of what it has",
       [](WatchRecord& w) {
         w.responses.push_back(response(0, 0));
         w.responses.back().canceled = true;
         w.responses.back().compact_revision = 3;
       }},
      {"WatchBookmarkable", "progress before the events",
       [](WatchRecord& w) { std::swap(w.responses[1], w.responses[2]); }},
      {"WatchBookmarkable", "progress of a revision before the start",
       [](WatchRecord& w) {
         w.request.start_revision = 10;
         w.responses = {response(-1, 6)};
       }},
      {"WatchFilter", "an event of a kind filtered out",
       [](WatchRecord& w) { w.request.filters = {rpc::WatchFilter::NoDelete}; }},
      {"WatchFilter", "an event of another key",
       [](WatchRecord& w) { w.request.range_end = Blob(); }},
      {"WatchFilter", "an event before the start",
       [](WatchRecord& w) { w.request.start_revision = 3; }},
      {"WatchPrevKv", "a value before that nobody asked for",
       [](WatchRecord& w) { w.responses[1].events[0].prev_kv = history().events[1].kv; }},
      {"WatchPrevKv", "the value before is missing",
       [](WatchRecord& w) { w.request.prev_kv = true; }},
      {"WatchPrevKv", "the value before is another one",
       [](WatchRecord& w) {
         w.request.prev_kv = true;
         w.responses[1].events[0].prev_kv = history().events[0].kv;
       }},
      {"WatchTrue", "another value",
       [](WatchRecord& w) { w.responses[3].events[0].kv.value = Blob("7"); }},
      {"WatchTrue", "an event that never was",
       [](WatchRecord& w) { w.responses.push_back(response(0, 6, {put("c", 6, 6, "")})); }},
      {"WatchFramed", "a response before created",
       [](WatchRecord& w) { w.too_early.push_back(response(0, 4)); }},
      {"WatchFramed", "a response after canceled",
       [](WatchRecord& w) { w.too_late.push_back(response(0, 4)); }},
      {"WatchFramed", "events after the notice of a compaction",
       [](WatchRecord& w) {
         w.responses[0].canceled = true;
         w.responses[0].compact_revision = 5;
       }},
      {"WatchComplete", "the last event never comes",
       [](WatchRecord& w) { w.responses.pop_back(); }},
  };
  return kFaults;
}

TEST(WatchGuarantees, EachNamesTheFaultSeededForIt) {
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(fault.name);
    WatchRecord watch = faultless();
    fault.seed(watch);

    EXPECT_TRUE(broken_claims(watch, history()).contains(fault.claim));
  }
}

TEST(WatchGuarantees, NoneIsWithoutAFaultSeededForIt) {
  std::set<std::string> seeded;
  for (const Fault& fault : faults()) seeded.insert(fault.claim);

  EXPECT_EQ(seeded,
            (std::set<std::string>{"WatchOrdered", "WatchUnique", "WatchAtomic", "WatchReliable",
                                   "WatchResumable", "WatchBookmarkable", "WatchFilter",
                                   "WatchPrevKv", "WatchTrue", "WatchFramed", "WatchComplete"}));
}

TEST(WatchGuarantees, ASentenceHasItsWitness) {
  WatchRecord watch = faultless();
  watch.responses.push_back(watch.responses.back());

  const Violations broken = watch_unique(watch, history());

  ASSERT_EQ(broken.size(), 1U);
  EXPECT_EQ(broken[0].sentence, "s1/0 got PUT \"a\"@6 twice");
}

TEST(WatchGuarantees, AFragmentedTransactionIsOneResponse) {
  WatchRecord watch = faultless();
  const std::vector<Event> all = watch.responses[0].events;
  watch.responses[0].events = {all[0], all[1]};
  watch.responses[0].fragment = true;
  watch.responses.insert(watch.responses.begin() + 1, response(0, 4, {all[2], all[3]}));

  EXPECT_TRUE(broken_claims(watch, history()).empty());
}

TEST(WatchGuarantees, ValuesBeforeAreAcceptedWhenRightAndMayLackOnceCompacted) {
  WatchRecord watch = faultless();
  watch.request.prev_kv = true;
  watch.responses[0].events[1].prev_kv = history().events[0].kv;
  watch.responses[0].events[3].prev_kv = history().events[2].kv;
  watch.responses[1].events[0].prev_kv = history().events[1].kv;
  EXPECT_TRUE(watch_prev_kv(watch, history()).empty());

  watch.responses[0].events[1].prev_kv.reset();
  EXPECT_FALSE(watch_prev_kv(watch, history()).empty());
  WatchHistory compacted = history();
  compacted.compact_revision = 3;

  EXPECT_TRUE(watch_prev_kv(watch, compacted).empty());
}

TEST(WatchRecords, ATranscriptIsCutByIdAndCreation) {
  const std::vector<Event> all = history().events;
  WatchResponse refused = created(-1, 4);
  refused.canceled = true;
  WatchResponse canceled = response(0, 5);
  canceled.canceled = true;
  const Transcript transcript = {
      rpc::WatchRequest(create_from(0)),
      rpc::WatchRequest(create_from(-1)),
      rpc::WatchRequest(create_from(5)),
      created(0, 4),
      refused,
      response(1, 5, {all[4]}),
      created(1, 4),
      response(0, 5, {all[4]}),
      response(-1, 5),
      canceled,
      response(0, 6, {all[5]}),
  };

  const std::vector<WatchRecord> records = watches_of(transcript, "s");

  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].name, "s/0");
  EXPECT_EQ(records[0].responses.size(), 2U);
  EXPECT_TRUE(records[0].canceled);
  EXPECT_EQ(records[0].too_late.size(), 1U);
  EXPECT_EQ(records[1].request.start_revision, 5);
  EXPECT_EQ(records[1].too_early.size(), 1U);
  EXPECT_EQ(records[1].responses.size(), 1U) << "progress for all reaches it too";
}

}  // namespace
}  // namespace orrery::checks
