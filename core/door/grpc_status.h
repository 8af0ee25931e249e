// How calls end, in grpc-go's words.
//   used by: grpc_server.cc    uses: gRPC, proto
#pragma once

#include <algorithm>
#include <string_view>

#include <grpcpp/support/status.h>

#include "base/result.h"
#include "base/text.h"
#include "door/small_messages.h"
#include "proto/methods.h"

namespace orrery::door {

// What is Orrery's own has no code of etcd's: a message that cannot be read is grpc-go's Internal.
inline grpc::Status status_of(const Error& error) {
  if (error.code == Errc::Corrupt) {
    return {grpc::StatusCode::INTERNAL, "grpc: error unmarshalling request: " + error.detail};
  }
  return {static_cast<grpc::StatusCode>(grpc_code(error.code)), error.detail};
}

// As grpc-go says it: the service is known or it is not.
inline grpc::Status unknown(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == 0 || slash == std::string_view::npos) {
    return {grpc::StatusCode::UNIMPLEMENTED, text("malformed method name: {}", quoted(path))};
  }
  const std::string_view service = path.substr(1, slash - 1);
  const bool is_ours = std::ranges::any_of(rpc::methods(), [&](const rpc::Method& method) {
    return method.path.starts_with(path.substr(0, slash + 1));
  });
  if (is_ours || is_house_service(service)) {
    return {grpc::StatusCode::UNIMPLEMENTED,
            text("unknown method {} for service {}", path.substr(slash + 1), service)};
  }
  return {grpc::StatusCode::UNIMPLEMENTED, text("unknown service {}", service)};
}

}  // namespace orrery::door
