// Desk: a client without a world: what it is told is chosen by the test, what it sends is kept.
//   used by: client_test.cc, login_test.cc
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "client/client.h"
#include "tests/sim/cluster.h"

namespace orrery::client {

// A client of three endpoints, and the packets it has sent.
class Desk {
 public:
  Client client{1, 3};
  Nanos now{1'000};

  void submit(const sim::Submit& what) {
    take([&](server::Step& step) { client.submit(step, what.command); });
  }

  void from_member(std::uint32_t no, const server::Payload& payload) {
    const server::Packet packet{server::member_address(no), server::client_address(1),
                                server::Channel::Calls, payload};
    take([&](server::Step& step) { client.receive(step, packet); });
  }

  void time_out(std::uint64_t call) {
    take([&](server::Step& step) { client.time_out(step, call); });
  }

  void wake(TimerId timer) {
    take([&](server::Step& step) { client.wake(step, timer); });
  }

  const Call& call(std::uint64_t number = 1) const { return *client.calls().find(number); }

  const std::vector<server::Packet>& sent() const { return sent_; }

  // The number of the member asked last.
  std::uint32_t asked() const { return sent_.back().to.no; }

  // "waiting", "ok", or an error's text.
  std::string word(std::uint64_t number = 1) const {
    if (!call(number).answer) return "waiting";
    return call(number).answer->error ? call(number).answer->error->detail : "ok";
  }

 private:
  template <class Act>
  void take(Act&& act) {
    server::Step step(now, 1, timing_, guards_, nullptr);
    act(step);
    for (server::Packet& packet : step.outbox()) sent_.push_back(std::move(packet));
  }

  server::Timing timing_;
  Guards guards_;
  std::vector<server::Packet> sent_;
};

}  // namespace orrery::client
