// A live world with callers, without any transport.
#include "door/live_world.h"

#include <gtest/gtest.h>

#include "auth/bcrypt.h"
#include "lang/run_file.h"
#include "tests/door/callers.h"

namespace orrery::door {
namespace {

using testing::Hall;

rpc::Response response_of(const client::Told& told) {
  return std::get<rpc::Response>(told.what);
}

rpc::PutRequest empty_put(std::string_view key) {
  rpc::PutRequest request;
  request.key = Blob(key);
  return request;
}

TEST(LiveWorld, APutIsAnsweredWithinTheTimeOfItsFsyncs) {
  Hall hall(3);
  ASSERT_TRUE(hall.settled());
  const Nanos before = hall.world().now();

  const Ticket put = hall.put("hello", "world", 2);

  const client::Told* answer = hall.answer_to(put);
  ASSERT_NE(answer, nullptr);
  ASSERT_FALSE(answer->error);
  const auto put_response = std::get<rpc::PutResponse>(response_of(*answer));
  EXPECT_EQ(put_response.header.member_id, hall.world().member(2).id().value());
  EXPECT_EQ(put_response.header.revision, 2);
  EXPECT_LE(hall.world().now(), before + 1'000);
}

TEST(LiveWorld, ErrorsCarryTheirCode) {
  Hall hall;

  const Ticket put = hall.put("", "world");

  ASSERT_NE(hall.answer_to(put), nullptr);
  EXPECT_EQ(hall.answer_to(put)->error, Error(fail(Errc::EmptyKey).value()));
}

TEST(LiveWorld, AWatchHearsOfEveryWrite) {
  Hall hall(3);
  const Ticket watch = hall.watch("a");

  hall.put("a", "1", 2);
  hall.put("b", "2");
  hall.put("a", "3", 3);

  const auto told = hall.told_to(watch);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_TRUE(std::get<rpc::WatchResponse>(told[0].what).created);
  EXPECT_EQ(hall.events_for(watch), 2U);
  EXPECT_FALSE(told[2].is_last);
}

// units: bytes. More than a stream's window and the write quota behind it, beside 128 slots of the event channel.
constexpr std::size_t kLarge = 8'192;

TEST(LiveWorld, WhoStopsReadingMakesAVictimAndHearsEverythingLater) {
  Hall hall;
  const Ticket watch = hall.watch("a");

  for (int i = 0; i < 200; ++i) hall.put("a", std::string(kLarge, 'x'));
  EXPECT_TRUE(hall.world().member(1).running().watches.has_victims());
  EXPECT_LT(hall.events_for(watch), 200U);

  // It reads again: credit for what has come, as it comes.
  std::size_t read = 0;
  for (int i = 0; i < 100 && hall.events_for(watch) < 200; ++i) {
    const auto told = hall.told_to(watch);
    std::uint64_t bytes = 0;
    for (; read < told.size(); ++read) bytes += told[read].bytes;
    hall.bring(TakenIn{.ticket = watch, .bytes = bytes});
    hall.pass(millis(20));
  }
  EXPECT_EQ(hall.events_for(watch), 200U);
}

TEST(LiveWorld, AClosedStreamLeavesNoWatcherBehind) {
  Hall hall;
  const Ticket watch = hall.watch("a");
  ASSERT_EQ(hall.world().member(1).running().watches.watchers().size(), 1U);

  hall.bring(Gone{.ticket = watch});

  const server::Running& run = hall.world().member(1).running();
  EXPECT_EQ(run.watches.watchers().size(), 0U);
  EXPECT_TRUE(run.streams.empty());
  EXPECT_TRUE(run.connections.empty());
  EXPECT_EQ(hall.live().open_tickets(), 0U);
  EXPECT_TRUE(sim::agenda_violations(hall.world()).empty());
}

TEST(LiveWorld, AClosedStreamWithVictimsLeavesNothingBehind) {
  Hall hall;
  const Ticket watch = hall.watch("a");
  for (int i = 0; i < 200; ++i) hall.put("a", std::string(kLarge, 'x'));
  ASSERT_TRUE(hall.world().member(1).running().watches.has_victims());

  hall.bring(Gone{.ticket = watch});
  hall.pass(millis(50));

  EXPECT_TRUE(hall.world().member(1).running().streams.empty());
  EXPECT_FALSE(hall.world().member(1).running().watches.has_victims());
  EXPECT_TRUE(sim::agenda_violations(hall.world()).empty());
}

TEST(LiveWorld, WhoGoesAwayIsNotWaitedFor) {
  Hall hall(3);
  ASSERT_TRUE(hall.live().act(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(hall.live().act(sim::Crash{.member = 2, .survivors = {}}));
  const Ticket put = hall.put("a", "1", 3);
  ASSERT_EQ(hall.answer_to(put), nullptr);
  ASSERT_EQ(hall.world().member(3).running().handlers.size(), 1U);

  hall.bring(Gone{.ticket = put});

  EXPECT_TRUE(hall.world().member(3).running().handlers.empty());
  EXPECT_EQ(hall.live().open_tickets(), 0U);
}

TEST(LiveWorld, CallersOfAMemberThatDiesAreTold) {
  Hall hall;
  const Ticket watch = hall.watch("a");

  ASSERT_TRUE(hall.live().act(sim::Crash{.member = 1, .survivors = {}}));
  hall.pass(millis(1));
  const Ticket put = hall.put("a", "1");

  ASSERT_NE(hall.answer_to(watch), nullptr);
  EXPECT_EQ(hall.answer_to(watch)->error, Error(fail(Errc::Stopped).value()));
  ASSERT_NE(hall.answer_to(put), nullptr);
  EXPECT_EQ(hall.answer_to(put)->error, Error(fail(Errc::Stopped).value()));
}

TEST(LiveWorld, WhoNeedsALeaderIsRefusedWithoutOne) {
  Hall hall(3);
  ASSERT_TRUE(hall.live().act(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(hall.live().act(sim::Crash{.member = 2, .survivors = {}}));
  hall.pass(seconds(5));

  hall.bring(Asked{.ticket = 9'000'000,
                   .caller = {.member = 3, .peer = "x", .needs_leader = true},
                   .request = empty_put("a")});

  ASSERT_NE(hall.answer_to(9'000'000), nullptr);
  EXPECT_EQ(hall.answer_to(9'000'000)->error, Error(fail(Errc::NoLeader).value()));
}

TEST(LiveWorld, CallersThatWereThereLeaveNoClientBehind) {
  Hall hall;
  for (int i = 0; i < 300; ++i) {
    hall.peer = "connection " + std::to_string(i);
    hall.put("a", std::to_string(i));
  }

  EXPECT_EQ(hall.world().clients().size(), 1U);
  EXPECT_TRUE((*hall.world().clients().find(kFirstGuestClient))->guests().empty());
}

TEST(LiveWorld, LeasesEndByTheHostsClock) {
  Hall hall;
  const Ticket grant =
      hall.ask(rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = 5, .id = LeaseId(7)}));
  ASSERT_NE(hall.answer_to(grant), nullptr);
  rpc::PutRequest put;
  put.key = Blob("a");
  put.lease = LeaseId(7);
  hall.ask(put);

  hall.pass(millis(4'500));
  const std::int64_t before = hall.world().member(1).running().store.current_revision();
  hall.pass(millis(2'000));

  EXPECT_EQ(hall.world().member(1).running().store.current_revision(), before + 1);
}

TEST(LiveWorld, ASessionSavedAndPlayedAgainEndsInTheSameWorld) {
  Hall hall(3);
  const Ticket watch = hall.watch("a");
  for (int i = 0; i < 50; ++i) {
    hall.put("a", std::to_string(i), static_cast<std::uint32_t>(i % 3 + 1));
    hall.pass(millis(37));
  }
  hall.bring(Gone{.ticket = watch});
  hall.ask(rpc::MaintenanceRequest(rpc::SnapshotRequest{}));
  hall.pass(seconds(3));

  const auto run = hall.live().saved();
  ASSERT_TRUE(run) << run.error().detail;
  const std::string file = lang::to_text(*run);
  const auto read = lang::read_run("session", file);
  ASSERT_TRUE(read) << read.error().detail;
  const auto again = lang::replay("session", *read);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->world().digest(), hall.world().digest());
  EXPECT_TRUE(again->world() == hall.world());
}

TEST(LiveWorld, From35OnARecordHoldsNoPassword) {
  Hall hall(1, server::Version::V3_5);
  rpc::AuthUserAddRequest add;
  add.name = "root";
  add.password = "a-secret-word";
  hall.ask(rpc::AuthRequest(add));
  hall.ask(rpc::AuthRequest(rpc::AuthRoleAddRequest{"root"}));
  hall.ask(rpc::AuthRequest(rpc::AuthUserGrantRoleRequest{"root", "root"}));
  hall.ask(rpc::AuthRequest(rpc::AuthEnableRequest{}));

  const Ticket right =
      hall.ask(rpc::AuthRequest(rpc::AuthenticateRequest{"root", "a-secret-word"}));
  const Ticket wrong = hall.ask(rpc::AuthRequest(rpc::AuthenticateRequest{"root", "another"}));
  const auto& row = *hall.world().member(1).running().auth.users().find("root");
  const Ticket stolen = hall.ask(
      rpc::AuthRequest(rpc::AuthenticateRequest{"root", std::string(row.password.view())}));

  ASSERT_NE(hall.answer_to(right), nullptr);
  EXPECT_FALSE(hall.answer_to(right)->error);
  ASSERT_NE(hall.answer_to(wrong), nullptr);
  EXPECT_EQ(hall.answer_to(wrong)->error, Error(fail(Errc::AuthFailed).value()));
  ASSERT_NE(hall.answer_to(stolen), nullptr);
  EXPECT_EQ(hall.answer_to(stolen)->error, Error(fail(Errc::AuthFailed).value()));
  const auto run = hall.live().saved();
  ASSERT_TRUE(run);
  const std::string file = lang::to_text(*run);
  EXPECT_EQ(file.find("a-secret-word"), std::string::npos);
  EXPECT_EQ(file.find(base64("a-secret-word").substr(0, 12)), std::string::npos);
}

TEST(LiveWorld, ATokenOpensWhatItsUserMay) {
  Hall hall;
  rpc::AuthUserAddRequest add;
  add.name = "root";
  add.password = "pw";
  hall.ask(rpc::AuthRequest(add));
  hall.ask(rpc::AuthRequest(rpc::AuthUserGrantRoleRequest{"root", "root"}));
  hall.ask(rpc::AuthRequest(rpc::AuthRoleAddRequest{"root"}));
  hall.ask(rpc::AuthRequest(rpc::AuthUserGrantRoleRequest{"root", "root"}));
  hall.ask(rpc::AuthRequest(rpc::AuthEnableRequest{}));
  const Ticket login = hall.ask(rpc::AuthRequest(rpc::AuthenticateRequest{"root", "pw"}));
  const rpc::Response answer = response_of(*hall.answer_to(login));
  const std::string token =
      std::get<rpc::AuthenticateResponse>(std::get<rpc::AuthResponse>(answer)).token;

  const Ticket none = hall.put("a", "1");
  const Ticket wrong = hall.ask(empty_put("a"), "abc.1");
  const Ticket right = hall.ask(empty_put("a"), token);

  EXPECT_EQ(hall.answer_to(none)->error, Error(fail(Errc::UserEmpty).value()));
  EXPECT_EQ(hall.answer_to(wrong)->error, Error(fail(Errc::InvalidAuthToken).value()));
  EXPECT_FALSE(hall.answer_to(right)->error);
}

}  // namespace
}  // namespace orrery::door
