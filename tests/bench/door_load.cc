// orrery-door-load: the same load over gRPC for any etcd, ours or stock: calls a second, latencies, and what they cost.
//   used by: tests/bench/compare-door    uses: nghttp2, proto
//   ideas:   one thread, and a client that costs less than the servers it measures: HTTP/2 by nghttp2, each message
//            written by our own codecs. Clients have a connection and one call at a time each.
//   usage:   orrery-door-load ENDPOINT[,ENDPOINT] put|get|range|txn|watch CLIENTS SECONDS [PID...]
//   prints:  KIND CLIENTS CALLS_A_SECOND P50_US P99_US CPU_US MB; of watch, events that all watchers together got, and
//            how long after its put was begun; CPU time a call and resident memory are of the processes PID
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <memory>
#include <netdb.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "proto/rpc_codec.h"

namespace orrery::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kKeys = 10'000;
constexpr std::size_t kValueBytes = 100;
constexpr int kConnectionWindow = 1 << 24;
constexpr std::size_t kNumberWidth = 8;

std::string key_of(int number) {
  return "key" + std::to_string(100'000 + number % kKeys);
}

// The value begins with the number.
rpc::PutRequest put_of(int number) {
  rpc::PutRequest out;
  out.key = Blob(key_of(number));
  std::string value = std::to_string(100'000'000 + number).substr(1);
  value.resize(kValueBytes, 'v');
  out.value = Blob(value);
  return out;
}

rpc::RangeRequest get_of(int number) {
  rpc::RangeRequest out;
  out.key = Blob(key_of(number));
  return out;
}

struct Call {
  std::string path;
  Bytes request;
};

Call call_of(const std::string& kind, int number) {
  if (kind == "get") return {"/etcdserverpb.KV/Range", rpc::encode(get_of(number))};
  if (kind == "range") {
    rpc::RangeRequest range = get_of(number % (kKeys - 100));
    range.range_end = Blob(key_of(number % (kKeys - 100) + 100));
    return {"/etcdserverpb.KV/Range", rpc::encode(range)};
  }
  if (kind == "txn") {
    rpc::TxnRequest txn;
    txn.success = {{get_of(number)}, {put_of(number)}};
    return {"/etcdserverpb.KV/Txn", rpc::encode(txn)};
  }
  return {"/etcdserverpb.KV/Put", rpc::encode(put_of(number))};
}

std::string framed(const Bytes& message) {
  std::string out(1, '\0');
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<char>((message.size() >> shift) & 0xffU));
  }
  return out + message;
}

// One connection with one call, or one stream, at a time.
class Client {
 public:
  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  ~Client() {
    if (session_ != nullptr) nghttp2_session_del(session_);
    if (descriptor >= 0) ::close(descriptor);
  }

  bool connect(const std::string& endpoint);
  void begin(const Call& call, bool stays_open);
  // What has come; false = the connection is gone.
  bool read();
  bool write();

  int descriptor = -1;
  Clock::time_point began;
  std::deque<Bytes> messages;  // whole ones that have come
  bool is_ended = false;       // the call is
  bool is_failed = false;      // and not with 0

 private:
  static nghttp2_nv field(const std::string& name, const std::string& value);
  static int on_header(nghttp2_session* session, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                       std::size_t value_size, std::uint8_t flags, void* self);
  static int on_data(nghttp2_session* session, std::uint8_t flags, std::int32_t stream,
                     const std::uint8_t* bytes, std::size_t size, void* self);
  static int on_close(nghttp2_session* session, std::int32_t stream, std::uint32_t code,
                      void* self);
  static ssize_t on_fill(nghttp2_session* session, std::int32_t stream, std::uint8_t* to,
                         std::size_t most, std::uint32_t* flags, nghttp2_data_source* source,
                         void* self);

  nghttp2_session* session_ = nullptr;
  std::string request_;
  std::size_t request_at_ = 0;
  bool stays_open_ = false;
  std::string incoming_;
  bool status_is_ok_ = false;
};

bool Client::connect(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string host = endpoint.substr(0, colon);
  if (::getaddrinfo(host.c_str(), endpoint.substr(colon + 1).c_str(), &hints, &found) != 0) {
    return false;
  }
  descriptor = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = ::connect(descriptor, found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  if (!connected) return false;
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) return false;
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  const bool made = nghttp2_session_client_new(&session_, callbacks, this) == 0;
  nghttp2_session_callbacks_del(callbacks);
  if (!made) return false;
  const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kConnectionWindow};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
  return true;
}

nghttp2_nv Client::field(const std::string& name, const std::string& value) {
  // nghttp2 copies both, and wants no const.
  const auto bytes = [](const std::string& text) {
    return const_cast<std::uint8_t*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

void Client::begin(const Call& call, bool stays_open) {
  static const std::array<std::string, 13> kWords{":method",
                                                  "POST",
                                                  ":scheme",
                                                  "http",
                                                  ":path",
                                                  ":authority",
                                                  "door",
                                                  "te",
                                                  "trailers",
                                                  "content-type",
                                                  "application/grpc",
                                                  "user-agent",
                                                  "orrery-door-load"};
  request_ = framed(call.request);
  request_at_ = 0;
  stays_open_ = stays_open;
  is_ended = is_failed = status_is_ok_ = false;
  messages.clear();
  incoming_.clear();
  began = Clock::now();
  const std::array<nghttp2_nv, 7> head{field(kWords[0], kWords[1]),  field(kWords[2], kWords[3]),
                                       field(kWords[4], call.path),  field(kWords[5], kWords[6]),
                                       field(kWords[7], kWords[8]),  field(kWords[9], kWords[10]),
                                       field(kWords[11], kWords[12])};
  nghttp2_data_provider provider{};
  provider.read_callback = on_fill;
  nghttp2_submit_request(session_, nullptr, head.data(), head.size(), &provider, nullptr);
}

ssize_t Client::on_fill(nghttp2_session* /*session*/, std::int32_t /*stream*/, std::uint8_t* to,
                        std::size_t most, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                        void* self) {
  auto& client = *static_cast<Client*>(self);
  const std::size_t size =
      client.request_.copy(reinterpret_cast<char*>(to), most, client.request_at_);
  client.request_at_ += size;
  if (client.request_at_ < client.request_.size()) return static_cast<ssize_t>(size);
  if (!client.stays_open_) *flags |= NGHTTP2_DATA_FLAG_EOF;
  if (size == 0 && client.stays_open_) return NGHTTP2_ERR_DEFERRED;
  return static_cast<ssize_t>(size);
}

int Client::on_header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                      const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                      std::size_t value_size, std::uint8_t /*flags*/, void* self) {
  const std::string_view key(reinterpret_cast<const char*>(name), name_size);
  const std::string_view held(reinterpret_cast<const char*>(value), value_size);
  if (key == "grpc-status") static_cast<Client*>(self)->status_is_ok_ = held == "0";
  return 0;
}

int Client::on_data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t /*stream*/,
                    const std::uint8_t* bytes, std::size_t size, void* self) {
  constexpr std::size_t kHead = 5;
  auto& client = *static_cast<Client*>(self);
  std::string& incoming = client.incoming_;
  incoming.append(reinterpret_cast<const char*>(bytes), size);
  while (incoming.size() >= kHead) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < kHead; ++i) {
      length = (length << 8U) | static_cast<unsigned char>(incoming[i]);
    }
    if (incoming.size() < kHead + length) break;
    client.messages.push_back(incoming.substr(kHead, length));
    incoming.erase(0, kHead + length);
  }
  return 0;
}

int Client::on_close(nghttp2_session* /*session*/, std::int32_t /*stream*/, std::uint32_t /*code*/,
                     void* self) {
  auto& client = *static_cast<Client*>(self);
  client.is_ended = true;
  client.is_failed = !client.status_is_ok_;
  return 0;
}

bool Client::read() {
  static std::array<std::uint8_t, 65'536> buffer;
  const ssize_t size = ::recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size <= 0) return size < 0 && errno == EAGAIN;
  return nghttp2_session_mem_recv(session_, buffer.data(), static_cast<std::size_t>(size)) >= 0;
}

// Requests are short: the socket takes them.
bool Client::write() {
  std::string out;
  const std::uint8_t* bytes = nullptr;
  for (;;) {
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) break;
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  return out.empty() || ::send(descriptor, out.data(), out.size(), MSG_NOSIGNAL) ==
                            static_cast<ssize_t>(out.size());
}

// What processes have used so far.
struct Usage {
  double cpu_seconds = 0;
  long resident_mb = 0;
};

Usage usage_of(const std::vector<std::string>& processes) {
  Usage out;
  for (const std::string& process : processes) {
    std::ifstream stat("/proc/" + process + "/stat");
    std::string word;
    for (int field = 1; field <= 24 && stat >> word; ++field) {
      if (field == 14 || field == 15) {
        out.cpu_seconds +=
            std::strtod(word.c_str(), nullptr) / static_cast<double>(::sysconf(_SC_CLK_TCK));
      }
      if (field == 24) out.resident_mb += std::strtol(word.c_str(), nullptr, 10) * 4 / 1024;
    }
  }
  return out;
}

class Load {
 public:
  Load(const std::string& endpoints, std::string kind, int clients,
       std::vector<std::string> processes)
      : kind_(std::move(kind)), processes_(std::move(processes)) {
    for (std::size_t from = 0; from <= endpoints.size();) {
      const std::size_t comma = std::min(endpoints.find(',', from), endpoints.size());
      endpoints_.push_back(endpoints.substr(from, comma - from));
      from = comma + 1;
    }
    for (int i = 0; i < clients; ++i) (void)add();
  }

  ~Load() { ::close(epoll_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  bool is_connected() const { return is_connected_; }

  // Keys for reads to find.
  void fill() {
    Load writer(endpoints_.front(), "put", 16, {});
    writer.most_ = kKeys;
    writer.run_calls();
  }

  int run(std::chrono::seconds time) {
    begin_measuring();
    end_ = measured_since_ + time;
    run_calls();
    return report();
  }

  // All watch all keys; one writes, one put at a time.
  int run_watch(std::chrono::seconds time) {
    rpc::WatchCreateRequest watch;
    watch.key = Blob("key");
    watch.range_end = Blob("kez");
    const Call call{"/etcdserverpb.Watch/Watch", rpc::encode(rpc::WatchRequest(watch))};
    const std::size_t watchers = clients_.size();
    for (const auto& client : clients_) begin(*client, call, true);
    while (created_ < watchers && is_connected_) turn([this](Client& one) { hear(one); });
    Client& writer = add();
    begin_measuring();
    while (Clock::now() - measured_since_ < time && is_connected_) {
      puts_.push_back(Clock::now());
      begin(writer, call_of("put", next_++), false);
      while (!writer.is_ended && is_connected_) {
        turn([&](Client& one) {
          if (&one != &writer) hear(one);
        });
      }
      if (writer.is_failed) ++failed_;
    }
    return report();
  }

 private:
  Client& add() {
    Client& client = *clients_.emplace_back(std::make_unique<Client>());
    is_connected_ =
        is_connected_ && client.connect(endpoints_[next_endpoint_++ % endpoints_.size()]);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &client;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.descriptor, &event);
    return client;
  }

  void begin(Client& client, const Call& call, bool stays_open) {
    client.begin(call, stays_open);
    is_connected_ = client.write() && is_connected_;
  }

  // Reads what has come, once.
  template <class F>
  void turn(F&& on_news) {
    std::array<epoll_event, 256> events{};
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 20'000);
    if (count <= 0) is_connected_ = false;
    for (int i = 0; i < count; ++i) {
      auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      is_connected_ = client.read() && client.write() && is_connected_;
      on_news(client);
    }
  }

  void run_calls() {
    std::size_t open = clients_.size();
    for (const auto& client : clients_) begin(*client, call_of(kind_, next_++), false);
    while (open > 0 && is_connected_) {
      turn([&](Client& client) {
        if (!client.is_ended) return;
        if (client.is_failed) ++failed_;
        took(Clock::now() - client.began);
        if (most_ == 0 ? Clock::now() < end_ : next_ < most_) {
          begin(client, call_of(kind_, next_++), false);
        } else {
          --open;
        }
      });
    }
  }

  void took(Clock::duration time) {
    micros_.push_back(std::chrono::duration<double, std::micro>(time).count());
  }

  void hear(Client& watcher) {
    for (const Bytes& message : watcher.messages) {
      const auto response = rpc::decode_watch_response(message);
      if (!response) continue;
      created_ += response->created ? 1U : 0U;
      for (const auto& event : response->events) {
        const std::string number(event.kv.value.view().substr(0, kNumberWidth));
        took(Clock::now() - puts_.at(std::strtoul(number.c_str(), nullptr, 10)));
      }
    }
    watcher.messages.clear();
  }

  void begin_measuring() {
    used_before_ = usage_of(processes_);
    measured_since_ = Clock::now();
    micros_.clear();
  }

  int report() {
    const double seconds = std::chrono::duration<double>(Clock::now() - measured_since_).count();
    const Usage used = usage_of(processes_);
    std::ranges::sort(micros_);
    const auto at = [&](double part) {
      return micros_.empty() ? 0.0
                             : micros_[static_cast<std::size_t>(
                                   part * static_cast<double>(micros_.size() - 1))];
    };
    const auto calls = static_cast<double>(micros_.size());
    const double cpu = (used.cpu_seconds - used_before_.cpu_seconds) * 1e6 / std::max(calls, 1.0);
    std::printf("%s %zu %.0f %.0f %.0f %.0f %ld\n", kind_.c_str(),
                clients_.size() - (kind_ == "watch" ? 1 : 0), calls / seconds, at(0.5), at(0.99),
                cpu, used.resident_mb);
    if (failed_ > 0) std::fprintf(stderr, "%d calls failed\n", failed_);
    if (!is_connected_) std::fputs("a connection broke, or was silent for 20 s\n", stderr);
    return failed_ == 0 && is_connected_ ? 0 : 1;
  }

  std::string kind_;
  std::vector<std::string> endpoints_;
  std::vector<std::string> processes_;
  std::size_t next_endpoint_ = 0;
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<double> micros_;
  std::vector<Clock::time_point> puts_;  // when each was begun, of watch
  Usage used_before_;
  Clock::time_point measured_since_;
  Clock::time_point end_;
  std::size_t created_ = 0;
  int most_ = 0;  // calls; 0 = until the time is over
  int next_ = 0;
  int failed_ = 0;
  bool is_connected_ = true;
};

}  // namespace
}  // namespace orrery::bench

int main(int count, char** words) {
  if (count < 5) {
    std::fputs(
        "usage: orrery-door-load ENDPOINTS put|get|range|txn|watch CLIENTS SECONDS [PID...]\n",
        stderr);
    return 2;
  }
  const std::string kind = words[2];
  const std::chrono::seconds time(std::atoi(words[4]));
  orrery::bench::Load load(words[1], kind, std::atoi(words[3]), {words + 5, words + count});
  if (!load.is_connected()) {
    std::fprintf(stderr, "cannot connect to %s\n", words[1]);
    return 2;
  }
  if (kind == "watch") return load.run_watch(time);
  if (kind == "get" || kind == "range") load.fill();
  return load.run(time);
}
