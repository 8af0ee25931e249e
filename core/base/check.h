// check(): a promise of Orrery's own code. Never for input, never for a member's panic (that is state).
//   used by: everything            uses: nothing
//   ideas:   throws, so that the timeline can rebuild the world before the step and show it.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace orrery {

class ContractViolation : public std::logic_error {
 public:
  ContractViolation(std::string_view claim, const std::source_location& where);

  const std::source_location& where() const { return where_; }

 private:
  std::source_location where_;
};

[[noreturn]] void contract_violated(std::string_view claim, const std::source_location& where);

// The claim is phrased positively: what holds, not what went wrong.
inline void check(bool condition, std::string_view claim,
                  const std::source_location& where = std::source_location::current()) {
  if (!condition) [[unlikely]]
    contract_violated(claim, where);
}

}  // namespace orrery
