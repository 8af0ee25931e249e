// Interpreter: carries out commands on a timeline: the one way in which people, scripts and tests drive a world.
//   used by: lab (scripts, labs), cli (console), gui's session    uses: parser.h's Command, sim, submission.h
//   ideas:   a command becomes actions, performed one by one through one function, perform(), which marks the line in
//            the timeline, prints what reaches clients, and looks at the claims. A call runs the default schedule until
//            its answer is there, unless it ends in "&"; answers and watch responses print when they arrive, whatever
//            command made them.
//   files:   interpreter.cc (dispatch, perform, advance), interpret_client.cc, interpret_crank.cc, interpret_fault.cc,
//            interpret_time.cc, interpret_look.cc, interpret_claim.cc, interpret_session.cc, live_line.cc
//   invariant: the timeline's commands are exactly the lines that became actions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ordered_map.h"
#include "lang/completion.h"
#include "lang/etcdctl.h"
#include "lang/ledger.h"
#include "lang/outcome.h"
#include "server/crash_points.h"
#include "sim/timeline.h"

namespace orrery::lang {

// An always claim, or a breakpoint (its name is its number).
struct WatchedClaim {
  std::string name;
  Expression claim;
  bool is_break = false;
  std::optional<bool> light;               // as of the last step; none = cannot be said now
  std::uint64_t hits = 0;                  // how often a breakpoint has stopped a run
  std::optional<std::uint64_t> broken_at;  // the first step after which it did not hold
};

class Interpreter {
 public:
  Interpreter() : Interpreter(sim::Timeline()) {}

  explicit Interpreter(sim::Timeline timeline) : timeline_(std::move(timeline)) {}

  // A ContractViolation is Orrery's own defect: the timeline has rebuilt the world before the step.
  Outcome execute(const Command& command);
  // The same; `line` is what to remember it by.
  Outcome execute(const Command& command, std::string line);

  const sim::Timeline& timeline() const { return timeline_; }

  const sim::World& world() const { return timeline_.world(); }

  // What `load` does with a run that was read and replayed: marks and claims of the old one go.
  void adopt(sim::Timeline timeline);

  // -- callers from outside (door/cranked_door.h): let in on one branch, the live line
  // From here on the current branch; in the past, a new one at the cursor.
  Result<void> begin_live_line();
  void end_live_line();

  // None = nobody is let in, or the timeline is another one now.
  std::optional<sim::BranchNo> live_line() const { return live_line_; }

  // The world at the tip of the live line. requires: there is one
  sim::World live_world() const;
  // Performs at the tip of the live line; a cursor elsewhere stays where it is.
  Outcome let_in(const sim::Action& action, std::string line);
  // What the steps of the live line have told callers since the last time.
  std::vector<client::Told> take_told();

  // What `load n1 FOLDER` does with the disk that was read: the member gets it and starts.
  Outcome install(const LoadMember& load, const disk::Disk& disk);

  const std::vector<WatchedClaim>& claims() const { return claims_; }

  // What the built-in claims say at the cursor; and how many steps must be looked at for it.
  Report report(bool at_rest) { return ledger_.report(timeline_, at_rest); }

  std::size_t steps_to_look_at() const { return ledger_.steps_to_look_at(timeline_); }

  // Of always claims.
  std::uint64_t violations() const { return violations_; }

  // For Tab.
  CompletionNames names() const;

 private:
  // What advance() waits for.
  struct Settled {};
  struct Answered {
    std::uint32_t client = 0;
    std::uint64_t call = 0;
  };
  struct WatchDecided {
    std::string name;
    bool ended = false;  // otherwise: created
  };
  struct ProgramRests {  // it has come to what it waits for, or is over
    std::string name;
    bool ended = false;  // it must be over
  };
  struct Holds {
    Expression goal;
  };
  struct Never {};
  struct AtPoint {
    std::uint32_t member = 0;
    server::CrashPoint point;
  };
  using Goal = std::variant<Settled, Answered, WatchDecided, ProgramRests, Holds, Never, AtPoint>;

  enum class Stop : std::uint8_t { Reached, NothingLeft, TimeUp, Budget, Break };

  // -- interpreter.cc
  Result<void> perform(const sim::Action& action, std::vector<std::string>* notes = nullptr);
  // The default schedule until the goal is reached or the time is up.
  Result<Stop> advance(const Goal& goal, std::optional<Nanos> until);
  bool reached(const Goal& goal);
  bool reached_point(const AtPoint& goal);
  Result<void> mark_line(const sim::Action& action);
  void say_printed(const Printed& printed);
  void print_watch(const client::Watch* before, const client::Watch& after);
  void print_arrivals(const client::Client& before, const client::Client& after);
  void print_panics(const std::vector<server::Status>& before);
  std::vector<server::Status> statuses() const;
  // Performs and prints what happened.
  Result<void> perform_aloud(const sim::Action& action);
  tl::unexpected<Error> out_of_budget(std::string_view what) const;
  void say(Piece::Kind kind, std::string lines) { outcome_.add(kind, std::move(lines)); }
  void print(std::string line) { say(Piece::Kind::Output, std::move(line) + "\n"); }
  void note(std::string line) { say(Piece::Kind::Note, std::move(line) + "\n"); }

  // -- interpret_client.cc
  Result<void> submit(const CommandBody& body, const CallOptions& call);
  Result<void> act(const Put& put) { return submit(put, put.call); }
  Result<void> act(const Get& get) { return submit(get, get.call); }
  Result<void> act(const Del& del) { return submit(del, del.call); }
  Result<void> act(const Txn& txn) { return submit(txn, txn.call); }
  Result<void> act(const Compact& compact) { return submit(compact, compact.call); }
  template <class Tag>
  Result<void> act(const ServiceCall<Tag>& service) {
    return submit(service, service.call);
  }
  Result<void> act(const Watch& watch);
  Result<void> act(const CancelWatch& cancel);
  Result<void> act(const Progress& progress);
  Result<void> act(const Pause& pause);
  Result<void> act(const Resume& resume);
  Result<void> act(const Poll& poll);
  Result<void> act(const SaveSnapshot& save);
  Result<void> act(const SnapshotStatus& status);
  Result<void> act(const RunProgram& program);
  void print_program(const client::Program& program, std::size_t known);
  std::string last_output(std::string_view watch) const;

  // -- interpret_crank.cc
  Result<void> act(const Step& step);
  Result<bool> step_event();
  Result<bool> step_round();
  Result<void> act(const Perform& perform);
  Result<void> act(const Next& next);
  Result<void> act(const Enabled& enabled);
  Result<void> act(const Run& run);
  Result<void> act(const Repeat& repeat);
  Result<void> act(const Settle& settle);
  Result<void> act(const Until& until);

  // -- interpret_fault.cc
  Result<void> inflict(const CommandBody& fault);
  Result<void> act(const Deliver& fault) { return inflict(fault); }
  Result<void> act(const Drop& fault) { return inflict(fault); }
  Result<void> act(const Duplicate& fault) { return inflict(fault); }
  Result<void> act(const Delay& fault) { return inflict(fault); }
  Result<void> act(const Hold& fault) { return inflict(fault); }
  Result<void> act(const Release& fault) { return inflict(fault); }
  Result<void> act(const Fire& fault) { return inflict(fault); }
  Result<void> act(const Join& fault) { return inflict(fault); }
  Result<void> act(const Restart& fault) { return inflict(fault); }
  Result<void> act(const SetClock& fault) { return inflict(fault); }
  Result<void> act(const Partition& fault) { return inflict(fault); }
  Result<void> act(const Cut& fault) { return inflict(fault); }
  Result<void> act(const Heal& fault) { return inflict(fault); }
  Result<void> act(const Crash& crash);

  // -- interpret_time.cc
  Result<void> act(const Back& back);
  Result<void> act(const Forward& forward);
  Result<void> act(const Jump& jump);
  Result<void> act(const Mark& mark);
  Result<void> act(const Branch& branch);
  Result<void> act(const Switch& other);
  Result<void> act(const Branches& branches);
  Result<void> go_to(std::size_t position);

  // -- interpret_look.cc
  Result<void> act(const Why& why);
  Result<void> why_step(std::size_t step);
  Result<void> why_action(const std::string& text);
  Result<void> act(const Show& show);
  Result<void> show_violations();
  Result<void> act(const Print& print);
  Result<void> act(const History& history);
  Result<void> act(const Diff& diff);
  Result<void> act(const Counters& counters);

  // -- interpret_claim.cc
  Result<void> act(const Expect& expect);
  Result<void> act(const ExpectOutput& expect);
  Result<void> act(const Always& always);
  Result<void> act(const Break& one);
  Result<void> act(const Forget& forget);
  Result<void> act(const Claims& claims);
  Result<void> watch_claims();
  // What the term `violations` counts, if the expression asks for it: always claims that broke (as "always"), and the
  // names of the built-in checks that found something.
  std::vector<std::string> broken_claims(const Expression& asking);
  // The lights at a new place, without stopping for them.
  void relight();

  // -- interpret_session.cc
  Result<void> act(const Cluster& cluster);
  Result<void> act(const Save& save);
  Result<void> act(const Load& load);
  Result<void> act(const Eject& eject);
  Result<void> act(const LoadMember& load);
  Result<void> start_from(const LoadMember& load, const disk::Disk& disk);
  Result<void> act(const Say& say);
  Result<void> act(const Ask& ask);
  Result<void> act(const Answer& answer);
  Result<void> act(const Door& door);
  Result<void> act(const Help& help);
  Result<void> act(const Quit& quit);

  sim::Timeline timeline_;
  std::vector<WatchedClaim> claims_;
  std::uint64_t violations_ = 0;  // always claims that broke
  Ledger ledger_;
  std::uint64_t next_break_ = 1;
  bool break_met_ = false;                                              // by the step just made
  OrderedMap<std::string, std::pair<std::string, std::size_t>> marks_;  // name: branch, position
  std::optional<sim::BranchNo> live_line_;
  std::vector<client::Told> told_;                            // by steps of the live line
  std::optional<Ask> question_;                               // the last one
  std::variant<std::monostate, Answered, std::string> last_;  // the last call, or the last watch

  // Of the command at hand:
  Outcome outcome_;
  std::string line_;
  bool line_marked_ = false;
};

}  // namespace orrery::lang
