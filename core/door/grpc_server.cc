#include "door/grpc_server.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <map>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include "base/text.h"
#include "door/methods.h"
#include "proto/rpc_codec.h"

namespace orrery::door {
namespace {

using grpc::ByteBuffer;

// Streams an endpoint carries at once, keepalive, as etcd sets them.
constexpr int kMinPingInterval = 5'000;  // units: milliseconds
constexpr auto kShutdownPatience = std::chrono::milliseconds(200);
constexpr std::size_t kSnapshotChunk = std::size_t{32} * 1024;

Bytes bytes_of(const ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return {};
  Bytes out;
  for (const grpc::Slice& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

ByteBuffer buffer_of(BytesView bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

grpc::Status status_of(const Error& error) {
  return {static_cast<grpc::StatusCode>(grpc_code(error.code)), error.detail};
}

// As grpc-go says it: the service is known or it is not.
grpc::Status unknown(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view service = path.substr(1, slash - 1);
  for (const Method& method : methods()) {
    if (!method.path.starts_with(path.substr(0, slash + 1))) continue;
    return {grpc::StatusCode::UNIMPLEMENTED,
            text("unknown method {} for service {}", path.substr(slash + 1), service)};
  }
  return {grpc::StatusCode::UNIMPLEMENTED, text("unknown service {}", service)};
}

std::string token_of(const grpc::GenericCallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  for (const char* name : {"token", "authorization"}) {
    const auto found = metadata.find(name);
    if (found != metadata.end()) return {found->second.data(), found->second.size()};
  }
  return {};
}

std::optional<Nanos> timeout_of(const grpc::GenericCallbackServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return std::nullopt;
  const auto left = deadline - std::chrono::system_clock::now();
  return Nanos(std::chrono::duration_cast<std::chrono::nanoseconds>(left).count());
}

class Session;

}  // namespace

struct GrpcServer::Impl final : grpc::CallbackGenericService {
  Impl(const GrpcOptions& given, Mailbox<Arrival>& mailbox) : options(given), to(mailbox) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

  GrpcOptions options;
  Mailbox<Arrival>& to;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  // Guards the sessions and what is in them.
  std::mutex mutex;
  std::map<Ticket, Session*> waiting;
  Ticket next = 1;
};

namespace {

// One RPC. All of it happens under the server's mutex; it deletes itself when gRPC is done with it.
class Session final : public grpc::ServerGenericBidiReactor {
 public:
  Session(GrpcServer::Impl& server, grpc::GenericCallbackServerContext& context)
      : server_(server), context_(context), method_(find_method(context.method())) {
    if (method_ == nullptr) {
      Finish(unknown(context.method()));
      finished_ = true;
      return;
    }
    if (method_->shape == Shape::Watch) {
      open_stream();
    }
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void give(const CallOut& out);
  void give(const StreamOut& out);
  void give(const StreamEnd& out);

 private:
  void open_stream();
  void on_request(const Bytes& bytes);
  void on_watch_request(const Bytes& bytes);
  void queue(Bytes message);
  void write_next();
  void finish(const grpc::Status& status);
  void leave();

  GrpcServer::Impl& server_;
  grpc::GenericCallbackServerContext& context_;
  const Method* method_;
  std::vector<Ticket> tickets_;
  ByteBuffer incoming_;
  ByteBuffer outgoing_;
  std::deque<Bytes> queue_;
  bool writing_ = false;
  bool half_closed_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> last_;  // to be said once the queue is empty
};

// Tickets of different endpoints never meet.
Ticket take_ticket(GrpcServer::Impl& server) {
  return (static_cast<Ticket>(server.options.member) << 48U) | server.next++;
}

void Session::open_stream() {
  const std::lock_guard lock(server_.mutex);
  tickets_.push_back(take_ticket(server_));
  server_.waiting.emplace(tickets_.back(), this);
  server_.to.put(StreamIn{tickets_.back(), server_.options.member, token_of(context_)});
}

void Session::OnReadDone(bool ok) {
  if (!ok) {
    const std::lock_guard lock(server_.mutex);
    half_closed_ = true;
    // A watch outlives the end of its requests; a keepalive stream ends with its last answer.
    if (method_->shape == Shape::KeepAlive && tickets_.empty()) finish(grpc::Status::OK);
    if (method_->shape == Shape::Unary && tickets_.empty()) {
      finish({grpc::StatusCode::INTERNAL, "a request is missing"});
    }
    return;
  }
  const Bytes bytes = bytes_of(incoming_);
  if (method_->shape == Shape::Watch) {
    on_watch_request(bytes);
  } else {
    on_request(bytes);
  }
}

void Session::on_request(const Bytes& bytes) {
  auto request = method_->decode(bytes);
  const std::lock_guard lock(server_.mutex);
  if (finished_) return;
  if (!request) return finish(status_of(request.error()));
  tickets_.push_back(take_ticket(server_));
  server_.waiting.emplace(tickets_.back(), this);
  server_.to.put(CallIn{.ticket = tickets_.back(),
                        .member = server_.options.member,
                        .request = std::move(*request),
                        .token = token_of(context_),
                        .timeout = timeout_of(context_)});
  if (method_->shape == Shape::KeepAlive) StartRead(&incoming_);
}

void Session::on_watch_request(const Bytes& bytes) {
  auto request = rpc::decode_watch_request(bytes);
  const std::lock_guard lock(server_.mutex);
  if (finished_) return;
  if (!request) return finish(status_of(request.error()));
  server_.to.put(StreamAsk{tickets_.front(), std::move(*request)});
  StartRead(&incoming_);
}

void Session::queue(Bytes message) {
  queue_.push_back(std::move(message));
  if (!writing_) write_next();
}

void Session::write_next() {
  if (finished_) return;
  if (queue_.empty()) {
    if (last_) finish(*last_);
    return;
  }
  outgoing_ = buffer_of(queue_.front());
  queue_.pop_front();
  writing_ = true;
  StartWrite(&outgoing_);
}

void Session::OnWriteDone(bool ok) {
  const std::lock_guard lock(server_.mutex);
  writing_ = false;
  if (finished_) return;
  if (!ok) return finish({grpc::StatusCode::CANCELLED, "the client is gone"});
  if (method_->shape == Shape::Watch) server_.to.put(StreamTaken{tickets_.front()});
  write_next();
}

// Requires the mutex.
void Session::finish(const grpc::Status& status) {
  if (finished_) return;
  finished_ = true;
  leave();
  Finish(status);
}

void Session::leave() {
  for (const Ticket ticket : tickets_) {
    if (server_.waiting.erase(ticket) == 0) continue;
    if (method_->shape == Shape::Watch) {
      server_.to.put(StreamGone{ticket});
    } else {
      server_.to.put(CallGone{ticket});
    }
  }
}

void Session::OnCancel() {
  const std::lock_guard lock(server_.mutex);
  finish({grpc::StatusCode::CANCELLED, "context canceled"});
}

void Session::OnDone() {
  {
    const std::lock_guard lock(server_.mutex);
    if (method_ != nullptr) leave();
  }
  delete this;
}

void Session::give(const CallOut& out) {
  server_.waiting.erase(out.ticket);
  std::erase(tickets_, out.ticket);
  if (out.error) {
    last_ = status_of(*out.error);
  } else if (method_->shape != Shape::KeepAlive) {
    last_ = grpc::Status::OK;
  } else if (half_closed_ && tickets_.empty()) {
    last_ = grpc::Status::OK;
  }
  if (!out.error) return queue(encode_response(out.response));
  if (!writing_) write_next();
}

void Session::give(const StreamOut& out) {
  queue(rpc::encode(out.response));
}

void Session::give(const StreamEnd& out) {
  server_.waiting.erase(out.ticket);
  last_ = status_of(out.error);
  if (!writing_) write_next();
}

}  // namespace

grpc::ServerGenericBidiReactor* GrpcServer::Impl::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  return new Session(*this, *context);
}

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcServer::~GrpcServer() {
  shutdown();
}

Result<std::unique_ptr<GrpcServer>> GrpcServer::listen(const GrpcOptions& options,
                                                       Mailbox<Arrival>& to) {
  auto impl = std::make_unique<Impl>(options, to);
  grpc::ServerBuilder builder;
  const std::string address = text("{}:{}", options.host, options.port);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &impl->port);
  builder.RegisterCallbackGenericService(impl.get());
  // One more than a request may have, so that our own error text is sent, not gRPC's.
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_request_bytes + 512 * 1024));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingInterval);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || impl->port == 0) {
    return fail(Errc::Unavailable, text("cannot listen on {}", address));
  }
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(impl)));
}

std::uint16_t GrpcServer::port() const {
  return static_cast<std::uint16_t>(impl_->port);
}

bool GrpcServer::deliver(const Departure& departure) {
  const std::lock_guard lock(impl_->mutex);
  return std::visit(
      [&](const auto& out) {
        const auto found = impl_->waiting.find(out.ticket);
        if (found == impl_->waiting.end()) return false;
        found->second->give(out);
        return true;
      },
      departure);
}

void GrpcServer::shutdown() {
  impl_->server->Shutdown(std::chrono::system_clock::now() + kShutdownPatience);
  impl_->server->Wait();
}

}  // namespace orrery::door
