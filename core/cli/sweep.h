// orrery sweep: a script's run, crashed after each of its steps.
//   used by: main.cc (arguments only)    uses: lab/sweep.h
#pragma once

#include <cstddef>
#include <string>

namespace orrery::cli {

struct SweepCommand {
  std::string what;  // a script's file, or a lab's number, name or folder
  std::size_t from = 0;
  std::size_t every = 1;
  bool json = false;
};

int sweep(const SweepCommand& options);

}  // namespace orrery::cli
