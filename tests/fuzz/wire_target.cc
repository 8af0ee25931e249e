// The wire's target: a connection's bytes below the calls: HTTP/2 frames good and bad, in any order, and answers that
// come when they like.
#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "door/grpc_wire.h"
#include "proto/rpc_codec.h"
#include "tests/fuzz/targets.h"

namespace orrery::fuzz {
namespace {

using door::Letter;
using door::Ticket;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kMostPieces = 64;
constexpr std::size_t kMostAnswers = 64;     // to one piece; more is a wire that never has said all
constexpr std::size_t kMostWaiting = 1'000;  // tickets

// RFC 9113 6: a length, a type, flags, a stream, a payload.
Bytes frame(std::uint8_t type, std::uint8_t flags, std::uint8_t stream, std::string_view payload) {
  Bytes out;
  for (const int shift : {16, 8, 0}) {
    out += static_cast<char>((payload.size() >> static_cast<unsigned>(shift)) & 0xffU);
  }
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  out += Bytes(3, '\0') + static_cast<char>(stream);
  return out + Bytes(payload);
}

// RFC 7541 6.2.2: a literal that is not indexed, its name in words.
Bytes header(std::string_view name, std::string_view value) {
  return Bytes(1, '\0') + static_cast<char>(name.size()) + Bytes(name) +
         static_cast<char>(value.size()) + Bytes(value);
}

Bytes call_headers(std::string_view path) {
  return header(":method", "POST") + header(":scheme", "http") + header(":path", path) +
         header(":authority", "n1") + header("content-type", "application/grpc") +
         header("te", "trailers");
}

Bytes message_of(const Bytes& body) {
  return Bytes(4, '\0') + static_cast<char>(body.size()) + body;
}

// A piece of an input: what it is, how long, its bytes.
Bytes piece(char kind, const Bytes& bytes) {
  return Bytes(1, kind) + static_cast<char>(bytes.size()) + bytes;
}

class Line {
 public:
  Line() {
    house_.to = &mailbox_;
    house_.options.max_concurrent_streams = 8;
    house_.options.max_request_bytes = 4'096;
  }

  void feed(BytesView input) {
    bool open = wire_.receive(kPreface, now_);
    for (std::size_t i = 0; open && i < kMostPieces && !input.empty(); ++i) {
      const auto kind = static_cast<std::uint8_t>(input.front());
      input.remove_prefix(1);
      const std::size_t wanted = input.empty() ? 0 : static_cast<std::uint8_t>(input.front());
      input.remove_prefix(input.empty() ? 0 : 1);
      const BytesView bytes = input.substr(0, std::min(input.size(), wanted));
      input.remove_prefix(bytes.size());
      open = take(kind, bytes);
      drain();
    }
    wire_.say_goodbye();
    drain();
  }

 private:
  // False = the connection is to be closed.
  bool take(std::uint8_t kind, BytesView bytes) {
    if (kind % 4 == 3) return step_aside(kind, bytes);
    if (kind % 4 == 2) return wire_.receive(bytes, now_);
    if (bytes.size() < 3) return true;
    const auto type = static_cast<std::uint8_t>(bytes[0]);
    const auto flags = static_cast<std::uint8_t>(bytes[1]);
    const auto stream = static_cast<std::uint8_t>(bytes[2]);
    return wire_.receive(frame(type % 11, flags, stream, bytes.substr(3)), now_);
  }

  // Time passes, somebody is answered, a leader is lost.
  bool step_aside(std::uint8_t kind, BytesView bytes) {
    now_ += std::chrono::seconds(kind);
    if (kind % 8 == 7) wire_.end_leaderless();
    if (!waiting_.empty()) {
      const Ticket ticket = waiting_[kind % waiting_.size()];
      const auto call = house_.waiting.find(ticket);
      if (call != house_.waiting.end()) {
        const std::int32_t stream = call->second->place().stream;
        call->second->give(
            {.ticket = ticket, .message = Bytes(bytes), .error = {}, .is_last = kind % 16 < 8});
        wire_.settle(stream);
      }
    }
    return !wire_.has_died(now_);
  }

  void drain() {
    std::size_t answers = 0;
    while (!wire_.next_bytes().empty()) {
      check(++answers <= kMostAnswers, "what is to be sent comes to an end");
    }
    for (const Letter& letter : mailbox_.take(Nanos(0))) {
      const auto* arrival = std::get_if<door::Arrival>(&letter);
      if (arrival == nullptr) continue;
      if (const auto* asked = std::get_if<door::Asked>(arrival)) waiting_.push_back(asked->ticket);
      if (const auto* watch = std::get_if<door::WatchAsked>(arrival)) {
        waiting_.push_back(watch->ticket);
      }
    }
    check(waiting_.size() <= kMostWaiting, "a connection asks no more than its streams let it");
    check(house_.waiting.size() <= 8, "no more calls wait than streams are allowed");
  }

  door::Mailbox<Letter> mailbox_;
  door::GrpcHouse house_;
  door::GrpcWire wire_{house_, 1, 1, {}};
  door::HostTime now_{};
  std::vector<Ticket> waiting_;
};

}  // namespace

std::vector<Bytes> wire_seeds() {
  rpc::PutRequest put;
  put.key = Blob("k");
  rpc::WatchCreateRequest watch;
  watch.key = Blob("k");
  const Bytes settings = piece('\0', Bytes("\4\0\0", 3));
  const auto headers = [](char stream, std::string_view path) {
    return piece('\0', Bytes("\1\4", 2) + stream + call_headers(path));
  };
  const auto data = [](char stream, char flags, const Bytes& body) {
    return piece('\0', Bytes(1, '\0') + flags + stream + message_of(body));
  };
  const Bytes answer = piece('\3', "xyz");
  const Bytes one_put = headers(1, "/etcdserverpb.KV/Put") + data(1, '\1', rpc::encode(put));
  const Bytes one_watch = headers(3, "/etcdserverpb.Watch/Watch") +
                          data(3, '\0', rpc::encode(rpc::WatchRequest(watch)));
  const Bytes ping = piece('\0', Bytes("\6\0\0", 3) + Bytes(8, 'p'));
  const Bytes reset = piece('\0', Bytes("\3\0\3", 3) + Bytes(4, '\0'));
  return {settings + one_put + answer, settings + one_watch + answer + ping + reset,
          settings + one_put + one_watch + answer + answer};
}

void run_wire(BytesView input) {
  Line().feed(input);
}

}  // namespace orrery::fuzz
