// WorldTerms: the terms of the expression language, answered by a world.
//   used by: interpreter (expect, always, until, break, print), search goals, grading    uses: sim, evaluate.h
//   ideas:   evaluate(expression, WorldTerms(world)) asks it for each term by the name in expression_terms.h. What
//            cannot be said now (no leader, a member that is down, a watch nobody began) is an error of WrongUse:
//            the caller decides what that means for its claim.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "lang/value.h"
#include "sim/world.h"

namespace orrery::lang {

class WorldTerms {
 public:
  // requires: the world outlives this object. `broken`: the names of claims that broke, from whoever watches them
  explicit WorldTerms(const sim::World& world, std::vector<std::string> broken = {})
      : world_(world), broken_(std::move(broken)) {}

  // requires: a term of the table with arguments that the checker has passed
  Result<Value> operator()(std::string_view name, const std::vector<Value>& arguments) const;

 private:
  const sim::World& world_;
  std::vector<std::string> broken_;
};

// "n2" -> 2; 0 = no name of a member of this world.
std::uint32_t member_number(const sim::World& world, std::string_view name);
// "c1" -> 1; 0 = no name of a client.
std::uint32_t client_number(std::string_view name);
// The leader of the highest term; 0 = none.
std::uint32_t leader_number(const sim::World& world);
std::string member_text(std::uint32_t number);

// A watch and the client that has it; `watch` is null when nobody does.
struct FoundWatch {
  std::uint32_t client = 0;
  const client::Watch* watch = nullptr;
};

FoundWatch find_watch(const sim::World& world, std::string_view name);
struct FoundProgram {
  std::uint32_t client = 0;
  const client::Program* program = nullptr;
};

FoundProgram find_program(const sim::World& world, std::string_view name);
// The client that has a watch, a poll or a program of this name; 0 = nobody.
std::uint32_t client_of_watch(const sim::World& world, std::string_view name);

// Where the server keeps a watch: "synced", "unsynced", "victim", ...; empty = it knows no such watch.
std::string pool_of(const sim::World& world, std::string_view watch);

}  // namespace orrery::lang
