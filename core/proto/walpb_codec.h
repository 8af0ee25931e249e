// walpb's and snappb's bytes, exactly as etcd writes them.
//   used by: wal    uses: walpb.h    schema: walpb.proto, snappb.proto
//   ideas:   scalar fields are always written; a record's data are left out when empty.
//   from: etcd server/storage/wal/walpb/record.pb.go, server/etcdserver/api/snap/snappb/snap.pb.go
#pragma once

#include <cstddef>

#include "base/blob.h"
#include "base/result.h"
#include "proto/walpb.h"

namespace orrery::walpb {

Bytes encode(const Record& record);
Bytes encode(const Snapshot& snapshot);
Bytes encode(const Metadata& metadata);

// A record's bytes before its data, when the data are `data_size` bytes long.
void append_record_head(Bytes& out, RecordType type, std::uint32_t crc, std::size_t data_size);
// The length of a whole record.
std::size_t encoded_record_size(std::uint32_t crc, std::size_t data_size);

Result<Record> decode_record(BytesView bytes);
Result<Snapshot> decode_snapshot(BytesView bytes);
Result<Metadata> decode_metadata(BytesView bytes);

}  // namespace orrery::walpb

namespace orrery::snappb {

Bytes encode(const Snapshot& snapshot);
Result<Snapshot> decode_snapshot(BytesView bytes);

}  // namespace orrery::snappb
