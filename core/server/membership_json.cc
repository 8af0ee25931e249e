// A configuration change's context: JSON, as Go's encoding/json writes membership.ConfigChangeContext.
// from: etcd server/etcdserver/api/membership/cluster.go, member.go
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "server/membership.h"

namespace orrery::server {
namespace {

// A JSON string; Go writes <, > and & as numbers.
std::string json_word(const std::string& word) {
  std::string out;
  for (const char c : nlohmann::json(word).dump()) {
    if (c == '<' || c == '>' || c == '&') {
      out += text("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string json_list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + json_word(word);
  return "[" + out + "]";
}

std::string fields_of(const rpc::Member& member) {
  std::string out =
      text("\"id\":{},\"peerURLs\":{}", member.id.value(), json_list(member.peer_urls));
  if (member.is_learner) out += ",\"isLearner\":true";
  if (!member.name.empty()) out += ",\"name\":" + json_word(member.name);
  if (!member.client_urls.empty()) out += ",\"clientURLs\":" + json_list(member.client_urls);
  return out;
}

std::vector<std::string> words_of(const nlohmann::json& object, const char* name) {
  std::vector<std::string> out;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return out;
  for (const auto& word : *found) {
    if (word.is_string()) out.push_back(word.get<std::string>());
  }
  return out;
}

}  // namespace

std::string to_json(const rpc::Member& member) {
  return "{" + fields_of(member) + "}";
}

std::string to_json(const ChangeContext& context) {
  return text("{{{},\"isPromote\":{}}}", fields_of(context.member), context.is_promote);
}

std::string to_json(const rpc::DowngradeInfo& info) {
  return text("{{\"target-version\":{},\"enabled\":{}}}", json_word(info.target_version),
              info.enabled);
}

rpc::DowngradeInfo parse_downgrade(std::string_view json) {
  const auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return {};
  const auto target = object.find("target-version");
  const auto enabled = object.find("enabled");
  rpc::DowngradeInfo out;
  out.enabled = enabled != object.end() && enabled->is_boolean() && enabled->get<bool>();
  if (target != object.end() && target->is_string())
    out.target_version = target->get<std::string>();
  return out;
}

Result<ChangeContext> parse_change_context(std::string_view json) {
  const auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return fail(Errc::Corrupt, "the change's context is no JSON object");
  ChangeContext out;
  const auto id = object.find("id");
  if (id == object.end() || !id->is_number_unsigned()) {
    return fail(Errc::Corrupt, "the change's context names no id");
  }
  out.member.id = NodeId(id->get<std::uint64_t>());
  out.member.peer_urls = words_of(object, "peerURLs");
  out.member.client_urls = words_of(object, "clientURLs");
  const auto name = object.find("name");
  if (name != object.end() && name->is_string()) out.member.name = name->get<std::string>();
  const auto is_true = [&](const char* field) {
    const auto found = object.find(field);
    return found != object.end() && found->is_boolean() && found->get<bool>();
  };
  out.member.is_learner = is_true("isLearner");
  out.is_promote = is_true("isPromote");
  return out;
}

}  // namespace orrery::server
