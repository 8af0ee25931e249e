// Commands of the program `orrery`: each takes what the command line said and gives the exit status.
//   used by: main.cc (arguments only)    uses: lab, lang, raft (scripts), host
//   exit status: 0 it holds; 1 it does not (an expectation, a divergence); 2 wrong use or unreadable input; 3 the
//            budget ran out. Data go to stdout, words to stderr; colour only on a terminal.
#pragma once

#include <string>
#include <vector>

#include "door/endpoints.h"
#include "sim/world.h"

namespace orrery::cli {

inline constexpr int kHolds = 0;
inline constexpr int kDoesNotHold = 1;
inline constexpr int kWrongUse = 2;

struct PlayOptions {
  std::string what;  // a script's file, or a lab's number, name or folder
  std::string save;  // a file for the run; empty = none
  bool json = false;
  bool quiet = false;    // only what clients print
  bool rewrite = false;  // write what was printed into the script, in place of what it expects
};

int play(const PlayOptions& options);

// `what`: a script or a lab to begin with, or a saved run (*.orrery); empty = three members.
int console(const std::string& what);

// The same over a world of this configuration, settled, with its door open.
int console_with_door(sim::Config config, const std::vector<door::Post>& posts,
                      const std::string& record);

struct ReplayOptions {
  std::vector<std::string> files;
  bool json = false;
  bool checks = false;  // every claim is looked at after every step
};

int replay(const ReplayOptions& options);

struct RaftScriptOptions {
  std::vector<std::string> files;
  bool rewrite = false;
};

int raft_script(const RaftScriptOptions& options);

}  // namespace orrery::cli
