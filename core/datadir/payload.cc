#include "datadir/payload.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/overloaded.h"
#include "base/text.h"
#include "datadir/v2_store.h"
#include "datadir/wire_tree.h"
#include "proto/rpc_codec.h"
#include "proto/v2_request.h"

namespace orrery::datadir {
namespace {

constexpr std::string_view kVersionPath = "/0/version";
constexpr std::string_view kMembersPath = "/0/members/";
constexpr std::string_view kAttributes = "/attributes";

// What 3.4 has only as a PUT of the v2 store.
std::optional<rpc::V2Request> as_v2(const rpc::InternalRequest& request) {
  const auto* cluster = std::get_if<rpc::ClusterRequest>(&request.request);
  if (cluster == nullptr) return std::nullopt;
  const auto put = [&](std::string path, std::string value) {
    return rpc::V2Request{
        .id = request.id, .method = "PUT", .path = std::move(path), .value = std::move(value)};
  };
  if (const auto* set = std::get_if<rpc::ClusterVersionSetRequest>(cluster)) {
    return put(std::string(kVersionPath), set->version);
  }
  if (const auto* set = std::get_if<rpc::ClusterMemberAttrSetRequest>(cluster)) {
    return put(text("{}{:x}{}", kMembersPath, set->member_id.value(), kAttributes),
               encode_attributes(set->attributes));
  }
  return std::nullopt;
}

// The member of "/0/members/8e9e05c52164694d/attributes".
std::optional<NodeId> member_of(std::string_view path) {
  if (!path.starts_with(kMembersPath) || !path.ends_with(kAttributes)) return std::nullopt;
  path.remove_prefix(kMembersPath.size());
  if (path.size() <= kAttributes.size()) return std::nullopt;
  path.remove_suffix(kAttributes.size());
  std::uint64_t id = 0;
  const auto parsed = std::from_chars(path.data(), path.data() + path.size(), id, 16);
  if (parsed.ec != std::errc() || parsed.ptr != path.data() + path.size()) return std::nullopt;
  return NodeId(id);
}

Result<rpc::InternalRequest> from_v2(const rpc::V2Request& request) {
  rpc::InternalRequest out;
  out.id = request.id;
  if (request.method == "PUT" && request.path == kVersionPath) {
    out.request = rpc::ClusterRequest(rpc::ClusterVersionSetRequest{request.value});
    return out;
  }
  const auto member = member_of(request.path);
  if (request.method != "PUT" || !member) {
    return fail(Errc::WrongUse, text("the v2 request {} {} says nothing about members",
                                     request.method, request.path));
  }
  auto attributes = decode_attributes(request.value);
  if (!attributes) return fail(attributes.error());
  out.request =
      rpc::ClusterRequest(rpc::ClusterMemberAttrSetRequest{*member, std::move(*attributes)});
  return out;
}

}  // namespace

Bytes encode_payload(Release release, const rpc::InternalRequest& request) {
  const auto v2 = release == Release::V3_4 ? as_v2(request) : std::nullopt;
  return v2 ? rpc::encode(*v2) : rpc::encode(request);
}

Result<rpc::InternalRequest> decode_payload(BytesView payload) {
  auto request = rpc::decode_internal_request(payload);
  if (request || !is_v2_request(payload)) return request;
  const auto v2 = rpc::decode_v2_request(payload);
  if (!v2) return fail(v2.error());
  return from_v2(*v2);
}

// Only a v3 request has a header, only a v2 request a method.
bool is_v2_request(BytesView payload) {
  const auto v3 = decode_wire("", payload, Schema::Internal);
  if (v3 && v3->find("header") != nullptr) return false;
  const auto v2 = decode_wire("", payload, Schema::V2Request);
  const Tree* const method = v2 ? v2->find("method") : nullptr;
  return method != nullptr && method->kind == Tree::Kind::Words;
}

}  // namespace orrery::datadir
