// Records of the write-ahead log and .snap files, as trees.
//   used by: dump.h    uses: proto (codecs), payload.h, wire_tree.h
//   ideas:   a record that cannot be read is shown with the reason, beside the others: a dump goes on.
//            `re_encode` turns what was read into bytes again, so that "decodes and encodes to the
//            same bytes" can be asked of any file.
//   from: etcd server/storage/wal/walpb, raft/raftpb; facts "formats" 2.3 to 2.5
#pragma once

#include <optional>

#include "base/blob.h"
#include "datadir/tree.h"
#include "proto/raftpb.h"
#include "proto/walpb.h"

namespace orrery::datadir {

// What the record's data say, in an object named after the record's type.
Tree describe(const walpb::Record& record);
// The payload of an entry: a request, a conf change, or the empty entry of a new leader.
Tree describe_payload(const raftpb::Entry& entry);
// A snapshot's metadata; its data only by size and kind (3.4: the v2 store).
Tree describe(const raftpb::Snapshot& snapshot);
Tree describe(const raftpb::ConfState& state);

// The record's data, decoded and encoded; nothing when they cannot be decoded.
std::optional<Bytes> re_encode(const walpb::Record& record);

}  // namespace orrery::datadir
