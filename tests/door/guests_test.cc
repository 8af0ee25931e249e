// What guests say, as lines.
#include "client/guests.h"

#include <gtest/gtest.h>

namespace orrery::client {
namespace {

GuestCommand read_back(const GuestCommand& command) {
  const auto read = parse_guest(to_text(command));
  EXPECT_TRUE(read) << to_text(command);
  return read.value_or(GuestCommand());
}

TEST(Guests, EveryCommandIsItsLineReadBack) {
  rpc::PutRequest put;
  put.key = Blob(std::string_view("a\0b", 3));
  put.value = Blob("two words");
  rpc::WatchCreateRequest create;
  create.key = Blob("k");
  create.start_revision = 5;
  const std::vector<GuestCommand> commands = {
      GuestAsk{.ticket = 17, .via = 2, .request = put, .token = ""},
      GuestAsk{.ticket = 18, .via = 1, .request = put, .token = "abc.12"},
      GuestAsk{.ticket = 19,
               .via = 1,
               .request = rpc::MaintenanceRequest(rpc::StatusRequest{}),
               .token = ""},
      GuestWatch{.ticket = 20, .via = 3, .request = create, .token = "t"},
      GuestWatch{
          .ticket = 20, .via = 3, .request = rpc::WatchCancelRequest{.watch_id = 0}, .token = ""},
      GuestRead{.ticket = 20, .bytes = 16'389},
      GuestEnd{.ticket = 20}};
  for (const GuestCommand& command : commands) EXPECT_EQ(read_back(command), command);
}

TEST(Guests, WhatIsNoLineOfAGuestIsRefused) {
  for (const char* line :
       {"", "guest", "guest x end", "guest 1", "guest 1 end 2", "guest 1 read", "guest 1 read -3",
        "guest 1 n1 ask /etcdserverpb.KV/Put", "guest 1 n1 ask /nothing/Put =",
        "guest 1 n1 ask /etcdserverpb.KV/Put !!!", "guest 1 1 watch =", "guest 1 n1 sing ="}) {
    EXPECT_FALSE(parse_guest(line)) << line;
  }
}

}  // namespace
}  // namespace orrery::client
