#include "client/guests.h"

#include <utility>

#include "proto/rpc_codec.h"
#include "server/http2.h"

namespace orrery::client {

using server::Channel;
using server::Packet;
using server::Step;

namespace {

void send_to(Step& step, std::uint32_t client, std::uint32_t member, server::Payload payload) {
  step.send(Packet{server::client_address(client), server::member_address(member), Channel::Calls,
                   std::move(payload)});
}

}  // namespace

void Guests::submit(Step& step, std::uint32_t client, const GuestCommand& command) {
  std::visit([&](const auto& held) { begin(step, client, held); }, command);
}

void Guests::begin(Step& step, std::uint32_t client, const GuestAsk& ask) {
  calls_.put(ask.ticket, {.via = ask.via, .request = ask.request, .asked = step.now()});
  send_to(step, client, ask.via,
          server::CallRequest{.call = ask.ticket, .request = ask.request, .token = ask.token});
}

void Guests::begin(Step& step, std::uint32_t client, const GuestWatch& watch) {
  streams_.at_or_new(watch.ticket).via = watch.via;
  server::WatchCall call;
  call.stream = watch.ticket;
  call.request = watch.request;
  call.token = watch.token;
  send_to(step, client, watch.via, std::move(call));
}

void Guests::begin(Step& step, std::uint32_t client, const GuestRead& read) {
  Stream* stream = streams_.edit(read.ticket);
  if (stream == nullptr) return;
  const std::uint64_t bytes = std::min(read.bytes, stream->unread);
  if (bytes == 0) return;
  stream->unread -= bytes;
  send_to(step, client, stream->via, server::WindowUpdate{.stream = read.ticket, .bytes = bytes});
}

void Guests::begin(Step& step, std::uint32_t client, const GuestEnd& end) {
  if (const Call* call = calls_.find(end.ticket)) {
    const std::uint32_t via = call->via;
    calls_.erase(end.ticket);
    return send_to(step, client, via, server::CallReset{.number = end.ticket, .is_watch = false});
  }
  const Stream* stream = streams_.find(end.ticket);
  if (stream == nullptr) return;
  const std::uint32_t via = stream->via;
  streams_.erase(end.ticket);
  // With its last stream the connection ends, and whatever was counted on it.
  if (streams_.empty()) taken_.clear();
  send_to(step, client, via, server::CallReset{.number = end.ticket, .is_watch = true});
}

// The connection gets its credit at once, as grpc-go gives it; a stream's is the program's affair.
void Guests::take_bytes(Step& step, const Packet& packet, std::uint64_t bytes) {
  std::uint64_t& taken = taken_.at_or_new(packet.from.no);
  taken += bytes;
  if (taken < static_cast<std::uint64_t>(server::kConnectionWindow) / 4) return;
  send_to(step, packet.to.no, packet.from.no,
          server::WindowUpdate{.stream = 0, .bytes = std::exchange(taken, 0)});
}

bool Guests::receive(Step& step, const Packet& packet, std::vector<Told>& told) {
  if (const auto* answer = std::get_if<server::CallAnswer>(&packet.payload)) {
    if (!calls_.erase(answer->call)) return false;
    told.push_back({.ticket = answer->call, .what = answer->response, .error = answer->error});
    return true;
  }
  if (const auto* chunk = std::get_if<server::SnapshotChunk>(&packet.payload)) {
    if (!calls_.contains(chunk->call)) return false;
    told.push_back({.ticket = chunk->call,
                    .what = rpc::Response(rpc::MaintenanceResponse(chunk->response)),
                    .is_last = false});
    return true;
  }
  if (const auto* event = std::get_if<server::WatchAnswer>(&packet.payload)) {
    Stream* stream = streams_.edit(event->stream);
    if (stream == nullptr) return false;
    take_bytes(step, packet, event->bytes);
    ++stream->responses;
    stream->unread += event->bytes;
    told.push_back({.ticket = event->stream,
                    .what = event->response,
                    .is_last = false,
                    .bytes = event->bytes});
    return true;
  }
  if (const auto* frame = std::get_if<server::DataFrame>(&packet.payload)) {
    if (!streams_.contains(frame->stream)) return false;
    take_bytes(step, packet, frame->bytes);
    // A program reads whole messages: what is only a part of one does not wait for it.
    const server::WindowUpdate update{.stream = frame->stream, .bytes = frame->bytes};
    send_to(step, packet.to.no, packet.from.no, update);
    return true;
  }
  if (std::holds_alternative<server::ConnectionReset>(packet.payload)) lose(packet.from.no, told);
  return false;
}

// The member's process has ended: whoever waits for it is told so.
void Guests::lose(std::uint32_t via, std::vector<Told>& told) {
  const Error gone = fail(Errc::Stopped).value();
  std::vector<Ticket> calls;
  for (const auto& [ticket, call] : calls_) {
    if (call.via == via) calls.push_back(ticket);
  }
  std::vector<Ticket> streams;
  for (const auto& [ticket, stream] : streams_) {
    if (stream.via == via) streams.push_back(ticket);
  }
  for (const Ticket ticket : calls) {
    calls_.erase(ticket);
    told.push_back({.ticket = ticket, .error = gone});
  }
  for (const Ticket ticket : streams) {
    streams_.erase(ticket);
    told.push_back({.ticket = ticket, .what = rpc::WatchResponse{}, .error = gone});
  }
  taken_.erase(via);
}

}  // namespace orrery::client
