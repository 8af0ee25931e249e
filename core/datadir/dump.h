// dump: what `orrery dump-logs`, `dump-db`, `diff-db` and `check-db` print, record by record.
//   used by: cli, tests    uses: disk (a data directory read into it), wal, backend, mvcc
//   ideas:   everything goes through a sink, one tree a record, so that a file of any size is printed as it is read.
//            Works on our files and on a stock etcd's of 3.4, 3.5, 3.6 alike, and changes nothing.
//   from: etcd tools etcd-dump-logs, etcd-dump-db; bbolt cmd (check)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/inspect.h"
#include "base/result.h"
#include "base/sequence.h"
#include "datadir/tree.h"
#include "disk/disk.h"

namespace orrery::datadir {

// A call's parameter, never a member.
using Sink = std::function<void(const Tree&)>;

// Every .snap file, then every record of member/wal, each segment closed by a line that says how it ends.
// False = some record or file is damaged (it was shown with the reason). Errors: there is no log.
Result<bool> dump_logs(const disk::Disk& disk, const Sink& sink);

// A file in blocks of 4096 bytes.
Sequence<Blob> blocks_of(BytesView file);

// Every row of every bucket, behind a line a bucket. Errors: the faults that keep it from being read.
Result<void> dump_db(const Sequence<Blob>& blocks, const Sink& sink);

// Rows that are in one file alone or have other values, in key order: `only_a`, `only_b`, `differs`. True = equal.
Result<bool> diff_db(const Sequence<Blob>& a, const Sequence<Blob>& b, const Sink& sink);

struct CheckOptions {
  std::optional<std::int64_t> hash_kv;  // of this revision, 0 = the current one
};

// A line for each fault; then a summary, and HashKV when asked for. True = no fault.
Result<bool> check_db(const Sequence<Blob>& blocks, const CheckOptions& options, const Sink& sink);

}  // namespace orrery::datadir
