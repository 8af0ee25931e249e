// Timeline: all that has happened to a world, on every branch, with a cursor that can stand anywhere.
//   used by: lang (scripts, console), gui (Session), saved runs    uses: World
//   ideas:   configuration + list of actions + checkpoints. Going somewhere = nearest checkpoint before, then replay.
//            Acting at the tip appends; acting in the past starts a branch; nothing is ever discarded.
//   invariant 1: world() equals a new world to which the actions up to the cursor were performed.
//   invariant 2: a branch shares the actions before its fork with its parent; the root branch is 0, "main".
//   units:   positions are counts of performed actions: 0 = the beginning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ordered_map.h"
#include "base/result.h"
#include "base/sequence.h"
#include "sim/action.h"
#include "sim/world.h"

namespace orrery::sim {

using BranchNo = std::size_t;

// A line somebody typed or clicked; the actions from `at` on (up to the next mark) are what it became.
struct CommandMark {
  std::size_t at = 0;
  std::string line;

  friend bool operator==(const CommandMark&, const CommandMark&) = default;
};

struct Branch {
  std::string name;
  BranchNo parent = 0;       // itself for the root
  std::size_t fork = 0;      // the position on the parent at which it begins
  Sequence<Action> actions;  // actions[i] leads from position fork + i to fork + i + 1
  std::vector<CommandMark> commands;

  std::size_t length() const { return fork + actions.size(); }
};

class Timeline {
 public:
  Timeline() : Timeline(Config{}) {}
  explicit Timeline(const Config& config);

  const Config& config() const { return config_; }
  // The world at the cursor.
  const World& world() const { return world_; }
  std::size_t position() const { return position_; }
  BranchNo branch() const { return branch_; }
  const std::vector<Branch>& branches() const { return branches_; }
  bool at_tip() const { return position_ == branches_[branch_].length(); }
  // The action that led to this position of the current branch. requires: 1 <= position <= length
  const Action& action_before(std::size_t position) const;

  // Performs and moves the cursor behind the action. In the past this starts a branch, named `branch_name` or, if that
  // is empty, after its fork. If the world finds itself broken (ContractViolation), the world before is rebuilt and
  // the error says where.
  Result<void> perform(const Action& action, std::vector<std::string>* notes = nullptr);
  // Marks the next actions as what this line became.
  void begin_command(std::string line);
  // Starts an empty branch at the cursor and switches to it. Errors: the name is taken.
  Result<void> start_branch(std::string name);
  // To the tip of another branch. Errors: no such branch.
  Result<void> switch_to(std::string_view name);

  // To a position of the current branch. Errors: OutOfRange, saying how long the branch is.
  Result<void> jump(std::size_t position);
  // The world at any position of the current branch, without moving the cursor. requires: position <= length
  World world_at(std::size_t position);

  std::size_t checkpoint_count() const;

 private:
  using Checkpoints = OrderedMap<std::size_t, World>;

  bool has_branch(std::string_view name) const;
  const Action& action_at(BranchNo branch, std::size_t index) const;
  void place_checkpoint();
  void thin(Checkpoints& checkpoints) const;

  Config config_;
  std::vector<Branch> branches_;
  std::vector<Checkpoints> checkpoints_;  // by branch, positions in its own part
  BranchNo branch_ = 0;
  std::size_t position_ = 0;
  World world_;
};

}  // namespace orrery::sim
