// A client's side of frames: when it gives credit, and for what.
#include <gtest/gtest.h>

#include "client/client.h"

namespace orrery::client {
namespace {

using server::Packet;
using server::WindowUpdate;

class StreamDesk {
 public:
  Client client{1, 3};

  void submit(const Command& command) {
    take([&](server::Step& step) { client.submit(step, command); });
  }

  void receive(const server::Payload& payload) {
    const Packet packet{server::member_address(1), server::client_address(1),
                        server::Channel::Calls, payload};
    take([&](server::Step& step) { client.receive(step, packet); });
  }

  // The credit given for a stream since last asked.
  std::uint64_t credit(std::uint64_t stream) {
    std::uint64_t sum = 0;
    std::erase_if(sent_, [&](const Packet& packet) {
      const auto* update = std::get_if<WindowUpdate>(&packet.payload);
      if (update == nullptr || update->stream != stream) return false;
      sum += update->bytes;
      return true;
    });
    return sum;
  }

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

StreamDesk watching(std::uint32_t window) {
  StreamDesk desk;
  BeginWatch begin{.line = "watch a", .via = 1, .name = "w1", .request = {}};
  begin.window = window;
  desk.submit(begin);
  return desk;
}

server::WatchAnswer creation() {
  server::WatchAnswer out{.stream = 1, .response = {}, .bytes = 0};
  out.response.created = true;
  return out;
}

server::WatchAnswer answer(std::uint64_t bytes) {
  server::WatchAnswer out{.stream = 1, .response = {}, .bytes = bytes};
  out.response.events.resize(1);
  return out;
}

TEST(Streams, CreditComesOnceAQuarterOfTheWindowIsRead) {
  StreamDesk desk = watching(400);

  desk.receive(answer(60));
  EXPECT_EQ(desk.credit(1), 0U);
  desk.receive(answer(60));

  EXPECT_EQ(desk.credit(1), 120U);
}

TEST(Streams, APausedReaderGivesNoCreditForItsStream) {
  StreamDesk desk = watching(400);
  desk.receive(creation());
  desk.submit(PauseWatch{.line = "pause w1", .name = "w1", .paused = true});

  desk.receive(server::DataFrame{.stream = 1, .bytes = 200});
  desk.receive(answer(200));
  EXPECT_EQ(desk.credit(1), 0U);
  EXPECT_EQ(desk.client.find_watch("w1")->events, 0U);

  desk.submit(PauseWatch{.line = "resume w1", .name = "w1", .paused = false});
  EXPECT_EQ(desk.credit(1), 400U);
  EXPECT_EQ(desk.client.find_watch("w1")->events, 1U);
}

TEST(Streams, TheConnectionsCreditDoesNotWaitForTheReader) {
  StreamDesk desk = watching(65'535);
  desk.submit(PauseWatch{.line = "pause w1", .name = "w1", .paused = true});

  desk.receive(server::DataFrame{.stream = 1, .bytes = 16'384});

  EXPECT_EQ(desk.credit(0), 16'384U);
  EXPECT_EQ(desk.credit(1), 0U);
}

TEST(Streams, BytesAndRequestsAreCounted) {
  StreamDesk desk = watching(0);
  desk.receive(creation());
  desk.receive(answer(100));

  const Traffic& traffic = desk.client.new_traffic();
  EXPECT_EQ(traffic.requests, 1U);
  EXPECT_EQ(traffic.connections, 1U);
  EXPECT_EQ(traffic.bytes_received, 9U + 109U);
  EXPECT_EQ(traffic.events, 1U);
}

}  // namespace
}  // namespace orrery::client
