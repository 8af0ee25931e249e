#include "door/http_desk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace orrery::door {

namespace {

constexpr std::size_t kMostBytes = 8'192;
constexpr std::size_t kMostConnections = 256;
constexpr auto kTime = std::chrono::seconds(10);

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 431: return "Request Header Fields Too Large";
    default: return "Service Unavailable";
  }
}

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 64> out{};
  const std::size_t size =
      std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {out.data(), size};
}

std::string response_of(const Page& page) {
  return text(
      "HTTP/1.1 {} {}\r\n"
      "{}Content-Type: {}\r\n"
      "Date: {}\r\n"
      "Content-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      page.status, reason_of(page.status), page.status == 405 ? "Allow: GET\r\n" : "", page.type,
      date_now(), page.body.size(), page.body);
}

// "GET /health?exclude=NOSPACE HTTP/1.1"
struct RequestLine {
  std::string_view method;
  std::string_view path;
  std::string_view query;
};

std::optional<RequestLine> read_request_line(std::string_view request) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last == first) return std::nullopt;
  if (!line.substr(last + 1).starts_with("HTTP/1.")) return std::nullopt;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::size_t mark = std::min(target.find('?'), target.size());
  return RequestLine{.method = line.substr(0, first),
                     .path = target.substr(0, mark),
                     .query = target.substr(std::min(mark + 1, target.size()))};
}

}  // namespace

HttpDesk::HttpDesk(std::uint32_t member, Mailbox<Letter>& to) : member_(member), to_(to) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0) {
    wake_out_ = ends[0];
    wake_in_ = ends[1];
  }
  thread_ = std::thread([this] { run(); });
}

HttpDesk::~HttpDesk() {
  stop();
  ::close(wake_in_);
  ::close(wake_out_);
}

void HttpDesk::wake() const {
  const char byte = 0;
  (void)!::write(wake_in_, &byte, 1);
}

void HttpDesk::adopt(int descriptor) {
  const std::lock_guard lock(mutex_);
  adopted_.push_back(descriptor);
  wake();
}

void HttpDesk::deliver(Ticket ticket, const Page& page) {
  const std::lock_guard lock(mutex_);
  given_.push_back({.ticket = ticket, .page = page});
  wake();
}

void HttpDesk::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake();
  }
  thread_.join();
  for (Connection& connection : connections_) drop(connection);
  for (const int descriptor : adopted_) ::close(descriptor);
}

void HttpDesk::drop(Connection& connection) {
  if (connection.ticket != 0) to_.put(Arrival(Gone{.ticket = connection.ticket}));
  ::close(connection.descriptor);
}

void HttpDesk::take_news() {
  std::array<char, 64> bytes{};
  while (::read(wake_out_, bytes.data(), bytes.size()) > 0) {
  }
  const std::lock_guard lock(mutex_);
  for (const int descriptor : std::exchange(adopted_, {})) {
    if (connections_.size() == kMostConnections) {
      drop(connections_.front());
      connections_.pop_front();
    }
    Connection connection;
    connection.descriptor = descriptor;
    connection.since = std::chrono::steady_clock::now();
    connections_.push_back(std::move(connection));
  }
  for (const Given& given : std::exchange(given_, {})) {
    const auto found = std::ranges::find(connections_, given.ticket, &Connection::ticket);
    if (found == connections_.end() || given.ticket == 0) continue;
    found->ticket = 0;
    found->response = response_of(given.page);
  }
}

bool HttpDesk::ask(Connection& connection) {
  const auto line = read_request_line(connection.request);
  if (!line) {
    connection.response = response_of({.status = 400, .body = "400 Bad Request"});
  } else if (line->method != "GET") {
    connection.response = response_of(wrong_method_page());
  } else {
    connection.ticket = new_ticket();
    to_.put(Look{.ticket = connection.ticket,
                 .member = member_,
                 .path = std::string(line->path),
                 .query = std::string(line->query)});
  }
  return true;
}

bool HttpDesk::read(Connection& connection) {
  std::array<char, 2'048> bytes{};
  const ssize_t size = ::recv(connection.descriptor, bytes.data(), bytes.size(), 0);
  if (size == 0) return false;
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (connection.ticket != 0 || !connection.response.empty()) return true;
  connection.request.append(bytes.data(), static_cast<std::size_t>(size));
  if (connection.request.find("\r\n\r\n") != std::string::npos) return ask(connection);
  if (connection.request.size() > kMostBytes) {
    connection.response =
        response_of({.status = 431, .body = "431 Request Header Fields Too Large"});
  }
  return true;
}

bool HttpDesk::write(Connection& connection) {
  const std::string& rest = connection.response;
  const ssize_t size = ::send(connection.descriptor, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  connection.response.erase(0, static_cast<std::size_t>(size));
  return !connection.response.empty();
}

bool HttpDesk::serve(Connection& connection, bool is_readable) {
  if (is_readable && !read(connection)) return false;
  if (!connection.response.empty()) return write(connection);
  return std::chrono::steady_clock::now() - connection.since < kTime;
}

void HttpDesk::run() {
  for (;;) {
    std::vector<pollfd> polled{{.fd = wake_out_, .events = POLLIN, .revents = 0}};
    for (const Connection& connection : connections_) {
      const auto events = static_cast<short>(connection.response.empty() ? POLLIN : POLLOUT);
      polled.push_back({.fd = connection.descriptor, .events = events, .revents = 0});
    }
    const int patience = connections_.empty() ? -1 : 1'000;  // units: milliseconds
    if (::poll(polled.data(), polled.size(), patience) < 0 && errno != EINTR) return;
    std::deque<Connection> rest;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      const auto events = polled[i + 1].revents;
      const bool is_readable = (events & (POLLIN | POLLHUP | POLLERR)) != 0;
      if (serve(connections_[i], is_readable)) {
        rest.push_back(std::move(connections_[i]));
      } else {
        drop(connections_[i]);
      }
    }
    connections_ = std::move(rest);
    take_news();
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
}

}  // namespace orrery::door
