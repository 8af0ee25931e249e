// The store's file: on the left its trees, bucket by bucket, on the right every page in its place.
#include <algorithm>
#include <array>
#include <cmath>

#include "gui/describe.h"
#include "gui/disk_words.h"
#include "gui/page_rows.h"
#include "gui/views.h"
#include "gui/words.h"
#include "server/context.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using backend::PageId;
using backend::PageInfo;
using backend::PageKind;

constexpr std::size_t kManyPages = 400;  // from here on cells have no words
constexpr double kSmallCell = 15;

// A row of the open batch, not in the file yet.
struct BatchRow {
  std::string bucket;
  QString key;
  QString says;
  bool erases = false;
};

const char* word_of(PageKind kind) {
  switch (kind) {
    case PageKind::Meta: return "meta";
    case PageKind::Freelist: return "list";
    case PageKind::Branch: return "branch";
    case PageKind::Leaf: return "leaf";
    case PageKind::Overflow: return "more";
    case PageKind::Free: return "free";
  }
  return "";
}

class PagePainter {
 public:
  PagePainter(const Scene& scene, Picture& picture)
      : scene_(scene), picture_(picture), member_(scene.now.member(scene.member)) {
    const Metrics& m = scene.metrics;
    row_ = m.line + 2;
    file_ = member_.disk().find_file(server::kDbPath);
    if (file_ == nullptr) return;
    pages_ = read_pages(*file_);
    read_before();
    collect_batch();
    says_ = restart_words(scene.now, scene.member);
    head_ = m.line + row_ * 2 + m.small + 10 + (says_.isEmpty() ? 0 : m.small + 2);
    map_left_ = std::max(m.ch * 34, std::floor(scene.room.width() * 0.46));
    lay_out_map();
    const auto left_rows = static_cast<double>(faults() + pages_.tree.size() + batch_.size());
    const double left_high = row_ * (left_rows + (batch_.empty() ? 0 : 1));
    const double map_rows = std::ceil(static_cast<double>(page_count()) / per_row_);
    picture.size = QSizeF(map_left_ + std::max(cell_wide_ * 4, map_width_) + m.gap,
                          head_ + std::max(left_high, map_rows * cell_high_) + m.gap);
  }

  void draw() {
    if (file_ == nullptr) {
      picture_.words(QRectF(scene_.metrics.gap, 0, 400, scene_.metrics.line * 2),
                     u"n%1 %2"_s.arg(q(scene_.member), phrase("has no store yet")), Ink::Muted);
      return;
    }
    draw_map();
    draw_left();
    draw_head();
  }

 private:
  std::size_t page_count() const { return std::max(pages_.found.pages.size(), std::size_t{1}); }
  std::size_t faults() const { return pages_.found.faults.size(); }

  void read_before() {
    const bool there = scene_.member <= scene_.before.member_count();
    before_file_ =
        there ? scene_.before.member(scene_.member).disk().find_file(server::kDbPath) : nullptr;
    if (before_file_ != nullptr && before_file_ != file_) before_ = read_pages(*before_file_);
  }

  void collect_batch() {
    const auto* run = scene_.running(scene_.member);
    if (run == nullptr) return;
    for (const backend::Bucket bucket : backend::kBuckets) {
      const std::string name(backend::bucket_name(bucket));
      for (const auto& [key, value] : run->backend.batch()[static_cast<std::size_t>(bucket)]) {
        if (batch_.size() >= kManyPages) return;
        batch_.push_back({.bucket = name,
                          .key = row_key_words(name, key.view()),
                          .says = value ? row_words(name, key.view(), value->view()) : QString(),
                          .erases = !value.has_value()});
      }
    }
  }

  void lay_out_map() {
    const Metrics& m = scene_.metrics;
    tiny_ = page_count() > kManyPages;
    cell_wide_ = tiny_ ? kSmallCell : m.ch * 8;
    cell_high_ = tiny_ ? kSmallCell : m.small * 2 + 12;
    map_width_ = std::max(scene_.room.width() - map_left_ - m.gap, cell_wide_ * 4);
    per_row_ = std::max(1.0, std::floor(map_width_ / cell_wide_));
  }

  // -- the head stays in sight
  void draw_head() {
    const Metrics& m = scene_.metrics;
    const double top = scene_.visible.top();
    const double wide = std::max(picture_.size.width(), scene_.room.width());
    picture_.box(QRectF(0, top, wide, head_), Ink::Page);
    picture_.words(QRectF(m.gap, top + 2, wide - m.gap, m.line), title(), Ink::Text, Face::Bold);
    for (std::uint64_t meta = 0; meta < 2; ++meta) {
      draw_meta(meta, top + 4 + m.line + row_ * static_cast<double>(meta));
    }
    const double y = top + head_ - m.small - 3;
    picture_.words(QRectF(m.gap, y, map_left_ - m.gap, m.small), batch_words(), Ink::Muted,
                   Face::Small);
    picture_.words(QRectF(map_left_, y, wide - map_left_, m.small),
                   phrase("every page; bar: how full, hatched: not synced"), Ink::Muted,
                   Face::Small);
    if (!says_.isEmpty()) {
      const QRectF at(m.gap, y - m.small - 2, wide - m.gap, m.small);
      picture_.words(at, says_, Ink::Text, Face::Small);
      picture_.item({.area = at, .name = says_});
    }
    picture_.line({0, top + head_ - 1}, {wide, top + head_ - 1}, Ink::Faint, 1);
  }

  QString title() const {
    const QString now = page_counts(pages_);
    QString out = u"n%1: %2, %3"_s.arg(q(scene_.member), now, bytes_grouped(file_->size()));
    if (before_ && page_counts(*before_) != now) {
      out = out + phrase(" \u2014 before: ") + page_counts(*before_);
    }
    return member_.up() ? out : QString(out + phrase(" \u2014 the member is down"));
  }

  // What a bucket's line says at its right end.
  QString bucket_words(const TreeRow& row) const {
    const QString now = bucket_row_words(row);
    if (!before_ || !before_->readable() || rows_of(*before_, row.bucket) == row.rows) return now;
    return now + u", %1 %2"_s.arg(grouped(rows_of(*before_, row.bucket)), phrase("before"));
  }

  void draw_meta(std::uint64_t id, double y) {
    const Metrics& m = scene_.metrics;
    const auto& meta = pages_.metas[id];
    const bool in_force = meta && pages_.meta_in_force() == id;
    const QRectF at(m.gap, y + 1, std::max(scene_.room.width(), m.ch * 70) - 2 * m.gap, row_ - 2);
    const Ref ref{.kind = Ref::Kind::Page, .member = scene_.member, .number = id};
    const Change change = change_at(PageId(id), PageKind::Meta);
    picture_.add({.kind = Shape::Kind::Box,
                  .at = at,
                  .fill = change == Change::Same ? Ink::Card : tint(change),
                  .pen = scene_.selected == ref ? Ink::Accent : Ink::Frame,
                  .width = in_force ? 2.0 : 1.0,
                  .dashed = !in_force});
    const bool lost = !is_synced(id, 1);
    const QString words = meta_line(id, in_force, lost);
    if (lost) hatch(QRectF(at.right() - m.ch * 3, at.top() + 1, m.ch * 3, at.height() - 1));
    picture_.words(at.adjusted(m.gap, 0, -m.ch * 3, 0), words, meta ? Ink::Text : Ink::Bad,
                   in_force ? Face::Bold : Face::Normal);
    picture_.item({.area = at, .name = words, .ref = ref});
  }

  QString meta_line(std::uint64_t id, bool in_force, bool lost) const {
    const auto& meta = pages_.metas[id];
    const QString head =
        u"%1 %2%3%4: "_s.arg(phrase("meta"), q(id), in_force ? phrase(", in force") : QString(),
                             lost ? phrase(", not synced") : QString());
    return head + (meta ? meta_words(*meta) : q(meta.error().detail));
  }

  QString batch_words() const {
    const auto* run = scene_.running(scene_.member);
    if (run == nullptr) return phrase("buckets of the file");
    if (run->backend.is_committing()) return phrase("a commit is writing its pages");
    if (run->backend.pending() == 0) return phrase("buckets; the open batch is empty");
    return phrase("buckets; the open batch holds ") + counted(run->backend.pending(), "operation");
  }

  // -- left: faults, trees, the open batch
  void draw_left() {
    std::size_t line = 0;
    for (const backend::Fault& fault : pages_.found.faults) draw_fault(fault, y_of(line++));
    const double above = (scene_.visible.top() - head_) / row_ - static_cast<double>(line);
    const auto first = static_cast<std::size_t>(std::max(0.0, above));
    for (std::size_t i = std::min(first, pages_.tree.size()); i < pages_.tree.size(); ++i) {
      if (y_of(line + i) > scene_.visible.bottom()) break;
      draw_tree_row(pages_.tree[i], y_of(line + i));
    }
    line += pages_.tree.size();
    if (batch_.empty()) return;
    picture_.words(QRectF(scene_.metrics.gap, y_of(line), map_left_, row_),
                   phrase("open batch, not in the file yet"), Ink::Muted, Face::Small);
    ++line;
    for (const BatchRow& row : batch_) draw_batch_row(row, y_of(line++));
  }

  double y_of(std::size_t line) const { return head_ + row_ * static_cast<double>(line); }

  QRectF left_band(double y) const {
    return {scene_.metrics.gap, y + 1, map_left_ - 3 * scene_.metrics.gap, row_ - 2};
  }

  void draw_fault(const backend::Fault& fault, double y) {
    const QRectF at = left_band(y);
    picture_.box(at, Ink::RemovedTint);
    picture_.words(at.adjusted(4, 0, 0, 0), q(fault.text), Ink::Bad, Face::Small);
    picture_.item({.area = at,
                   .name = phrase("fault: ") + q(fault.text),
                   .ref = page_ref(fault.page.value())});
  }

  Ref page_ref(std::uint64_t page) const {
    return {.kind = Ref::Kind::Page, .member = scene_.member, .number = page};
  }

  void draw_tree_row(const TreeRow& row, double y) {
    const Metrics& m = scene_.metrics;
    const QRectF at = left_band(y);
    const bool bucket = row.kind == TreeRow::Kind::Bucket;
    const Ref ref = page_ref(row.page.value());
    const bool page = row.kind == TreeRow::Kind::Branch || row.kind == TreeRow::Kind::Leaf;
    const Change change = page ? change_at(row.page, kind_at(row.page)) : Change::Same;
    if (bucket) picture_.box(at, Ink::Card);
    if (change != Change::Same) picture_.box(at, tint(change));
    if (page && scene_.selected == ref) picture_.box(at, Ink::None, Ink::Accent);
    const double indent = m.ch * (bucket ? 0.6 : 0.6 + 1.6 * row.depth);
    const QString words = tree_row_words(pages_, row);
    const QString lead = change == Change::Same ? QString() : QString(glyph(change) + u" "_s);
    picture_.words(at.adjusted(indent, 0, 0, 0), lead + words,
                   bucket || page ? Ink::Text : Ink::Muted, bucket ? Face::Bold : Face::Small);
    if (bucket) {
      picture_.words(at.adjusted(0, 0, -4, 0), bucket_words(row), Ink::Muted, Face::Small,
                     Qt::AlignRight);
    }
    picture_.item(
        {.area = at, .name = bucket ? words + u", "_s + bucket_words(row) : words, .ref = ref});
  }

  void draw_batch_row(const BatchRow& row, double y) {
    if (y > scene_.visible.bottom() || y + row_ < scene_.visible.top()) return;
    const QRectF at = left_band(y);
    picture_.add({.kind = Shape::Kind::Box, .at = at, .pen = Ink::Frame, .dashed = true});
    const QString words =
        u"%1 %2 %3  %4"_s.arg(row.erases ? u"\u2715"_s : u"+"_s, q(row.bucket), row.key, row.says);
    picture_.words(at.adjusted(4, 0, -4, 0), words, Ink::Text, Face::Small);
    picture_.item({.area = at,
                   .name = phrase(row.erases ? "open batch erases " : "open batch puts ") + words});
  }

  // -- right: the map
  PageKind kind_at(PageId page) const { return pages_.found.pages[page.value()].kind; }

  void draw_map() {
    if (pages_.found.pages.empty()) return;
    const double above = std::floor(scene_.visible.top() / cell_high_ - 1);
    const double first = std::max(0.0, above) * per_row_;
    for (auto id = static_cast<std::size_t>(first); id < pages_.found.pages.size(); ++id) {
      const QRectF at = cell_of(id);
      if (at.top() > scene_.visible.bottom()) break;
      draw_cell(pages_.found.pages[id], at);
    }
  }

  QRectF cell_of(std::size_t id) const {
    const auto per_row = static_cast<std::size_t>(per_row_);
    const std::size_t row = id / per_row;
    const std::size_t column = id % per_row;
    return {map_left_ + cell_wide_ * static_cast<double>(column),
            head_ + 3 + cell_high_ * static_cast<double>(row), cell_wide_ - 3, cell_high_ - 3};
  }

  void draw_cell(const PageInfo& info, const QRectF& at) {
    const std::uint64_t id = info.id.value();
    const bool free = info.kind == PageKind::Free;
    const bool synced = is_synced(id, 1);
    const Change change = change_at(info.id, info.kind);
    const Ref ref = page_ref(id);
    Ink fill = free ? Ink::Page : Ink::Card;
    if (change != Change::Same) fill = tint(change);
    picture_.box(at, fill);
    draw_fill(info, at);
    picture_.add({.kind = Shape::Kind::Box,
                  .at = at,
                  .pen = scene_.selected == ref ? Ink::Accent : (free ? Ink::Faint : Ink::Frame),
                  .width = scene_.selected == ref ? 2.5 : 1.0,
                  .dashed = free});
    if (!synced)
      hatch(QRectF(at.right() - at.width() / 3, at.top() + 1, at.width() / 3, at.height() - 1));
    if (!tiny_) draw_cell_words(info, at, change);
    picture_.item({.area = at, .name = cell_name(info, synced), .ref = ref});
  }

  // How full the page is, along its lower edge; a tiny cell is filled from below.
  void draw_fill(const PageInfo& info, const QRectF& at) {
    if (info.kind == PageKind::Free) return;
    const bool tree = info.kind == PageKind::Leaf || info.kind == PageKind::Branch;
    const double share =
        tree && pages_.readable() ? static_cast<double>(fill_percent(pages_, info.id)) / 100 : 1.0;
    if (tiny_) {
      const double high = (at.height() - 2) * share;
      picture_.box(QRectF(at.left() + 1, at.bottom() - high, at.width() - 1, high),
                   info.kind == PageKind::Leaf ? Ink::Frame : Ink::Text);
      return;
    }
    if (!tree) return;
    const double wide = at.width() - 6;
    picture_.box(QRectF(at.left() + 3, at.bottom() - 6, wide, 4), Ink::Faint);
    picture_.box(QRectF(at.left() + 3, at.bottom() - 6, wide * share, 4), Ink::Muted);
  }

  void draw_cell_words(const PageInfo& info, const QRectF& at, Change change) {
    const Metrics& m = scene_.metrics;
    const bool free = info.kind == PageKind::Free;
    const QRectF top(at.left() + 3, at.top() + 1, at.width() - 6, m.small);
    const QString lead = change == Change::Same ? QString() : QString(glyph(change) + u" "_s);
    picture_.words(top, lead + q(info.id.value()), free ? Ink::Muted : Ink::Text, Face::Small);
    picture_.words(QRectF(top.left(), top.bottom(), top.width(), m.small),
                   phrase(word_of(info.kind)), free ? Ink::Muted : Ink::Text, Face::Small);
  }

  QString cell_name(const PageInfo& info, bool synced) const {
    QString out = u"%1 %2: %3"_s.arg(phrase("page"), q(info.id.value()), q(to_text(info.kind)));
    const bool tree = info.kind == PageKind::Leaf || info.kind == PageKind::Branch;
    if (!info.bucket.empty()) out = out + phrase(" of bucket ") + q(info.bucket);
    if (tree && pages_.readable()) {
      out = out + u", %1, %2 %%3"_s.arg(counted(info.count, "element"),
                                        q(fill_percent(pages_, info.id)), phrase(" full"));
    }
    if (info.overflow > 0) out = out + u", "_s + counted(info.overflow, "page") + phrase(" follow");
    if (!synced) {
      out = out + (info.kind == PageKind::Free
                       ? phrase(", written and not synced: no meta page leads to it yet")
                       : phrase(", not synced"));
    }
    return out;
  }

  // -- what both sides ask
  void hatch(const QRectF& at) {
    picture_.add({.kind = Shape::Kind::Box, .at = at, .hatched = true});
  }

  bool is_synced(std::uint64_t id, std::uint64_t count) const {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!(file_->durable().block(id + i) == file_->block(id + i))) return false;
    }
    return true;
  }

  // A page taken into use, given up, or written anew.
  Change change_at(PageId id, PageKind kind) const {
    if (!before_) return before_file_ == nullptr ? Change::Added : Change::Same;
    const bool was = id.value() < before_->found.pages.size();
    const bool was_used = was && before_->found.pages[id.value()].kind != PageKind::Free;
    const bool used = kind != PageKind::Free;
    if (used != was_used) return used ? Change::Added : Change::Removed;
    if (!used && is_synced(id.value(), 1)) return Change::Same;  // nobody reads what is left in it
    const bool same = before_file_->block(id.value()) == file_->block(id.value());
    return same ? Change::Same : Change::Changed;
  }

  const Scene& scene_;
  Picture& picture_;
  const server::Member& member_;
  const disk::File* file_ = nullptr;
  const disk::File* before_file_ = nullptr;
  PageFileRows pages_;
  std::optional<PageFileRows> before_;
  std::vector<BatchRow> batch_;
  double row_ = 0;
  QString says_;
  double head_ = 0;
  double map_left_ = 0;
  double map_width_ = 0;
  double cell_wide_ = 1;
  double cell_high_ = 1;
  double per_row_ = 1;
  bool tiny_ = false;
};

}  // namespace

Picture draw_pages(const Scene& scene) {
  Picture picture;
  PagePainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
