// The few lines of protobuf's wire format that the hot codecs write themselves, and what all codecs
// do with libprotobuf's classes. Only the .cc files of this folder include it.
//   from: protobuf's encoding guide (varint; tag = field << 3 | type)
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <climits>

#include "base/blob.h"
#include "base/result.h"
#include "base/text.h"

namespace orrery::wire {

constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t out = 1;
  for (; value >= 0x80; value >>= 7) ++out;
  return out;
}

inline void append_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// Field numbers below 16: the tag is one byte.
constexpr std::size_t varint_field_size(std::uint64_t value) {
  return 1 + varint_size(value);
}

inline void append_varint_field(Bytes& out, unsigned field, std::uint64_t value) {
  out.push_back(static_cast<char>(field << 3));
  append_varint(out, value);
}

// A few numbers in a row, put together in place: their bytes are appended at once instead of one by one.
class ShortFields {
 public:
  // requires: at most four fields
  void add(unsigned field, std::uint64_t value) { put(field << 3, value); }

  void add_bytes_head(unsigned field, std::size_t size) { put(field << 3 | 2, size); }

  BytesView view() const { return {bytes_.data(), size_}; }

 private:
  static constexpr std::size_t kFieldBytes = 11;  // at most: a tag and ten of a varint

  void put(unsigned tag, std::uint64_t value) {
    bytes_[size_++] = static_cast<char>(tag);
    for (; value >= 0x80; value >>= 7) bytes_[size_++] = static_cast<char>(value | 0x80);
    bytes_[size_++] = static_cast<char>(value);
  }

  std::array<char, 4 * kFieldBytes> bytes_;  // those from size_ on are meaningless
  std::size_t size_ = 0;
};

constexpr std::size_t bytes_field_size(std::size_t size) {
  return 1 + varint_size(size) + size;
}

inline void append_bytes_field_head(Bytes& out, unsigned field, std::size_t size) {
  out.push_back(static_cast<char>(field << 3 | 2));
  append_varint(out, size);
}

inline void append_bytes_field(Bytes& out, unsigned field, BytesView bytes) {
  append_bytes_field_head(out, field, bytes.size());
  out.append(bytes);
}

// Reads fields that stand as etcd writes them: in the order of their numbers, each varint as short as it can be.
// Whatever stands otherwise is left to libprotobuf: ok() is false then, and what was read means nothing.
class InOrder {
 public:
  explicit InOrder(BytesView bytes) : bytes_(bytes) {}

  // True = every byte was understood.
  bool ok() const { return ok_ && bytes_.empty(); }

  bool at(unsigned field, unsigned type) const {
    return ok_ && !bytes_.empty() &&
           static_cast<unsigned char>(bytes_.front()) == (field << 3 | type);
  }

  std::uint64_t number(unsigned field) {
    if (!at(field, 0)) return give_up();
    bytes_.remove_prefix(1);
    return varint();
  }

  // The rest of the bytes, which must be this field.
  BytesView rest(unsigned field) {
    if (!at(field, 2)) return {};
    bytes_.remove_prefix(1);
    if (varint() != bytes_.size() || bytes_.empty()) ok_ = false;
    const BytesView out = bytes_;
    bytes_ = {};
    return out;
  }

 private:
  std::uint64_t give_up() {
    ok_ = false;
    return 0;
  }

  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      out |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return byte == 0 && shift != 0 ? give_up() : out;
    }
    return give_up();
  }

  BytesView bytes_;
  bool ok_ = true;
};

// Collects the first thing that is wrong inside a message whose bytes could be parsed.
class Faults {
 public:
  // The enum value, or its first enumerator and a fault when the number is above `last`.
  template <class E>
  E checked(int number, E last, std::string_view what, Errc code = Errc::Corrupt) {
    if (number >= 0 && number <= static_cast<int>(last)) return static_cast<E>(number);
    add(code, text("{} {} is unknown", what, number));
    return E{};
  }

  void add(Errc code, std::string detail) {
    if (error_.detail.empty()) error_ = Error{.code = code, .detail = std::move(detail)};
  }

  bool any() const { return !error_.detail.empty(); }

  const Error& error() const { return error_; }

 private:
  Error error_;
};

template <class Wire>
Bytes serialized(const Wire& message) {
  return message.SerializeAsString();
}

// Parses `bytes` as a Wire and turns it into a value by `from_wire(message, faults)`.
template <class Wire, class FromWire>
auto parsed(BytesView bytes, std::string_view name, FromWire from_wire)
    -> Result<decltype(from_wire(std::declval<const Wire&>(), std::declval<Faults&>()))> {
  Wire message;
  if (bytes.size() > INT_MAX ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(Errc::Corrupt, text("{} bytes are no {}", bytes.size(), name));
  }
  Faults faults;
  auto value = from_wire(message, faults);
  if (faults.any()) {
    return fail(faults.error().code, text("{}: {}", name, faults.error().detail));
  }
  return value;
}

}  // namespace orrery::wire
