// Rows of the backend's buckets, as trees.
//   used by: dump.h    uses: mvcc (revisions), wire_tree.h
//   ideas:   each bucket of etcd's has its own kind of key and value; a row that is not what its bucket holds, and a
//            bucket that is not etcd's, are shown as bytes.
//   from: etcd server/storage/schema; facts "formats" 2.2
#pragma once

#include <optional>
#include <string_view>

#include "base/blob.h"
#include "datadir/tree.h"

namespace orrery::datadir {

// kind = the bucket's name.
Tree describe_row(std::string_view bucket, BytesView key, BytesView value);

// Key and value read into values and written again, one behind the other; nothing when they cannot be read.
std::optional<Bytes> re_encode_row(std::string_view bucket, BytesView key, BytesView value);

}  // namespace orrery::datadir
