#include "door/endpoints.h"

#include <algorithm>
#include <fstream>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace orrery::door {

namespace {

constexpr Nanos kReaderPatience = seconds(1);

std::uint32_t member_at(std::size_t at) {
  return static_cast<std::uint32_t>(at + 1);
}

std::string name_of(const Address& address) {
  return text("{}:{}", address.host, address.port);
}

}  // namespace

Endpoints::~Endpoints() {
  close();
}

Result<void> Endpoints::listen_at(std::vector<Address>& addresses,
                                  std::vector<std::unique_ptr<Acceptor>>& out) {
  for (Address& address : addresses) {
    auto acceptor = Acceptor::listen(address.host, address.port);
    if (!acceptor) return fail(acceptor.error());
    address.port = (*acceptor)->port();
    out.push_back(std::move(*acceptor));
  }
  return {};
}

Result<void> Endpoints::make(std::size_t at) {
  auto made = std::make_unique<Endpoint>();
  auto listening = listen_at(posts_[at].clients, made->clients);
  if (listening) listening = listen_at(posts_[at].metrics, made->metrics);
  if (!listening) return listening;
  made->http = std::make_unique<HttpDesk>(member_at(at), mailbox_);
  if (!tls_.empty()) {
    auto desk = TlsDesk::open(tls_);
    if (!desk) return fail(desk.error());
    made->tls = std::move(*desk);
  }
  endpoints_[at] = std::move(made);
  return {};
}

Result<void> Endpoints::listen(const sim::Config& config, const std::vector<Post>& posts,
                               const TlsOptions& tls, const GrpcOptions& grpc) {
  posts_ = posts;
  tls_ = tls;
  GrpcOptions options = grpc;
  options.max_request_bytes = config.timing.max_request_bytes;
  options.knows_newer_methods = config.version != server::Version::V3_4;
  auto server = GrpcServer::start(options, mailbox_);
  if (!server) return fail(server.error());
  grpc_ = std::move(*server);
  endpoints_.resize(posts.size());
  for (std::size_t at = 0; at < posts.size(); ++at) {
    const auto made = make(at);
    if (!made) return made;
  }
  return {};
}

void Endpoints::open(std::size_t at) {
  const Endpoint& endpoint = *endpoints_[at];
  const std::uint32_t member = member_at(at);
  GrpcServer* grpc = grpc_.get();
  HttpDesk* http = endpoint.http.get();
  TlsDesk* tls = endpoint.tls.get();
  if (tls != nullptr) {
    tls->start(
        {.http2 = [grpc, member](int inner,
                                 const std::string& user) { grpc->adopt(inner, member, user); },
         .http1 = [http](int inner) { http->adopt(inner); }});
  }
  for (const auto& acceptor : endpoint.clients) {
    Acceptor::Handlers handlers{
        .http2 = [grpc, member](int descriptor) { grpc->adopt(descriptor, member); },
        .http1 = [http](int descriptor) { http->adopt(descriptor); },
        .any = {}};
    if (tls != nullptr) handlers.any = [tls](int descriptor) { tls->adopt(descriptor); };
    acceptor->start(std::move(handlers));
  }
  for (const auto& acceptor : endpoint.metrics) {
    acceptor->start({.http2 = [](int descriptor) { ::close(descriptor); },
                     .http1 = [http](int descriptor) { http->adopt(descriptor); },
                     .any = {}});
  }
}

void Endpoints::open() {
  for (std::size_t at = 0; at < endpoints_.size(); ++at) open(at);
}

std::vector<Letter> Endpoints::take(Nanos patience) {
  grpc_->pump(mailbox_.has_mail() ? Nanos(0) : patience);
  return mailbox_.take(Nanos(0));
}

void Endpoints::wake() {
  if (grpc_ != nullptr) grpc_->wake();
}

void Endpoints::read_by_thread() {
  reader_ = std::thread([this] {
    while (!closing_) grpc_->pump(kReaderPatience);
  });
}

void Endpoints::follow(const sim::World& world) {
  const std::size_t count = std::min<std::size_t>(endpoints_.size(), world.member_count());
  for (std::size_t at = 0; at < count; ++at) {
    const bool is_up = world.member(member_at(at)).up();
    if (is_up == (endpoints_[at] != nullptr)) continue;
    if (is_up) {
      // The port may be somebody else's by now: the next look tries again.
      if (make(at)) open(at);
    } else {
      close(at);
    }
  }
}

void Endpoints::close(std::size_t at) {
  const std::unique_ptr<Endpoint> endpoint = std::move(endpoints_[at]);
  if (endpoint == nullptr) return;
  endpoint->clients.clear();
  endpoint->metrics.clear();
  if (endpoint->tls != nullptr) endpoint->tls->stop();
  endpoint->http->stop();
  grpc_->close(member_at(at));
}

void Endpoints::close() {
  for (std::size_t at = 0; at < endpoints_.size(); ++at) close(at);
  closing_ = true;
  wake();
  if (reader_.joinable()) reader_.join();
  endpoints_.clear();
}

void Endpoints::deliver(const Departure& departure) {
  (void)grpc_->deliver(departure);
}

void Endpoints::flush() {
  grpc_->flush();
}

void Endpoints::flush_answers() {
  grpc_->flush_answers();
}

void Endpoints::give(const Look& look, const Page& page) {
  const auto& endpoint = endpoints_[look.member - 1];
  if (endpoint != nullptr) endpoint->http->deliver(look.ticket, page);
}

void Endpoints::end_leaderless(std::uint32_t member) {
  grpc_->end_leaderless(member);
}

Tally Endpoints::tally(std::uint32_t member) const {
  Tally out = grpc_->tally(member);
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (std::ifstream("/proc/self/statm") >> all >> resident) {
    out.resident_bytes = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  return out;
}

void Endpoints::turn_out(const Error& error) {
  grpc_->turn_out(error);
}

std::vector<std::string> Endpoints::clients() const {
  std::vector<std::string> out;
  out.reserve(posts_.size());
  for (const Post& post : posts_) out.push_back(name_of(post.clients.front()));
  return out;
}

std::vector<std::string> Endpoints::metrics() const {
  std::vector<std::string> out;
  for (const Post& post : posts_) {
    for (const Address& address : post.metrics) out.push_back(name_of(address));
  }
  return out;
}

}  // namespace orrery::door
