#include "base/check.h"

#include "base/text.h"

namespace orrery {

ContractViolation::ContractViolation(std::string_view claim, const std::source_location& where)
    : std::logic_error(text("{}:{}: {}: does not hold: {}", where.file_name(), where.line(),
                            where.function_name(), claim)),
      where_(where) {}

void contract_violated(std::string_view claim, const std::source_location& where) {
  throw ContractViolation(claim, where);
}

}  // namespace orrery
