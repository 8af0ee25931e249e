// Field codec: protobuf's wire format straight from a message's own list of fields.
//   used by: services_codec.cc alone
//   ideas:   the position of a field in fields() is its number on the wire. Zero and empty fields are left out, a
//            struct that is no optional is always written, as etcd's Go structs are.
//   invariant: decoding what encode() wrote gives an equal value; fields nobody knows are skipped.
//   from: protobuf's encoding guide
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/digest.h"
#include "proto/wire.h"

namespace orrery::wire {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
concept IsStrong = requires(const T& value) {
  typename T::rep;
  value.value();
};
template <class T>
concept IsText = std::is_same_v<T, std::string> || std::is_same_v<T, Blob>;

template <class M>
Bytes encode_fields(const M& message);

class FieldWriter {
 public:
  template <class T>
  void operator()(const char* /*name*/, const T& value) {
    ++field_;
    write(value, false);
  }

  Bytes take() { return std::move(out_); }

 private:
  void tag(unsigned type) { append_varint(out_, field_ << 3U | type); }

  void bytes(BytesView value) {
    tag(2);
    append_varint(out_, value.size());
    out_.append(value);
  }

  void number(std::uint64_t value) {
    if (value == 0) return;
    tag(0);
    append_varint(out_, value);
  }

  template <class T>
  void write(const T& value, bool even_if_empty) {
    if constexpr (IsOptional<T>::value) {
      if (value) write(*value, true);
    } else if constexpr (IsVector<T>::value) {
      for (const auto& item : value) write(item, true);
    } else if constexpr (IsText<T>) {
      if (even_if_empty || !value.empty()) bytes(value);
    } else if constexpr (IsStrong<T>) {
      number(static_cast<std::uint64_t>(value.value()));
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      number(static_cast<std::uint64_t>(value));
    } else {
      bytes(encode_fields(value));
    }
  }

  Bytes out_;
  std::uint64_t field_ = 0;
};

template <class M>
Bytes encode_fields(const M& message) {
  FieldWriter writer;
  message.fields(writer);
  return writer.take();
}

// One field as it stands in the bytes.
struct RawField {
  std::uint64_t field = 0;
  std::uint64_t number = 0;  // of a varint
  BytesView bytes;           // of a length-delimited one
  bool is_bytes = false;
};

// Takes the next field off `rest`. False = the bytes are no field.
bool take_field(BytesView& rest, RawField& out);

template <class M>
bool decode_fields(BytesView bytes, M& out, Faults& faults);

// Puts one raw field where it belongs.
class FieldReader {
 public:
  FieldReader(const RawField& raw, Faults& faults) : raw_(raw), faults_(faults) {}

  template <class T>
  void operator()(const char* name, const T& value) {
    if (++field_ != raw_.field) return;
    // fields() shows a message as it is; the one being decoded is the decoder's own.
    read(name, const_cast<T&>(value));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }

 private:
  template <class T>
  void read(const char* name, T& value) {
    if constexpr (IsOptional<T>::value) {
      read(name, value ? *value : value.emplace());
    } else if constexpr (IsVector<T>::value) {
      value.emplace_back();
      read(name, value.back());
    } else if constexpr (IsText<T>) {
      if (expect(name, true)) value = T(raw_.bytes);
    } else if constexpr (IsStrong<T>) {
      if (expect(name, false)) value = T(static_cast<typename T::rep>(raw_.number));
    } else if constexpr (std::is_enum_v<T>) {
      if (expect(name, false)) value = enumerator(name, last_of(T{}));
    } else if constexpr (std::is_integral_v<T>) {
      if (expect(name, false)) value = static_cast<T>(raw_.number);
    } else if (expect(name, true) && !decode_fields(raw_.bytes, value, faults_)) {
      faults_.add(Errc::Corrupt, text("{} is no message", name));
    }
  }

  template <class E>
  E enumerator(const char* name, E last) {
    if (raw_.number <= static_cast<std::uint64_t>(last)) return static_cast<E>(raw_.number);
    faults_.add(Errc::Corrupt, text("{} {} is unknown", name, raw_.number));
    return E{};
  }

  bool expect(const char* name, bool is_bytes) {
    if (raw_.is_bytes == is_bytes) return true;
    faults_.add(Errc::Corrupt, text("{} has the wrong wire type", name));
    return false;
  }

  const RawField& raw_;
  Faults& faults_;
  std::uint64_t field_ = 0;
};

template <class M>
bool decode_fields(BytesView bytes, M& out, Faults& faults) {
  while (!bytes.empty()) {
    RawField raw;
    if (!take_field(bytes, raw)) return false;
    FieldReader reader(raw, faults);
    out.fields(reader);
  }
  return true;
}

}  // namespace orrery::wire
