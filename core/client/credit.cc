// What a client's streams have brought, and the credit it gives for more.
// from: grpc-go internal/transport flowcontrol.go (inFlow, trInFlow): credit once a quarter of the window is read
#include <utility>

#include "client/client.h"
#include "server/http2.h"

namespace orrery::client {

using server::Channel;
using server::Packet;
using server::Step;

namespace {

// A WINDOW_UPDATE frame.
constexpr std::uint64_t kUpdateBytes = 13;

}  // namespace

void Client::take_bytes(Step& step, Watch& watch, std::uint64_t bytes) {
  new_traffic_.bytes_received += server::kFrameHead + bytes;
  std::uint64_t& taken = connections_.at_or_new(watch.via).taken;
  taken += bytes;
  if (taken >= static_cast<std::uint64_t>(server::kConnectionWindow) / 4) {
    new_traffic_.bytes_sent += kUpdateBytes;
    step.send(Packet{server::client_address(no_), server::member_address(watch.via), Channel::Calls,
                     server::WindowUpdate{.stream = 0, .bytes = std::exchange(taken, 0)}});
  }
  (watch.paused ? watch.held_bytes : watch.read_bytes) += bytes;
  give_credit(step, watch);
}

// The window is the stream's: what any of its watches has read counts.
void Client::give_credit(Step& step, const Watch& watch) {
  const Connection* connection = connections_.find(watch.via);
  if (connection == nullptr) return;
  std::uint64_t read = 0;
  for (const std::uint64_t number : watches_on(watch.stream)) {
    read += watches_.find(number)->read_bytes;
  }
  if (read == 0 || read < connection->least_window / 4) return;
  for (const std::uint64_t number : watches_on(watch.stream)) {
    if (watches_.find(number)->read_bytes != 0) watches_.edit(number)->read_bytes = 0;
  }
  new_traffic_.bytes_sent += kUpdateBytes;
  const server::WindowUpdate update{.stream = watch.stream, .bytes = read};
  step.send(Packet{server::client_address(no_), server::member_address(watch.via), Channel::Calls,
                   update});
}

void Client::on(Step& step, std::uint32_t from, const server::DataFrame& frame) {
  for (const std::uint64_t number : watches_on(frame.stream)) {
    if (watches_.find(number)->via != from) continue;
    return take_bytes(step, *watches_.edit(number), frame.bytes);
  }
}

}  // namespace orrery::client
