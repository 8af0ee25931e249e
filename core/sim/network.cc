#include "sim/network.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace orrery::sim {

using server::Address;
using server::Packet;

MessageId Network::send(const Packet& packet, Nanos due) {
  const ChannelId id{packet.from, packet.to, packet.channel};
  ChannelState& channel = channels_.at_or_new(id);
  channel.newest_due = std::max(channel.newest_due, due);
  ++channel.sent;
  channel.queue.push_back(
      InFlight{.number = channel.sent, .due = channel.newest_due, .payload = packet.payload});
  ++in_flight_;
  return {id.from, id.to, id.channel, channel.sent};
}

bool Network::is_cut(const Address& from, const Address& to) const {
  return !cuts_.empty() && cuts_.contains(std::pair(from, to));
}

void Network::cut(const Address& from, const Address& to) {
  cuts_.put({from, to}, true);
}

void Network::mend(const Address& from, const Address& to) {
  cuts_.erase(std::pair(from, to));
}

const InFlight* Network::front(const ChannelId& id) const {
  const ChannelState* channel = channels_.find(id);
  return channel == nullptr || channel->queue.empty() ? nullptr : &channel->queue.front();
}

const InFlight* Network::find(const MessageId& id) const {
  const ChannelState* channel = channels_.find(ChannelId{id.from, id.to, id.channel});
  if (channel == nullptr) return nullptr;
  const auto& queue = channel->queue;
  const auto at = std::ranges::lower_bound(queue, id.number, {}, &InFlight::number);
  return at == queue.end() || at->number != id.number ? nullptr : &*at;
}

void Network::delay(const MessageId& id, Nanos by) {
  ChannelState* channel = channels_.edit(ChannelId{id.from, id.to, id.channel});
  check(channel != nullptr, "the message is in flight");
  Nanos least;
  for (std::size_t i = 0; i < channel->queue.size(); ++i) {
    const InFlight& message = channel->queue[i];
    if (message.number < id.number) continue;
    if (message.number == id.number) least = message.due + by.value();
    if (message.due < least) channel->queue.edit(i).due = least;
  }
  channel->newest_due = std::max(channel->newest_due, least);
}

Packet Network::take(const MessageId& id) {
  ChannelState* channel = channels_.edit(ChannelId{id.from, id.to, id.channel});
  check(channel != nullptr && !channel->queue.empty(), "the message is in flight");
  auto& queue = channel->queue;
  --in_flight_;
  if (queue.front().number == id.number) {
    Packet packet{id.from, id.to, id.channel, std::move(queue.edit(0).payload)};
    queue.drop_front(1);
    return packet;
  }
  // From the middle: the messages behind it close up.
  Sequence<InFlight> rest;
  Packet packet{id.from, id.to, id.channel, {}};
  for (const InFlight& message : queue) {
    if (message.number == id.number) {
      packet.payload = message.payload;
    } else {
      rest.push_back(message);
    }
  }
  check(rest.size() + 1 == queue.size(), "the message is in flight");
  queue = std::move(rest);
  return packet;
}

std::vector<ChannelId> Network::clear(const Address& from, const Address& to) {
  std::vector<ChannelId> cleared;
  for (const auto& [id, channel] : channels_) {
    if (id.from == from && id.to == to && !channel.queue.empty()) cleared.push_back(id);
  }
  for (const ChannelId& id : cleared) {
    ChannelState* channel = channels_.edit(id);
    in_flight_ -= channel->queue.size();
    channel->queue.clear();
  }
  return cleared;
}

}  // namespace orrery::sim
