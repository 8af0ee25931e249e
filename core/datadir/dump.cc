#include "datadir/dump.h"

#include <algorithm>
#include <utility>

#include "backend/backend.h"
#include "base/text.h"
#include "datadir/paths.h"
#include "datadir/records.h"
#include "datadir/rows.h"
#include "mvcc/store.h"
#include "proto/walpb_codec.h"
#include "wal/record.h"
#include "wal/snap.h"
#include "wal/wal.h"

namespace orrery::datadir {
namespace {

std::string joined(std::string_view dir, const std::string& name) {
  return text("{}/{}", dir, name);
}

// True = the file is sound.
bool dump_snap(const disk::Disk& disk, const std::string& path, const Sink& sink) {
  Tree out = object("snap");
  out.add(words("file", path));
  const auto file = disk.read_all(path);
  const auto snapshot =
      file ? wal::decode_snap(*file) : Result<raftpb::Snapshot>(fail(file.error()));
  if (snapshot) {
    for (Tree& child : describe(*snapshot).children) out.children.push_back(std::move(child));
    if (!snapshot->data.empty()) out.add(json("v2store", snapshot->data));
  } else {
    out.add(words("error", snapshot.error().detail));
  }
  sink(out);
  return snapshot.has_value();
}

void dump_record(const std::string& name, const wal::Located& at, const Sink& sink) {
  const Tree what = describe(at.record);
  Tree out = object(what.name);
  out.add(words("file", name)).add(number("offset", at.offset));
  for (const Tree& child : what.children) out.add(child);
  sink(out);
}

struct Log {
  std::uint32_t chain = 0;
  bool sound = true;
};

void dump_segment(const disk::Disk& disk, const std::string& path, bool last, Log& log,
                  const Sink& sink) {
  const std::uint64_t size = disk.size(path).value_or(0);
  const Bytes stored = disk.read(path, 0, disk.stored_size(path).value_or(0)).value_or(Bytes());
  const wal::Segment segment =
      wal::decode_segment({.stored = stored, .file_size = size, .chain = log.chain, .last = last});
  for (const wal::Located& at : segment.records) dump_record(path, at, sink);
  Tree end = object("end");
  end.add(words("file", path)).add(number("offset", segment.end)).add(number("bytes", size));
  end.add(words("ending", wal::to_text(segment.ending))).add(id("chain", segment.chain));
  if (!segment.reason.empty()) end.add(words("error", segment.reason));
  sink(end);
  const bool is_sound =
      segment.ending == wal::Ending::EndOfFile || segment.ending == wal::Ending::Zeros;
  log.sound = log.sound && is_sound;
  log.chain = segment.chain;
}

backend::BucketRoot root_of(const backend::PageFile& file) {
  return backend::root_bucket(file.meta);
}

Result<backend::PageFile> open_pages(const Sequence<Blob>& blocks) {
  backend::Inspection found = backend::inspect(blocks);
  for (const backend::Fault& fault : found.faults) {
    if (fault.fatal) return fail(fault.torn ? Errc::Torn : Errc::Corrupt, fault.text);
  }
  return std::move(found.file);
}

void dump_rows(const backend::PageFile& file, const backend::BucketRoot& root,
               const std::string& path, const Sink& sink) {
  for (auto at = backend::TreeCursor::seek(file, root, ""); at.valid(); at.next()) {
    if (!at.is_bucket()) {
      sink(describe_row(path, at.key(), at.value()));
      continue;
    }
    const backend::BucketRoot inner = backend::decode_bucket_root(at.value());
    const std::string name = path.empty() ? Bytes(at.key()) : path + '/' + Bytes(at.key());
    Tree line = object("bucket");
    line.add(words("name", name)).add(number("root", inner.root.value()));
    line.add(boolean("inline", inner.root.value() == 0)).add(number("sequence", inner.sequence));
    sink(line);
    dump_rows(file, inner, name, sink);
  }
}

// A bucket's cursor in each of two files; nothing where a file lacks the bucket.
struct Side {
  const backend::PageFile& file;
  std::optional<backend::BucketRoot> root;

  backend::TreeCursor rows() const {
    return root ? backend::TreeCursor::seek(file, *root, "") : backend::TreeCursor();
  }
};

void show(std::string_view verdict, const Tree& row, const Sink& sink) {
  Tree out = object(std::string(verdict));
  out.add(words("bucket", row.name));
  for (const Tree& child : row.children) out.add(child);
  sink(out);
}

bool diff_bucket(const std::string& name, const Side& a, const Side& b, const Sink& sink) {
  bool equal = true;
  auto left = a.rows();
  auto right = b.rows();
  while (left.valid() || right.valid()) {
    const bool from_a = left.valid() && (!right.valid() || left.key() <= right.key());
    const bool from_b = right.valid() && (!left.valid() || right.key() <= left.key());
    if (!from_a || !from_b) {
      equal = false;
      const auto& one = from_a ? left : right;
      show(from_a ? "only_a" : "only_b", describe_row(name, one.key(), one.value()), sink);
    } else if (left.value() != right.value()) {
      equal = false;
      show("differs_a", describe_row(name, left.key(), left.value()), sink);
      show("differs_b", describe_row(name, right.key(), right.value()), sink);
    }
    if (from_a) left.next();
    if (from_b) right.next();
  }
  return equal;
}

using Roots = std::vector<std::pair<std::string, backend::BucketRoot>>;

Roots buckets_of(const backend::PageFile& file) {
  Roots out;
  for (auto at = backend::TreeCursor::seek(file, root_of(file), ""); at.valid(); at.next()) {
    if (at.is_bucket()) out.emplace_back(at.key(), backend::decode_bucket_root(at.value()));
  }
  return out;
}

std::optional<backend::BucketRoot> find_root(const Roots& roots, const std::string& name) {
  const auto found = std::ranges::find(roots, name, &Roots::value_type::first);
  return found == roots.end() ? std::nullopt : std::optional(found->second);
}

std::uint64_t count_kind(const std::vector<backend::PageInfo>& pages, backend::PageKind kind) {
  return static_cast<std::uint64_t>(std::ranges::count(pages, kind, &backend::PageInfo::kind));
}

Tree summary(const backend::Inspection& found) {
  Tree out = object("file");
  out.add(number("pages", found.pages.size())).add(number("txid", found.file.meta.txid));
  for (const auto kind :
       {backend::PageKind::Branch, backend::PageKind::Leaf, backend::PageKind::Overflow,
        backend::PageKind::Freelist, backend::PageKind::Free}) {
    out.add(number(std::string(backend::to_text(kind)), count_kind(found.pages, kind)));
  }
  out.add(number("faults", found.faults.size()));
  return out;
}

Result<Tree> hash_line(const Sequence<Blob>& blocks, std::int64_t revision) {
  auto opened = backend::Backend::open(blocks);
  if (!opened) return fail(opened.error());
  mvcc::Store store;
  const auto restored = store.restore(*opened);
  if (!restored) return fail(restored.error());
  const auto hash = store.hash_kv(*opened, revision);
  if (!hash) return fail(hash.error());
  Tree out = object("hashkv");
  out.add(number("hash", hash->hash)).add(integer("revision", hash->revision));
  out.add(integer("compact_revision", hash->compact_revision));
  out.add(integer("current_revision", store.current_revision()));
  return out;
}

}  // namespace

Sequence<Blob> blocks_of(BytesView file) {
  Sequence<Blob> out;
  for (std::size_t at = 0; at < file.size(); at += backend::kPageSize) {
    out.push_back(Blob(file.substr(at, backend::kPageSize)));
  }
  return out;
}

Result<bool> dump_logs(const disk::Disk& disk, const Sink& sink) {
  if (!wal::exists(disk, kWalDir)) return fail(Errc::WrongUse, "no .wal file in member/wal");
  Log log;
  for (const std::string& name : disk.list(kSnapDir)) {
    if (!name.ends_with(".snap")) continue;
    log.sound = dump_snap(disk, joined(kSnapDir, name), sink) && log.sound;
  }
  std::vector<std::string> segments;
  for (const std::string& name : disk.list(kWalDir)) {
    if (wal::parse_segment_name(name)) segments.push_back(joined(kWalDir, name));
  }
  for (const std::string& path : segments) {
    dump_segment(disk, path, &path == &segments.back(), log, sink);
  }
  return log.sound;
}

Result<void> dump_db(const Sequence<Blob>& blocks, const Sink& sink) {
  const auto file = open_pages(blocks);
  if (!file) return fail(file.error());
  dump_rows(*file, root_of(*file), "", sink);
  return {};
}

Result<bool> diff_db(const Sequence<Blob>& a, const Sequence<Blob>& b, const Sink& sink) {
  const auto left = open_pages(a);
  if (!left) return fail(left.error().code, "first file: " + left.error().detail);
  const auto right = open_pages(b);
  if (!right) return fail(right.error().code, "second file: " + right.error().detail);
  const Roots left_roots = buckets_of(*left);
  const Roots right_roots = buckets_of(*right);
  std::vector<std::string> names;
  for (const auto& [name, root] : left_roots) names.push_back(name);
  for (const auto& [name, root] : right_roots) names.push_back(name);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  bool equal = true;
  for (const std::string& name : names) {
    equal = diff_bucket(name, {.file = *left, .root = find_root(left_roots, name)},
                        {.file = *right, .root = find_root(right_roots, name)}, sink) &&
            equal;
  }
  return equal;
}

Result<bool> check_db(const Sequence<Blob>& blocks, const CheckOptions& options, const Sink& sink) {
  const backend::Inspection found = backend::inspect(blocks);
  for (const backend::Fault& fault : found.faults) {
    Tree out = object("fault");
    out.add(number("page", fault.page.value())).add(boolean("fatal", fault.fatal));
    out.add(words("what", fault.text));
    sink(out);
  }
  sink(summary(found));
  if (!found.faults.empty() || !options.hash_kv) return found.faults.empty();
  const auto hash = hash_line(blocks, *options.hash_kv);
  if (!hash) return fail(hash.error());
  sink(*hash);
  return true;
}

}  // namespace orrery::datadir
