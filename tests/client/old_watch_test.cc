// A v2 client: it polls again after each answer, and reads everything when the ring has forgotten.
#include <gtest/gtest.h>

#include "client/client.h"

namespace orrery::client {
namespace {

using legacy::OldAnswer;
using legacy::OldRequest;
using legacy::OldVerb;
using server::Packet;

class PollDesk {
 public:
  Client client{1, 3};

  PollDesk() { submit(BeginPoll{.line = "poll a", .via = 1, .name = "p1", .key = Blob("a")}); }

  void submit(const Command& command) {
    take([&](server::Step& step) { client.submit(step, command); });
  }

  void from(std::uint32_t member, const server::Payload& payload) {
    const Packet packet{server::member_address(member), server::client_address(1),
                        server::Channel::Calls, payload};
    take([&](server::Step& step) { client.receive(step, packet); });
  }

  const OldRequest& asked() const { return std::get<OldRequest>(sent_.back().payload); }

  std::uint32_t asked_member() const { return sent_.back().to.no; }

  const Poll& poll() const { return *client.find_poll("p1"); }

  std::size_t sent() const { return sent_.size(); }

 private:
  template <class Act>
  void take(Act&& act) {
    server::Step step(Nanos(1'000), 1, timing_, guards_, nullptr);
    act(step);
    for (Packet& packet : step.outbox()) sent_.push_back(std::move(packet));
  }

  server::Timing timing_;
  Guards guards_;
  std::vector<Packet> sent_;
};

OldAnswer event(std::int64_t index) {
  OldAnswer out{.poll = 1, .etcd_index = index, .event = {}, .cleared = {}, .nodes = {}};
  out.event = legacy::OldEvent{
      .deleted = false, .key = Blob("a"), .value = Blob("v"), .index = index, .created_index = 2};
  return out;
}

TEST(OldClient, AsksForTheIndexBehindTheEvent) {
  PollDesk desk;
  EXPECT_EQ(desk.asked().index, 0);

  desk.from(1, event(7));

  EXPECT_EQ(desk.asked().index, 8);
  EXPECT_EQ(desk.asked().verb, OldVerb::Wait);
  EXPECT_EQ(desk.poll().events, 1U);
}

TEST(OldClient, ReadsEverythingWhenTheRingHasForgotten) {
  PollDesk desk;
  OldAnswer cleared{.poll = 1, .etcd_index = 1'010, .event = {}, .cleared = {}, .nodes = {}};
  cleared.cleared = legacy::Cleared{.asked = 8, .start = 11};

  desk.from(1, cleared);
  EXPECT_EQ(desk.asked().verb, OldVerb::Read);
  EXPECT_EQ(desk.poll().lost, 3U);
  desk.from(1, OldAnswer{.poll = 1, .etcd_index = 1'010, .event = {}, .cleared = {}, .nodes = {}});

  EXPECT_EQ(desk.asked().verb, OldVerb::Wait);
  EXPECT_EQ(desk.asked().index, 1'011);
}

TEST(OldClient, TriesTheOtherEndpointsAndThenGivesUp) {
  PollDesk desk;
  desk.from(1, server::ConnectionReset{});
  EXPECT_EQ(desk.asked_member(), 2U);
  desk.from(2, server::ConnectionReset{.refused = true});
  EXPECT_EQ(desk.asked_member(), 3U);
  desk.from(3, server::ConnectionReset{.refused = true});

  EXPECT_EQ(desk.poll().state, Poll::State::Broken);
  EXPECT_EQ(desk.client.old_traffic().connections, 0U);
}

TEST(OldClient, AnAnswerOfAMemberGivenUpIsNotHeard) {
  PollDesk desk;
  desk.from(1, server::ConnectionReset{});
  const std::size_t sent = desk.sent();

  desk.from(1, event(7));

  EXPECT_EQ(desk.sent(), sent);
  EXPECT_EQ(desk.poll().events, 0U);
}

}  // namespace
}  // namespace orrery::client
