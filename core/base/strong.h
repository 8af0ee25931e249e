// Strong numbers: a Term is not an Index, and the compiler knows it.
//   used by: everything            uses: nothing
//   ideas:   same-kind difference gives a plain count; kind + count gives the kind; nothing converts
//            implicitly either way. value() is the way out, for printing and for bytes.
//   from: style of ScyllaDB's tagged_integer, without arithmetic between kinds
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace orrery {

template <class Tag, class Rep = std::uint64_t>
class Strong {
 public:
  using rep = Rep;
  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(Strong, Strong) = default;

  friend constexpr Strong operator+(Strong a, Rep count) { return Strong(a.value_ + count); }
  friend constexpr Strong operator-(Strong a, Rep count) { return Strong(a.value_ - count); }
  friend constexpr Rep operator-(Strong a, Strong b) { return a.value_ - b.value_; }

  constexpr Strong& operator++() {
    ++value_;
    return *this;
  }
  constexpr Strong& operator--() {
    --value_;
    return *this;
  }
  constexpr Strong& operator+=(Rep count) {
    value_ += count;
    return *this;
  }
  constexpr Strong& operator-=(Rep count) {
    value_ -= count;
    return *this;
  }

 private:
  Rep value_ = 0;
};

template <class Tag, class Rep>
std::string to_text(Strong<Tag, Rep> number) {
  return std::to_string(number.value());
}

// Raft's logical time; 0 = before the first election.
using Term = Strong<struct TermTag>;
// A position in the Raft log; the first entry has 1, 0 = none.
using Index = Strong<struct IndexTag>;
// Raft's and etcd's member id; 0 = none.
using NodeId = Strong<struct NodeIdTag>;
// etcd's lease id; 0 = none.
using LeaseId = Strong<struct LeaseIdTag, std::int64_t>;
// Virtual time since the world began. units: nanoseconds.
using Nanos = Strong<struct NanosTag, std::int64_t>;

constexpr Nanos millis(std::int64_t count) {
  return Nanos(count * 1'000'000);
}
constexpr Nanos seconds(std::int64_t count) {
  return Nanos(count * 1'000'000'000);
}

}  // namespace orrery
