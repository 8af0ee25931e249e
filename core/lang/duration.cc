#include "lang/duration.h"

#include <array>
#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace orrery::lang {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};

constexpr std::array<Unit, 6> kUnits{{{"h", 3'600'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"s", 1'000'000'000},
                                      {"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"ns", 1}}};

// The unit's letters at the start of the text: as many as are letters.
const Unit* unit_at(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
  for (const Unit& unit : kUnits) {
    if (unit.name == text.substr(0, length)) return &unit;
  }
  return nullptr;
}

}  // namespace

std::optional<Nanos> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
    if (read.ec != std::errc{} || count < 0 || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    const Unit* unit = unit_at(text);
    if (unit == nullptr) return std::nullopt;
    std::int64_t part = 0;
    if (__builtin_mul_overflow(count, unit->nanos, &part)) return std::nullopt;
    if (__builtin_add_overflow(total, part, &total)) return std::nullopt;
    text.remove_prefix(unit->name.size());
  }
  return Nanos(total);
}

std::string duration_text(Nanos duration) {
  std::int64_t left = duration.value();
  if (left == 0) return "0s";
  std::string out = left < 0 ? "-" : "";
  for (const Unit& unit : kUnits) {
    const std::int64_t count = left / unit.nanos;
    left -= count * unit.nanos;
    if (count != 0) out += std::to_string(count < 0 ? -count : count) + std::string(unit.name);
  }
  return out;
}

std::string clock_text(Nanos moment) {
  const std::int64_t micros = moment.value() / 1'000;
  return text("{}.{:06}s", micros / 1'000'000, micros % 1'000'000);
}

}  // namespace orrery::lang
