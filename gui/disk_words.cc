#include "gui/disk_words.h"

#include <algorithm>

#include "datadir/payload.h"
#include "datadir/records.h"
#include "datadir/rows.h"
#include "gui/describe.h"
#include "gui/words.h"
#include "lang/describe.h"
#include "mvcc/revision.h"
#include "proto/mvccpb_codec.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "server/context.h"
#include "wal/snap.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

QString member_name(const server::ClusterPlan& plan, NodeId id) {
  if (id == NodeId()) return phrase("nobody");
  const std::uint32_t no = plan.number_of(id);
  return no == 0 ? u"%1"_s.arg(id.value(), 0, 16) : QString(u"n"_s + q(no));
}

const char* change_words(raftpb::ConfChangeType type) {
  switch (type) {
    case raftpb::ConfChangeType::AddNode: return "adds ";
    case raftpb::ConfChangeType::RemoveNode: return "removes ";
    case raftpb::ConfChangeType::UpdateNode: return "updates ";
    case raftpb::ConfChangeType::AddLearnerNode: return "adds as a learner ";
  }
  return "";
}

// A tree's members without the name of its kind.
QString members_of(const datadir::Tree& tree) {
  QString out;
  for (const datadir::Tree& child : tree.children) {
    datadir::Tree one = datadir::object("");
    one.add(child);
    out = out + (out.isEmpty() ? QString() : u" "_s) + q(datadir::to_text(one)).trimmed();
  }
  return out;
}

// An entry that a member of ours carries out in its panels' words, any other as a dump shows it.
QString payload_words(const raftpb::Entry& entry, const server::ClusterPlan& plan) {
  if (entry.type == raftpb::EntryType::ConfChange) {
    const auto change = raftpb::decode_conf_change(entry.data.view());
    if (change) {
      return phrase("conf change ") + phrase(change_words(change->type)) +
             member_name(plan, change->node_id);
    }
  }
  const bool plain = entry.type == raftpb::EntryType::Normal;
  if (plain && entry.data.empty()) return phrase("empty: a new leader's first");
  if (plain && datadir::decode_payload(entry.data)) return entry_words(entry);
  return members_of(datadir::describe_payload(entry));
}

RecordWords entry_record(const walpb::Record& record, const server::ClusterPlan& plan) {
  const auto entry = raftpb::decode_entry(record.data.view());
  if (!entry)
    return {.type = phrase("entry"), .index = {}, .term = {}, .says = q(entry.error().detail)};
  return {.type = phrase("entry"),
          .index = q(entry->index.value()),
          .term = entry->term.value(),
          .says = payload_words(*entry, plan)};
}

RecordWords state_record(const walpb::Record& record, const server::ClusterPlan& plan) {
  RecordWords out{.type = phrase("state"), .index = {}, .term = {}, .says = {}};
  const auto state = raftpb::decode_hard_state(record.data.view());
  if (!state) {
    out.says = q(state.error().detail);
    return out;
  }
  out.term = state->term.value();
  out.says = u"%1 %2, %3 %4"_s.arg(phrase("commit"), q(state->commit.value()), phrase("vote"),
                                   member_name(plan, state->vote));
  return out;
}

RecordWords snapshot_record(const walpb::Record& record) {
  RecordWords out{.type = phrase("snapshot"), .index = {}, .term = {}, .says = {}};
  const auto snapshot = walpb::decode_snapshot(record.data.view());
  if (!snapshot) {
    out.says = q(snapshot.error().detail);
    return out;
  }
  out.term = snapshot->term.value();
  out.index = q(snapshot->index.value());
  out.says = snapshot->index == Index(0) ? phrase("the beginning")
                                         : phrase("the .snap file of this index is complete");
  return out;
}

// From which key to which.
QString span_words(const PageFileRows& pages, const TreeRow& row) {
  const backend::PageView page = pages.found.file.page(row.page);
  if (page.count() == 0 || row.bucket.empty()) return {};
  const QString first = row_key_words(row.bucket, page.leaf_key(0));
  const QString last = row_key_words(row.bucket, page.leaf_key(page.count() - 1));
  if (first == last) return u": "_s + first;
  return u": "_s + first + u" \u2026 "_s + last;
}

}  // namespace

QString counted(std::uint64_t count, const char* thing) {
  return grouped(count) + u" "_s + phrase(thing) + (count == 1 ? QString() : u"s"_s);
}

QString grouped(std::uint64_t number) {
  QString out = q(number);
  for (qsizetype at = out.size() - 3; at > 0; at -= 3) out.insert(at, u',');
  return out;
}

QString bytes_grouped(std::uint64_t bytes) {
  return grouped(bytes) + phrase(" bytes");
}

QString bytes_short(std::uint64_t bytes) {
  constexpr std::uint64_t kKilo = 1000;
  if (bytes < 10 * kKilo) return bytes_grouped(bytes);
  const bool mega = bytes >= kKilo * kKilo;
  const std::uint64_t tenths = bytes / (mega ? kKilo * kKilo / 10 : kKilo / 10);
  return u"%1.%2 %3"_s.arg(grouped(tenths / 10), q(tenths % 10), mega ? u"MB"_s : u"kB"_s);
}

RecordWords record_words(const walpb::Record& record, const server::ClusterPlan& plan) {
  switch (record.type) {
    case walpb::RecordType::Entry: return entry_record(record, plan);
    case walpb::RecordType::State: return state_record(record, plan);
    case walpb::RecordType::Snapshot: return snapshot_record(record);
    case walpb::RecordType::Crc:
      return {.type = phrase("crc"),
              .index = {},
              .term = {},
              .says = phrase("the chain of the segment before ends in this")};
    case walpb::RecordType::Metadata:
      return {.type = phrase("metadata"),
              .index = {},
              .term = {},
              .says = members_of(datadir::describe(record))};
  }
  return {};
}

QString ending_words(const wal::Segment& segment, std::uint64_t file_size) {
  switch (segment.ending) {
    case wal::Ending::EndOfFile: return phrase("end of the file");
    case wal::Ending::Zeros:
      return bytes_grouped(file_size - segment.end) + phrase(" of zeros, set aside for records");
    case wal::Ending::Torn: return phrase("torn: ") + q(segment.reason);
    case wal::Ending::Damaged: return phrase("damaged: ") + q(segment.reason);
  }
  return {};
}

Note snap_words(const disk::File& file) {
  const auto snapshot = wal::decode_snap(file.read(0, file.size()));
  if (!snapshot) return {.words = phrase("unreadable: ") + q(snapshot.error().detail), .bad = true};
  return {.words = u"%1 %2, %3 %4, %5, %6 %7, CRC \u2713"_s.arg(
              phrase("index"), q(snapshot->index.value()), phrase("term"),
              q(snapshot->term.value()), counted(snapshot->conf_state.voters.size(), "voter"),
              grouped(snapshot->data.size()), phrase("bytes of data"))};
}

Note meta_words(const disk::File& file) {
  const Bytes head = file.read(0, 2 * backend::kPageSize);
  std::optional<backend::Meta> best;
  std::uint64_t page = 0;
  for (std::uint64_t id = 0; id < 2; ++id) {
    if (head.size() < (id + 1) * backend::kPageSize) continue;
    const auto meta = backend::decode_meta_page(
        BytesView(head).substr(id * backend::kPageSize, backend::kPageSize), backend::PageId(id));
    if (!meta || (best && best->txid > meta->txid)) continue;
    best = *meta;
    page = id;
  }
  if (!best) return {.words = phrase("neither meta page can be read"), .bad = true};
  return {.words =
              u"%1 %2 %3 %4, %5"_s.arg(phrase("transaction"), q(best->txid), phrase("on meta page"),
                                       q(page), counted(best->high_water.value(), "page"))};
}

QString meta_words(const backend::Meta& meta) {
  const QString list = meta.freelist == backend::kNoFreelist
                           ? phrase("no freelist stored")
                           : phrase("freelist on page ") + q(meta.freelist.value());
  return u"%1 %2, %3 %4, %5 %6, %7"_s.arg(phrase("transaction"), q(meta.txid), phrase("root page"),
                                          q(meta.root.value()), phrase("high water"),
                                          q(meta.high_water.value()), list);
}

QString page_counts(const PageFileRows& pages) {
  const auto free =
      std::ranges::count(pages.found.pages, backend::PageKind::Free, &backend::PageInfo::kind);
  return u"%1, %2 %3"_s.arg(counted(pages.found.pages.size(), "page"), q(free), phrase("free"));
}

QString bucket_row_words(const TreeRow& row) {
  if (row.bucket.empty()) return counted(row.rows, "bucket");
  const QString rows = counted(row.rows, "row");
  return row.is_inline ? rows + phrase(", inline") : rows;
}

QString tree_row_words(const PageFileRows& pages, const TreeRow& row) {
  const QString page = q(row.page.value());
  switch (row.kind) {
    case TreeRow::Kind::Bucket: return row.bucket.empty() ? phrase("root bucket") : q(row.bucket);
    case TreeRow::Kind::Branch:
      return u"%1 %2: %3 %4"_s.arg(phrase("branch"), page, grouped(row.rows),
                                   row.rows == 1 ? phrase("child") : phrase("children"));
    case TreeRow::Kind::Empty: return phrase("without a row: ") + q(row.bucket);
    case TreeRow::Kind::Leaf: break;
  }
  return u"%1 %2: %3, %4 %%5"_s.arg(phrase("leaf"), page,
                                    counted(row.rows, row.bucket.empty() ? "bucket" : "row"),
                                    q(fill_percent(pages, row.page)), span_words(pages, row));
}

QString row_key_words(const std::string& bucket, BytesView key) {
  if (bucket == "key") {
    if (const auto row = mvcc::decode_bucket_key(key)) {
      const QString words = u"%1_%2"_s.arg(q(row->revision.main), q(row->revision.sub));
      return row->tombstone ? words + u"t"_s : words;
    }
  }
  return bytes_words(key, 20);
}

QString row_words(const std::string& bucket, BytesView key, BytesView value) {
  if (bucket == "key") {
    const auto row = mvcc::decode_bucket_key(key);
    const auto pair = mvccpb::decode_key_value(value);
    if (row && pair) {
      const QString name = bytes_words(pair->key, 24);
      if (row->tombstone) return phrase("deleted ") + name;
      return name + u" = "_s + bytes_words(pair->value, 24);
    }
  }
  return members_of(datadir::describe_row(bucket, key, value));
}

QString restart_words(const sim::World& world, std::uint32_t no) {
  constexpr std::int64_t kToldRevisions = 40;
  constexpr std::uint64_t kToldBytes = 128 * 1024;
  const server::Member& member = world.member(no);
  const disk::File* file = member.disk().find_file(server::kDbPath);
  if (file == nullptr || file->size() > kToldBytes) return {};
  const bool is_long = member.up() && member.running().store.current_revision() -
                                              member.running().store.compact_revision() >
                                          kToldRevisions;
  if (is_long) return {};
  const QString all = q(lang::show_member(world, no, "bucket"));
  const QString line = all.section(u"disk  "_s, 1).section(QLatin1Char('\n'), 0, 0);
  return line.isEmpty() ? line : QString(phrase("a restart would find: ") + line);
}

}  // namespace orrery::gui
