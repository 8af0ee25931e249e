// What differs between two lives of one server, as tokens: revisions count from the case's beginning, ids get names.
//   used by: conversations_test.cc    rules: ../shared/etcdctl-cases/README.md, "What is normalised"
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace orrery::conversation {

struct Tokens {
  std::int64_t base = 1;  // the revision at the beginning
  bool fresh = false;     // compares hashes and compact revisions as they are
  std::uint64_t cluster = 0;
  std::set<std::uint64_t> members;  // known at the beginning
  std::vector<std::string> endpoints;
  std::string folder;                           // the temporary one
  std::map<std::string, std::uint64_t> caught;  // ids by name
  std::map<std::uint64_t, std::string> hashes;  // met so far, and their names

  // A line of output, JSON or not.
  std::string line(const std::string& raw);
  // No JSON.
  std::string text(std::string raw) const;
  // A watch's output: one line per event, however they were batched.
  std::vector<std::string> events(const std::vector<std::string>& lines);

  std::string revision(std::int64_t number) const;
};

}  // namespace orrery::conversation
