// Digest: a 64-bit function of content, never of shape, sharing, address or capacity.
//   used by: every value a World holds; the persistent structures remember it per node
//   ideas:   a struct names its fields once, in a member template
//                template <class F> void fields(F&& f) const { f("term", term); f("vote", vote); }
//            and gets its digest, its tree in the inspector and its difference from another value
//            from that one list. Scalars, strings, optionals, pairs, vectors and variants are known here.
//   invariant: equal values have equal digests, in every build and on every machine.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/strong.h"

namespace orrery {

using Digest = std::uint64_t;

// A bijective mixer (the finalizer of SplitMix64): neighbouring inputs give unrelated outputs.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// Order matters: combine(combine(s, a), b) differs from combine(combine(s, b), a).
constexpr Digest combine(Digest seed, std::uint64_t value) {
  return mix(seed ^ mix(value));
}

// For 32 bytes and more: file blocks, large values.
Digest digest_long(std::string_view bytes);

inline Digest digest_bytes(std::string_view bytes) {
  if (bytes.size() >= 32) return digest_long(bytes);
  Digest out = mix(bytes.size());
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;  // little endian on every machine we run on
    std::memcpy(&word, bytes.data() + i, 8);
    out = combine(out, word);
  }
  std::uint64_t tail = 0;
  if (i < bytes.size()) std::memcpy(&tail, bytes.data() + i, bytes.size() - i);
  return combine(out, tail);
}

template <class T>
concept HasDigest = requires(const T& value) {
  { value.digest() } -> std::same_as<Digest>;
};

struct AnyField {
  template <class T>
  void operator()(const char* name, const T& value) const;
};

template <class T>
concept HasFields = requires(const T& value) { value.fields(AnyField{}); };

template <class T>
struct IsVariant : std::false_type {};
template <class... Ts>
struct IsVariant<std::variant<Ts...>> : std::true_type {};

template <class T>
concept StdRange = requires(const T& range) {
  range.begin();
  range.end();
  range.size();
};

template <class T>
Digest digest_of(const T& value);
template <class Tag, class Rep>
Digest digest_of(const Strong<Tag, Rep>& value);
template <class T>
Digest digest_of(const std::optional<T>& value);
template <class A, class B>
Digest digest_of(const std::pair<A, B>& value);

namespace digest_detail {

template <class T>
Digest of_range(const T& range) {
  Digest out = mix(range.size());
  for (const auto& item : range) out = combine(out, digest_of(item));
  return out;
}

}  // namespace digest_detail

template <class Tag, class Rep>
Digest digest_of(const Strong<Tag, Rep>& value) {
  return mix(static_cast<std::uint64_t>(value.value()));
}

template <class T>
Digest digest_of(const std::optional<T>& value) {
  return value ? combine(1, digest_of(*value)) : mix(0);
}

template <class A, class B>
Digest digest_of(const std::pair<A, B>& value) {
  return combine(digest_of(value.first), digest_of(value.second));
}

template <class T>
Digest digest_of(const T& value) {
  if constexpr (HasDigest<T>) {
    return value.digest();
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    return mix(static_cast<std::uint64_t>(value));
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return digest_bytes(value);
  } else if constexpr (IsVariant<T>::value) {
    return std::visit(
        [&](const auto& held) { return combine(mix(value.index()), digest_of(held)); }, value);
  } else if constexpr (HasFields<T>) {
    Digest out = 0;
    value.fields([&](const char*, const auto& field) { out = combine(out, digest_of(field)); });
    return out;
  } else if constexpr (StdRange<T>) {
    return digest_detail::of_range(value);
  } else {
    static_assert(std::is_empty_v<T>, "give the type fields() or digest()");
    return mix(0);
  }
}

}  // namespace orrery
