// Completion: what may stand at the cursor, from the same table and matcher that parse the line.
//   used by: cli's console, the debugger's console      uses: table.h, matcher.h
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orrery::lang {

// The names that only the session knows.
struct CompletionNames {
  std::vector<std::string> members;
  std::vector<std::string> clients;
  std::vector<std::string> watches;
  std::vector<std::string> branches;
  std::vector<std::string> marks;
  std::vector<std::string> claims;
  std::vector<std::string> lanes;
  std::vector<std::string> timers;
  std::vector<std::string> points;    // crash points
  std::vector<std::string> aspects;   // of show
  std::vector<std::string> types;     // of messages
  std::vector<std::string> versions;  // releases and presets
};

struct Completion {
  std::size_t begin = 0;           // where the word under the cursor begins
  std::vector<std::string> words;  // that could stand there, sorted
  std::string hint;                // "expected ...", for when nothing can be listed
};

// For the line up to the cursor.
Completion complete(std::string_view line, const CompletionNames& names);

}  // namespace orrery::lang
