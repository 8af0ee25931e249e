#include "proto/mvccpb_codec.h"

#include <mvccpb.pb.h>
#include <optional>
#include <utility>

#include "proto/mvccpb_wire.h"
#include "proto/wire.h"

namespace orrery::mvccpb {
namespace {

std::uint64_t as_unsigned(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

std::size_t number_size(std::int64_t value) {
  return value == 0 ? 0 : wire::varint_field_size(as_unsigned(value));
}

std::size_t bytes_size(const Blob& bytes) {
  return bytes.empty() ? 0 : wire::bytes_field_size(bytes.size());
}

void append_number(Bytes& out, unsigned field, std::int64_t value) {
  if (value != 0) wire::append_varint_field(out, field, as_unsigned(value));
}

void append_bytes(Bytes& out, unsigned field, const Blob& bytes) {
  if (!bytes.empty()) wire::append_bytes_field(out, field, bytes.view());
}

// A field's first byte. units: type 0 = number, 2 = bytes
constexpr unsigned tag(unsigned field, unsigned type) {
  return field << 3 | type;
}

// Reads a KeyValue as encode() writes it: each field at most one byte of tag, numbers of at most nine bytes.
// Whatever else there may be is left to libprotobuf.
class PlainReader {
 public:
  explicit PlainReader(BytesView bytes) : rest_(bytes) {}

  std::optional<KeyValueView> key_value() {
    KeyValueView out;
    while (fine_ && !rest_.empty()) {
      switch (take()) {
        case tag(1, 2): out.key = bytes(); break;
        case tag(2, 0): out.create_revision = number(); break;
        case tag(3, 0): out.mod_revision = number(); break;
        case tag(4, 0): out.version = number(); break;
        case tag(5, 2): out.value = bytes(); break;
        case tag(6, 0): out.lease = LeaseId(number()); break;
        default: return std::nullopt;
      }
    }
    if (!fine_) return std::nullopt;
    return out;
  }

 private:
  unsigned take() {
    if (rest_.empty()) {
      fine_ = false;
      return 0;
    }
    const auto out = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return out;
  }

  std::int64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const unsigned byte = take();
      out |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return static_cast<std::int64_t>(out);
    }
    fine_ = false;
    return 0;
  }

  BytesView bytes() {
    const auto size = static_cast<std::uint64_t>(number());
    if (size > rest_.size()) fine_ = false;
    if (!fine_) return {};
    const BytesView out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }

  BytesView rest_;
  bool fine_ = true;
};

}  // namespace

std::size_t encoded_size(const KeyValue& kv) {
  return bytes_size(kv.key) + number_size(kv.create_revision) + number_size(kv.mod_revision) +
         number_size(kv.version) + bytes_size(kv.value) + number_size(kv.lease.value());
}

std::size_t encoded_size(const Event& event) {
  const std::size_t type = event.type == EventType::Put ? 0 : 2;
  const std::size_t kv = wire::bytes_field_size(encoded_size(event.kv));
  return type + kv + (event.prev_kv ? wire::bytes_field_size(encoded_size(*event.prev_kv)) : 0);
}

void append_encoded(Bytes& out, const KeyValue& kv) {
  append_bytes(out, 1, kv.key);
  append_number(out, 2, kv.create_revision);
  append_number(out, 3, kv.mod_revision);
  append_number(out, 4, kv.version);
  append_bytes(out, 5, kv.value);
  append_number(out, 6, kv.lease.value());
}

Bytes encode(const KeyValue& kv) {
  Bytes out;
  out.reserve(encoded_size(kv));
  append_encoded(out, kv);
  return out;
}

Bytes encode(const Event& event) {
  ::mvccpb::Event out;
  to_wire(event, &out);
  return wire::serialized(out);
}

void to_wire(const KeyValue& kv, ::mvccpb::KeyValue* out) {
  out->set_key(std::string(kv.key.view()));
  out->set_create_revision(kv.create_revision);
  out->set_mod_revision(kv.mod_revision);
  out->set_version(kv.version);
  out->set_value(std::string(kv.value.view()));
  out->set_lease(kv.lease.value());
}

void to_wire(const Event& event, ::mvccpb::Event* out) {
  out->set_type(static_cast<::mvccpb::Event_EventType>(event.type));
  to_wire(event.kv, out->mutable_kv());
  if (event.prev_kv) to_wire(*event.prev_kv, out->mutable_prev_kv());
}

KeyValue from_wire(const ::mvccpb::KeyValue& in, wire::Faults&) {
  return KeyValue{.key = Blob(in.key()),
                  .create_revision = in.create_revision(),
                  .mod_revision = in.mod_revision(),
                  .version = in.version(),
                  .value = Blob(in.value()),
                  .lease = LeaseId(in.lease())};
}

Event from_wire(const ::mvccpb::Event& in, wire::Faults& faults) {
  Event out{.type = faults.checked(in.type(), EventType::Delete, "event type"),
            .kv = from_wire(in.kv(), faults),
            .prev_kv = {}};
  if (in.has_prev_kv()) out.prev_kv = from_wire(in.prev_kv(), faults);
  return out;
}

std::optional<KeyValueView> view_key_value(BytesView bytes) {
  return PlainReader(bytes).key_value();
}

Result<KeyValue> decode_key_value(BytesView bytes) {
  if (const auto plain = view_key_value(bytes)) {
    return KeyValue{.key = Blob(plain->key),
                    .create_revision = plain->create_revision,
                    .mod_revision = plain->mod_revision,
                    .version = plain->version,
                    .value = Blob(plain->value),
                    .lease = plain->lease};
  }
  return wire::parsed<::mvccpb::KeyValue>(
      bytes, "mvccpb.KeyValue",
      [](const ::mvccpb::KeyValue& in, wire::Faults& faults) { return from_wire(in, faults); });
}

Result<Event> decode_event(BytesView bytes) {
  return wire::parsed<::mvccpb::Event>(
      bytes, "mvccpb.Event",
      [](const ::mvccpb::Event& in, wire::Faults& faults) { return from_wire(in, faults); });
}

}  // namespace orrery::mvccpb
