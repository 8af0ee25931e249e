// The program `orrery`, run as a person runs it.
//   used by: the tests of this folder    uses: host
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "host/files.h"
#include "source_dir.h"

namespace orrery {

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

inline std::string scratch(const std::string& name) {
  return text("{}orrery-cli-{}-{}", testing::TempDir(), ::getpid(), name);
}

inline Ran orrery(const std::string& arguments, const std::string& input = "") {
  const std::string in = scratch("in");
  const std::string err = scratch("err");
  EXPECT_TRUE(host::write_file(in, input));
  const std::string line = text("cd '{}' && '{}' {} <'{}' 2>'{}'", ORRERY_SOURCE_DIR,
                                ORRERY_PROGRAM, arguments, in, err);
  Ran ran;
  std::FILE* pipe = ::popen(line.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    ran.out.append(buffer.data(), got);
  }
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ran.err = host::read_file(err).value_or("");
  ::unlink(in.c_str());
  ::unlink(err.c_str());
  return ran;
}

}  // namespace orrery
