#include "tests/golden/etcdctl/tokens.h"

#include <algorithm>
#include <optional>
#include <regex>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace orrery::conversation {

namespace {

using nlohmann::json;

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&](const char* one) { return name == one; });
}

class Rewriter {
 public:
  explicit Rewriter(Tokens& tokens) : tokens_(tokens) {}

  json value(const json& from, const std::string& key) {
    if (from.is_array()) return list(from, key);
    if (from.is_object()) return object(from);
    if (from.is_number_integer()) return number(from, key);
    if (!from.is_string()) return from;
    if (key == "took") return "<D>";
    if (key == "version") return "<V>";
    const auto words = from.get<std::string>();
    return is_one_of(key, {"Endpoint", "endpoint", "error"}) ? tokens_.text(words) : words;
  }

 private:
  bool is_known(const json& id) const {
    return id.is_number_unsigned() && tokens_.members.contains(id.get<std::uint64_t>());
  }

  // The order of members depends on their ids, that of a lease's keys on nothing.
  json list(json from, const std::string& key) {
    std::vector<json> items(from.begin(), from.end());
    if (key == "members") {
      std::ranges::stable_sort(items, {}, [&](const json& one) { return !is_known(one["ID"]); });
    }
    if (key == "keys") std::ranges::sort(items);
    json out = json::array();
    for (const json& item : items) out.push_back(value(item, key));
    return out;
  }

  json object(const json& from) {
    const bool is_member = from.contains("peerURLs") && from.contains("ID") && is_known(from["ID"]);
    json out = json::object();
    for (const auto& [key, held] : from.items()) {
      const bool hidden = is_member && is_one_of(key, {"name", "peerURLs", "clientURLs"});
      out[key] = hidden         ? json("<" + key + ">")
                 : key == "ttl" ? time_left(from, held)
                                : value(held, key);
    }
    return out;
  }

  static json time_left(const json& from, const json& held) {
    const auto left = held.get<std::int64_t>();
    const std::int64_t granted =
        from.contains("granted-ttl") ? from["granted-ttl"].get<std::int64_t>() : left;
    if (left > 0 && granted - 3 <= left && left <= granted) return "<granted..granted-3>";
    return held;
  }

  json number(const json& from, const std::string& key) {
    const auto signed_one = from.get<std::int64_t>();
    const auto plain = from.get<std::uint64_t>();
    if (key == "compact_revision" && !tokens_.fresh && signed_one < tokens_.base) {
      return "<before>";
    }
    if (is_one_of(key, {"revision", "create_revision", "mod_revision", "compact_revision",
                        "CompactRevision"})) {
      return signed_one <= 0 ? from : json(tokens_.revision(signed_one));
    }
    if (key == "cluster_id") return plain == tokens_.cluster ? json("<C>") : from;
    if (is_one_of(key, {"member_id", "leader", "ID", "id", "lease", "memberID"})) return id(plain);
    if (key == "raft_term") return signed_one > 0 ? json("<T>") : from;
    if (is_one_of(key, {"raftIndex", "raftAppliedIndex", "raftTerm", "dbSize", "dbSizeInUse",
                        "totalSize"})) {
      return signed_one > 0 ? json("<N>") : from;
    }
    if (key == "totalKey" && !tokens_.fresh) return "<N>";
    if (key == "hash" && !tokens_.fresh) {
      const std::string name = orrery::text("<H{}>", tokens_.hashes.size() + 1);
      return tokens_.hashes.emplace(plain, name).first->second;
    }
    return from;
  }

  json id(std::uint64_t number) const {
    for (const auto& [name, caught] : tokens_.caught) {
      if (caught == number) return "<" + name + ">";
    }
    if (tokens_.members.contains(number)) return "<M>";
    return number == 0 ? json(0) : json("<id>");
  }

  Tokens& tokens_;
};

std::optional<json> parsed(const std::string& raw) {
  json out = json::parse(raw, nullptr, false);
  if (out.is_discarded()) return std::nullopt;
  return out;
}

void replace_all(std::string& in, const std::string& from, const std::string& to) {
  if (from.empty()) return;
  for (std::size_t at = 0; (at = in.find(from, at)) != std::string::npos; at += to.size()) {
    in.replace(at, from.size(), to);
  }
}

std::string without(const std::string& in, const std::string& pattern, const std::string& to) {
  return std::regex_replace(in, std::regex(pattern), to);
}

std::string without_id(const std::string& in, std::uint64_t id, const std::string& to) {
  return without(without(in, orrery::text("\\b0*{:x}\\b", id), to), orrery::text("\\b{}\\b", id),
                 to);
}

}  // namespace

std::string Tokens::revision(std::int64_t number) const {
  const std::int64_t offset = number - base;
  if (offset == 0) return "R";
  return offset > 0 ? orrery::text("R+{}", offset) : orrery::text("R{}", offset);
}

std::string Tokens::text(std::string raw) const {
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    replace_all(raw, endpoints[i], orrery::text("<EP{}>", i + 1));
  }
  for (const auto& [name, id] : caught) raw = without_id(raw, id, "<" + name + ">");
  for (const std::uint64_t member : members) raw = without_id(raw, member, "<M>");
  raw = without_id(raw, cluster, "<C>");
  raw = without(raw, "/[0-9a-f]{13,16}\\b", "/<lease>");
  raw = without(raw, "\\blease [0-9a-f]{8,16} ", "lease <id> ");
  raw = without(raw, "took = \\S+", "took = <D>");
  raw = without(raw, "remaining\\(\\d+s\\)", "remaining(<S>)");
  static const std::regex kRevision(
      R"re((compacted revision |"(?:Revision|CreateRevision|ModRevision|CompactRevision)" : )(\d+))re");
  std::smatch found;
  if (std::regex_search(raw, found, kRevision)) {
    raw = found.prefix().str() + found[1].str() + revision(std::stoll(found[2].str())) +
          found.suffix().str();
  }
  raw = without(raw, R"re(("(?:RaftTerm|RaftIndex|RaftAppliedIndex|DBSize|DBSizeInUse)" : )\d+)re",
                "$1<N>");
  replace_all(raw, folder, "<TMP>");
  return raw;
}

std::string Tokens::line(const std::string& raw) {
  if (raw.starts_with('{') || raw.starts_with('[')) {
    if (const auto object = parsed(raw)) return Rewriter(*this).value(*object, "").dump();
  }
  return text(raw);
}

std::vector<std::string> Tokens::events(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  std::int64_t last = 0;
  for (const std::string& raw : lines) {
    const auto response = parsed(raw);
    if (!response) {
      out.push_back(text(raw));
      continue;
    }
    const json list = response->value("Events", json::array());
    if (list.empty()) {
      json rest = *response;
      rest.erase("Header");
      out.push_back(Rewriter(*this).value(rest, "").dump());
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto at = list[i]["kv"]["mod_revision"].get<std::int64_t>();
      if (i == 0 && last == at) out.emplace_back("NOT ATOMIC: revision split over two responses");
      if (at < last) out.emplace_back("NOT ORDERED: revision went back");
      last = at;
      out.push_back(Rewriter(*this).value(list[i], "").dump());
    }
  }
  return out;
}

}  // namespace orrery::conversation
