#include "door/grpc_call.h"

#include <algorithm>
#include <charconv>

#include "auth/certificate_user.h"
#include "base/text.h"
#include "door/reflection.h"
#include "proto/rpc_codec.h"

namespace orrery::door {

namespace {

using rpc::Method;
using rpc::Shape;

// Above a request's own limit; etcd: grpcOverheadBytes.
constexpr std::size_t kOverhead = 524'288;
constexpr std::size_t kMessageHead = 5;           // a flag and the length
constexpr std::size_t kMostHeaderBytes = 65'536;  // names and values of one call
constexpr std::uint64_t kCreditUnit = 16'384;     // bytes taken that are reported together

bool is_newer(const Method& method) {
  return method.path == "/etcdserverpb.Auth/AuthStatus" ||
         method.path == "/etcdserverpb.Maintenance/Downgrade";
}

// Nothing is proposed for it.
bool only_looks(const Method& method) {
  return method.path == "/etcdserverpb.KV/Range" ||
         method.path == "/etcdserverpb.Lease/LeaseTimeToLive" ||
         method.path == "/etcdserverpb.Lease/LeaseLeases" ||
         method.path == "/etcdserverpb.Cluster/MemberList" ||
         method.path.starts_with("/etcdserverpb.Maintenance/");
}

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t out = 0;
  for (const char byte : four) out = (out << 8U) | static_cast<unsigned char>(byte);
  return out;
}

Bytes framed(const Bytes& message) {
  Bytes out;
  out.reserve(kMessageHead + message.size());
  out.push_back('\0');
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<char>((message.size() >> shift) & 0xffU));
  }
  out += message;
  return out;
}

// "20S", "1500m". None = it is no such word.
std::optional<std::chrono::nanoseconds> parse_timeout(std::string_view word) {
  constexpr std::size_t kMostDigits = 8;
  if (word.size() < 2 || word.size() > kMostDigits + 1) return std::nullopt;
  std::int64_t number = 0;
  const char* end = word.data() + word.size() - 1;
  const auto read = std::from_chars(word.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < 0) return std::nullopt;
  switch (word.back()) {
    case 'H': return std::chrono::hours(number);
    case 'M': return std::chrono::minutes(number);
    case 'S': return std::chrono::seconds(number);
    case 'm': return std::chrono::milliseconds(number);
    case 'u': return std::chrono::microseconds(number);
    case 'n': return std::chrono::nanoseconds(number);
    default: return std::nullopt;
  }
}

}  // namespace

GrpcCall::~GrpcCall() {
  if (!finished_) finish({GrpcCode::Cancelled, "context canceled"});
  forget_deadline();
}

void GrpcCall::header(std::string_view name, std::string_view value) {
  header_bytes_ += name.size() + value.size();
  if (header_bytes_ > kMostHeaderBytes) return;
  if (name == ":method") verb_ = value;
  if (name == ":path") path_ = value;
  if (name == "content-type") content_type_ = value;
  if (name == "grpc-encoding") encoding_ = value;
  if (name == "grpc-timeout") timeout_ = value;
  if (name == "token") caller_.token = value;
  if (name == "authorization") bearer_ = value;
  if (name == "hasleader") caller_.needs_leader = value == "true";
}

// True = it ends here.
bool GrpcCall::refuse_head() {
  if (header_bytes_ > kMostHeaderBytes) http_status_ = "431";
  if (!content_type_.starts_with("application/grpc")) http_status_ = "415";
  if (verb_ != "POST") http_status_ = "405";
  if (!http_status_.empty()) {
    finished_ = true;
    return true;
  }
  method_ = rpc::find_method(path_);
  house_method_ = find_house_method(path_);
  const bool too_new =
      method_ != nullptr && !house_->options.knows_newer_methods && is_newer(*method_);
  if (too_new) method_ = nullptr;
  if (method_ != nullptr || house_method_) return false;
  finished_ = true;
  last_ = unknown(path_);
  return true;
}

// A token goes before a certificate. The certificates' words are the door's own.
void GrpcCall::name_caller() {
  constexpr std::string_view kBearer = "Bearer ";
  if (caller_.token.empty()) caller_.token = bearer_;
  if (caller_.token.starts_with(kBearer)) caller_.token.erase(0, kBearer.size());
  const bool is_word =
      std::ranges::all_of(caller_.token, [](char one) { return one > ' ' && one < '\x7f'; });
  if (!is_word || auth::name_in_certificate_word(caller_.token)) caller_.token = "nobody";
  if (caller_.token.empty() && !place_.user.empty()) {
    caller_.token = auth::certificate_word(place_.user);
  }
  caller_.member = place_.member;
  caller_.peer = text("{}/{}", place_.member, place_.connection);
}

void GrpcCall::set_deadline(HostTime now) {
  if (timeout_.empty()) return;
  const auto timeout = parse_timeout(timeout_);
  if (!timeout) {
    return finish({GrpcCode::Internal, text("malformed grpc-timeout: {}", quoted(timeout_))});
  }
  // A longer one is none.
  if (*timeout > std::chrono::hours(1'000)) return;
  // Whoever is late already is not let in.
  if (*timeout <= std::chrono::nanoseconds(0)) return end_late();
  deadline_ = now + *timeout;
  house_->deadlines.emplace(*deadline_, this);
}

void GrpcCall::forget_deadline() {
  if (deadline_) house_->deadlines.erase({*deadline_, this});
  deadline_.reset();
}

void GrpcCall::end_late() {
  const bool may_write = method_ != nullptr && is(Shape::Unary) && !only_looks(*method_);
  if (may_write) return finish(status_of(fail(Errc::Timeout).value()));
  finish({GrpcCode::DeadlineExceeded, "context deadline exceeded"});
}

void GrpcCall::begin(HostTime now) {
  if (refuse_head()) return;
  name_caller();
  ++house_->tallies[place_.member].started[path_];
  set_deadline(now);
}

void GrpcCall::bytes(std::string_view more) {
  if (finished_) return;
  incoming_ += more;
  read_on();
}

// Whole messages, as long as there is nobody to be waited for.
void GrpcCall::read_on() {
  std::size_t at = 0;
  while (!finished_ && reads() && incoming_.size() - at >= kMessageHead) {
    const std::string_view rest = std::string_view(incoming_).substr(at);
    const std::size_t size = big_endian(rest.substr(1, 4));
    if (is_too_large(size)) return;
    if (rest.size() < kMessageHead + size) break;
    if (rest.front() != '\0') {
      return finish(
          {GrpcCode::Unimplemented,
           text("grpc: Decompressor is not installed for grpc-encoding {}", quoted(encoding_))});
    }
    on_message(rest.substr(kMessageHead, size));
    at += kMessageHead + size;
  }
  incoming_.erase(0, at);
  if (half_closed_) end_of_requests();
}

bool GrpcCall::is_too_large(std::size_t size) {
  const std::size_t most = house_->options.max_request_bytes + kOverhead;
  if (size <= most) return false;
  finish({GrpcCode::ResourceExhausted,
          text("grpc: received message larger than max ({} vs. {})", size, most)});
  return true;
}

void GrpcCall::on_message(BytesView bytes) {
  if (is_reflection()) {
    on_reflection_request(bytes);
  } else if (house_method_) {
    on_house_request(bytes);
  } else if (is_watch()) {
    on_watch_request(bytes);
  } else {
    on_request(bytes);
  }
}

// A watch outlives the end of its requests; a keepalive stream ends with its last answer, and so does reflection.
void GrpcCall::end_of_requests() {
  half_closed_ = true;
  if (finished_ || is_watch() || !reads()) return;
  const bool may_end = is(Shape::KeepAlive) || is_reflection();
  if (!may_end) return finish({GrpcCode::Internal, "a request is missing"});
  end_with({});
}

void GrpcCall::wait_for_answer() {
  ticket_ = new_ticket();
  house_->waiting.emplace(ticket_, this);
}

void GrpcCall::on_request(BytesView bytes) {
  auto request = method_->decode(bytes);
  if (!request) return finish(status_of(request.error()));
  wait_for_answer();
  house_->to->put(
      Arrival(Asked{.ticket = ticket_, .caller = caller_, .request = std::move(*request)}));
}

void GrpcCall::on_house_request(BytesView bytes) {
  auto request = decode_house_request(*house_method_, bytes);
  if (!request) return finish(status_of(request.error()));
  if (*house_method_ == HouseMethod::HealthCheck || *house_method_ == HouseMethod::HealthWatch) {
    return tell_health(*request);
  }
  wait_for_answer();
  house_->to->put(HouseAsked{.ticket = ticket_,
                             .caller = caller_,
                             .method = *house_method_,
                             .request = std::move(*request)});
}

// There is one service to ask for, the one without a name. Nothing ever changes for who watches it.
void GrpcCall::tell_health(const HouseRequest& request) {
  const bool known = request.name.empty();
  if (*house_method_ == HouseMethod::HealthCheck && !known) {
    return finish({GrpcCode::NotFound, "unknown service"});
  }
  push(encode_health(known ? Serving::Serving : Serving::ServiceUnknown));
  if (*house_method_ == HouseMethod::HealthCheck) return end_with({});
  wait_for_answer();
}

// Nobody else is asked: the next request is read when this answer is taken.
void GrpcCall::on_reflection_request(BytesView bytes) {
  const auto answer = Reflection::of_the_door().answer(bytes);
  if (answer) return push(*answer);
  const bool is_empty = answer.error().code == Errc::WrongUse;
  if (is_empty) return finish({GrpcCode::InvalidArgument, answer.error().detail});
  finish(status_of(answer.error()));
}

void GrpcCall::on_watch_request(BytesView bytes) {
  // A request that asks for nothing is passed over, as etcd's receive loop does.
  if (bytes.empty()) return;
  auto request = rpc::decode_watch_request(bytes);
  if (!request) return finish(status_of(request.error()));
  if (ticket_ == 0) wait_for_answer();
  house_->to->put(WatchAsked{.ticket = ticket_, .caller = caller_, .request = std::move(*request)});
}

void GrpcCall::push(const Bytes& message) {
  queue_.push_back(framed(message));
}

void GrpcCall::give(const Departure& departure) {
  if (finished_) return;
  if (departure.message) push(*departure.message);
  if (!departure.is_last) return;
  house_->waiting.erase(std::exchange(ticket_, 0));
  if (departure.error) return end_with(status_of(*departure.error));
  if (!is(Shape::KeepAlive)) return end_with({});
  read_on();
}

// Once the queue is empty.
void GrpcCall::end_with(GrpcStatus status) {
  finished_ = true;
  if (method_ != nullptr || house_method_) {
    ++house_->tallies[place_.member].handled[{.path = path_, .code = status.code}];
  }
  last_ = std::move(status);
  forget_deadline();
  leave();
}

void GrpcCall::finish(GrpcStatus status) {
  if (finished_) return;
  // What has begun to go out must end.
  if (front_at_ > 0) {
    queue_.erase(queue_.begin() + 1, queue_.end());
  } else {
    queue_.clear();
  }
  incoming_.clear();
  end_with(std::move(status));
}

void GrpcCall::leave() {
  if (ticket_ == 0) return;
  house_->waiting.erase(ticket_);
  house_->to->put(Arrival(Gone{.ticket = std::exchange(ticket_, 0)}));
}

void GrpcCall::end_leaderless() {
  if (house_method_) return finish({GrpcCode::Cancelled, "context canceled"});
  finish(status_of(fail(Errc::NoLeader).value()));
}

std::size_t GrpcCall::take(std::uint8_t* to, std::size_t most) {
  std::size_t copied = 0;
  while (copied < most && !queue_.empty()) {
    const Bytes& front = queue_.front();
    const std::size_t size = std::min(most - copied, front.size() - front_at_);
    front.copy(reinterpret_cast<char*>(to) + copied, size, front_at_);
    copied += size;
    front_at_ += size;
    if (front_at_ < front.size()) break;
    const std::size_t whole = front.size();
    front_at_ = 0;
    queue_.pop_front();
    count_taken(whole);
  }
  return copied;
}

void GrpcCall::count_taken(std::size_t bytes) {
  taken_ += bytes;
  if (!is_watch() || ticket_ == 0 || taken_ < kCreditUnit) return;
  house_->to->put(Arrival(TakenIn{.ticket = ticket_, .bytes = std::exchange(taken_, 0)}));
}

}  // namespace orrery::door
