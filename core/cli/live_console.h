// LiveConsole: lines on standard input, carried out in a world that runs by the host's clock.
//   used by: serve.cc    uses: door (FrontDoor), lang (the language of `orrery console`)
//   ideas:   a thread reads and parses; what is to be done or shown is an errand of the thread that owns the world.
//            There is no crank here and no way back: faults, `show`, `print`, `help` and `quit` are all that is
//            understood. What is done is recorded as in any other run.
//   note:    in the background of a terminal nothing is read: the lines there are the shell's.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "door/front_door.h"

namespace orrery::cli {

class LiveConsole {
 public:
  // Until it is destroyed, the input ends, or somebody says `quit`, which stops the door.
  // requires: the door lives longer
  explicit LiveConsole(door::FrontDoor& door);
  ~LiveConsole();
  LiveConsole(const LiveConsole&) = delete;
  LiveConsole& operator=(const LiveConsole&) = delete;

 private:
  void read();
  void take(const std::string& line);

  door::FrontDoor* door_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace orrery::cli
