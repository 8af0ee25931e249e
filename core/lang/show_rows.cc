#include "lang/show_rows.h"

#include <vector>

#include "base/big_endian.h"
#include "base/text.h"
#include "datadir/paths.h"
#include "mvcc/key_index.h"
#include "mvcc/meta_rows.h"
#include "mvcc/revision.h"

namespace orrery::lang {

namespace {

using backend::Backend;
using backend::Bucket;
using backend::View;

// A revision of several rows says which of them.
std::string bucket_row(const std::vector<mvcc::BucketKey>& rows, std::size_t i) {
  const mvcc::Revision at = rows[i].revision;
  const bool follows = i > 0 && rows[i - 1].revision.main == at.main;
  const bool goes_on = i + 1 < rows.size() && rows[i + 1].revision.main == at.main;
  const bool several = at.sub != 0 || follows || goes_on;
  return (several ? mvcc::to_text(at) : std::to_string(at.main)) + (rows[i].tombstone ? "t" : "");
}

std::string meta_text(const Backend& rows, BytesView name) {
  const auto revision = mvcc::read_meta_revision(rows, name);
  if (!revision) return "?";
  return *revision ? std::to_string(**revision) : "-";
}

std::string bucket_text(const Backend& backend) {
  std::vector<mvcc::BucketKey> rows;
  backend.range(View::Batch, Bucket::Key, "", "", 0, [&](BytesView key, BytesView) {
    if (const auto row = mvcc::decode_bucket_key(key)) rows.push_back(*row);
  });
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) out += (i == 0 ? "" : ",") + bucket_row(rows, i);
  return text("key={{{}}} sched={} fin={}", out, meta_text(backend, mvcc::kScheduledCompactRev),
              meta_text(backend, mvcc::kFinishedCompactRev));
}

std::uint64_t row_number(const Backend& backend, Bucket bucket, BytesView key,
                         std::uint64_t otherwise) {
  const auto value = backend.get(View::Batch, bucket, key);
  return value ? from_big_endian(value->view()).value_or(otherwise) : otherwise;
}

// The file as it is when the machine dies now.
std::string disk_text(const server::Member& member) {
  disk::Disk disk = member.disk();
  disk.crash({});
  const auto size = disk.size(datadir::kDbPath);
  if (!size) return "disk  " + size.error().detail + "\n";
  Sequence<Blob> blocks;
  for (std::uint64_t number = 0; number * disk::kBlockBytes < *size; ++number) {
    blocks.push_back(disk.block(datadir::kDbPath, number).value_or(Blob()));
  }
  const auto found = Backend::open(blocks);
  if (!found) return "disk  " + found.error().detail + "\n";
  return text("disk  {} ci={} authRev={}\n", bucket_text(*found),
              row_number(*found, Bucket::Meta, "consistent_index", 0),
              row_number(*found, Bucket::Auth, "authRevision", 1));
}

std::string_view type_text(rpc::PermissionType type) {
  switch (type) {
    case rpc::PermissionType::Read: return "read";
    case rpc::PermissionType::Write: return "write";
    case rpc::PermissionType::ReadWrite: return "readwrite";
  }
  return "";
}

}  // namespace

std::string show_bucket(const server::Member& member) {
  if (!member.up()) return disk_text(member);
  const server::Running& run = member.running();
  std::string index;
  for (const auto& [key, one] : run.store.index().keys()) {
    index += text(" {}{}", key.view(), mvcc::to_text(one));
  }
  return text("batch {} rev={} compacted={}\nindex{}\n", bucket_text(run.backend),
              run.store.current_revision(), run.store.compact_revision(),
              index.empty() ? " empty" : index) +
         disk_text(member);
}

std::string show_auth(const server::Running& run) {
  std::string out =
      text("auth {}, revision {}\n", run.auth.enabled() ? "on" : "off", run.auth.revision());
  for (const auto& [name, user] : run.auth.users()) {
    out += "user " + name + ":";
    for (const std::string& role : user.roles) out += " " + role;
    out += "\n";
  }
  for (const auto& [name, role] : run.auth.roles()) {
    out += "role " + name + ":";
    for (const rpc::Permission& one : role.permissions) {
      out += text(" {} {}", type_text(one.type), quoted(one.key.view()));
      if (!one.range_end.empty()) out += " to " + quoted(one.range_end.view());
    }
    out += "\n";
  }
  return out;
}

}  // namespace orrery::lang
