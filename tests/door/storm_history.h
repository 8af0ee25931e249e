// What the loops and watchers of a storm have written down, read back and compared.
//   used by: storm_test.cc    uses: etcdctl's words, as `-w json` prints them
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::door::testing {

// One `etcdctl put` of a loop.
struct Attempt {
  std::string key;
  std::string value;          // no two attempts have the same
  std::int64_t revision = 0;  // of the acknowledgement; 0 = none came: it may have happened or not
};

// One change, as a watcher sees it.
struct Change {
  std::int64_t revision = 0;
  std::string key;
  std::string value;
};

// A loop's file: "try KEY VALUE", what etcdctl printed, "rc STATUS". An attempt whose end is not there was broken off.
std::vector<Attempt> read_attempts(std::string_view log);

// A watcher's file: a JSON object a line; other lines are words about a watch that ended.
std::vector<Change> read_changes(std::string_view log);

// Nothing, or what is wrong: an acknowledged write that the history does not have at its revision, a change that nobody
// asked for or that happened twice, revisions of a loop that go back.
std::string complaint(const std::vector<std::vector<Attempt>>& loops,
                      const std::vector<Change>& history);

}  // namespace orrery::door::testing
