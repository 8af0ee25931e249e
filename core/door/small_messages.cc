#include "door/small_messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "door/field_reader.h"
#include "proto/mvccpb_codec.h"
#include "proto/rpc_codec.h"
#include "proto/wire.h"

namespace orrery::door {

namespace {

constexpr std::array kHouse{
    std::pair<std::string_view, HouseMethod>{"/v3lockpb.Lock/Lock", HouseMethod::Lock},
    std::pair<std::string_view, HouseMethod>{"/v3lockpb.Lock/Unlock", HouseMethod::Unlock},
    std::pair<std::string_view, HouseMethod>{"/v3electionpb.Election/Campaign",
                                             HouseMethod::Campaign},
    std::pair<std::string_view, HouseMethod>{"/v3electionpb.Election/Proclaim",
                                             HouseMethod::Proclaim},
    std::pair<std::string_view, HouseMethod>{"/v3electionpb.Election/Leader", HouseMethod::Leader},
    std::pair<std::string_view, HouseMethod>{"/v3electionpb.Election/Observe",
                                             HouseMethod::Observe},
    std::pair<std::string_view, HouseMethod>{"/v3electionpb.Election/Resign", HouseMethod::Resign},
    std::pair<std::string_view, HouseMethod>{"/grpc.health.v1.Health/Check",
                                             HouseMethod::HealthCheck},
    std::pair<std::string_view, HouseMethod>{"/grpc.health.v1.Health/Watch",
                                             HouseMethod::HealthWatch},
    std::pair<std::string_view, HouseMethod>{
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", HouseMethod::Reflect},
    std::pair<std::string_view, HouseMethod>{
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", HouseMethod::Reflect}};

LeaseId lease_of(const Field& field) {
  return LeaseId(static_cast<std::int64_t>(field.value));
}

void take_leader_field(HouseRequest::LeaderKey& leader, const Field& field) {
  if (field.number == 1) leader.name = Blob(field.bytes);
  if (field.number == 2) leader.key = Blob(field.bytes);
  if (field.number == 3) leader.revision = static_cast<std::int64_t>(field.value);
  if (field.number == 4) leader.lease = lease_of(field);
}

bool names_a_leader(HouseMethod method) {
  return method == HouseMethod::Proclaim || method == HouseMethod::Resign;
}

Result<HouseRequest> malformed() {
  return fail(Errc::Corrupt, "proto: the message's bytes cannot be read");
}

Bytes with_header(const rpc::ResponseHeader& header) {
  Bytes out;
  wire::append_bytes_field(out, 1, rpc::encode(header));
  return out;
}

}  // namespace

std::optional<HouseMethod> find_house_method(std::string_view path) {
  const auto* found = std::ranges::find(kHouse, path, &decltype(kHouse)::value_type::first);
  if (found == kHouse.end()) return std::nullopt;
  return found->second;
}

bool is_house_service(std::string_view service) {
  return std::ranges::any_of(kHouse, [&](const auto& row) {
    return row.first.substr(1, row.first.rfind('/') - 1) == service;
  });
}

Result<HouseRequest> decode_house_request(HouseMethod method, BytesView bytes) {
  HouseRequest out;
  FieldReader reader(bytes);
  const bool of_leader = names_a_leader(method);
  const std::uint64_t value_field = of_leader ? 2 : 3;
  while (!reader.at_end()) {
    const Field field = reader.next();
    if (field.number == 1 && of_leader) {
      out.leader = HouseRequest::LeaderKey{};
      FieldReader inner(field.bytes);
      while (!inner.at_end()) take_leader_field(*out.leader, inner.next());
      if (inner.broken()) return malformed();
    }
    if (field.number == 1 && !of_leader) out.name = Blob(field.bytes);
    if (field.number == 2 && !of_leader) out.lease = lease_of(field);
    if (field.number == value_field) out.value = Blob(field.bytes);
  }
  if (reader.broken()) return malformed();
  return out;
}

Bytes encode_header_only(const rpc::ResponseHeader& header) {
  return with_header(header);
}

Bytes encode_lock_response(const rpc::ResponseHeader& header, const Blob& key) {
  Bytes out = with_header(header);
  wire::append_bytes_field(out, 2, key.view());
  return out;
}

Bytes encode_leader_response(const rpc::ResponseHeader& header, const rpc::KeyValue& kv) {
  Bytes out = with_header(header);
  wire::append_bytes_field(out, 2, mvccpb::encode(kv));
  return out;
}

Bytes encode_campaign_response(const rpc::ResponseHeader& header,
                               const HouseRequest::LeaderKey& leader) {
  Bytes inner;
  wire::append_bytes_field(inner, 1, leader.name.view());
  wire::append_bytes_field(inner, 2, leader.key.view());
  wire::append_varint_field(inner, 3, static_cast<std::uint64_t>(leader.revision));
  wire::append_varint_field(inner, 4, static_cast<std::uint64_t>(leader.lease.value()));
  Bytes out = with_header(header);
  wire::append_bytes_field(out, 2, inner);
  return out;
}

Bytes encode_health(Serving status) {
  Bytes out;
  wire::append_varint_field(out, 1, static_cast<std::uint64_t>(status));
  return out;
}

}  // namespace orrery::door
