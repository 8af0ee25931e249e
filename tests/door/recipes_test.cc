// Lock and Election over a live world, without a transport.
#include "door/recipes.h"

#include <deque>

#include <gtest/gtest.h>

#include "proto/rpc_codec.h"
#include "tests/door/callers.h"

namespace orrery::door {
namespace {

class House {
 public:
  Ticket call(HouseMethod method, HouseRequest request) {
    const Ticket ticket = next_++;
    std::vector<Arrival> arrivals;
    recipes.begin({.arrivals = arrivals, .departures = departures},
                  {.ticket = ticket,
                   .caller = {.member = 1, .peer = "house"},
                   .method = method,
                   .request = std::move(request)});
    pump(std::move(arrivals));
    // A watch from a revision that exists is served by the next round of catching up.
    for (int i = 0; i < 4; ++i) {
      hall.pass(millis(150));
      pump({});
    }
    return ticket;
  }

  void leave(Ticket ticket) {
    std::vector<Arrival> arrivals;
    EXPECT_TRUE(recipes.leave({.arrivals = arrivals, .departures = departures}, ticket));
    pump(std::move(arrivals));
  }

  // Whatever has been heard goes on until nobody asks any more.
  void pump(std::vector<Arrival> arrivals) {
    std::deque<Arrival> waiting(arrivals.begin(), arrivals.end());
    do {
      if (!waiting.empty()) {
        hall.bring(waiting.front());
        waiting.pop_front();
      }
      std::vector<Arrival> more;
      for (const client::Told& told : hall.news()) {
        (void)recipes.hear({.arrivals = more, .departures = departures}, told);
      }
      waiting.insert(waiting.end(), more.begin(), more.end());
    } while (!waiting.empty());
  }

  LeaseId lease(std::int64_t id) {
    hall.ask(rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = 60, .id = LeaseId(id)}));
    return LeaseId(id);
  }

  std::vector<Departure> said_to(Ticket ticket) const {
    std::vector<Departure> out;
    for (const Departure& one : departures) {
      if (one.ticket == ticket) out.push_back(one);
    }
    return out;
  }

  std::int64_t keys() const {
    return static_cast<std::int64_t>(hall.world().member(1).running().store.index().size());
  }

  testing::Hall hall;
  Recipes recipes;
  std::vector<Departure> departures;

 private:
  Ticket next_ = 1'000'000;
};

HouseRequest named(std::string_view name, LeaseId lease = LeaseId(0), std::string_view value = "") {
  HouseRequest out;
  out.name = Blob(name);
  out.lease = lease;
  out.value = Blob(value);
  return out;
}

TEST(Recipes, TheSecondWaitsForTheFirstToUnlock) {
  House house;
  const Ticket first = house.call(HouseMethod::Lock, named("m", house.lease(0xa1)));
  const Ticket second = house.call(HouseMethod::Lock, named("m", house.lease(0xb2)));
  ASSERT_EQ(house.said_to(first).size(), 1U);
  EXPECT_NE(house.said_to(first)[0].message->find("m/a1"), std::string::npos);
  EXPECT_TRUE(house.said_to(second).empty());

  house.call(HouseMethod::Unlock, named("m/a1"));

  ASSERT_EQ(house.said_to(second).size(), 1U);
  EXPECT_NE(house.said_to(second)[0].message->find("m/b2"), std::string::npos);
  EXPECT_EQ(house.recipes.size(), 0U);
}

TEST(Recipes, AnUnknownLeaseIsRefused) {
  House house;
  const Ticket lock = house.call(HouseMethod::Lock, named("m", LeaseId(99)));

  ASSERT_EQ(house.said_to(lock).size(), 1U);
  EXPECT_EQ(house.said_to(lock)[0].error,
            (Error{Errc::Unmapped, "etcdserver: requested lease not found"}));
}

TEST(Recipes, WithoutALeaseOneIsGranted) {
  House house;
  const Ticket lock = house.call(HouseMethod::Lock, named("m"));

  ASSERT_EQ(house.said_to(lock).size(), 1U);
  EXPECT_TRUE(house.said_to(lock)[0].message);
  EXPECT_EQ(house.hall.world().member(1).running().lessor.leases().size(), 1U);
}

TEST(Recipes, WhoWaitsNoLongerLeavesNoKeyBehind) {
  House house;
  house.call(HouseMethod::Lock, named("m", house.lease(1)));
  const Ticket second = house.call(HouseMethod::Lock, named("m", house.lease(2)));
  const server::Running& run = house.hall.world().member(1).running();
  ASSERT_EQ(run.lessor.keys_of(LeaseId(2)).size(), 1U);

  house.leave(second);

  EXPECT_TRUE(run.lessor.keys_of(LeaseId(2)).empty());
  EXPECT_TRUE(run.streams.empty());
}

TEST(Recipes, AnElectionIsWonProclaimedObservedAndResigned) {
  House house;
  const Ticket observer = house.call(HouseMethod::Observe, named("e"));
  EXPECT_TRUE(house.said_to(observer).empty());

  const Ticket won = house.call(HouseMethod::Campaign, named("e", house.lease(7), "one"));
  const Ticket waits = house.call(HouseMethod::Campaign, named("e", house.lease(8), "two"));
  ASSERT_EQ(house.said_to(won).size(), 1U);
  EXPECT_TRUE(house.said_to(waits).empty());
  ASSERT_EQ(house.said_to(observer).size(), 1U);
  EXPECT_NE(house.said_to(observer)[0].message->find("one"), std::string::npos);

  HouseRequest act = named("");
  act.value = Blob("three");
  act.leader = HouseRequest::LeaderKey{
      .name = Blob("e"), .key = Blob("e/7"), .revision = 2, .lease = LeaseId(7)};
  const Ticket proclaimed = house.call(HouseMethod::Proclaim, act);
  ASSERT_EQ(house.said_to(proclaimed).size(), 1U);
  EXPECT_FALSE(house.said_to(proclaimed)[0].error);
  EXPECT_EQ(house.said_to(observer).size(), 2U);

  house.call(HouseMethod::Resign, act);
  EXPECT_EQ(house.said_to(waits).size(), 1U);
  ASSERT_EQ(house.said_to(observer).size(), 3U);
  EXPECT_NE(house.said_to(observer)[2].message->find("two"), std::string::npos);
  const Ticket late = house.call(HouseMethod::Proclaim, act);
  EXPECT_EQ(house.said_to(late)[0].error->detail, "election: not leader");
}

TEST(Recipes, NobodyLeadsWhereNobodyStands) {
  House house;
  const Ticket leader = house.call(HouseMethod::Leader, named("e"));
  const Ticket resign = house.call(HouseMethod::Resign, named("e"));

  EXPECT_EQ(house.said_to(leader)[0].error->detail, "election: no leader");
  EXPECT_EQ(house.said_to(resign)[0].error->detail, "\"leader\" field must be provided");
}

TEST(SmallMessages, BytesThatEndTooEarlyAreRefused) {
  const std::string whole("\x0a\x01m\x10\x07\x1a\x01v", 8);
  const auto read = decode_house_request(HouseMethod::Campaign, whole);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, Blob("m"));
  EXPECT_EQ(read->lease, LeaseId(7));
  EXPECT_EQ(read->value, Blob("v"));
  for (const std::size_t size : {1U, 2U, 4U, 6U, 7U}) {
    EXPECT_FALSE(decode_house_request(HouseMethod::Campaign, whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_house_request(HouseMethod::Lock, std::string("\x0a\xff\xff\xff\xff\x7f", 6)));
}

}  // namespace
}  // namespace orrery::door
