// Methods: gRPC's paths, and the bytes that each of them takes and gives.
//   used by: door (calls of real clients), client (guests in saved runs)    uses: rpc_codec.h, services_codec.h
//   ideas:   our own codecs read and write the bytes: one set of messages, and no generated stubs.
//   from: etcd api/etcdserverpb/rpc.proto (services)
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "proto/rpc.h"

namespace orrery::rpc {

enum class Shape : std::uint8_t {
  Unary,
  Watch,      // requests and responses as they come
  KeepAlive,  // a response for each request
  Snapshot,   // one request, chunks of the file
};

struct Method {
  std::string_view path;  // "/etcdserverpb.KV/Put"
  Shape shape = Shape::Unary;
  // Errors: Corrupt (no such message), InvalidSortOption. The three are null for Watch, which has requests of its own.
  Result<Request> (*decode)(BytesView bytes) = nullptr;
  // Is the request one of this method's?
  bool (*matches)(const Request& request) = nullptr;
  // requires: matches(request)
  Bytes (*encode)(const Request& request) = nullptr;
};

std::span<const Method> methods();
// Null = unknown: Unimplemented.
const Method* find_method(std::string_view path);
// Null = nobody outside may ask this: what only a log holds.
const Method* method_of(const Request& request);
// As etcd writes it, with the header that etcd sends.
Bytes encode_response(const Response& response);

}  // namespace orrery::rpc
