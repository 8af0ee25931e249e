// Violation: a claim that does not hold, as a value: for a person to read, a light to turn red, a test to match.
//   used by: violations(x) of every class with an invariant, core/check     uses: digest.h
#pragma once

#include <string>
#include <vector>

namespace orrery {

struct Violation {
  std::string claim;     // what should hold, e.g. "WatchOrdered"; the same text each time
  std::string sentence;  // what is the case instead, with names and numbers

  template <class F>
  void fields(F&& f) const {
    f("claim", claim), f("sentence", sentence);
  }

  friend bool operator==(const Violation&, const Violation&) = default;
};

using Violations = std::vector<Violation>;

}  // namespace orrery
