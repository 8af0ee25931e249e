// Frames and windows of one connection, without a member around it.
#include "server/http2.h"

#include <gtest/gtest.h>

#include "watch/fragment.h"

namespace orrery::server {
namespace {

const Guards quiet;

rpc::WatchResponse response_of(std::size_t bytes, std::int64_t revision = 2) {
  rpc::WatchResponse out;
  out.header.revision = revision;
  mvccpb::Event event;
  event.kv.key = Blob("k");
  event.kv.value = Blob(std::string(bytes, 'v'));
  event.kv.mod_revision = revision;
  out.events.push_back(event);
  return out;
}

Connection opened(Http2Settings settings, std::uint64_t streams = 2) {
  Connection out(settings);
  for (std::uint64_t stream = 1; stream <= streams; ++stream) out.open(stream);
  return out;
}

std::vector<std::uint64_t> streams_of_frames(Connection& connection) {
  std::vector<std::uint64_t> out;
  while (connection.has_frame(quiet)) out.push_back(connection.take_frame().stream);
  return out;
}

TEST(Http2, AMessageIsCutIntoFramesAndTheLastOneCarriesIt) {
  Connection connection = opened({.window = 1'000, .frame = 100});
  const rpc::WatchResponse response = response_of(200);
  const std::uint64_t whole = kMessageHead + watch::wire_size(response);
  connection.write(1, response);

  std::uint64_t bytes = 0;
  std::optional<rpc::WatchResponse> got;
  while (connection.has_frame(quiet)) {
    Frame frame = connection.take_frame();
    EXPECT_LE(frame.bytes, 100U);
    EXPECT_FALSE(got) << "nothing comes behind the last frame";
    bytes += frame.bytes;
    got = frame.response;
  }

  EXPECT_EQ(bytes, whole);
  EXPECT_EQ(got, response);
  EXPECT_EQ(connection.frames(), 3U);
  EXPECT_EQ(connection.bytes(), whole + 3 * kFrameHead);
}

TEST(Http2, StreamsTakeTurnsFrameByFrame) {
  Connection connection = opened({.window = 1'000, .frame = 100});
  connection.write(1, response_of(250));
  connection.write(2, response_of(250));

  EXPECT_EQ(streams_of_frames(connection), (std::vector<std::uint64_t>{1, 2, 1, 2, 1, 2}));
}

TEST(Http2, AClosedWindowHoldsUpItsStreamAlone) {
  Connection connection = opened({.window = 150, .frame = 100});
  connection.write(1, response_of(250));
  connection.write(2, response_of(50));

  EXPECT_EQ(streams_of_frames(connection), (std::vector<std::uint64_t>{1, 2, 1}));
  EXPECT_FALSE(connection.has_frame(quiet));
  EXPECT_EQ(connection.streams().find(1)->window, 0);

  connection.credit(1, 150);

  EXPECT_EQ(streams_of_frames(connection), (std::vector<std::uint64_t>{1, 1}));
}

TEST(Http2, TheConnectionsWindowHoldsUpEverybody) {
  Connection connection = opened({.window = 100'000, .frame = 16'384});
  connection.write(1, response_of(70'000));
  connection.write(2, response_of(100));
  std::uint64_t bytes = 0;
  while (connection.has_frame(quiet)) bytes += connection.take_frame().bytes;
  EXPECT_EQ(bytes, 65'535U);

  connection.credit(0, 20'000);

  EXPECT_TRUE(connection.has_frame(quiet));
}

TEST(Http2, BehindAClosedWindowThereIsRoomUpToTheQuota) {
  Connection connection = opened({.window = 100, .frame = 100}, 1);
  int written = 0;
  while (connection.has_room(1, quiet) && written < 100) {
    connection.write(1, response_of(30));
    ++written;
  }
  EXPECT_GT(written, 1);
  EXPECT_LT(written, 5);

  std::vector<GuardRecord> why;
  EXPECT_FALSE(connection.has_room(1, Guards(&why)));
  ASSERT_EQ(why.size(), 1U);
  EXPECT_EQ(why[0].claim, "the stream's write quota has room");
}

TEST(Http2, ASmallMessageOfAQuietConnectionGoesAtOnce) {
  Connection connection = opened({});
  connection.write(1, response_of(10));
  EXPECT_TRUE(connection.is_immediate(1));

  connection.write(2, response_of(10));

  EXPECT_FALSE(connection.is_immediate(1)) << "another stream waits too";
}

TEST(Http2, SaysWhatItWaitsFor) {
  Connection connection = opened({.window = 10, .frame = 10}, 1);
  connection.write(1, response_of(30));
  while (connection.has_frame(quiet)) connection.take_frame();
  std::vector<GuardRecord> why;

  EXPECT_FALSE(connection.has_frame(Guards(&why)));

  EXPECT_EQ(why.back().claim, "the stream's window is open");
}

}  // namespace
}  // namespace orrery::server
