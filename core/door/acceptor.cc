#include "door/acceptor.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "base/text.h"
#include "host/descriptor.h"

namespace orrery::door {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kPreface = "PRI ";
constexpr auto kPatience = std::chrono::seconds(10);
constexpr std::size_t kMostUndecided = 1'024;

// Has not said enough yet.
struct Undecided {
  int descriptor = -1;
  Clock::time_point since;
};

enum class Verdict : std::uint8_t { Later, Http2, Http1, Gone };

Verdict verdict_on(int descriptor) {
  std::array<char, kPreface.size()> first{};
  const ssize_t size = ::recv(descriptor, first.data(), first.size(), MSG_PEEK | MSG_DONTWAIT);
  if (size == 0) return Verdict::Gone;
  if (size < 0) return errno == EAGAIN || errno == EINTR ? Verdict::Later : Verdict::Gone;
  const std::string_view said(first.data(), static_cast<std::size_t>(size));
  if (said != kPreface.substr(0, said.size())) return Verdict::Http1;
  return said.size() == kPreface.size() ? Verdict::Http2 : Verdict::Later;
}

struct AddressDeleter {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};

Result<int> open_listener(const addrinfo& address, const std::string& name) {
  host::Descriptor socket(
      ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const bool listening =
      socket.is_open() &&
      ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      ::bind(socket.number(), address.ai_addr, address.ai_addrlen) == 0 &&
      ::listen(socket.number(), SOMAXCONN) == 0;
  if (!listening) {
    return fail(Errc::Unavailable, text("listen tcp {}: {}", name, std::strerror(errno)));
  }
  return ::dup(socket.number());
}

std::uint16_t port_of_socket(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size);
  std::array<char, 16> port{};
  ::getnameinfo(reinterpret_cast<sockaddr*>(&bound), size, nullptr, 0, port.data(), port.size(),
                NI_NUMERICSERV);
  return static_cast<std::uint16_t>(std::strtoul(port.data(), nullptr, 10));
}

}  // namespace

Result<std::unique_ptr<Acceptor>> Acceptor::listen(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = host == "localhost" ? AF_INET : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string name = text("{}:{}", host, port);
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return fail(Errc::Unavailable, text("listen tcp {}: {}", name, ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, AddressDeleter> owner(found);
  const auto listener = open_listener(*found, name);
  if (!listener) return fail(listener.error());
  std::array<int, 2> wake{};
  if (::pipe(wake.data()) != 0) {
    ::close(*listener);
    return fail(Errc::Unavailable, text("listen tcp {}: {}", name, std::strerror(errno)));
  }
  return std::unique_ptr<Acceptor>(
      new Acceptor(*listener, wake[1], wake[0], host, port_of_socket(*listener)));
}

Acceptor::~Acceptor() {
  stop();
  ::close(listener_);
  ::close(wake_in_);
  ::close(wake_out_);
}

void Acceptor::start(Handlers handlers) {
  handlers_ = std::move(handlers);
  thread_ = std::thread([this] { run(); });
}

void Acceptor::stop() {
  if (!thread_.joinable()) return;
  const char byte = 0;
  (void)!::write(wake_in_, &byte, 1);
  thread_.join();
}

namespace {

void set_low_water(int descriptor, int bytes) {
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

void accept_one(int listener, const Acceptor::Handlers& handlers,
                std::vector<Undecided>& undecided) {
  const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) return;
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (handlers.any) return handlers.any(descriptor);
  // Who has said less does not wake us.
  set_low_water(descriptor, static_cast<int>(kPreface.size()));
  if (undecided.size() == kMostUndecided) {
    ::close(undecided.front().descriptor);
    undecided.erase(undecided.begin());
  }
  undecided.push_back({.descriptor = descriptor, .since = Clock::now()});
}

// Who has said enough goes on, who has waited too long goes away.
void decide(std::vector<Undecided>& undecided, const Acceptor::Handlers& handlers) {
  std::erase_if(undecided, [&](const Undecided& one) {
    const Verdict verdict = verdict_on(one.descriptor);
    if (verdict != Verdict::Later) set_low_water(one.descriptor, 1);
    switch (verdict) {
      case Verdict::Http2: handlers.http2(one.descriptor); return true;
      case Verdict::Http1: handlers.http1(one.descriptor); return true;
      case Verdict::Later:
        if (Clock::now() - one.since < kPatience) return false;
        break;
      case Verdict::Gone: break;
    }
    ::close(one.descriptor);
    return true;
  });
}

}  // namespace

void Acceptor::run() {
  std::vector<Undecided> undecided;
  for (;;) {
    std::vector<pollfd> polled{{.fd = wake_out_, .events = POLLIN, .revents = 0},
                               {.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const Undecided& one : undecided) {
      polled.push_back({.fd = one.descriptor, .events = POLLIN, .revents = 0});
    }
    const int patience = undecided.empty() ? -1 : 1'000;  // units: milliseconds
    if (::poll(polled.data(), polled.size(), patience) < 0 && errno != EINTR) break;
    if (polled[0].revents != 0) break;
    if (polled[1].revents != 0) accept_one(listener_, handlers_, undecided);
    decide(undecided, handlers_);
  }
  for (const Undecided& one : undecided) ::close(one.descriptor);
}

}  // namespace orrery::door
