#include "gui/inspect_disk.h"

#include <algorithm>

#include "datadir/records.h"
#include "datadir/rows.h"
#include "gui/disk_rows.h"
#include "gui/disk_words.h"
#include "gui/page_rows.h"
#include "server/context.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::size_t kMostBytes = 8192;  // of a file, shown as bytes

const disk::Disk* disk_of(const sim::World& world, const Ref& ref) {
  if (ref.member < 1 || ref.member > world.member_count()) return nullptr;
  return &world.member(ref.member).disk();
}

const disk::File* file_of(const sim::World& world, const Ref& ref) {
  const disk::Disk* disk = disk_of(world, ref);
  if (disk == nullptr) return nullptr;
  return disk->find_file(ref.kind == Ref::Kind::Page ? std::string(server::kDbPath)
                                                     : ref.text.toStdString());
}

Node named(const char* name, const QString& value) {
  return {.name = phrase(name), .value = value};
}

QString value_words(const datadir::Tree& tree) {
  datadir::Tree bare = tree;
  bare.name.clear();
  datadir::Tree outer = datadir::object("");
  const bool parent =
      tree.kind == datadir::Tree::Kind::Object || tree.kind == datadir::Tree::Kind::List;
  if (parent) return {};
  bare.name = "v";
  outer.add(bare);
  const QString words = q(datadir::to_text(outer)).trimmed();
  return words.mid(words.indexOf(u'=') + 1);
}

// A dump's tree as the inspector shows one.
Node node_of(const datadir::Tree& tree, const QString& name) {
  Node out{.name = name, .value = value_words(tree)};
  std::size_t i = 0;
  for (const datadir::Tree& child : tree.children) {
    out.children.push_back(node_of(child, child.name.empty() ? q(i) : q(child.name)));
    ++i;
  }
  return out;
}

Node inspect_file(const disk::File& file, const Ref& ref) {
  Node out{.name = ref.text, .value = bytes_grouped(file.size())};
  out.children = {named("cached", bytes_grouped(file.size())),
                  named("durable", bytes_grouped(file.durable().size())),
                  named("writes not synced", q(file.pending().size())),
                  named("pieces a crash may lose", q(file.pieces()))};
  std::size_t i = 0;
  for (const disk::Change& change : file.pending()) {
    if (i >= kReflectedItems) break;
    const auto* write = std::get_if<disk::Write>(&change);
    out.children.push_back(
        {.name = phrase("not synced ") + q(++i),
         .value = write != nullptr
                      ? u"%1 %2 %3 %4"_s.arg(phrase("write of"), bytes_grouped(write->bytes.size()),
                                             phrase("at"), grouped(write->offset))
                      : phrase("size ") + grouped(std::get<disk::Resize>(change).size)});
  }
  return out;
}

struct FoundRecord {
  WalFile file;
  wal::Located record;
};

std::optional<FoundRecord> find_record(const sim::World& world, const Ref& ref) {
  const disk::Disk* disk = disk_of(world, ref);
  if (disk == nullptr) return std::nullopt;
  for (WalFile& wal : read_segments(*disk)) {
    if (q(wal.path) != ref.text) continue;
    const auto& records = wal.segment.records;
    const auto at = std::ranges::find(records, ref.number, &wal::Located::offset);
    if (at == records.end()) return std::nullopt;
    wal::Located record = *at;
    return FoundRecord{.file = std::move(wal), .record = std::move(record)};
  }
  return std::nullopt;
}

BytesView frame_of(const FoundRecord& found) {
  const BytesView stored = found.file.stored;
  return stored.substr(std::min<std::size_t>(found.record.offset, stored.size()),
                       found.record.size);
}

Node inspect_record(const sim::World& world, const Ref& ref) {
  Node out{.name = phrase("record at ") + grouped(ref.number), .value = {}};
  const auto found = find_record(world, ref);
  if (!found) {
    out.value = phrase("not there");
    return out;
  }
  const walpb::Record& record = found->record.record;
  const bool durable = is_durable(*file_of(world, ref), found->record.offset, frame_of(*found));
  out.value = record_words(record, world.member(ref.member).plan()).type;
  out.children = {named("file", ref.text), named("offset", grouped(found->record.offset)),
                  named("bytes with length and padding", grouped(found->record.size)),
                  named("chain CRC", u"%1"_s.arg(record.crc, 8, 16, QLatin1Char('0'))),
                  named("after a crash", durable ? phrase("stays") : phrase("may be lost"))};
  out.children.push_back(node_of(datadir::describe(record), phrase("decoded")));
  return out;
}

Node bucket_node(const std::string& name, BytesView value);

void add_elements(Node& out, const backend::PageView& page, const std::string& bucket) {
  for (std::size_t i = 0; i < page.count(); ++i) {
    if (i >= kReflectedItems) {
      out.children.push_back({.name = QStringLiteral("\u2026"), .value = q(page.count() - i)});
      return;
    }
    const QString key = row_key_words(bucket, page.key(i));
    if (page.is_branch()) {
      out.children.push_back({.name = key, .value = phrase("page ") + q(page.child(i).value())});
    } else if (page.is_bucket(i)) {
      out.children.push_back(bucket_node(std::string(page.leaf_key(i)), page.leaf_value(i)));
    } else {
      Node row = node_of(datadir::describe_row(bucket, page.leaf_key(i), page.leaf_value(i)), key);
      row.value = row_words(bucket, page.leaf_key(i), page.leaf_value(i));
      out.children.push_back(std::move(row));
    }
  }
}

// A bucket's row: where its tree begins, or the rows that lie in it.
Node bucket_node(const std::string& name, BytesView value) {
  const backend::BucketRoot root = backend::decode_bucket_root(value);
  Node out{.name = q(name), .value = {}};
  if (root.root != backend::PageId()) {
    out.value = phrase("bucket, root page ") + q(root.root.value());
    return out;
  }
  const backend::PageView page(root.inline_page.view());
  out.value = phrase("bucket, inline, ") + counted(page.count(), "row");
  add_elements(out, page, name);
  return out;
}

Node inspect_page(const disk::File& file, const Ref& ref) {
  Node out{.name = phrase("page ") + q(ref.number), .value = {}};
  const PageFileRows pages = read_pages(file);
  if (ref.number >= pages.found.pages.size()) {
    out.value = phrase("not there");
    return out;
  }
  const backend::PageInfo& info = pages.found.pages[ref.number];
  out.value = q(to_text(info.kind));
  if (info.kind == backend::PageKind::Meta) {
    const auto& meta = pages.metas[ref.number];
    if (!meta) return {.name = out.name, .value = q(meta.error().detail)};
    Node all = reflect(out.name, *meta);
    all.value = pages.meta_in_force() == ref.number ? phrase("meta, in force") : out.value;
    return all;
  }
  out.children = {named("bucket", info.bucket.empty() ? phrase("the root bucket") : q(info.bucket)),
                  named("pages that follow", q(info.overflow)), named("elements", q(info.count))};
  const bool tree = info.kind == backend::PageKind::Branch || info.kind == backend::PageKind::Leaf;
  if (!tree || !pages.readable()) return out;
  out.children.push_back(named("full", q(fill_percent(pages, info.id)) + u" %"_s));
  Node rows{.name = phrase("rows"), .value = counted(info.count, "element")};
  add_elements(rows, pages.found.file.page(info.id), info.bucket);
  out.children.push_back(std::move(rows));
  return out;
}

}  // namespace

Node inspect_disk(const sim::World& world, const Ref& ref) {
  if (ref.kind == Ref::Kind::Record) return inspect_record(world, ref);
  const disk::File* file = file_of(world, ref);
  if (file == nullptr) return {.name = ref.text, .value = phrase("not there")};
  return ref.kind == Ref::Kind::Page ? inspect_page(*file, ref) : inspect_file(*file, ref);
}

Bytes disk_bytes(const sim::World& world, const Ref& ref) {
  if (ref.kind == Ref::Kind::Record) {
    const auto found = find_record(world, ref);
    return found ? Bytes(frame_of(*found)) : Bytes();
  }
  const disk::File* file = file_of(world, ref);
  if (file == nullptr) return {};
  if (ref.kind == Ref::Kind::Page) {
    return file->read(ref.number * backend::kPageSize, backend::kPageSize);
  }
  return file->read(0, std::min<std::uint64_t>(file->stored_size(), kMostBytes));
}

}  // namespace orrery::gui
