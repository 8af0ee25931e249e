// raftpb's bytes, exactly as etcd writes them.
//   used by: raft (sizes), wal, server    uses: raftpb.h    schema: raftpb.proto
//   ideas:   scalar fields are always written, zero or not; bytes are left out when empty. Decoding takes fields in any
//            order and skips unknown ones; what cannot be read, or has an enum number nobody knows,
//            is Errc::Corrupt. Entries and hard states are written by hand (each put passes here on
//            each member); a test holds them equal to libprotobuf's bytes.
//   from: etcd raft raftpb/raft.pb.go (Marshal, Size)
#pragma once

#include <cstddef>

#include "base/blob.h"
#include "base/result.h"
#include "proto/raftpb.h"

namespace orrery::raftpb {

Bytes encode(const Entry& entry);
Bytes encode(const HardState& state);
Bytes encode(const ConfState& state);
Bytes encode(const Snapshot& snapshot);
Bytes encode(const ConfChange& change);
Bytes encode(const ConfChangeV2& change);
Bytes encode(const Message& message);

// The length of encode(entry), without encoding it.
std::size_t encoded_size(const Entry& entry);
std::size_t encoded_size(const HardState& state);
// Adds the bytes of encode(x) to `out`.
void append_encoded(Bytes& out, const Entry& entry);
void append_encoded(Bytes& out, const HardState& state);

Result<Entry> decode_entry(BytesView bytes);
Result<HardState> decode_hard_state(BytesView bytes);
Result<ConfState> decode_conf_state(BytesView bytes);
Result<Snapshot> decode_snapshot(BytesView bytes);
Result<ConfChange> decode_conf_change(BytesView bytes);
Result<ConfChangeV2> decode_conf_change_v2(BytesView bytes);
Result<Message> decode_message(BytesView bytes);

}  // namespace orrery::raftpb
