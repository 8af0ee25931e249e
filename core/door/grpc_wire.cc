#include "door/grpc_wire.h"

#include <array>
#include <nghttp2/nghttp2.h>
#include <utility>

#include "base/check.h"

namespace orrery::door {

namespace {

constexpr std::int32_t kStreamWindow = 262'144;        // bytes that a caller may send ahead
constexpr std::int32_t kConnectionWindow = 1'048'576;  // likewise, on all streams together
constexpr int kMostPingStrikes = 2;
constexpr auto kPingsWithoutStreams = std::chrono::hours(2);  // grpc-go: defaultPingTimeout

// What goes out is copied by nghttp2, unless it is a literal.
nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    // nghttp2 only reads, and wants no const.
    return const_cast<std::uint8_t*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {.name = bytes(name),
          .value = bytes(value),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NONE};
}

// gRPC's percent-encoding of words in a header.
std::string percent_encoded(std::string_view words) {
  std::string out;
  for (const char one : words) {
    const bool plain = one >= ' ' && one <= '~' && one != '%';
    if (plain) {
      out.push_back(one);
    } else {
      out += text("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(one)));
    }
  }
  return out;
}

std::string_view view_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

constexpr std::string_view kContentType = "application/grpc";

}  // namespace

// What nghttp2 calls, always inside receive() or next_bytes().
struct WireCallbacks {
  static GrpcWire& wire(void* self) { return *static_cast<GrpcWire*>(self); }

  static int begin_headers(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* self) {
    GrpcWire& at = wire(self);
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    at.streams_[frame->hd.stream_id].call =
        std::make_unique<GrpcCall>(*at.house_, GrpcCall::Place{.member = at.member_,
                                                               .connection = at.number_,
                                                               .stream = frame->hd.stream_id,
                                                               .user = at.user_});
    return 0;
  }

  // The signatures are nghttp2's.
  static int header(  // NOLINT(readability-function-size)
      nghttp2_session* /*session*/, const nghttp2_frame* frame, const std::uint8_t* name,
      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
      std::uint8_t /*flags*/, void* self) {
    const auto found = wire(self).streams_.find(frame->hd.stream_id);
    if (found == wire(self).streams_.end()) return 0;
    found->second.call->header(view_of(name, name_size), view_of(value, value_size));
    return 0;
  }

  static int frame_received(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* self) {
    GrpcWire& at = wire(self);
    const bool is_ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    if (frame->hd.type == NGHTTP2_PING && !is_ack) at.on_ping(at.now_);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    const auto found = at.streams_.find(frame->hd.stream_id);
    if (found == at.streams_.end()) return 0;
    GrpcCall& call = *found->second.call;
    const bool is_head =
        frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    if (is_head) call.begin(at.now_);
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) call.end_of_requests();
    at.touch(frame->hd.stream_id);
    return 0;
  }

  static int data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t stream,
                  const std::uint8_t* bytes, std::size_t size, void* self) {
    wire(self).on_data(stream, view_of(bytes, size));
    return 0;
  }

  static int closed(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t /*code*/,
                    void* self) {
    wire(self).streams_.erase(stream);
    return 0;
  }

  // Who has been told the end and still asks is told to be silent.
  static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    const auto type = frame->hd.type;
    if (type == NGHTTP2_HEADERS || type == NGHTTP2_DATA) wire(self).has_answered_ = true;
    const bool is_end =
        frame->hd.type == NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!is_end || nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) != 0) {
      return 0;
    }
    return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                     NGHTTP2_NO_ERROR);
  }

  // The next bytes of a response; then how the call ended.
  static ssize_t fill(  // NOLINT(readability-function-size)
      nghttp2_session* session, std::int32_t number, std::uint8_t* to, std::size_t most,
      std::uint32_t* flags, nghttp2_data_source* /*source*/, void* self) {
    GrpcWire& at = wire(self);
    const auto found = at.streams_.find(number);
    if (found == at.streams_.end()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    GrpcCall& call = *found->second.call;
    const std::size_t size = call.take(to, most);
    if (size > 0) at.touch(number);
    if (call.has_bytes()) return static_cast<ssize_t>(size);
    const GrpcStatus* ending = call.ending();
    if (ending == nullptr) {
      if (size > 0) return static_cast<ssize_t>(size);
      found->second.asleep = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const std::string code = std::to_string(ending->code);
    const std::string words = percent_encoded(ending->words);
    const std::array<nghttp2_nv, 2> trailers{field("grpc-status", code),
                                             field("grpc-message", words)};
    const std::size_t count = words.empty() ? 1 : 2;
    if (nghttp2_submit_trailer(session, number, trailers.data(), count) != 0) {
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    return static_cast<ssize_t>(size);
  }
};

namespace {

struct CallbacksDeleter {
  void operator()(nghttp2_session_callbacks* all) const { nghttp2_session_callbacks_del(all); }
};

struct OptionDeleter {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};

std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> make_callbacks() {
  nghttp2_session_callbacks* all = nullptr;
  check(nghttp2_session_callbacks_new(&all) == 0, "there is memory for nghttp2");
  nghttp2_session_callbacks_set_on_begin_headers_callback(all, WireCallbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(all, WireCallbacks::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(all, WireCallbacks::frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, WireCallbacks::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(all, WireCallbacks::closed);
  nghttp2_session_callbacks_set_on_frame_send_callback(all, WireCallbacks::frame_sent);
  return std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter>(all);
}

}  // namespace

GrpcWire::GrpcWire(GrpcHouse& house, std::uint32_t member, std::uint64_t number, std::string user)
    : house_(&house), member_(member), number_(number), user_(std::move(user)) {
  heard_ = std::chrono::steady_clock::now();
  now_ = heard_;
  nghttp2_option* raw = nullptr;
  check(nghttp2_option_new(&raw) == 0, "there is memory for nghttp2");
  const std::unique_ptr<nghttp2_option, OptionDeleter> option(raw);
  nghttp2_option_set_no_auto_window_update(raw, 1);
  nghttp2_option_set_no_closed_streams(raw, 1);
  // nghttp2 would refuse what etcdctl calls a server whose endpoint has a scheme: ":authority http://127.0.0.1:2379".
  nghttp2_option_set_no_http_messaging(raw, 1);
  const auto callbacks = make_callbacks();
  check(nghttp2_session_server_new2(&session_, callbacks.get(), this, raw) == 0,
        "there is memory for nghttp2");
  const std::array<nghttp2_settings_entry, 2> settings{
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                             house.options.max_concurrent_streams},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

GrpcWire::~GrpcWire() {
  streams_.clear();
  nghttp2_session_del(session_);
}

bool GrpcWire::receive(std::string_view bytes, HostTime now) {
  now_ = now;
  heard_ = now;
  asked_whether_alive_.reset();
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (nghttp2_session_mem_recv(session_, data, bytes.size()) < 0) return false;
  settle_touched();
  return true;
}

// The connection's credit is given at once; a stream's when its call has read.
void GrpcWire::on_data(std::int32_t number, std::string_view bytes) {
  nghttp2_session_consume_connection(session_, bytes.size());
  const auto found = streams_.find(number);
  if (found == streams_.end()) return;
  found->second.call->bytes(bytes);
  found->second.uncredited += bytes.size();
  touch(number);
}

void GrpcWire::settle_touched() {
  std::vector<std::int32_t> touched;
  std::swap(touched, touched_);
  for (const std::int32_t number : touched) {
    const auto found = streams_.find(number);
    if (found == streams_.end()) continue;
    found->second.call->read_on();
    settle(number);
  }
}

void GrpcWire::settle(std::int32_t number) {
  const auto found = streams_.find(number);
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  if (stream.uncredited > 0 && stream.call->reads()) {
    nghttp2_session_consume_stream(session_, number, std::exchange(stream.uncredited, 0));
  }
  const GrpcCall& call = *stream.call;
  if (!stream.answering) return answer(number, stream);
  const bool has_news = call.has_bytes() || call.ending() != nullptr;
  if (!stream.asleep || !has_news) return;
  stream.asleep = false;
  nghttp2_session_resume_data(session_, number);
}

// The first that there is to say.
void GrpcWire::answer(std::int32_t number, Stream& stream) {
  const GrpcCall& call = *stream.call;
  if (!call.http_status().empty()) {
    stream.answering = true;
    return refuse(number, call.http_status());
  }
  if (!call.has_bytes()) {
    if (call.ending() == nullptr) return;
    stream.answering = true;
    return end_at_once(number, *call.ending());
  }
  stream.answering = true;
  const std::array<nghttp2_nv, 2> head{field(":status", "200"),
                                       field("content-type", kContentType)};
  nghttp2_data_provider provider{.source = {}, .read_callback = WireCallbacks::fill};
  nghttp2_submit_response(session_, number, head.data(), head.size(), &provider);
}

void GrpcWire::refuse(std::int32_t number, const std::string& http_status) {
  const std::array<nghttp2_nv, 1> head{field(":status", http_status)};
  nghttp2_submit_response(session_, number, head.data(), head.size(), nullptr);
}

void GrpcWire::end_at_once(std::int32_t number, const GrpcStatus& status) {
  const std::string code = std::to_string(status.code);
  const std::string words = percent_encoded(status.words);
  const std::array<nghttp2_nv, 4> head{field(":status", "200"), field("content-type", kContentType),
                                       field("grpc-status", code), field("grpc-message", words)};
  const std::size_t count = words.empty() ? 3 : 4;
  nghttp2_submit_response(session_, number, head.data(), count, nullptr);
}

std::string_view GrpcWire::next_bytes() {
  const std::uint8_t* bytes = nullptr;
  const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
  if (size > 0) return view_of(bytes, static_cast<std::size_t>(size));
  if (touched_.empty()) return {};
  // What has gone out may let somebody read on.
  settle_touched();
  const ssize_t more = nghttp2_session_mem_send(session_, &bytes);
  return more > 0 ? view_of(bytes, static_cast<std::size_t>(more)) : std::string_view();
}

bool GrpcWire::is_over() const {
  const bool is_read = is_leaving_ || nghttp2_session_want_read(session_) == 0;
  return is_read && nghttp2_session_want_write(session_) == 0;
}

// Who pings too often is sent away, as grpc-go does it: without streams, more than once in two hours is too often; an
// answer that has gone out in between forgives all.
void GrpcWire::on_ping(HostTime now) {
  const auto least = streams_.empty() ? std::chrono::nanoseconds(kPingsWithoutStreams)
                                      : house_->options.keepalive_min_time;
  const HostTime before = std::exchange(last_ping_, now);
  if (std::exchange(has_answered_, false)) {
    ping_strikes_ = 0;
    return;
  }
  if (before != HostTime() && before + least > now) ++ping_strikes_;
  if (ping_strikes_ <= kMostPingStrikes) return;
  constexpr std::string_view kWords = "too_many_pings";
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_ENHANCE_YOUR_CALM,
                        reinterpret_cast<const std::uint8_t*>(kWords.data()), kWords.size());
  is_leaving_ = true;
}

bool GrpcWire::has_died(HostTime now) {
  const GrpcOptions& options = house_->options;
  if (asked_whether_alive_) return now - *asked_whether_alive_ >= options.keepalive_timeout;
  if (now - heard_ < options.keepalive_interval) return false;
  asked_whether_alive_ = now;
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  return false;
}

void GrpcWire::end_leaderless() {
  for (auto& [number, stream] : streams_) {
    if (!stream.call->wants_leader()) continue;
    stream.call->end_leaderless();
    touch(number);
  }
  settle_touched();
}

void GrpcWire::say_goodbye() {
  nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
}

}  // namespace orrery::door
