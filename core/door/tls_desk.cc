#include "door/tls_desk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <list>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/text.h"
#include "host/bell_rope.h"

namespace orrery::door {

// What an Impl holds.
namespace tls {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
struct SslDeleter {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { ::X509_free(certificate); }
};

struct Connection {
  int outer = -1;
  int inner = -1;  // -1 = nobody has it yet
  std::unique_ptr<SSL, SslDeleter> ssl;
  bool shaken = false;
  bool outer_over = false;  // it sends no more
  bool inner_over = false;
  bool told_inner = false;  // that the outer side is over
  std::string to_inner;
  std::string to_outer;
  std::chrono::steady_clock::time_point since;
};

}  // namespace tls

namespace {

using tls::Connection;
using tls::ContextDeleter;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kPreface = "PRI ";
constexpr std::size_t kMostWaiting = 262'144;  // bytes, each way
constexpr std::size_t kPiece = 16'384;
constexpr std::size_t kMostTlsConnections = 1'024;
constexpr auto kHandshakeTime = std::chrono::seconds(10);

std::string reason() {
  std::array<char, 256> words{};
  ::ERR_error_string_n(::ERR_get_error(), words.data(), words.size());
  ::ERR_clear_error();
  return words.data();
}

// h2 if it is offered, else http/1.1.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
                    unsigned int in_size, void*) {
  constexpr std::string_view kKnown = "\x02h2\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found =
      ::SSL_select_next_proto(&chosen, size, reinterpret_cast<const unsigned char*>(kKnown.data()),
                              static_cast<unsigned>(kKnown.size()), in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Result<std::unique_ptr<SSL_CTX, ContextDeleter>> context_of(const TlsOptions& options) {
  std::unique_ptr<SSL_CTX, ContextDeleter> context(::SSL_CTX_new(::TLS_server_method()));
  if (context == nullptr) return fail(Errc::WrongUse, "TLS: " + reason());
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (::SSL_CTX_use_certificate_chain_file(context.get(), options.cert_file.c_str()) != 1) {
    return fail(Errc::WrongUse, text("--cert-file {}: {}", options.cert_file, reason()));
  }
  const bool has_key =
      ::SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!has_key || ::SSL_CTX_check_private_key(context.get()) != 1) {
    return fail(Errc::WrongUse, text("--key-file {}: {}", options.key_file, reason()));
  }
  if (options.trusted_ca_file.empty()) return context;
  if (::SSL_CTX_load_verify_file(context.get(), options.trusted_ca_file.c_str()) != 1) {
    return fail(Errc::WrongUse,
                text("--trusted-ca-file {}: {}", options.trusted_ca_file, reason()));
  }
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

std::string common_name(SSL* ssl) {
  const std::unique_ptr<X509, tls::CertificateDeleter> shown(::SSL_get1_peer_certificate(ssl));
  if (shown == nullptr) return {};
  std::array<char, 256> name{};
  const int size = ::X509_NAME_get_text_by_NID(::X509_get_subject_name(shown.get()), NID_commonName,
                                               name.data(), static_cast<int>(name.size()));
  return size <= 0 ? std::string() : std::string(name.data(), static_cast<std::size_t>(size));
}

// Would it go on later?
bool wants_more(const SSL* ssl, int result) {
  const int error = ::SSL_get_error(ssl, result);
  ::ERR_clear_error();
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

void read_outer(Connection& one) {
  std::array<char, kPiece> piece{};
  while (!one.outer_over && one.to_inner.size() < kMostWaiting) {
    const int got = ::SSL_read(one.ssl.get(), piece.data(), static_cast<int>(piece.size()));
    if (got > 0) {
      one.to_inner.append(piece.data(), static_cast<std::size_t>(got));
    } else if (wants_more(one.ssl.get(), got)) {
      return;
    } else {
      one.outer_over = true;
    }
  }
}

void read_inner(Connection& one) {
  std::array<char, kPiece> piece{};
  while (!one.inner_over && one.to_outer.size() < kMostWaiting) {
    const ssize_t got = ::recv(one.inner, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got > 0) {
      one.to_outer.append(piece.data(), static_cast<std::size_t>(got));
    } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    } else {
      one.inner_over = true;
    }
  }
}

void write_inner(Connection& one) {
  while (!one.to_inner.empty()) {
    const ssize_t gone =
        ::send(one.inner, one.to_inner.data(), one.to_inner.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (gone < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (gone < 0) one.inner_over = true;
    one.to_inner.erase(0, gone < 0 ? std::string::npos : static_cast<std::size_t>(gone));
  }
  if (!one.outer_over || one.told_inner) return;
  one.told_inner = true;
  ::shutdown(one.inner, SHUT_WR);
}

void write_outer(Connection& one) {
  while (!one.to_outer.empty()) {
    const int gone = ::SSL_write(one.ssl.get(), one.to_outer.data(),
                                 static_cast<int>(std::min(one.to_outer.size(), kPiece)));
    if (gone <= 0 && wants_more(one.ssl.get(), gone)) return;
    if (gone <= 0) {
      one.outer_over = true;
      one.to_outer.clear();
      return;
    }
    one.to_outer.erase(0, static_cast<std::size_t>(gone));
  }
}

// OpenSSL writes to a socket whose other side may be gone: that must be an error, not the process's end.
void hold_back_broken_pipes() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

struct TlsDesk::Impl {
  void run();
  // False = it is over.
  bool pump(Connection& one);
  bool hand_on(Connection& one);
  void take_adopted();
  static void await(const tls::Connection& one, std::vector<pollfd>& polled);
  // Likewise; what is over is closed.
  bool tend(tls::Connection& one, std::vector<pollfd>& polled);

  std::unique_ptr<SSL_CTX, tls::ContextDeleter> context;
  bool names_users = false;
  Handlers handlers;
  host::BellRope rope;
  std::mutex mutex;  // guards the two below
  std::vector<int> adopted;
  bool stopping = false;
  std::list<tls::Connection> connections;  // the thread's own
  std::thread thread;
};

// Who has said what it speaks gets somebody to speak with.
bool TlsDesk::Impl::hand_on(Connection& one) {
  const std::string_view said = std::string_view(one.to_inner).substr(0, kPreface.size());
  const bool may_be_http2 = said == kPreface.substr(0, said.size());
  if (may_be_http2 && said.size() < kPreface.size()) return !one.outer_over;
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return false;
  }
  one.inner = ends[0];
  if (may_be_http2) {
    handlers.http2(ends[1], names_users ? common_name(one.ssl.get()) : std::string());
  } else {
    handlers.http1(ends[1]);
  }
  return true;
}

bool TlsDesk::Impl::pump(Connection& one) {
  if (!one.shaken) {
    const int shaken = ::SSL_accept(one.ssl.get());
    if (shaken != 1) {
      return wants_more(one.ssl.get(), shaken) && Clock::now() - one.since < kHandshakeTime;
    }
    one.shaken = true;
  }
  read_outer(one);
  if (one.inner < 0 && !hand_on(one)) return false;
  if (one.inner < 0) return Clock::now() - one.since < kHandshakeTime;
  write_inner(one);
  read_inner(one);
  write_outer(one);
  if (one.inner_over && one.to_outer.empty()) {
    (void)::SSL_shutdown(one.ssl.get());
    ::ERR_clear_error();
    return false;
  }
  return true;
}

void TlsDesk::Impl::take_adopted() {
  rope.hush();
  const std::lock_guard lock(mutex);
  for (const int descriptor : std::exchange(adopted, {})) {
    Connection& one = connections.emplace_back();
    one.outer = descriptor;
    one.since = Clock::now();
    one.ssl.reset(::SSL_new(context.get()));
    ::SSL_set_fd(one.ssl.get(), descriptor);
    ::SSL_set_accept_state(one.ssl.get());
  }
}

// What it waits for, of both sides. An event that nobody waits for must not wake us: poll tells of an end unasked.
void TlsDesk::Impl::await(const tls::Connection& one, std::vector<pollfd>& polled) {
  const bool reads_outer = !one.outer_over && one.to_inner.size() < kMostWaiting;
  const bool reads_inner = !one.inner_over && one.to_outer.size() < kMostWaiting;
  const int outer = (reads_outer ? POLLIN : 0) | (one.to_outer.empty() ? 0 : POLLOUT);
  const int inner = (reads_inner ? POLLIN : 0) | (one.to_inner.empty() ? 0 : POLLOUT);
  polled.push_back(
      {.fd = outer == 0 ? -1 : one.outer, .events = static_cast<short>(outer), .revents = 0});
  polled.push_back(
      {.fd = inner == 0 ? -1 : one.inner, .events = static_cast<short>(inner), .revents = 0});
}

bool TlsDesk::Impl::tend(tls::Connection& one, std::vector<pollfd>& polled) {
  if (pump(one)) {
    await(one, polled);
    return true;
  }
  ::close(one.outer);
  if (one.inner >= 0) ::close(one.inner);
  return false;
}

void TlsDesk::Impl::run() {
  constexpr int kPatience = 1'000;  // units: milliseconds
  hold_back_broken_pipes();
  for (;;) {
    take_adopted();
    std::vector<pollfd> polled{{.fd = rope.descriptor(), .events = POLLIN, .revents = 0}};
    std::erase_if(connections, [&](tls::Connection& one) { return !tend(one, polled); });
    (void)::poll(polled.data(), polled.size(), connections.empty() ? -1 : kPatience);
    const std::lock_guard lock(mutex);
    if (stopping) return;
  }
}

TlsDesk::TlsDesk(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsDesk::~TlsDesk() {
  stop();
}

Result<std::unique_ptr<TlsDesk>> TlsDesk::open(const TlsOptions& options) {
  auto context = context_of(options);
  if (!context) return fail(context.error());
  auto impl = std::make_unique<Impl>();
  impl->context = std::move(*context);
  impl->names_users = options.client_cert_auth;
  return std::unique_ptr<TlsDesk>(new TlsDesk(std::move(impl)));
}

void TlsDesk::start(Handlers handlers) {
  impl_->handlers = std::move(handlers);
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

void TlsDesk::adopt(int descriptor) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->stopping || impl_->adopted.size() == kMostTlsConnections) {
      ::close(descriptor);
      return;
    }
    impl_->adopted.push_back(descriptor);
  }
  impl_->rope.pull();
}

void TlsDesk::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->rope.pull();
  if (impl_->thread.joinable()) impl_->thread.join();
  for (const Connection& one : impl_->connections) {
    ::close(one.outer);
    if (one.inner >= 0) ::close(one.inner);
  }
  impl_->connections.clear();
  for (const int descriptor : std::exchange(impl_->adopted, {})) ::close(descriptor);
}

}  // namespace orrery::door
