#include "door/endpoints.h"

#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace orrery::door {

namespace {

std::string name_of(const Acceptor& acceptor) {
  return text("{}:{}", acceptor.host(), acceptor.port());
}

}  // namespace

Endpoints::~Endpoints() {
  close();
}

Result<void> Endpoints::listen_at(const std::vector<Address>& addresses,
                                  std::vector<std::unique_ptr<Acceptor>>& out) {
  for (const Address& address : addresses) {
    auto acceptor = Acceptor::listen(address.host, address.port);
    if (!acceptor) return fail(acceptor.error());
    out.push_back(std::move(*acceptor));
  }
  return {};
}

Result<void> Endpoints::add(const sim::Config& config, const Post& post) {
  const auto no = static_cast<std::uint32_t>(endpoints_.size() + 1);
  Endpoint endpoint;
  auto listening = listen_at(post.clients, endpoint.clients);
  if (listening) listening = listen_at(post.metrics, endpoint.metrics);
  if (!listening) return listening;
  GrpcOptions options;
  options.member = no;
  options.max_request_bytes = config.timing.max_request_bytes;
  options.knows_newer_methods = config.version != server::Version::V3_4;
  auto grpc = GrpcServer::start(options, mailbox_);
  if (!grpc) return fail(grpc.error());
  endpoint.grpc = std::move(*grpc);
  endpoint.http = std::make_unique<HttpDesk>(no, mailbox_);
  endpoints_.push_back(std::move(endpoint));
  return {};
}

Result<void> Endpoints::listen(const sim::Config& config, const std::vector<Post>& posts) {
  for (const Post& post : posts) {
    const auto added = add(config, post);
    if (!added) return added;
  }
  return {};
}

void Endpoints::open() {
  for (Endpoint& endpoint : endpoints_) {
    GrpcServer* grpc = endpoint.grpc.get();
    HttpDesk* http = endpoint.http.get();
    for (const auto& acceptor : endpoint.clients) {
      acceptor->start({.http2 = [grpc](int descriptor) { grpc->adopt(descriptor); },
                       .http1 = [http](int descriptor) { http->adopt(descriptor); }});
    }
    for (const auto& acceptor : endpoint.metrics) {
      acceptor->start({.http2 = [](int descriptor) { ::close(descriptor); },
                       .http1 = [http](int descriptor) { http->adopt(descriptor); }});
    }
  }
}

void Endpoints::close() {
  for (Endpoint& endpoint : endpoints_) {
    for (const auto& acceptor : endpoint.clients) acceptor->stop();
    for (const auto& acceptor : endpoint.metrics) acceptor->stop();
    endpoint.http->stop();
  }
  for (Endpoint& endpoint : endpoints_) endpoint.grpc->shutdown();
  endpoints_.clear();
}

void Endpoints::deliver(const Departure& departure) {
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.grpc->deliver(departure)) return;
  }
}

void Endpoints::give(const Look& look, const Page& page) {
  endpoints_[look.member - 1].http->deliver(look.ticket, page);
}

void Endpoints::end_leaderless(std::uint32_t member) {
  if (member <= endpoints_.size()) endpoints_[member - 1].grpc->end_leaderless();
}

Tally Endpoints::tally(std::uint32_t member) const {
  return member <= endpoints_.size() ? endpoints_[member - 1].grpc->tally() : Tally();
}

void Endpoints::turn_out(const Error& error) {
  for (const Endpoint& endpoint : endpoints_) endpoint.grpc->turn_out(error);
}

std::vector<std::string> Endpoints::clients() const {
  std::vector<std::string> out;
  out.reserve(endpoints_.size());
  for (const Endpoint& endpoint : endpoints_) out.push_back(name_of(*endpoint.clients.front()));
  return out;
}

std::vector<std::string> Endpoints::metrics() const {
  std::vector<std::string> out;
  for (const Endpoint& endpoint : endpoints_) {
    for (const auto& acceptor : endpoint.metrics) out.push_back(name_of(*acceptor));
  }
  return out;
}

}  // namespace orrery::door
