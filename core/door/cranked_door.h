// CrankedDoor: the front door of a world that somebody cranks: callers wait until their messages were delivered.
//   used by: cli (serve --paused, console), gui    uses: desk.h, reception.h, lang (Interpreter: the live line)
//   ideas:   the world is the interpreter's. What comes in is an action at the tip of its live line, as if it had been
//            typed; what steps of that line tell callers goes out. Looking at the past disturbs nobody, and what is
//            done there makes a branch on which past callers are ghosts. Time is the world's: no host clock moves it.
//   limits:  a caller's own deadline runs by its own clock: it goes, and that is an action, too.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "door/desk.h"
#include "door/endpoints.h"
#include "door/reception.h"
#include "host/bell_rope.h"
#include "lang/interpreter.h"

namespace orrery::door {

class CrankedDoor {
 public:
  // Listens at one post for each member; nobody is let in before open(). Errors: Unavailable (an address).
  static Result<std::unique_ptr<CrankedDoor>> listen(const sim::Config& config,
                                                     const std::vector<Post>& posts);
  // The line at the cursor is the live one.
  Result<void> open(lang::Interpreter& interpreter);
  // The interpreter's live line ends with the door only if end() is called.
  ~CrankedDoor() = default;
  CrankedDoor(const CrankedDoor&) = delete;
  CrankedDoor& operator=(const CrankedDoor&) = delete;

  // Can be read when somebody has come.
  int descriptor() const { return rope_.descriptor(); }
  // Lets in who has come and hands out what was told. To be called when the descriptor says so, after each command,
  // and now and then. What happened, a line each. requires: the interpreter has its live line
  std::vector<std::string> attend(lang::Interpreter& interpreter);
  // Whoever waits is sent away; from here on the line at the cursor is the live one.
  Result<void> move_here(lang::Interpreter& interpreter);
  // Whoever waits is sent away.
  void end(lang::Interpreter& interpreter);

  // "127.0.0.1:2379", n1 first.
  std::vector<std::string> endpoints() const { return endpoints_.clients(); }

 private:
  CrankedDoor() = default;

  void send_away();
  void let_in(lang::Interpreter& interpreter, const Arrival& arrival,
              std::vector<std::string>& lines);
  void hand_out(lang::Interpreter& interpreter, std::vector<std::string>& lines);
  Nanos now() const;

  host::BellRope rope_;  // before the endpoints, whose threads pull it
  Endpoints endpoints_;
  Desk desk_{endpoints_};
  Reception reception_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

// Carries out `door ...`: words for the reader. Errors: WrongUse (there is a door, or none), Unavailable (an address).
Result<std::string> obey(const lang::Door& wish, std::unique_ptr<CrankedDoor>& door,
                         lang::Interpreter& interpreter);
// attend(), if there is a door. With a new world the door closes.
std::vector<std::string> attend(std::unique_ptr<CrankedDoor>& door, lang::Interpreter& interpreter);
// For a shell: "export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=127.0.0.1:2379"
std::string environment_of(const std::vector<std::string>& endpoints);

}  // namespace orrery::door
