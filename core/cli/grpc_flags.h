// The flags of etcd's gRPC server, for `serve` and `etcd` alike.
//   used by: serve.h, etcd.h    uses: door
//   from: etcd server/embed/config.go (AddFlags), Go's time.ParseDuration
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "door/grpc_call.h"

namespace orrery::cli {

struct GrpcFlags {
  std::uint32_t max_concurrent_streams = 0xffff'ffffU;
  std::string keepalive_min_time = "5s";
  std::string keepalive_interval = "2h";
  std::string keepalive_timeout = "20s";
};

// "2h", "1m30s", "1.5s", "300ms", "0": as Go writes a time. None = it is no such word.
std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view words);
// A time of 0 leaves what grpc-go does by itself. Errors: WrongUse.
Result<door::GrpcOptions> grpc_options_of(const GrpcFlags& flags);

}  // namespace orrery::cli
