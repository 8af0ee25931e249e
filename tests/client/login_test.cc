// A client under a user's name: when it logs in, and where it goes when nobody lets it in.
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/client/desk.h"
#include "tests/sim/cluster.h"

namespace orrery::client {
namespace {

using server::CallAnswer;
using server::CallRequest;
using server::ConnectionReset;
using sim::testing::put;
using sim::testing::watch;

TEST(Client, ATokenThatIsRefusedIsReplacedOnce) {
  Desk desk;
  sim::Submit one = put("a", "1");
  std::get<BeginCall>(one.command).login = {.name = "u", .password = "p"};
  desk.submit(one);
  const auto token = [](std::string words) {
    return CallAnswer{
        .call = 1,
        .error = {},
        .response = rpc::AuthResponse(rpc::AuthenticateResponse{{}, std::move(words)})};
  };
  desk.from_member(1, token("first"));
  CallAnswer refused{.call = 1, .error = {}, .response = {}};
  refused.error = fail(Errc::InvalidAuthToken).value();
  desk.from_member(1, refused);
  EXPECT_EQ(desk.word(), "waiting");
  desk.from_member(1, token("second"));

  const auto& request = std::get<CallRequest>(desk.sent().back().payload);
  EXPECT_EQ(request.token, "second");
  EXPECT_TRUE(std::holds_alternative<rpc::PutRequest>(request.request));
}

Desk watching_as_a_user() {
  Desk desk;
  sim::Submit one = watch("a", 0, "w1", 1, 1);
  std::get<BeginWatch>(one.command).login = {.name = "u", .password = "p"};
  desk.submit(one);
  return desk;
}

TEST(Client, AWatchAsAUserLogsInOnceAtATime) {
  Desk desk = watching_as_a_user();
  const TimerId redial{TimerId::Kind::Watch, 1};
  for (std::uint64_t login = 1; login <= 3; ++login) {
    ASSERT_EQ(desk.client.open_calls().size(), 1U);
    EXPECT_TRUE(desk.client.open_calls().contains(login));

    desk.from_member(1, ConnectionReset{.refused = true});

    EXPECT_TRUE(desk.client.open_calls().empty());
    ASSERT_TRUE(desk.client.timers().contains(redial));
    desk.wake(redial);
  }
}

TEST(Client, AWatchWhoseLoginIsNeverAnsweredLogsInAgain) {
  Desk desk = watching_as_a_user();

  desk.time_out(1);

  const TimerId redial{TimerId::Kind::Watch, 1};
  ASSERT_TRUE(desk.client.timers().contains(redial));
  desk.wake(redial);
  EXPECT_EQ(desk.word(1), "context deadline exceeded");
  EXPECT_TRUE(desk.client.open_calls().contains(2));
}

TEST(Client, AWatchWhoseLoginIsNeverAnsweredGoesToTheNextEndpointUnlessItIsBoundToOne) {
  const TimerId redial{TimerId::Kind::Watch, 1};
  Desk bound = watching_as_a_user();
  bound.time_out(1);
  bound.wake(redial);
  EXPECT_EQ(bound.asked(), 1U);

  Desk free;
  sim::Submit one = watch("a", 0, "w1");
  std::get<BeginWatch>(one.command).login = {.name = "u", .password = "p"};
  free.submit(one);
  EXPECT_EQ(free.asked(), 1U);
  free.time_out(1);
  free.wake(redial);
  EXPECT_EQ(free.asked(), 2U);
  free.from_member(
      2, CallAnswer{.call = 2,
                    .error = {},
                    .response = rpc::AuthResponse(rpc::AuthenticateResponse{{}, "token"})});
  EXPECT_EQ(std::get<server::WatchCall>(free.sent().back().payload).token, "token");
  EXPECT_EQ(free.sent().back().to.no, 2U);
}

}  // namespace
}  // namespace orrery::client
