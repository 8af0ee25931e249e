// SmallMessages: the messages of Lock, Election and Health, a few fields each; and the paths of all that the door
// serves besides etcd's own services.
//   used by: recipes.h, grpc_server.cc    uses: proto, field_reader.h
//   ideas:   read by a loop over fields, written field by field: no schema, no generated class.
//   from: etcd server/etcdserver/api/v3lock/v3lockpb, v3election/v3electionpb; grpc.health.v1; facts B.7
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/blob.h"
#include "base/result.h"
#include "proto/rpc.h"

namespace orrery::door {

// What a caller of Lock or Election may say: each method uses some of the fields.
//   Lock      name lease        Campaign  name lease value     Leader, Observe  name
//   Unlock    name (the key)    Proclaim  leader value         Resign           leader
struct HouseRequest {
  struct LeaderKey {
    Blob name;
    Blob key;
    std::int64_t revision = 0;
    LeaseId lease;
  };
  Blob name;
  Blob value;
  LeaseId lease;
  std::optional<LeaderKey> leader;
};

enum class HouseMethod : std::uint8_t {
  Lock,
  Unlock,
  Campaign,
  Proclaim,
  Leader,
  Observe,
  Resign,
  HealthCheck,
  HealthWatch,
  Reflect  // of either version; read and answered by reflection.h
};

// None = no method of the house's.
std::optional<HouseMethod> find_house_method(std::string_view path);
// Is the service one of the house's? "v3lockpb.Lock"
bool is_house_service(std::string_view service);
// Errors: Corrupt.
Result<HouseRequest> decode_house_request(HouseMethod method, BytesView bytes);

// {header}, {header, key}, {header, kv}, {header, leader}
Bytes encode_header_only(const rpc::ResponseHeader& header);
Bytes encode_lock_response(const rpc::ResponseHeader& header, const Blob& key);
Bytes encode_leader_response(const rpc::ResponseHeader& header, const rpc::KeyValue& kv);
Bytes encode_campaign_response(const rpc::ResponseHeader& header,
                               const HouseRequest::LeaderKey& leader);

enum class Serving : std::uint8_t { Unknown = 0, Serving = 1, NotServing = 2, ServiceUnknown = 3 };
Bytes encode_health(Serving status);

}  // namespace orrery::door
