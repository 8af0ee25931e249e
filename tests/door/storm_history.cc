#include "tests/door/storm_history.h"

#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace orrery::door::testing {

namespace {

nlohmann::json object_of(const std::string& line) {
  if (!line.starts_with("{")) return {};
  return nlohmann::json::parse(line, nullptr, false);
}

void note_end(const std::string& status, std::int64_t revision, std::vector<Attempt>& attempts) {
  if (status == "0" && !attempts.empty()) attempts.back().revision = revision;
}

std::string complaint_about(const std::vector<Attempt>& loop,
                            const std::map<std::int64_t, Change>& history) {
  std::int64_t last = 0;
  for (const Attempt& one : loop) {
    if (one.revision == 0) continue;
    if (one.revision <= last) {
      return text("{} is acknowledged at {}, behind {}", one.value, one.revision, last);
    }
    last = one.revision;
    const auto found = history.find(one.revision);
    if (found == history.end() || found->second.key != one.key ||
        found->second.value != one.value) {
      return text("{} = {} was acknowledged at revision {}: it is not there", one.key, one.value,
                  one.revision);
    }
  }
  return {};
}

}  // namespace

std::vector<Attempt> read_attempts(std::string_view log) {
  std::vector<Attempt> out;
  std::int64_t revision = 0;
  std::istringstream lines{std::string(log)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "try") {
      revision = 0;
      words >> out.emplace_back().key >> out.back().value;
    } else if (word == "rc") {
      words >> word;
      note_end(word, revision, out);
    } else if (const nlohmann::json answer = object_of(line); answer.contains("header")) {
      revision = answer["header"].value("revision", std::int64_t{0});
    }
  }
  return out;
}

std::vector<Change> read_changes(std::string_view log) {
  std::vector<Change> out;
  std::istringstream lines{std::string(log)};
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json response = object_of(line);
    if (!response.contains("Events") || !response["Events"].is_array()) continue;
    for (const nlohmann::json& event : response["Events"]) {
      const nlohmann::json& kv = event.at("kv");
      out.push_back({.revision = kv.value("mod_revision", std::int64_t{0}),
                     .key = from_base64(kv.value("key", "")).value_or("?"),
                     .value = from_base64(kv.value("value", "")).value_or("?")});
    }
  }
  return out;
}

std::string complaint(const std::vector<std::vector<Attempt>>& loops,
                      const std::vector<Change>& history) {
  std::set<std::string> tried;
  for (const auto& loop : loops) {
    for (const Attempt& one : loop) tried.insert(one.value);
  }
  std::map<std::int64_t, Change> by_revision;
  for (const Change& change : history) {
    if (tried.erase(change.value) == 0) {
      return text("{} at revision {}: nobody has asked for that, or it happened twice",
                  change.value, change.revision);
    }
    by_revision[change.revision] = change;
  }
  for (const auto& loop : loops) {
    if (const std::string wrong = complaint_about(loop, by_revision); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace orrery::door::testing
