// walpb: the records of the write-ahead log and the envelope of a .snap file, as plain values.
//   used by: wal, lang (dump-logs)    uses: raftpb    bytes: walpb_codec.h
//   from: etcd server/storage/wal/walpb/record.proto, server/etcdserver/api/snap/snappb/snap.proto
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/blob.h"
#include "base/strong.h"
#include "proto/raftpb.h"

namespace orrery::walpb {

// Numbers are the file's.
enum class RecordType : std::uint8_t { Metadata = 1, Entry = 2, State = 3, Crc = 4, Snapshot = 5 };

std::string_view to_text(RecordType type);

struct Record {
  RecordType type = RecordType::Metadata;
  std::uint32_t crc = 0;  // the chain's value after `data`; in a Crc record: before this file
  Blob data;              // the encoded entry, state, ...; none in a Crc record

  template <class F>
  void fields(F&& f) const {
    f("type", type), f("crc", crc), f("data", data);
  }

  friend bool operator==(const Record&, const Record&) = default;
};

// Says that a .snap file for this position was complete before the record was written.
struct Snapshot {
  Index index;
  Term term;
  std::optional<raftpb::ConfState> conf_state;  // written since 3.5; not in the {0, 0} of a new log

  template <class F>
  void fields(F&& f) const {
    f("index", index), f("term", term), f("conf_state", conf_state);
  }

  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

// Whose log it is; the same in every file of a log.
struct Metadata {
  NodeId node_id;
  std::uint64_t cluster_id = 0;

  template <class F>
  void fields(F&& f) const {
    f("node_id", node_id), f("cluster_id", cluster_id);
  }

  friend bool operator==(const Metadata&, const Metadata&) = default;
};

}  // namespace orrery::walpb

namespace orrery::snappb {

// A .snap file: a raftpb.Snapshot's bytes and their checksum.
struct Snapshot {
  std::uint32_t crc = 0;  // CRC-32C of `data`
  Blob data;

  template <class F>
  void fields(F&& f) const {
    f("crc", crc), f("data", data);
  }

  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace orrery::snappb
