// Methods: what a gRPC path asks for, and the bytes of its answers.
//   used by: grpc_server.cc    uses: proto
//   ideas:   the world's own codecs read and write the bytes, so that there is one set of messages and no generated stub.
//   from: etcd api/etcdserverpb/rpc.proto (services)
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "proto/rpc.h"

namespace orrery::door {

enum class Shape : std::uint8_t {
  Unary,
  Watch,      // requests and responses as they come
  KeepAlive,  // a response for each request
  Snapshot,   // one request, chunks of the file
};

struct Method {
  std::string_view path;  // "/etcdserverpb.KV/Put"
  Shape shape = Shape::Unary;
  // Errors: Corrupt (no such message), InvalidSortOption. Null: Watch has requests of its own.
  Result<rpc::Request> (*decode)(BytesView bytes) = nullptr;
};

std::span<const Method> methods();
// Null = unknown: Unimplemented.
const Method* find_method(std::string_view path);
// As etcd writes it, with the header that etcd sends.
Bytes encode_response(const rpc::Response& response);

}  // namespace orrery::door
