// TlsDesk: takes the TLS off connections: what lies inside goes on as if it had come plain.
//   used by: endpoints.h    uses: OpenSSL (in the .cc), sockets
//   ideas:   one thread, one pair of sockets for each connection: the inner end goes to gRPC or to the HTTP desk, which
//            need not know; the first bytes inside tell for whom. ALPN offers h2 and http/1.1, as etcd does.
//   limits:  a handshake that takes longer than ten seconds, more than 1,024 of them at once, and more than 256 KiB
//            that one side has not taken yet wait or go.
//   from: etcd client/pkg/transport/listener.go (ServerConfig): with a trusted CA every client shows a certificate
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace orrery::door {

struct TlsOptions {
  std::string cert_file;  // empty = no TLS
  std::string key_file;
  std::string trusted_ca_file;  // clients must show a certificate that it has signed; empty = none
  bool client_cert_auth = false;  // the certificate's common name is the user

  bool empty() const { return cert_file.empty(); }
};

class TlsDesk {
 public:
  struct Handlers {
    std::function<void(int descriptor, const std::string& user)> http2;  // empty = nobody is named
    std::function<void(int descriptor)> http1;
  };
  struct Impl;  // OpenSSL's

  // Errors: WrongUse, with the file and what is wrong with it.
  static Result<std::unique_ptr<TlsDesk>> open(const TlsOptions& options);
  ~TlsDesk();
  TlsDesk(const TlsDesk&) = delete;
  TlsDesk& operator=(const TlsDesk&) = delete;

  void start(Handlers handlers);
  // Takes over a connection that was accepted; closes it in the end. From any thread.
  void adopt(int descriptor);
  void stop();

 private:
  explicit TlsDesk(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::door
