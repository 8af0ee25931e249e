#include "tests/stock/gateway.h"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/overloaded.h"
#include "base/text.h"
#include "tests/stock/gateway_json.h"

namespace orrery::stock {
namespace {

std::string path_of(const rpc::Request& request) {
  return std::visit(Overloaded{
                        [](const rpc::RangeRequest&) { return "/v3/kv/range"; },
                        [](const rpc::PutRequest&) { return "/v3/kv/put"; },
                        [](const rpc::DeleteRangeRequest&) { return "/v3/kv/deleterange"; },
                        [](const rpc::TxnRequest&) { return "/v3/kv/txn"; },
                        [](const rpc::CompactionRequest&) { return "/v3/kv/compaction"; },
                        [](const auto& /*other_service*/) { return "/"; },
                    },
                    request);
}

Result<Json> parsed(const std::string& body) {
  Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(Errc::Io, "gateway: no JSON object: " + body);
  if (json.contains("error")) {
    return fail(Errc::Unmapped, json.value("error", std::string("gateway: an error without text")));
  }
  return json;
}

}  // namespace

Gateway::~Gateway() {
  if (socket_ >= 0) ::close(socket_);
}

bool Gateway::connected() {
  if (socket_ >= 0) return true;
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience = {.tv_sec = 60, .tv_usec = 0};  // a server that died must not hold a test
  const int on = 1;
  (void)::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  (void)::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return true;
  ::close(socket_);
  socket_ = -1;
  return false;
}

bool Gateway::fill() {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got > 0) pending_.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

std::string Gateway::line() {
  while (pending_.find("\r\n") == std::string::npos) {
    if (!fill()) return "";
  }
  const std::size_t end = pending_.find("\r\n");
  std::string out = pending_.substr(0, end);
  pending_.erase(0, end + 2);
  return out;
}

std::string Gateway::take(std::size_t size) {
  while (pending_.size() < size) {
    if (!fill()) return "";
  }
  std::string out = pending_.substr(0, size);
  pending_.erase(0, size);
  return out;
}

// Status line and headers, then a body of a length said before, or in chunks.
std::string Gateway::body() {
  std::size_t length = 0;
  bool chunked = false;
  for (std::string header = line(); !header.empty(); header = line()) {
    constexpr std::string_view kLength = "Content-Length: ";
    if (header.starts_with(kLength)) length = std::stoul(header.substr(kLength.size()));
    if (header == "Transfer-Encoding: chunked") chunked = true;
  }
  if (!chunked) return take(length);
  std::string out;
  for (;;) {
    const std::string size_line = line();
    if (size_line.empty()) return "";
    const std::size_t size = std::stoul(size_line, nullptr, 16);
    out += take(size);
    std::string after = line();
    if (size > 0) continue;
    while (!after.empty()) after = line();  // trailers
    return out;
  }
}

std::string Gateway::post(const std::string& path, const std::string& body_text) {
  if (!connected()) return "";
  const std::string words =
      text("POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n{}", path,
           body_text.size(), body_text);
  if (::send(socket_, words.data(), words.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(words.size())) {
    return "";
  }
  return body();
}

Result<rpc::Response> Gateway::call(const rpc::Request& request) {
  const Result<Json> answer = parsed(post(path_of(request), to_json(request).dump()));
  if (!answer) return fail(answer.error());
  return response_from(request, *answer);
}

Result<void> Gateway::grant(LeaseId lease, std::int64_t ttl) {
  const Json asked = {{"ID", text("{}", lease.value())}, {"TTL", text("{}", ttl)}};
  const Result<Json> answer = parsed(post("/v3/lease/grant", asked.dump()));
  if (!answer) return fail(answer.error());
  return {};
}

}  // namespace orrery::stock
