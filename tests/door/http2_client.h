// One connection of HTTP/2 to the door, frame by frame: what a client must not do can be done with it, too.
//   used by: tests/door    uses: nghttp2, sockets
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace orrery::door::testing {

// What a call has been told so far.
struct Heard {
  std::map<std::string, std::string> headers;  // and trailers
  std::string bytes;                           // messages with their heads
  bool is_over = false;
  std::uint32_t reset = 0;  // the code of the stream's end
};

inline std::string message(std::string_view bytes, char flag = '\0') {
  std::string out(1, flag);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<char>((bytes.size() >> shift) & 0xffU));
  }
  return out + std::string(bytes);
}

class Http2Client {
 public:
  using Words = std::vector<std::pair<std::string, std::string>>;

  explicit Http2Client(int descriptor) : descriptor_(descriptor) {
    nghttp2_session_callbacks* all = nullptr;
    nghttp2_session_callbacks_new(&all);
    nghttp2_session_callbacks_set_on_header_callback(all, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(all, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(all, on_frame);
    nghttp2_session_client_new(&session_, all, this);
    nghttp2_session_callbacks_del(all);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
    write();
  }

  ~Http2Client() {
    nghttp2_session_del(session_);
    hang_up();
  }

  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  void hang_up() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

  // The number of the stream. Nothing follows `bytes` unless it stays open.
  std::int32_t ask(const std::string& path, std::string bytes, bool stays_open = false,
                   const Words& more = {}, const std::string& verb = "POST",
                   const std::string& type = "application/grpc") {
    Words words{{":method", verb},      {":scheme", "http"}, {":path", path},
                {":authority", "test"}, {"te", "trailers"},  {"content-type", type}};
    for (const auto& [name, value] : more) {
      const auto usual =
          std::ranges::find(words, name, [](const auto& word) { return word.first; });
      if (usual == words.end()) {
        words.emplace_back(name, value);
      } else {
        usual->second = value;
      }
    }
    std::vector<nghttp2_nv> head;
    for (auto& [name, value] : words) {
      head.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                      reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(),
                      NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{};
    provider.read_callback = on_fill;
    const std::int32_t stream =
        nghttp2_submit_request(session_, nullptr, head.data(), head.size(), &provider, nullptr);
    out_[stream] = {std::move(bytes), stays_open};
    write();
    return stream;
  }

  void reset(std::int32_t stream) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
    write();
  }

  void ping() {
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    write();
  }

  void send_raw(std::string_view bytes) const {
    (void)::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  // Reads, and answers what HTTP/2 itself wants answered. False = nothing came in that time, or the end.
  bool read(std::chrono::milliseconds patience) {
    write();
    pollfd polled{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (is_closed || ::poll(&polled, 1, static_cast<int>(patience.count())) <= 0) return false;
    std::array<std::uint8_t, 65'536> buffer{};
    const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (size <= 0) {
      is_closed = true;
      return false;
    }
    if (nghttp2_session_mem_recv(session_, buffer.data(), static_cast<std::size_t>(size)) < 0) {
      is_closed = true;
    }
    write();
    return true;
  }

  const Heard& heard(std::int32_t stream) { return heard_[stream]; }

  // Of nghttp2's numbers for settings.
  std::uint32_t setting(nghttp2_settings_id which) const {
    return nghttp2_session_get_remote_settings(session_, which);
  }

  bool is_closed = false;
  std::string goodbye;  // the words of a GOAWAY

 private:
  static ssize_t on_fill(nghttp2_session* /*session*/, std::int32_t stream, std::uint8_t* to,
                         std::size_t most, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                         void* self) {
    auto& [bytes, stays_open] = static_cast<Http2Client*>(self)->out_[stream];
    const std::size_t size = bytes.copy(reinterpret_cast<char*>(to), most);
    bytes.erase(0, size);
    if (bytes.empty() && !stays_open) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (size == 0 && stays_open) return NGHTTP2_ERR_DEFERRED;
    return static_cast<ssize_t>(size);
  }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                       std::size_t value_size, std::uint8_t /*flags*/, void* self) {
    Heard& at = static_cast<Http2Client*>(self)->heard_[frame->hd.stream_id];
    at.headers[{reinterpret_cast<const char*>(name), name_size}] = {
        reinterpret_cast<const char*>(value), value_size};
    return 0;
  }

  static int on_data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t stream,
                     const std::uint8_t* bytes, std::size_t size, void* self) {
    static_cast<Http2Client*>(self)->heard_[stream].bytes.append(
        reinterpret_cast<const char*>(bytes), size);
    return 0;
  }

  static int on_close(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t code,
                      void* self) {
    Heard& at = static_cast<Http2Client*>(self)->heard_[stream];
    at.is_over = true;
    at.reset = code;
    return 0;
  }

  static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type != NGHTTP2_GOAWAY) return 0;
    static_cast<Http2Client*>(self)->goodbye = {
        reinterpret_cast<const char*>(frame->goaway.opaque_data), frame->goaway.opaque_data_len};
    return 0;
  }

  // What the socket does not take goes out with the next reading.
  void write() {
    const std::uint8_t* bytes = nullptr;
    for (;;) {
      const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
      if (size <= 0) break;
      unsent_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    const ssize_t sent =
        ::send(descriptor_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
  }

  int descriptor_;
  nghttp2_session* session_ = nullptr;
  std::string unsent_;
  std::map<std::int32_t, std::pair<std::string, bool>> out_;
  std::map<std::int32_t, Heard> heard_;
};

}  // namespace orrery::door::testing
