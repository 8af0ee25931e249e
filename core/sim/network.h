// Network: the messages in flight, in order on each channel of each link, and which links are cut.
//   used by: World    uses: server/packet.h
//   ideas:   only the first message of a channel can be delivered; channels of one link are independent.
//   invariant: numbers on a channel rise by one; due times on a channel never fall.
//   units:   due is virtual time (nanoseconds).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ordered_map.h"
#include "base/sequence.h"
#include "base/strong.h"
#include "server/packet.h"
#include "sim/action.h"

namespace orrery::sim {

struct InFlight {
  std::uint64_t number = 0;
  Nanos due;  // when the default schedule delivers it
  server::Payload payload;

  template <class F>
  void fields(F&& f) const {
    f("number", number), f("due", due), f("payload", payload);
  }
  friend bool operator==(const InFlight&, const InFlight&) = default;
};

struct ChannelState {
  Sequence<InFlight> queue;
  std::uint64_t sent = 0;  // the number of the newest message
  Nanos newest_due;

  template <class F>
  void fields(F&& f) const {
    f("queue", queue), f("sent", sent), f("newest_due", newest_due);
  }
  friend bool operator==(const ChannelState&, const ChannelState&) = default;
};

class Network {
 public:
  // Puts a message at the end of its channel. Its due time is at least `due` and never before its predecessor's.
  MessageId send(const server::Packet& packet, Nanos due);

  bool is_cut(const server::Address& from, const server::Address& to) const;
  void cut(const server::Address& from, const server::Address& to);
  void mend(const server::Address& from, const server::Address& to);

  // The oldest message of the channel, or null.
  const InFlight* front(const ChannelId& id) const;
  const InFlight* find(const MessageId& id) const;
  // The message and everything behind it on its channel is due at least this much later. requires: find(id)
  void delay(const MessageId& id, Nanos by);
  // Removes and gives the message. requires: find(id)
  server::Packet take(const MessageId& id);
  // Loses everything in flight from one address to another, all channels. Gives the channels that were not empty.
  std::vector<ChannelId> clear(const server::Address& from, const server::Address& to);

  const OrderedMap<ChannelId, ChannelState>& channels() const { return channels_; }
  const OrderedMap<std::pair<server::Address, server::Address>, bool>& cuts() const {
    return cuts_;
  }
  std::uint64_t in_flight() const { return in_flight_; }

  template <class F>
  void fields(F&& f) const {
    f("channels", channels_), f("cuts", cuts_), f("in_flight", in_flight_);
  }
  friend bool operator==(const Network&, const Network&) = default;

 private:
  OrderedMap<ChannelId, ChannelState> channels_;
  OrderedMap<std::pair<server::Address, server::Address>, bool> cuts_;  // present = cut
  std::uint64_t in_flight_ = 0;                                         // messages in all channels
};

}  // namespace orrery::sim
