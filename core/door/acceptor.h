// Acceptor: listens on one address, and tells gRPC from HTTP by the first bytes of a connection.
//   used by: endpoint.h    uses: sockets
//   ideas:   one thread: it accepts, waits (not for long) until a connection has said its first bytes, and hands it on:
//            "PRI " begins HTTP/2, anything else is taken for HTTP/1. Whoever gets a descriptor closes it.
//   limits:  connections that say nothing are closed after a while, and at most so many are waited for at once: the
//            oldest of them goes.
//   from: etcd server/embed/serve.go (cmux: one port for both)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"

namespace orrery::door {

class Acceptor {
 public:
  struct Handlers {
    std::function<void(int descriptor)> http2;
    std::function<void(int descriptor)> http1;
    std::function<void(int descriptor)> any;  // if there is one: takes all, unlooked at
  };

  // Port 0 = one that is free. Errors: Unavailable, with the address and what the system says.
  static Result<std::unique_ptr<Acceptor>> listen(const std::string& host, std::uint16_t port);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Connections that come before wait in the system's queue.
  void start(Handlers handlers);
  std::uint16_t port() const { return port_; }
  const std::string& host() const { return host_; }
  void stop();

 private:
  Acceptor(int listener, int wake_in, int wake_out, std::string host, std::uint16_t port)
      : listener_(listener),
        wake_in_(wake_in),
        wake_out_(wake_out),
        host_(std::move(host)),
        port_(port) {}

  void run();

  int listener_;
  int wake_in_;  // a pipe: a byte in it ends the thread
  int wake_out_;
  std::string host_;
  std::uint16_t port_;
  Handlers handlers_;
  std::thread thread_;
};

}  // namespace orrery::door
