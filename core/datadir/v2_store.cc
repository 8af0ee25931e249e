#include "datadir/v2_store.h"

#include <charconv>
#include <map>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace orrery::datadir {
namespace {

using Json = nlohmann::ordered_json;

Json node(const std::string& path, std::uint64_t index, const std::string& value) {
  Json out;
  out["Path"] = path;
  out["CreatedIndex"] = index;
  out["ModifiedIndex"] = index;
  out["ExpireTime"] = "0001-01-01T00:00:00Z";
  out["Value"] = value;
  out["Children"] = nullptr;
  return out;
}

void adopt(Json& parent, const std::string& name, Json child) {
  if (parent["Children"].is_null()) parent["Children"] = Json::object();
  parent["Children"][name] = std::move(child);
}

Json member_node(const MemberInfo& member, std::uint64_t& index) {
  const std::string path = text("/0/members/{:x}", member.id.value());
  Json out = node(path, ++index, "");
  if (!member.name.empty()) {
    const std::string attributes = encode_attributes({member.name, member.client_urls});
    adopt(out, "attributes", node(path + "/attributes", ++index, attributes));
  }
  Json raft;
  raft["peerURLs"] = member.peer_urls;
  if (member.is_learner) raft["isLearner"] = true;
  adopt(out, "raftAttributes", node(path + "/raftAttributes", ++index, raft.dump()));
  return out;
}

// The value of a node's child; empty when it has none.
std::string value_of(const Json& parent, const char* name) {
  const auto child = parent["Children"].find(name);
  return child == parent["Children"].end() ? "" : child->value("Value", std::string());
}

Result<MemberInfo> read_member(const std::string& hex_id, const Json& parent) {
  std::uint64_t id = 0;
  const auto end = hex_id.data() + hex_id.size();
  const auto parsed = std::from_chars(hex_id.data(), end, id, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return fail(Errc::Corrupt, text("v2 store: member id {}", orrery::quoted(hex_id)));
  }
  MemberInfo out{.id = NodeId(id), .name = {}, .peer_urls = {}, .client_urls = {}};
  const auto raft = Json::parse(value_of(parent, "raftAttributes"), nullptr, false);
  if (raft.is_object()) {
    out.peer_urls = raft.value("peerURLs", std::vector<std::string>());
    out.is_learner = raft.value("isLearner", false);
  }
  const auto attributes = decode_attributes(value_of(parent, "attributes"));
  if (attributes) {
    out.name = attributes->name;
    out.client_urls = attributes->client_urls;
  }
  return out;
}

}  // namespace

std::string encode_v2_store(const std::vector<MemberInfo>& members, std::string_view version) {
  std::uint64_t index = 0;
  Json root = node("/", 0, "");
  Json cluster = node("/0", 0, "");
  Json list = node("/0/members", 0, "");
  for (const MemberInfo& member : members) {
    adopt(list, text("{:x}", member.id.value()), member_node(member, index));
  }
  adopt(cluster, "members", std::move(list));
  if (!version.empty()) {
    adopt(cluster, "version", node("/0/version", ++index, std::string(version)));
  }
  adopt(root, "0", std::move(cluster));
  adopt(root, "1", node("/1", 0, ""));
  root["Children"]["1"]["Children"] = Json::object();
  Json out;
  out["Root"] = std::move(root);
  out["CurrentIndex"] = index;
  out["CurrentVersion"] = 2;
  return out.dump();
}

std::string encode_attributes(const rpc::MemberAttributes& attributes) {
  Json out = Json::object();
  if (!attributes.name.empty()) out["name"] = attributes.name;
  if (!attributes.client_urls.empty()) out["clientURLs"] = attributes.client_urls;
  return out.dump();
}

Result<rpc::MemberAttributes> decode_attributes(std::string_view json) {
  const auto in = Json::parse(json, nullptr, false);
  if (!in.is_object()) return fail(Errc::Corrupt, "a member's attributes are no JSON object");
  try {
    return rpc::MemberAttributes{in.value("name", std::string()),
                                 in.value("clientURLs", std::vector<std::string>())};
  } catch (const Json::exception& error) {
    return fail(Errc::Corrupt, text("a member's attributes: {}", error.what()));
  }
}

Result<std::vector<MemberInfo>> read_v2_members(BytesView bytes) {
  const Json store = Json::parse(bytes, nullptr, false);
  try {
    std::vector<MemberInfo> out;
    if (!store.is_object()) return fail(Errc::Corrupt, "v2 store: no JSON object");
    const Json& members =
        store.at("Root").at("Children").at("0").at("Children").at("members").at("Children");
    if (members.is_null()) return out;
    for (const auto& [hex_id, parent] : members.items()) {
      if (!parent.at("Children").is_object()) continue;
      auto member = read_member(hex_id, parent);
      if (!member) return fail(member.error());
      out.push_back(std::move(*member));
    }
    return out;
  } catch (const Json::exception& error) {
    return fail(Errc::Corrupt, text("v2 store: {}", error.what()));
  }
}

}  // namespace orrery::datadir
