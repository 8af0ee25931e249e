// The gRPC server without a network: connections are pairs of sockets, and the test owns the world behind it.
//   used by: tests/door    uses: door (grpc_server.h), http2_client.h
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "door/grpc_server.h"
#include "tests/door/http2_client.h"

namespace orrery::door::testing {

// A server, and whoever owns the world behind it.
class Counter {
 public:
  explicit Counter(const GrpcOptions& options = {})
      : server_(std::move(*GrpcServer::start(options, mailbox_))) {}

  GrpcServer& server() { return *server_; }
  Mailbox<Letter>& mailbox() { return mailbox_; }

  int connect(const std::string& user = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    server_->adopt(ends[0], 1, user);
    return ends[1];
  }

  // Both sides have read what there is.
  void exchange(Http2Client& client) {
    for (int round = 0; round < 20; ++round) {
      server_->pump(Nanos(0));
      for (Letter& letter : mailbox_.take(Nanos(0))) letters.push_back(std::move(letter));
      (void)client.read(std::chrono::milliseconds(1));
    }
  }

  template <class T>
  std::vector<T> arrivals() const {
    std::vector<T> out;
    for (const Letter& letter : letters) {
      const auto* arrival = std::get_if<Arrival>(&letter);
      if (arrival != nullptr && std::holds_alternative<T>(*arrival)) {
        out.push_back(std::get<T>(*arrival));
      }
    }
    return out;
  }

  void answer(Ticket ticket, Bytes bytes, bool is_last = true) {
    server_->deliver(
        {.ticket = ticket, .message = std::move(bytes), .error = {}, .is_last = is_last});
    server_->flush();
  }

  std::vector<Letter> letters;

 private:
  Mailbox<Letter> mailbox_;
  std::unique_ptr<GrpcServer> server_;
};

}  // namespace orrery::door::testing
