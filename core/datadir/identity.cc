#include "datadir/identity.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/text.h"
#include "datadir/paths.h"
#include "datadir/payload.h"
#include "datadir/v2_store.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "wal/record.h"
#include "wal/snap.h"
#include "wal/wal.h"

namespace orrery::datadir {
namespace {

std::uint64_t sha1_head(BytesView bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha1(), nullptr);
  check(done == 1 && size >= 8, "SHA-1 is available");
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = (out << 8U) | hash.at(i);
  return out;
}

using Members = std::map<NodeId, MemberInfo>;

// A member's own words: JSON of {id, peerURLs, name, clientURLs, isLearner}.
Result<void> apply_change(Members& members, const raftpb::ConfChange& change) {
  if (change.type == raftpb::ConfChangeType::RemoveNode) {
    members.erase(change.node_id);
    return {};
  }
  auto member = parse_member(change.context);
  if (!member) return fail(member.error());
  const auto known = members.find(change.node_id);
  if (known != members.end() && member->name.empty()) member->name = known->second.name;
  member->id = change.node_id;
  members[change.node_id] = std::move(*member);
  return {};
}

// What a member of 3.4 says of itself. Other requests say nothing about members, readable or not.
void follow_request(Members& members, BytesView payload) {
  const auto request = decode_payload(payload);
  const auto* cluster = request ? std::get_if<rpc::ClusterRequest>(&request->request) : nullptr;
  const auto* said =
      cluster != nullptr ? std::get_if<rpc::ClusterMemberAttrSetRequest>(cluster) : nullptr;
  const auto member = said != nullptr ? members.find(said->member_id) : members.end();
  if (member == members.end()) return;
  member->second.name = said->attributes.name;
  member->second.client_urls = said->attributes.client_urls;
}

Result<void> read_record(const walpb::Record& record, Identity& out, Members& members) {
  if (record.type == walpb::RecordType::Metadata) {
    const auto metadata = walpb::decode_metadata(record.data);
    if (!metadata) return fail(metadata.error());
    out.node = metadata->node_id;
    out.cluster = metadata->cluster_id;
  }
  if (record.type != walpb::RecordType::Entry) return {};
  const auto entry = raftpb::decode_entry(record.data);
  if (!entry) return fail(entry.error());
  if (entry->type == raftpb::EntryType::Normal) follow_request(members, entry->data);
  if (entry->type != raftpb::EntryType::ConfChange) return {};
  const auto change = raftpb::decode_conf_change(entry->data);
  if (!change) return fail(change.error());
  return apply_change(members, *change);
}

// From the newest .snap file that holds a v2 store; none there is no error.
Members members_of_snap(const disk::Disk& disk) {
  Members out;
  std::vector<std::string> names = disk.list(kSnapDir);
  std::ranges::reverse(names);
  for (const std::string& name : names) {
    if (!name.ends_with(".snap")) continue;
    const auto file = disk.read_all(text("{}/{}", kSnapDir, name));
    const auto snapshot = file ? wal::decode_snap(*file) : fail(file.error());
    const auto members = snapshot ? read_v2_members(snapshot->data) : fail(snapshot.error());
    if (!members) continue;
    for (const MemberInfo& member : *members) out[member.id] = member;
    break;
  }
  return out;
}

std::vector<std::string> strings(const nlohmann::json& value, const char* name) {
  return value.value(name, std::vector<std::string>());
}

std::string json_list(const std::vector<std::string>& words) {
  return nlohmann::json(words).dump();
}

}  // namespace

NodeId member_id(std::vector<std::string> peer_urls, std::string_view token) {
  std::ranges::sort(peer_urls);
  Bytes all;
  for (const std::string& url : peer_urls) all += url;
  all += token;
  return NodeId(sha1_head(all));
}

std::uint64_t cluster_id(std::vector<NodeId> members) {
  std::ranges::sort(members);
  Bytes all;
  for (const NodeId member : members) {
    for (unsigned shift = 64; shift != 0; shift -= 8) {
      all.push_back(static_cast<char>((member.value() >> (shift - 8)) & 0xffU));
    }
  }
  return sha1_head(all);
}

std::string to_json(const MemberInfo& member) {
  std::string out =
      text(R"({{"id":{},"peerURLs":{})", member.id.value(), json_list(member.peer_urls));
  if (member.is_learner) out += ",\"isLearner\":true";
  if (!member.name.empty()) out += ",\"name\":" + nlohmann::json(member.name).dump();
  if (!member.client_urls.empty()) out += ",\"clientURLs\":" + json_list(member.client_urls);
  return out + "}";
}

Result<MemberInfo> parse_member(BytesView bytes) {
  const auto value = nlohmann::json::parse(bytes, nullptr, false);
  if (!value.is_object())
    return fail(Errc::Corrupt, "a member's JSON is no object: " + quoted(bytes));
  try {
    return MemberInfo{.id = NodeId(value.value("id", std::uint64_t{0})),
                      .name = value.value("name", std::string()),
                      .peer_urls = strings(value, "peerURLs"),
                      .client_urls = strings(value, "clientURLs"),
                      .is_learner = value.value("isLearner", false)};
  } catch (const nlohmann::json::exception& error) {
    return fail(Errc::Corrupt, text("a member's JSON: {}", error.what()));
  }
}

Result<Identity> read_identity(const disk::Disk& disk) {
  Identity out;
  bool has_metadata = false;
  Members members = members_of_snap(disk);
  std::uint32_t chain = 0;
  for (const std::string& name : disk.list(kWalDir)) {
    if (!wal::parse_segment_name(name)) continue;
    const std::string path = text("{}/{}", kWalDir, name);
    const auto stored = disk.read(path, 0, disk.stored_size(path).value_or(0));
    if (!stored) return fail(stored.error());
    const wal::Segment segment = wal::decode_segment(
        {.stored = *stored, .file_size = disk.size(path).value_or(0), .chain = chain});
    for (const wal::Located& at : segment.records) {
      has_metadata = has_metadata || at.record.type == walpb::RecordType::Metadata;
      const auto read = read_record(at.record, out, members);
      if (!read) {
        return fail(read.error().code, text("{} at {}: {}", path, at.offset, read.error().detail));
      }
    }
    chain = segment.chain;
  }
  if (!has_metadata) return fail(Errc::WrongUse, "no log in member/wal that says whose it is");
  for (auto& [id, member] : members) out.members.push_back(std::move(member));
  return out;
}

}  // namespace orrery::datadir
