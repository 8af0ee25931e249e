#include "proto/walpb_codec.h"

#include <limits>
#include <optional>
#include <raftpb.pb.h>
#include <snappb.pb.h>
#include <utility>
#include <walpb.pb.h>

#include "proto/raftpb_wire.h"
#include "proto/wire.h"

namespace orrery::walpb {

std::string_view to_text(RecordType type) {
  switch (type) {
    case RecordType::Metadata: return "metadata";
    case RecordType::Entry: return "entry";
    case RecordType::State: return "state";
    case RecordType::Crc: return "crc";
    case RecordType::Snapshot: return "snapshot";
  }
  return "unknown";
}

std::size_t encoded_record_size(std::uint32_t crc, std::size_t data_size) {
  const std::size_t head = 2 + wire::varint_field_size(crc);
  return data_size == 0 ? head : head + wire::bytes_field_size(data_size);
}

void append_record_head(Bytes& out, RecordType type, std::uint32_t crc, std::size_t data_size) {
  wire::ShortFields head;
  head.add(1, static_cast<std::uint64_t>(type));
  head.add(2, crc);
  if (data_size != 0) head.add_bytes_head(3, data_size);
  out.append(head.view());
}

Bytes encode(const Record& record) {
  Bytes out;
  out.reserve(encoded_record_size(record.crc, record.data.size()));
  append_record_head(out, record.type, record.crc, record.data.size());
  out.append(record.data.view());
  return out;
}

Bytes encode(const Snapshot& snapshot) {
  ::walpb::Snapshot out;
  out.set_index(snapshot.index.value());
  out.set_term(snapshot.term.value());
  if (snapshot.conf_state) raftpb::to_wire(*snapshot.conf_state, out.mutable_conf_state());
  return wire::serialized(out);
}

Bytes encode(const Metadata& metadata) {
  ::walpb::Metadata out;
  out.set_nodeid(metadata.node_id.value());
  out.set_clusterid(metadata.cluster_id);
  return wire::serialized(out);
}

namespace {

std::optional<Record> read_in_order(BytesView bytes) {
  wire::InOrder in(bytes);
  const std::uint64_t type = in.number(1);
  const std::uint64_t crc = in.number(2);
  const BytesView data = in.rest(3);
  const bool known = type >= 1 && type <= 5 && crc <= std::numeric_limits<std::uint32_t>::max();
  if (!in.ok() || !known) return std::nullopt;
  return Record{.type = static_cast<RecordType>(type),
                .crc = static_cast<std::uint32_t>(crc),
                .data = Blob(data)};
}

}  // namespace

Result<Record> decode_record(BytesView bytes) {
  if (auto record = read_in_order(bytes)) return std::move(*record);
  return wire::parsed<::walpb::Record>(
      bytes, "walpb.Record", [](const ::walpb::Record& in, wire::Faults& faults) {
        const bool known = in.type() >= 1 && in.type() <= 5;
        if (!known) faults.add(Errc::Corrupt, text("record type {} is unknown", in.type()));
        return Record{.type = known ? static_cast<RecordType>(in.type()) : RecordType::Metadata,
                      .crc = in.crc(),
                      .data = Blob(in.data())};
      });
}

Result<Snapshot> decode_snapshot(BytesView bytes) {
  return wire::parsed<::walpb::Snapshot>(
      bytes, "walpb.Snapshot", [](const ::walpb::Snapshot& in, wire::Faults& faults) {
        Snapshot out{.index = Index(in.index()), .term = Term(in.term()), .conf_state = {}};
        if (in.has_conf_state()) out.conf_state = raftpb::from_wire(in.conf_state(), faults);
        return out;
      });
}

Result<Metadata> decode_metadata(BytesView bytes) {
  return wire::parsed<::walpb::Metadata>(
      bytes, "etcdserverpb.Metadata", [](const ::walpb::Metadata& in, wire::Faults&) {
        return Metadata{.node_id = NodeId(in.nodeid()), .cluster_id = in.clusterid()};
      });
}

}  // namespace orrery::walpb

namespace orrery::snappb {

Bytes encode(const Snapshot& snapshot) {
  ::snappb::Snapshot out;
  out.set_crc(snapshot.crc);
  if (!snapshot.data.empty()) out.set_data(std::string(snapshot.data.view()));
  return wire::serialized(out);
}

Result<Snapshot> decode_snapshot(BytesView bytes) {
  return wire::parsed<::snappb::Snapshot>(
      bytes, "snappb.Snapshot", [](const ::snappb::Snapshot& in, wire::Faults&) {
        return Snapshot{.crc = in.crc(), .data = Blob(in.data())};
      });
}

}  // namespace orrery::snappb
