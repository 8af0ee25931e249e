// RandomRun: five members, clients that use everything, and a nemesis, in Jepsen's manner.
//   used by: jepsen_test.cc    uses: sim, check (claims after every step), log_model.h (the end)
//   ideas:   a seed says everything: what clients ask, who crashes, is cut off, stands still, goes by a wrong clock,
//            comes and leaves. All of it is actions, so a run can be played again. At the end the faults stop, the
//            cluster settles, and the log is played through the model.
//   workloads: registers, a set, a list that grows by transactions, locks (with a fenced account), leases, users and
//            roles (in each fourth run with auth switched on), members and learners.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "check/world_checks.h"
#include "sim/world.h"

namespace orrery::sim::testing {

// What happened, by name: "crash", "member removed", "put answered", ...
using Counts = std::map<std::string, std::uint64_t>;

class RandomRun {
 public:
  explicit RandomRun(std::uint64_t seed);

  void play(int steps);
  // Prints each action from here on, with what it says of itself.
  void tell_all() { tells_ = true; }

  const std::string& failure() const { return failure_; }
  const World& world() const { return world_; }
  // Of the whole run, once played.
  Counts counts() const;

 private:
  std::uint64_t pick(std::uint64_t bound);
  std::uint32_t some_member();

  // -- what happens: random_run.cc
  void step();
  void follow_schedule();
  void attempt(const Action& action);
  bool perform(const Action& action);
  void tell(const Action& action, const std::vector<std::string>& notes) const;
  void judge(const Violations& violations);
  void fail_with(const std::string& words, const Action* action = nullptr);

  // -- the nemesis: random_run.cc
  void nemesis();
  void crash();
  void restart(std::uint32_t no);
  void restart_one();
  void partition();
  void mend_all();
  void pause_or_go_on();
  void set_some_clock();
  void lose_a_message();

  // -- the clients: random_clients.cc
  void clients_act();
  void ask(const char* line, rpc::Request request);
  void use_registers();
  void add_to_set();
  void grow_list();
  void use_leases();
  void use_locks();
  void write_fenced();
  void change_auth();
  void change_members();
  void set_up_auth();
  client::Login some_login();

  // -- the end: random_end.cc
  void settle();
  void stop_faults();
  bool settled();
  std::string why_unsettled() const;
  // Of every member, for a sentence.
  std::string standing() const;
  bool belongs(std::uint32_t no) const;
  void let_strangers_go();
  void compare_with_model();
  void judge_workloads();
  void judge_list();
  void judge_account();

  std::uint64_t seed_;
  World world_;
  checks::WorldChecks checks_;
  std::string failure_;
  bool tells_ = false;
  Counts counts_;
  std::uint64_t actions_ = 0;
  std::uint64_t draws_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t watches_ = 0;
  std::uint64_t locks_ = 0;
  std::uint32_t paused_ =
      0;                   // a member whose process stands still while its clock goes on; 0 = none
  bool has_auth_ = false;  // auth is switched on in this run
  std::uint32_t auth_steps_ = 0;  // how much of its setting up has been asked for
  std::vector<LeaseId> leases_;
};

// The member that leads with the highest term, as tests/sim/cluster.h has it; nullptr = none.
const server::Running* leading(const World& world);

}  // namespace orrery::sim::testing
