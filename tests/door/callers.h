// Callers without a transport: what the front door's thread would get, in a line.
//   used by: tests/door    uses: live_world.h
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door/live_world.h"

namespace orrery::door::testing {

inline sim::Config live_config(std::uint32_t members, server::Version version) {
  sim::Config config;
  config.members = members;
  config.version = version;
  config.timing = live_timing();
  return config;
}

// A live world, the time, and everything it has said, by ticket.
class Hall {
 public:
  explicit Hall(std::uint32_t members = 1, server::Version version = server::Version::V3_4)
      : live_(live_config(members, version)) {
    settled_ = live_.settle().has_value();
    now_ = live_.world().now();
  }

  bool settled() const { return settled_; }
  LiveWorld& live() { return live_; }
  const sim::World& world() const { return live_.world(); }

  void pass(Nanos time) {
    now_ = now_ + time.value();
    while (!live_.run_until(now_)) {
    }
    hear();
  }

  void bring(Arrival arrival) {
    live_.let_in({std::move(arrival)}, now_);
    pass(Nanos(1'000));  // time for a few fsyncs
  }

  Ticket ask(rpc::Request request, const std::string& token = {}, std::uint32_t member = 1) {
    const Ticket ticket = new_ticket();
    bring(Asked{.ticket = ticket,
                .caller = {.member = member, .peer = peer, .token = token},
                .request = std::move(request)});
    return ticket;
  }

  Ticket put(std::string_view key, std::string_view value, std::uint32_t member = 1) {
    rpc::PutRequest request;
    request.key = Blob(key);
    request.value = Blob(value);
    return ask(request, {}, member);
  }

  void watch(Ticket ticket, rpc::WatchRequest request) {
    bring(WatchAsked{
        .ticket = ticket, .caller = {.member = 1, .peer = peer}, .request = std::move(request)});
  }

  Ticket watch(std::string_view key) {
    const Ticket ticket = new_ticket();
    rpc::WatchCreateRequest request;
    request.key = Blob(key);
    watch(ticket, request);
    return ticket;
  }

  std::vector<client::Told> told_to(Ticket ticket) const {
    std::vector<client::Told> out;
    for (const client::Told& one : told_) {
      if (one.ticket == ticket) out.push_back(one);
    }
    return out;
  }

  // What was said since the last time this was asked.
  std::vector<client::Told> news() {
    std::vector<client::Told> out(told_.begin() + static_cast<std::ptrdiff_t>(seen_), told_.end());
    seen_ = told_.size();
    return out;
  }

  // Null = not yet.
  const client::Told* answer_to(Ticket ticket) const {
    for (const client::Told& one : told_) {
      if (one.ticket == ticket && one.is_last) return &one;
    }
    return nullptr;
  }

  std::uint64_t events_for(Ticket ticket) const {
    std::uint64_t count = 0;
    for (const client::Told& one : told_to(ticket)) {
      count += std::get<rpc::WatchResponse>(one.what).events.size();
    }
    return count;
  }

  std::string peer = "a connection";

 private:
  void hear() {
    for (client::Told& one : live_.take_told()) told_.push_back(std::move(one));
  }

  LiveWorld live_;
  Nanos now_;
  bool settled_ = false;
  std::size_t seen_ = 0;
  std::vector<client::Told> told_;
};

}  // namespace orrery::door::testing
