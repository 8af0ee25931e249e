#include "door/grpc_server.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <fcntl.h>
#include <map>
#include <set>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>

#include "auth/certificate_user.h"
#include "base/text.h"
#include "door/grpc_bytes.h"
#include "door/grpc_status.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"

namespace orrery::door {
namespace {

using grpc::ByteBuffer;
using rpc::Method;
using rpc::Shape;

constexpr int kMinPingInterval = 5'000;  // units: milliseconds; facts C.10
// Above a request's own limit; etcd: grpcOverheadBytes.
constexpr std::size_t kOverhead = 524'288;
constexpr int kLargestFrame = 67'108'864;      // bytes; beyond it gRPC itself breaks off
constexpr std::uint64_t kCreditUnit = 16'384;  // bytes taken that are reported together
constexpr auto kShutdownPatience = std::chrono::milliseconds(200);

bool is_newer(const Method& method) {
  return method.path == "/etcdserverpb.Auth/AuthStatus" ||
         method.path == "/etcdserverpb.Maintenance/Downgrade";
}

using ServerContext = grpc::GenericCallbackServerContext;

std::string metadata(const ServerContext& context, const char* name) {
  const auto& all = context.client_metadata();
  const auto found = all.find(name);
  return found == all.end() ? std::string()
                            : std::string(found->second.data(), found->second.size());
}

std::string token_of(const ServerContext& context) {
  std::string token = metadata(context, "token");
  if (token.empty()) token = metadata(context, "authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (token.starts_with(kBearer)) token.erase(0, kBearer.size());
  return token;
}

}  // namespace

class GrpcSession;

struct GrpcServer::Impl final : grpc::CallbackGenericService {
  Impl(const GrpcOptions& given, Mailbox<Letter>& mailbox) : options(given), to(mailbox) {}

  grpc::ServerGenericBidiReactor* CreateReactor(ServerContext* context) override;

  GrpcOptions options;
  Mailbox<Letter>& to;
  std::unique_ptr<grpc::Server> server;
  // Guards the sessions and what is in them.
  std::mutex mutex;
  std::map<Ticket, GrpcSession*> waiting;
  std::set<GrpcSession*> led;  // streams that want a leader
  Tally tally;
  std::map<std::string, std::string>
      users;  // by gRPC's name for the connection: whom its certificate names
};

// One RPC. All of it happens under the server's mutex; it deletes itself when gRPC is done with it.
class GrpcSession final : public grpc::ServerGenericBidiReactor {
 public:
  GrpcSession(GrpcServer::Impl& server, ServerContext& context)
      : server_(server),
        method_(rpc::find_method(context.method())),
        house_(find_house_method(context.method())) {
    const bool too_new =
        method_ != nullptr && !server.options.knows_newer_methods && is_newer(*method_);
    if (too_new) method_ = nullptr;
    if (method_ == nullptr && !house_) {
      finished_ = true;
      Finish(unknown(context.method()));
      return;
    }
    caller_ = {.member = server.options.member,
               .peer = text("{}/{}", server.options.member, context.peer()),
               .token = token_of(context),
               .needs_leader = metadata(context, "hasleader") == "true"};
    path_ = context.method();
    {
      const std::lock_guard lock(server_.mutex);
      name_user(std::string(context.peer()));
      ++server_.tally.started[path_];
      if (caller_.needs_leader && is_stream()) server_.led.insert(this);
    }
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void give(const Departure& departure);
  void end_leaderless();

 private:
  // A token goes before a certificate. The certificates' words are the door's own.
  void name_user(const std::string& peer) {
    const bool is_word =
        std::ranges::all_of(caller_.token, [](char one) { return one > ' ' && one < '\x7f'; });
    if (!is_word || auth::name_in_certificate_word(caller_.token)) caller_.token = "nobody";
    const auto user = server_.users.find(peer);
    if (user == server_.users.end() || user->second.empty() || !caller_.token.empty()) return;
    caller_.token = auth::certificate_word(user->second);
  }

  bool is(Shape shape) const { return method_ != nullptr && method_->shape == shape; }
  bool is_watch() const { return is(Shape::Watch); }
  bool is_stream() const { return house_ ? *house_ == HouseMethod::Observe : !is(Shape::Unary); }

  bool too_large(std::size_t size);
  void end_of_requests();
  void on_request(const Bytes& bytes);
  void on_house_request(const Bytes& bytes);
  void tell_health(const HouseRequest& request);
  void on_watch_request(const Bytes& bytes);
  void write_next();
  void finish(const grpc::Status& status);
  void leave();
  void count_taken();

  GrpcServer::Impl& server_;
  const Method* method_;
  std::optional<HouseMethod> house_;  // instead of a method of etcdserverpb's
  std::string path_;                  // empty = no method of ours
  Caller caller_;
  Ticket ticket_ = 0;  // 0 = nothing is asked
  ByteBuffer incoming_;
  ByteBuffer outgoing_;
  std::deque<Bytes> queue_;
  std::uint64_t going_out_ = 0;  // bytes of the message that is being written
  std::uint64_t taken_ = 0;      // bytes written and not yet reported
  bool writing_ = false;
  bool half_closed_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> last_;  // to be said once the queue is empty
};

void GrpcSession::OnReadDone(bool ok) {
  const std::lock_guard lock(server_.mutex);
  if (finished_) return;
  if (!ok) return end_of_requests();
  const Bytes bytes = bytes_of(incoming_);
  incoming_.Clear();
  if (too_large(bytes.size())) return;
  if (house_) {
    on_house_request(bytes);
  } else if (is_watch()) {
    on_watch_request(bytes);
  } else {
    on_request(bytes);
  }
}

// A watch outlives the end of its requests; a keepalive stream ends with its last answer.
void GrpcSession::end_of_requests() {
  half_closed_ = true;
  if (ticket_ != 0 || is_watch()) return;
  if (is(Shape::KeepAlive)) {
    if (!writing_ && queue_.empty()) return finish(grpc::Status::OK);
    last_ = grpc::Status::OK;
    return;
  }
  finish({grpc::StatusCode::INTERNAL, "a request is missing"});
}

bool GrpcSession::too_large(std::size_t size) {
  const std::size_t most = server_.options.max_request_bytes + kOverhead;
  if (size <= most) return false;
  finish({grpc::StatusCode::RESOURCE_EXHAUSTED,
          text("grpc: received message larger than max ({} vs. {})", size, most)});
  return true;
}

void GrpcSession::on_request(const Bytes& bytes) {
  auto request = method_->decode(bytes);
  if (!request) return finish(status_of(request.error()));
  ticket_ = new_ticket();
  server_.waiting.emplace(ticket_, this);
  server_.to.put(
      Arrival(Asked{.ticket = ticket_, .caller = caller_, .request = std::move(*request)}));
}

void GrpcSession::on_house_request(const Bytes& bytes) {
  auto request = decode_house_request(*house_, bytes);
  if (!request) return finish(status_of(request.error()));
  if (*house_ == HouseMethod::HealthCheck || *house_ == HouseMethod::HealthWatch) {
    return tell_health(*request);
  }
  ticket_ = new_ticket();
  server_.waiting.emplace(ticket_, this);
  server_.to.put(HouseAsked{
      .ticket = ticket_, .caller = caller_, .method = *house_, .request = std::move(*request)});
}

// There is one service to ask for, the one without a name.
void GrpcSession::tell_health(const HouseRequest& request) {
  const bool known = request.name.empty();
  if (*house_ == HouseMethod::HealthCheck && !known) {
    return finish({grpc::StatusCode::NOT_FOUND, "unknown service"});
  }
  queue_.push_back(encode_health(known ? Serving::Serving : Serving::ServiceUnknown));
  if (*house_ == HouseMethod::HealthCheck) last_ = grpc::Status::OK;
  write_next();
}

void GrpcSession::on_watch_request(const Bytes& bytes) {
  // A request that asks for nothing is passed over, as etcd's receive loop does.
  if (bytes.empty()) return StartRead(&incoming_);
  auto request = rpc::decode_watch_request(bytes);
  if (!request) return finish(status_of(request.error()));
  if (ticket_ == 0) {
    ticket_ = new_ticket();
    server_.waiting.emplace(ticket_, this);
  }
  server_.to.put(WatchAsked{.ticket = ticket_, .caller = caller_, .request = std::move(*request)});
  StartRead(&incoming_);
}

void GrpcSession::write_next() {
  if (finished_ || writing_) return;
  if (queue_.empty()) {
    if (last_) finish(*last_);
    return;
  }
  outgoing_ = buffer_of(queue_.front());
  going_out_ = queue_.front().size();
  queue_.pop_front();
  writing_ = true;
  StartWrite(&outgoing_);
}

void GrpcSession::count_taken() {
  constexpr std::uint64_t kMessageHead = 5;
  taken_ += going_out_ + kMessageHead;
  if (!is_watch() || ticket_ == 0 || taken_ < kCreditUnit) return;
  server_.to.put(Arrival(TakenIn{.ticket = ticket_, .bytes = std::exchange(taken_, 0)}));
}

void GrpcSession::OnWriteDone(bool ok) {
  const std::lock_guard lock(server_.mutex);
  writing_ = false;
  if (finished_) return;
  if (!ok) return finish({grpc::StatusCode::CANCELLED, "context canceled"});
  count_taken();
  write_next();
}

// Requires the mutex, as all that follow.
void GrpcSession::finish(const grpc::Status& status) {
  if (finished_) return;
  finished_ = true;
  ++server_.tally.handled[{.path = path_, .code = status.error_code()}];
  leave();
  Finish(status);
}

void GrpcSession::leave() {
  if (ticket_ == 0) return;
  server_.waiting.erase(ticket_);
  server_.to.put(Arrival(Gone{.ticket = std::exchange(ticket_, 0)}));
}

void GrpcSession::OnCancel() {
  const std::lock_guard lock(server_.mutex);
  finish({grpc::StatusCode::CANCELLED, "context canceled"});
}

void GrpcSession::OnDone() {
  {
    const std::lock_guard lock(server_.mutex);
    leave();
    server_.led.erase(this);
  }
  delete this;
}

void GrpcSession::end_leaderless() {
  if (house_) return finish({grpc::StatusCode::CANCELLED, "context canceled"});
  finish(status_of(fail(Errc::NoLeader).value()));
}

void GrpcSession::give(const Departure& departure) {
  if (finished_) return;
  if (departure.error) last_ = status_of(*departure.error);
  if (departure.message) queue_.push_back(*departure.message);
  if (departure.is_last) {
    server_.waiting.erase(std::exchange(ticket_, 0));
    const bool goes_on = is(Shape::KeepAlive) && !departure.error && !half_closed_;
    if (goes_on) {
      StartRead(&incoming_);
    } else if (!last_) {
      last_ = grpc::Status::OK;
    }
  }
  write_next();
}

grpc::ServerGenericBidiReactor* GrpcServer::Impl::CreateReactor(ServerContext* context) {
  return new GrpcSession(*this, *context);
}

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcServer::~GrpcServer() {
  shutdown();
}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const GrpcOptions& options,
                                                      Mailbox<Letter>& to) {
  auto impl = std::make_unique<Impl>(options, to);
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(impl.get());
  builder.SetMaxReceiveMessageSize(kLargestFrame);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingInterval);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr) return fail(Errc::Unavailable, "gRPC does not start");
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(impl)));
}

void GrpcServer::adopt(int descriptor, const std::string& user) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->users[text("fd:{}", descriptor)] = user;
  }
  const int flags = ::fcntl(descriptor, F_GETFL);
  ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  grpc::AddInsecureChannelFromFd(impl_->server.get(), descriptor);
}

bool GrpcServer::deliver(const Departure& departure) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->waiting.find(departure.ticket);
  if (found == impl_->waiting.end()) return false;
  found->second->give(departure);
  return true;
}

void GrpcServer::end_leaderless() {
  const std::lock_guard lock(impl_->mutex);
  const std::set<GrpcSession*> led = impl_->led;
  for (GrpcSession* session : led) session->end_leaderless();
}

Tally GrpcServer::tally() {
  const std::lock_guard lock(impl_->mutex);
  return impl_->tally;
}

void GrpcServer::turn_out(const Error& error) {
  const std::lock_guard lock(impl_->mutex);
  const std::map<Ticket, GrpcSession*> waiting = impl_->waiting;
  for (const auto& [ticket, session] : waiting) {
    session->give({.ticket = ticket, .message = {}, .error = error, .is_last = true});
  }
}

void GrpcServer::shutdown() {
  impl_->server->Shutdown(std::chrono::system_clock::now() + kShutdownPatience);
  impl_->server->Wait();
}

}  // namespace orrery::door
