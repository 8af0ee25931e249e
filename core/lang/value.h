// Value: what an expression comes to.
//   used by: expression evaluation, whoever answers state terms (the binding to the World)
//   ideas:   four kinds. A duration or an instant is an integer of nanoseconds; the name of a member,
//            client, watch, role is a string ("" = none). The checker, not the value, tells them apart.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace orrery::lang {

struct Value {
  std::variant<std::int64_t, bool, std::string, std::vector<Value>> held;

  Value() = default;

  Value(std::int64_t number) : held(number) {}  // NOLINT: a value is its content

  Value(bool truth) : held(truth) {}  // NOLINT

  Value(std::string words) : held(std::move(words)) {}  // NOLINT

  Value(const char* words) : held(std::string(words)) {}  // NOLINT

  Value(std::vector<Value> items) : held(std::move(items)) {}  // NOLINT

  template <class F>
  void fields(F&& f) const {
    f("held", held);
  }

  friend bool operator==(const Value&, const Value&) = default;
};

// As it would stand in an expression: 5, true, "text", [1, 2].
std::string to_text(const Value& value);

}  // namespace orrery::lang
