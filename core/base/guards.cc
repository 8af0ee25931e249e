#include "base/guards.h"

#include "base/text.h"

namespace orrery {

void Guards::record(bool condition, std::string_view claim, std::initializer_list<Fact> facts,
                    const std::source_location& where) const {
  GuardRecord out;
  out.claim = claim;
  out.held = condition;
  for (const Fact& fact : facts) out.facts.emplace_back(std::string(fact.name), fact.value);
  const std::string_view file = where.file_name();
  const auto core = file.rfind("core/");
  out.file = core == std::string_view::npos ? file : file.substr(core);
  out.function = where.function_name();
  out.line = where.line();
  sink_->push_back(std::move(out));
}

std::string to_text(const GuardRecord& record) {
  std::string numbers;
  for (const auto& [name, value] : record.facts) {
    numbers += text("{}{} {}", numbers.empty() ? "" : ", ", name, value);
  }
  return text("{}: {}{}  [{}:{}]", record.held ? "yes" : "no", record.claim,
              numbers.empty() ? "" : " (" + numbers + ")", record.file, record.line);
}

}  // namespace orrery
