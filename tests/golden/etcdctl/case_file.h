// A recorded conversation with etcdctl, as plain data: steps, and under each what was answered.
//   used by: conversations_test.cc    format: ../shared/etcdctl-cases/README.md
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace orrery::conversation {

struct CaseStep {
  char kind = '$';  // '$' a command of etcdctl's, '@' one to the player
  std::map<std::string, std::string> options;
  std::string text;
  std::vector<std::string> input;     // lines of its standard input
  std::vector<std::string> expected;  // "| ...", "E ...", "rc N"
  int line = 0;
};

struct CaseFile {
  std::string title;
  std::string needs;  // words: fresh, single, cluster, slow
  std::vector<CaseStep> steps;

  bool needs_word(const std::string& word) const {
    return (" " + needs + " ").find(" " + word + " ") != std::string::npos;
  }
};

Result<CaseFile> read_case(const std::string& name, const std::string& bytes);

}  // namespace orrery::conversation
