// The flags of etcd's gRPC server, at the program.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <gtest/gtest.h>

#include "cli/grpc_flags.h"
#include "http2_client.h"
#include "programs.h"

namespace orrery::door {
namespace {

using testing::Http2Client;
using testing::Output;

int connect_to(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(colon + 1))));
  ::inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &address.sin_addr);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return socket;
}

TEST(GrpcFlags, TimesAreWrittenAsInGo) {
  using std::chrono::nanoseconds;
  EXPECT_EQ(cli::parse_go_duration("5s"), nanoseconds(5'000'000'000));
  EXPECT_EQ(cli::parse_go_duration("2h0m0s"), std::chrono::hours(2));
  EXPECT_EQ(cli::parse_go_duration("1.5s"), std::chrono::milliseconds(1'500));
  EXPECT_EQ(cli::parse_go_duration("1m30s"), std::chrono::seconds(90));
  EXPECT_EQ(cli::parse_go_duration("300ms"), std::chrono::milliseconds(300));
  EXPECT_EQ(cli::parse_go_duration("0"), nanoseconds(0));
  for (const char* bad : {"", "5", "s", "5 s", "-1s", "1d", "1s2", "9999999h"}) {
    EXPECT_FALSE(cli::parse_go_duration(bad)) << bad;
  }
}

TEST(GrpcFlags, ATimeOfNothingLeavesItToGrpc) {
  const auto options = cli::grpc_options_of({.keepalive_min_time = "0", .keepalive_interval = "0"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->keepalive_min_time, std::chrono::minutes(5));
  EXPECT_EQ(options->keepalive_interval, std::chrono::hours(2));
}

TEST(GrpcFlags, WhatIsNoTimeIsRefusedByBothCommands) {
  for (const char* command : {"serve", "etcd"}) {
    const Output ran = testing::shell(std::string("'") + ORRERY_PROGRAM + "' " + command +
                                      " --grpc-keepalive-min-time soon");
    EXPECT_EQ(ran.status, 2) << command;
    EXPECT_NE(ran.words.find("invalid value \"soon\" for flag -grpc-keepalive-min-time"),
              std::string::npos)
        << ran.words;
  }
}

TEST(GrpcFlags, ConnectionsAreHeldToThem) {
  const testing::Serving serving(
      "--listen-client-port 0 --max-concurrent-streams 3 --grpc-keepalive-min-time 1h");
  Http2Client client(connect_to(serving.endpoints()));
  while (client.setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS) != 3U) {
    ASSERT_TRUE(client.read(std::chrono::seconds(5)));
  }
  (void)client.ask("/etcdserverpb.Watch/Watch", "", true);
  for (int i = 0; i < 4; ++i) client.ping();
  while (client.read(std::chrono::seconds(5))) {
  }
  EXPECT_EQ(client.goodbye, "too_many_pings");
}

}  // namespace
}  // namespace orrery::door
