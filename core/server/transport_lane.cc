// transport lanes: a client's connection writes one frame at a time; credit arrives.
// from: grpc-go internal/transport controlbuf.go (loopyWriter.run, processData)
#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

// The send loop of a stream may have waited for room.
void touch_stream_of_client(Context& context, const Address& client, std::uint64_t stream) {
  const std::uint64_t* no = context.run.stream_numbers.find(std::pair(client, stream));
  if (no != nullptr) context.member.touch_stream(*no);
}

void send_frame(Context& context, std::uint32_t client, Frame frame) {
  Packet packet{member_address(context.member.no()), client_address(client), Channel::Calls, {}};
  if (frame.response) {
    packet.payload = WatchAnswer{
        .stream = frame.stream, .response = *std::move(frame.response), .bytes = frame.bytes};
  } else {
    packet.payload = DataFrame{.stream = frame.stream, .bytes = frame.bytes};
  }
  context.step.send(std::move(packet));
}

}  // namespace

void touch_transport(Context& context, std::uint32_t client) {
  context.member.touch({.kind = LaneKind::Transport, .no = client, .choice = 0});
}

void write_response(Context& context, const Address& client, std::uint64_t stream,
                    rpc::WatchResponse response) {
  Connection* connection = context.run.connections.edit(client.no);
  check(connection != nullptr, "a stream has its connection");
  connection->write(stream, std::move(response));
  if (connection->is_immediate(stream)) {
    send_frame(context, client.no, connection->take_frame());
  } else {
    touch_transport(context, client.no);
  }
}

Readiness transport_readiness(const Look& look, std::uint64_t client) {
  const Connection* connection = look.run.connections.find(static_cast<std::uint32_t>(client));
  if (!look.guards(connection != nullptr, "the connection is open", {{"client", client}})) {
    return kBlocked;
  }
  return connection->has_frame(look.guards) ? kReady : kBlocked;
}

void run_transport(Context& context, std::uint64_t client) {
  const auto no = static_cast<std::uint32_t>(client);
  Connection* connection = context.run.connections.edit(no);
  check(connection != nullptr, "the connection is open");
  Frame frame = connection->take_frame();
  if (context.step.noting()) {
    context.step.note(text("n{} writes a frame of {} bytes of stream {} to c{}{}",
                           context.member.no(), frame.bytes, frame.stream, no,
                           frame.response ? ", the last of its message" : ""));
  }
  touch_stream_of_client(context, client_address(no), frame.stream);
  touch_transport(context, no);
  send_frame(context, no, std::move(frame));
}

void receive_credit(Context& context, const Address& client, const WindowUpdate& update) {
  Connection* connection = context.run.connections.edit(client.no);
  if (connection == nullptr) return;
  connection->credit(update.stream, update.bytes);
  touch_transport(context, client.no);
}

}  // namespace orrery::server
