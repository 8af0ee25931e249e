// Keys down, revisions across: every put and every deletion that the store still knows.
#include <algorithm>
#include <set>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"
#include "gui/writes.h"
#include "proto/mvccpb_codec.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using Keys = mvcc::TreeIndex::Map;

constexpr std::size_t kWrites = 24;  // the newest, looked for

struct Cell {
  mvcc::Revision revision;
  bool tombstone = false;
};

std::vector<Cell> cells_of(const mvcc::Generation& generation, bool closed) {
  std::vector<Cell> out;
  for (const mvcc::Revision& revision : generation.revisions) out.push_back({revision, false});
  if (closed && !out.empty()) out.back().tombstone = true;
  return out;
}

class RevisionPainter {
 public:
  RevisionPainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    const Metrics& m = scene.metrics;
    row_ = m.line + 6;
    left_ = m.ch * 16;
    head_ = m.line * 2 + 6;
    pace_ = m.ch * 7;
    if (const auto* run = scene.running(scene.member)) {
      run_ = run;
      store_ = &run->store;
      columns_ = run->store.current_revision();
      collect_missing();
    }
    const double keys =
        store_ == nullptr ? 0 : static_cast<double>(store_->index().size() + strange_.size());
    picture.size = QSizeF(left_ + pace_ * static_cast<double>(columns_) + m.gap * 2,
                          head_ + row_ * std::max(keys, 1.0) + m.gap);
  }

  void draw() {
    if (store_ == nullptr) {
      picture_.words(
          QRectF(scene_.metrics.gap, 0, 400, head_),
          u"n%1 %2"_s.arg(q(scene_.member), phrase("is down: its index is memory, and lost")));
      return;
    }
    draw_compaction();
    draw_keys();
    draw_leftovers();
    draw_missing();
    draw_head();
  }

 private:
  // Acknowledged writes of which this member has no row, though it has come as far as the member that answered.
  void collect_missing() {
    for (const Write& write : newest_writes(scene_.now, kWrites)) {
      if (find_write(scene_.now, scene_.member, write).kept != Kept::Missing) continue;
      columns_ = std::max(columns_, write.event.kv.mod_revision);
      const Blob& key = write.event.kv.key;
      if (!store_->index().keys().contains(mvcc::KeyQuery(key)) &&
          std::ranges::find(strange_, key) == strange_.end()) {
        strange_.push_back(key);
      }
      missing_.push_back(write);
    }
  }

  double y_of(const Blob& key) const {
    const Keys& keys = store_->index().keys();
    const auto at = std::ranges::find(strange_, key);
    const std::size_t row = at == strange_.end()
                                ? keys.rank(mvcc::KeyQuery(key))
                                : keys.size() + static_cast<std::size_t>(at - strange_.begin());
    return head_ + row_ * static_cast<double>(row);
  }

  void draw_missing() {
    const Metrics& m = scene_.metrics;
    for (const Blob& key : strange_) {
      picture_.words(QRectF(m.gap, y_of(key), left_ - 2 * m.gap, row_ - 2), bytes_words(key),
                     Ink::Bad, Face::Mono);
    }
    for (const Write& write : missing_) {
      const std::int64_t revision = write.event.kv.mod_revision;
      const bool deleted = write.event.type == mvccpb::EventType::Delete;
      const QRectF at(x_of(revision) + 3, y_of(write.event.kv.key) + 2, pace_ - 6, row_ - 6);
      picture_.add({.kind = Shape::Kind::Round,
                    .at = at,
                    .fill = Ink::RemovedTint,
                    .pen = Ink::Bad,
                    .width = 1.3,
                    .dashed = true});
      picture_.words(at, deleted ? phrase("no del") : phrase("no put"), Ink::Bad, Face::Small,
                     Qt::AlignHCenter);
      picture_.item(
          {.area = at,
           .name = phrase("%1 at revision %2, %3: acknowledged, and n%4 has no row of it")
                       .arg(bytes_words(write.event.kv.key), q(revision),
                            deleted ? phrase("deleted") : phrase("put"), q(scene_.member))});
    }
  }

  double x_of(std::int64_t revision) const {
    return left_ + pace_ * (static_cast<double>(revision) - 1);
  }

  void draw_head() {
    const Metrics& m = scene_.metrics;
    const QRectF band(scene_.visible.left(), scene_.visible.top(),
                      std::max(scene_.visible.width(), scene_.room.width()), head_);
    picture_.box(band, Ink::Page);
    const std::int64_t compacted = store_->compact_revision();
    QString title =
        u"n%1: %2 %3"_s.arg(q(scene_.member), phrase("revision"), q(store_->current_revision()));
    if (compacted > 0) title = title + phrase(", compacted at ") + q(compacted);
    if (job() != nullptr) {
      title = title + phrase(", deleting rows: ") + q(job()->rows_deleted) + phrase(" so far");
    }
    title = title + others();
    picture_.words(QRectF(band.left() + m.gap, band.top(), band.width() - m.gap, m.line + 2), title,
                   Ink::Text, Face::Bold);
    const QRectF numbers(band.left(), band.top() + m.line + 2, band.width(), m.line);
    const auto [from, to] = seen_columns();
    for (std::int64_t revision = from; revision <= to; ++revision) {
      picture_.words(QRectF(x_of(revision), numbers.top(), pace_, numbers.height()), q(revision),
                     revision <= compacted ? Ink::Muted : Ink::Text, Face::Small, Qt::AlignHCenter);
    }
    picture_.box(QRectF(band.left(), numbers.top(), left_ - 4, numbers.height()), Ink::Page);
    picture_.words(QRectF(band.left() + m.gap, numbers.top(), left_, numbers.height()),
                   phrase("key \\ revision"), Ink::Muted, Face::Small);
  }

  // Members whose index is another one.
  QString others() const {
    QString out;
    for (std::uint32_t no = 1; no <= scene_.now.member_count(); ++no) {
      const auto* run = scene_.running(no);
      if (no == scene_.member || run == nullptr ||
          run->store.index().keys() == store_->index().keys()) {
        continue;
      }
      out = out + u"   n%1 %2 %3"_s.arg(q(no), phrase("is at"), q(run->store.current_revision()));
    }
    return out;
  }

  std::pair<std::int64_t, std::int64_t> seen_columns() const {
    const auto from = static_cast<std::int64_t>((scene_.visible.left() - left_) / pace_);
    const auto to = static_cast<std::int64_t>((scene_.visible.right() - left_) / pace_) + 2;
    return {std::max<std::int64_t>(1, from), std::min(columns_, to)};
  }

  void draw_compaction() {
    const std::int64_t compacted = store_->compact_revision();
    if (compacted <= 0) return;
    const double x = x_of(compacted + 1);
    const double high = std::max(picture_.size.height(), scene_.visible.bottom());
    picture_.box(QRectF(left_, head_, x - left_, high - head_), Ink::Faint);
    picture_.line({x, head_}, {x, high}, Ink::Bad, 2);
    picture_.item({.area = QRectF(left_, head_, x - left_, high - head_),
                   .name = phrase("compacted: reads at or below this side of the line are refused, "
                                  "at revision ") +
                           q(compacted)});
  }

  void draw_keys() {
    const Keys& keys = store_->index().keys();
    const auto first =
        static_cast<std::size_t>(std::max(0.0, (scene_.visible.top() + head_ - head_) / row_ - 1));
    if (first >= keys.size()) return;
    double y = head_ + static_cast<double>(first) * row_;
    for (auto at = keys.nth(first); at != keys.end() && y <= scene_.visible.bottom(); ++at) {
      draw_key(at->first.blob(), at->second, y);
      y += row_;
    }
    if (keys.empty()) {
      picture_.words(QRectF(scene_.metrics.gap, head_, 500, row_),
                     phrase("no key has been written yet"), Ink::Muted);
    }
  }

  // The compaction whose batches are under way; null = none.
  const mvcc::CompactionJob* job() const {
    const auto& jobs = run_->compact.jobs;
    return jobs.empty() || !jobs.front().job.index_done ? nullptr : &jobs.front().job;
  }

  // Rows that the index has forgotten and that a batch to come deletes, and the place of the next batch.
  void draw_leftovers() {
    if (job() == nullptr) return;
    const auto [from, to] = seen_columns();
    run_->backend.range(backend::View::Batch, backend::Bucket::Key, mvcc::BucketKeyBytes({from, 0}),
                        mvcc::BucketKeyBytes({std::min(to, job()->revision) + 1, 0}), 0,
                        [&](BytesView row, BytesView bytes) {
                          const auto place = mvcc::decode_bucket_key(row);
                          const auto kv = mvccpb::decode_key_value(bytes);
                          if (!place || !kv || job()->keep.contains(place->revision)) return;
                          draw_leftover(kv->key, place->revision);
                        });
    if (job()->next.main == 0) return;
    const double x = x_of(job()->next.main) + (job()->next.sub > 0 ? pace_ : 0);
    const double high = std::max(picture_.size.height(), scene_.visible.bottom());
    picture_.add({.kind = Shape::Kind::Line,
                  .at = QRectF(QPointF(x, head_), QPointF(x, high)),
                  .pen = Ink::Accent,
                  .width = 2.5,
                  .dashed = true});
    picture_.item({.area = QRectF(x - 4, head_, 8, high - head_),
                   .name = phrase("the batches so far have read the rows on the left; deleted: ") +
                           q(job()->rows_deleted)});
  }

  void draw_leftover(const Blob& key, mvcc::Revision revision) {
    const Keys& keys = store_->index().keys();
    const double y = head_ + row_ * static_cast<double>(keys.rank(mvcc::KeyQuery(key)));
    if (!keys.contains(mvcc::KeyQuery(key)) || y > scene_.visible.bottom()) return;
    const QRectF at(x_of(revision.main) + 3, y + 2, pace_ - 6, row_ - 6);
    picture_.add({.kind = Shape::Kind::Round,
                  .at = at,
                  .fill = Ink::RemovedTint,
                  .pen = Ink::Muted,
                  .dashed = true,
                  .hatched = true});
    picture_.words(at, phrase("row"), Ink::Text, Face::Small, Qt::AlignHCenter);
    picture_.item({.area = at,
                   .name = u"%1 %2 %3, %4"_s.arg(
                       bytes_words(key), phrase("at revision"), q(revision.main),
                       phrase("forgotten by the index; the row goes with a batch to come"))});
  }

  void draw_key(const Blob& key, const mvcc::KeyIndex& index, double y) {
    const auto* before = scene_.running_before(scene_.member);
    const mvcc::KeyIndex* old = before == nullptr ? &index : before->store.index().find_key(key);
    const Change change = change_of(old, &index);
    const QRectF name(scene_.metrics.gap, y, left_ - 2 * scene_.metrics.gap, row_ - 2);
    if (change != Change::Same) picture_.box(name, tint(change));
    picture_.words(
        name,
        (change == Change::Same ? QString() : QString(glyph(change) + u" "_s)) + bytes_words(key),
        Ink::Text, Face::Mono);
    const std::set<mvcc::Revision> known = revisions_of(old);
    const auto& generations = index.generations();
    for (std::size_t g = 0; g < generations.size(); ++g) {
      draw_generation(key, cells_of(generations[g], g + 1 < generations.size()), known, y);
    }
  }

  static std::set<mvcc::Revision> revisions_of(const mvcc::KeyIndex* index) {
    std::set<mvcc::Revision> out;
    if (index == nullptr) return out;
    for (const mvcc::Generation& generation : index->generations()) {
      for (const mvcc::Revision& revision : generation.revisions) out.insert(revision);
    }
    return out;
  }

  // A life of the key: a bar from its first row to its tombstone, or on to the right while it lives.
  void draw_generation(const Blob& key, const std::vector<Cell>& cells,
                       const std::set<mvcc::Revision>& known, double y) {
    if (cells.empty()) return;
    const double from = x_of(cells.front().revision.main) + pace_ / 2;
    const double to = cells.back().tombstone ? x_of(cells.back().revision.main) + pace_ / 2
                                             : x_of(store_->current_revision()) + pace_;
    picture_.line({from, y + row_ / 2}, {to, y + row_ / 2}, Ink::Frame, 4);
    for (const Cell& cell : cells) draw_cell(key, cell, !known.contains(cell.revision), y);
  }

  void draw_cell(const Blob& key, const Cell& cell, bool fresh, double y) {
    const double x = x_of(cell.revision.main);
    if (x > scene_.visible.right() || x + pace_ < scene_.visible.left()) return;
    const QRectF at(x + 3, y + 2, pace_ - 6, row_ - 6);
    picture_.add({.kind = Shape::Kind::Round,
                  .at = at,
                  .fill = fresh ? Ink::AddedTint : Ink::Card,
                  .pen = Ink::Text,
                  .width = 1.3,
                  .dashed = cell.tombstone});
    const QString sub = cell.revision.sub == 0 ? QString() : QString(u"."_s + q(cell.revision.sub));
    const QString words =
        (fresh ? u"+"_s : QString()) + (cell.tombstone ? u"\u2715 del"_s : u"put"_s) + sub;
    picture_.words(at, words, Ink::Text, Face::Small, Qt::AlignHCenter);
    picture_.item({.area = at,
                   .name = u"%1 %2 %3, %4"_s.arg(
                       bytes_words(key), phrase("at revision"), q(cell.revision.main) + sub,
                       cell.tombstone ? phrase("deleted") : phrase("put")),
                   .ref = {.kind = Ref::Kind::Revision,
                           .member = scene_.member,
                           .number = static_cast<std::uint64_t>(cell.revision.main),
                           .text = bytes_words(key)}});
  }

  const Scene& scene_;
  Picture& picture_;
  const server::Running* run_ = nullptr;
  const mvcc::Store* store_ = nullptr;
  std::int64_t columns_ = 0;
  std::vector<Write> missing_;
  std::vector<Blob> strange_;  // keys of theirs that the index does not know, below the others
  double row_ = 0;
  double left_ = 0;
  double head_ = 0;
  double pace_ = 0;
};

}  // namespace

Picture draw_revisions(const Scene& scene) {
  Picture picture;
  RevisionPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
