// Rules of the code that correctness hangs on: what a World can reach, and where includes point.
#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/tidy/tree.h"

namespace orrery::tidy {
namespace {

// May know threads, clocks and files: nothing of it is reached by a World.
bool outside_the_world(const File& file) {
  return file.in("core/host") || file.in("core/door") || file.in("core/cli") ||
         file.path.starts_with("core/hunt/driver");
}

// The values of core/base that count their users or build nodes by hand.
bool allocates_by_hand(const File& file) {
  return file.in("core/base");
}

struct Ban {
  const char* word;
  const char* why;
};

constexpr std::array kBans{
    Ban{"<random>", "random numbers come from base/draws.h"},
    Ban{"<thread>", "a world lives on one thread"},
    Ban{"<mutex>", "a world lives on one thread"},
    Ban{"<shared_mutex>", "a world lives on one thread"},
    Ban{"<condition_variable>", "a world lives on one thread"},
    Ban{"<future>", "a world lives on one thread"},
    Ban{"<atomic>", "a world lives on one thread"},
    Ban{"<fstream>", "files are core/host's"},
    Ban{"<filesystem>", "files are core/host's"},
    Ban{"<iostream>", "printing is core/cli's"},
    Ban{"<chrono>", "time is Nanos in the world"},
    Ban{"<ctime>", "time is Nanos in the world"},
    Ban{"<unordered_map>", "hash order leaks: OrderedMap or a sorted vector"},
    Ban{"<unordered_set>", "hash order leaks: OrderedMap or a sorted vector"},
    Ban{"std::hash", "differs between libraries: digest_of"},
    Ban{"std::function", "cannot be compared or copied as state: a variant and free functions"},
    Ban{"std::shared_ptr", "compares by address: Shared"},
    Ban{"virtual", "closed sets are variants"},
    Ban{"rand(", "random numbers come from base/draws.h"},
    Ban{"time(nullptr", "time is Nanos in the world"},
    Ban{"getenv", "the environment is core/host's"},
    Ban{"printf", "printing is core/cli's"},
    Ban{"float", "rounding differs between builds"},
    Ban{"double", "rounding differs between builds"},
    Ban{"thread_local", "a world lives on one thread"},
    Ban{"uintptr_t", "nothing may depend on an address"},
};

// A parameter may be a std::function; the line above its name says that it is never kept.
bool is_a_parameter(const File& file, std::size_t i) {
  return i > 0 && file.lines[i - 1].find("never a member") != std::string::npos;
}

TEST(Code, WhatAWorldCanReachIsDeterministic) {
  for (const File& file : files()) {
    if (!file.is_code() || !file.in("core") || outside_the_world(file)) continue;
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      for (const Ban& ban : kBans) {
        EXPECT_FALSE(has_word(file.code[i], ban.word) && !is_a_parameter(file, i))
            << place(file, i) << ": " << ban.word << ": " << ban.why;
      }
    }
  }
}

TEST(Code, OnlyBaseAllocatesByHand) {
  static const std::regex deleted(R"(=\s*delete\b)");
  for (const File& file : files()) {
    if (!file.is_code() || !file.in("core")) continue;
    if (outside_the_world(file) || allocates_by_hand(file)) continue;
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      const std::string line = std::regex_replace(file.code[i], deleted, "");
      EXPECT_FALSE(has_word(line, "new") || has_word(line, "delete"))
          << place(file, i) << ": new and delete are core/base's";
    }
  }
}

TEST(Code, NothingIsStaticAndMutable) {
  // A static that is neither constant nor a function: no bracket opens before it ends or is set.
  static const std::regex variable(R"(^\s*(inline )?static [^(]*[;={])");
  static const std::regex at_namespace_level(
      R"(^(?!using|namespace|enum|struct|class|template|extern|friend|return|static_assert|concept))"
      R"([A-Za-z_][\w:<>, *&]* \w+( = .*|\{.*\})?;$)");
  for (const File& file : files()) {
    if (!file.is_code() || !file.in("core") || outside_the_world(file)) continue;
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      const std::string& line = file.code[i];
      if (has_word(line, "const") || has_word(line, "constexpr")) continue;
      const bool is_static = has_word(line, "static") && std::regex_search(line, variable);
      EXPECT_FALSE(is_static || std::regex_search(line, at_namespace_level))
          << place(file, i) << ": state outside the world: " << file.lines[i];
    }
  }
}

// Headers whose types can stand in a World list their fields for digests.
bool defines_state(const File& file) {
  return std::ranges::any_of(file.code, [](const std::string& line) {
    return line.find("fields(F") != std::string::npos;
  });
}

bool says_not_state(const std::string& line) {
  return line.find("not state") != std::string::npos ||
         line.find("never part of a world") != std::string::npos;
}

// Pointers as members would be compared and digested by address. What is not state says so, beside the
// member or in the header's map.
TEST(Code, NoPointerIsAMember) {
  static const std::regex member(R"(^ {2,6}(const )?[\w:<>, ]+[*&]( const)? \w+( = nullptr)?;)");
  static const std::regex statement(R"(^\s*(return|delete|using|typedef|throw)\b)");
  for (const File& file : files()) {
    if (!file.is_header() || !file.in("core") || !defines_state(file)) continue;
    if (outside_the_world(file) || allocates_by_hand(file)) continue;
    const auto head = file.head_comment();
    if (std::ranges::any_of(head, says_not_state)) continue;
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      const std::string& line = file.code[i];
      if (line.find_first_of("*&") == std::string::npos) continue;
      if (!std::regex_search(line, member) || std::regex_search(line, statement)) continue;
      EXPECT_TRUE(says_not_state(file.lines[i]))
          << place(file, i) << ": a pointer or reference as a member needs the words \"not state\"";
    }
  }
}

TEST(Code, IncludesPointUpTheListOfFolders) {
  const std::vector<std::string> order = folder_order();
  ASSERT_FALSE(order.empty());
  const auto rank = [&](std::string_view folder) { return std::ranges::find(order, folder); };
  static const std::regex include(R"inc(^#include "(\w+)/([\w./]+)")inc");
  for (const File& file : files()) {
    if (!file.is_code() || !file.in("core")) continue;
    const std::string own = file.path.substr(5, file.path.find('/', 5) - 5);
    EXPECT_NE(rank(own), order.end()) << file.path << ": core/CMakeLists.txt does not know " << own;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, include)) continue;
      const auto target = rank(match[1].str());
      EXPECT_NE(target, order.end()) << place(file, i) << ": no folder of core: " << match[1];
      EXPECT_LE(target - order.begin(), rank(own) - order.begin())
          << place(file, i) << ": " << own << " may not know " << match[1];
    }
  }
}

TEST(Code, GeneratedClassesStayInProtoAndDoor) {
  for (const File& file : files()) {
    if (!file.is_code() || file.in("core/proto") || file.in("core/door")) continue;
    if (file.in("tests/proto") || file.in("tests/door")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      EXPECT_FALSE(line.starts_with("#include") && line.find(".pb.h") != std::string::npos)
          << place(file, i) << ": use proto's own values";
    }
  }
}

TEST(Code, NothingUnderCoreKnowsQt) {
  static const std::regex qt(R"(^#include <Q\w+)");
  for (const File& file : files()) {
    if (!file.is_code() || !file.in("core")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], qt)) << place(file, i);
    }
  }
}

// Lines a file may have: the aim, and for files on the list below what they have now. An entry may only
// fall; whoever brings a file under the aim takes its entry out.
const std::map<std::string, std::size_t>& long_files() {
  static const std::map<std::string, std::size_t> list{
      {"core/base/ordered_map.h", 508},
      {"core/base/sequence.h", 445},
  };
  return list;
}

std::size_t aim_for(const File& file) {
  if (file.is_script()) return 150;
  return file.in("tests") ? 800 : 400;
}

TEST(Code, FilesAreNotLongerThanAPersonReads) {
  constexpr std::size_t kNever = 1000;
  for (const File& file : files()) {
    if (!file.is_code() && !file.is_script()) continue;
    const auto listed = long_files().find(file.path);
    const bool is_listed = listed != long_files().end();
    EXPECT_LE(file.lines.size(), is_listed ? listed->second : aim_for(file)) << file.path;
    EXPECT_LE(file.lines.size(), kNever) << file.path;
    EXPECT_FALSE(is_listed && file.lines.size() <= aim_for(file)) << file.path << ": off the list";
  }
}

// clang-format keeps code within 100 columns and leaves comments as written; this keeps those in bounds.
TEST(Code, NoLineIsWiderThanTheWindow) {
  for (const File& file : files()) {
    if (!file.is_code()) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      // One string or path that cannot be broken may stick out.
      const std::string& line = file.lines[i];
      const bool breakable = line.find_last_of(' ') > line.find_first_not_of(" /");
      EXPECT_FALSE(line.size() > 120 && breakable) << place(file, i) << ": wider than 120";
    }
  }
}

TEST(Code, EveryFolderOfCoreHasItsTests) {
  for (const std::string& folder : folder_order()) {
    if (!exists("core/" + folder + "/CMakeLists.txt")) continue;
    EXPECT_TRUE(exists("tests/" + folder + "/CMakeLists.txt")) << "no tests of core/" << folder;
  }
}

}  // namespace
}  // namespace orrery::tidy
