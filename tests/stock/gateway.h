// Gateway: a stock etcd's KV service as JSON over HTTP, one conversation for thousands of requests.
//   used by: answers_test.cc    uses: proto/rpc.h, a socket on loopback
//   ideas:   requests and answers are our own values; what JSON leaves out is a message's default, as it is in ours.
//            Of a header only the revision is kept: the rest says who answered.
//   from: etcd Documentation, "Why gRPC gateway": base64 for bytes, decimal text for 64-bit numbers
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "proto/rpc.h"

namespace orrery::stock {

class Gateway {
 public:
  explicit Gateway(std::uint16_t port) : port_(port) {}
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway();

  // Errors: etcd's own words as `detail`; what is no answer of its KV service begins with "gateway".
  Result<rpc::Response> call(const rpc::Request& request);
  Result<void> grant(LeaseId lease, std::int64_t ttl);

 private:
  // The body of the answer, whatever its status; empty = the connection is lost.
  std::string post(const std::string& path, const std::string& body);
  bool connected();
  bool fill();
  std::string line();
  std::string take(std::size_t size);
  std::string body();

  std::uint16_t port_;
  int socket_ = -1;
  std::string pending_;  // received, not read
};

}  // namespace orrery::stock
