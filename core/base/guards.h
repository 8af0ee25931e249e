// Guards: the conditions that decide a step, readable afterwards.
//   used by: every phase and every pure module that decides something ("why?" of the debugger)
//   ideas:   guard(condition, id, numbers...) returns the condition. It costs one branch unless explaining
//            is on; then it records the id, the outcome, the numbers and its place in the source. "why?"
//            performs an action again on the world before it with explaining on, and reads the list.
//   invariant: explaining never changes what happens.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strong.h"

namespace orrery {

// A name and a number a guard compared, e.g. {"log index", 7}.
struct Fact {
  std::string_view name;
  std::int64_t value = 0;

  Fact(std::string_view n, std::integral auto v) : name(n), value(static_cast<std::int64_t>(v)) {}

  template <class Tag, class Rep>
  Fact(std::string_view n, Strong<Tag, Rep> v)
      : name(n), value(static_cast<std::int64_t>(v.value())) {}
};

struct GuardRecord {
  std::string
      claim;  // a sentence that is true when `held`, e.g. "the candidate's log is up to date"
  bool held = false;
  std::vector<std::pair<std::string, std::int64_t>> facts;
  std::string file;      // from core/ on, e.g. "core/raft/vote.cc"
  std::string function;  // as the compiler names it
  unsigned line = 0;
};

std::string to_text(const GuardRecord& record);

class Guards {
 public:
  Guards() = default;
  // Explaining on: records go to `sink`, which must outlive this object.
  explicit Guards(std::vector<GuardRecord>* sink) : sink_(sink) {}

  bool explaining() const { return sink_ != nullptr; }

  bool operator()(bool condition, std::string_view claim, std::initializer_list<Fact> facts = {},
                  const std::source_location& where = std::source_location::current()) const {
    if (sink_ != nullptr) [[unlikely]]
      record(condition, claim, facts, where);
    return condition;
  }

 private:
  void record(bool condition, std::string_view claim, std::initializer_list<Fact> facts,
              const std::source_location& where) const;

  std::vector<GuardRecord>* sink_ = nullptr;  // not state: lives for one call
};

}  // namespace orrery
