// How calls end, in grpc-go's words.
//   used by: grpc_call.h    uses: proto
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text.h"
#include "door/small_messages.h"
#include "proto/methods.h"

namespace orrery::door {

// gRPC's codes, as far as the door itself gives them.
enum class GrpcCode : std::uint8_t {
  Ok = 0,
  Cancelled = 1,
  InvalidArgument = 3,
  DeadlineExceeded = 4,
  NotFound = 5,
  ResourceExhausted = 8,
  Unimplemented = 12,
  Internal = 13,
  Unavailable = 14
};

struct GrpcStatus {
  int code = 0;
  std::string words = {};

  GrpcStatus() = default;
  GrpcStatus(int number, std::string said) : code(number), words(std::move(said)) {}
  GrpcStatus(GrpcCode known, std::string said)
      : code(static_cast<int>(known)), words(std::move(said)) {}
};

// What is Orrery's own has no code of etcd's: a message that cannot be read is grpc-go's Internal.
inline GrpcStatus status_of(const Error& error) {
  if (error.code == Errc::Corrupt) {
    return {GrpcCode::Internal, "grpc: error unmarshalling request: " + error.detail};
  }
  return {grpc_code(error.code), error.detail};
}

// As grpc-go says it: the service is known or it is not.
inline GrpcStatus unknown(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == 0 || slash == std::string_view::npos) {
    return {GrpcCode::Unimplemented, text("malformed method name: {}", quoted(path))};
  }
  const std::string_view service = path.substr(1, slash - 1);
  const bool is_ours = std::ranges::any_of(rpc::methods(), [&](const rpc::Method& method) {
    return method.path.starts_with(path.substr(0, slash + 1));
  });
  if (is_ours || is_house_service(service)) {
    return {GrpcCode::Unimplemented,
            text("unknown method {} for service {}", path.substr(slash + 1), service)};
  }
  return {GrpcCode::Unimplemented, text("unknown service {}", service)};
}

}  // namespace orrery::door
