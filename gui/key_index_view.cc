// The key index of one member: every key with its generations, each a box of revisions.
#include <algorithm>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using mvcc::Generation;
using mvcc::KeyIndex;

QString revision_words(const mvcc::Revision& revision) {
  const QString main = q(revision.main);
  return revision.sub == 0 ? main : QString(main + u"."_s + q(revision.sub));
}

class KeyIndexPainter {
 public:
  KeyIndexPainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    const Metrics& m = scene.metrics;
    row_ = m.line + m.small + 12;
    left_ = m.ch * 18;
    head_ = m.line * 2 + 6;
    cell_ = m.ch * 6;
    if (const auto* run = scene.running(scene.member)) store_ = &run->store;
    if (store_ == nullptr) return;
    const auto& keys = store_->index().keys();
    std::size_t widest = 1;
    for (const auto& [key, index] : keys) {
      widest = std::max(widest, index.revision_count() + index.generations().size());
    }
    picture.size = QSizeF(left_ + (cell_ + m.gap) * static_cast<double>(widest) + m.ch * 20,
                          head_ + row_ * std::max<double>(1, static_cast<double>(keys.size())));
  }

  void draw() {
    const Metrics& m = scene_.metrics;
    if (store_ == nullptr) {
      picture_.words(
          QRectF(m.gap, 0, 500, head_),
          u"n%1 %2"_s.arg(q(scene_.member), phrase("is down: its index is memory, and lost")));
      return;
    }
    const auto& keys = store_->index().keys();
    const double top = std::max(0.0, scene_.visible.top());
    const auto first = static_cast<std::size_t>(top / row_);
    double y = head_ + static_cast<double>(first) * row_;
    for (auto at = first < keys.size() ? keys.nth(first) : keys.end();
         at != keys.end() && y <= scene_.visible.bottom(); ++at, y += row_) {
      draw_key(at->first.blob(), at->second, y);
    }
    if (keys.empty()) {
      picture_.words(QRectF(m.gap, head_, 500, m.line), phrase("no key has been written yet"),
                     Ink::Muted);
    }
    draw_head();
  }

 private:
  void draw_head() {
    const Metrics& m = scene_.metrics;
    const QRectF band(scene_.visible.left(), scene_.visible.top(),
                      std::max(scene_.visible.width(), scene_.room.width()), head_);
    picture_.box(band, Ink::Page);
    std::size_t revisions = 0;
    for (const auto& [key, index] : store_->index().keys()) revisions += index.revision_count();
    picture_.words(
        QRectF(band.left() + m.gap, band.top(), band.width(), m.line),
        u"n%1: %2 %3, %4 %5"_s.arg(q(scene_.member), q(store_->index().size()), phrase("keys"),
                                   q(revisions), phrase("revisions in their histories")),
        Ink::Text, Face::Bold);
    picture_.words(QRectF(band.left() + m.gap, band.top() + m.line, band.width(), m.line),
                   phrase("A box is one life of the key, from a put to its deletion. The index has "
                          "no values: they stand in the rows of these revisions."),
                   Ink::Muted, Face::Small);
  }

  void draw_key(const Blob& key, const KeyIndex& index, double y) {
    const Metrics& m = scene_.metrics;
    const auto* before = scene_.running_before(scene_.member);
    const KeyIndex* old = before == nullptr ? &index : before->store.index().find_key(key);
    const Change change = change_of(old, &index);
    const QRectF name(m.gap, y + 2, left_ - 2 * m.gap, m.line);
    if (change != Change::Same) picture_.box(name, tint(change));
    const QString mark = change == Change::Same ? QString() : QString(glyph(change) + u" "_s);
    picture_.words(name, mark + bytes_words(key, 16), Ink::Text, Face::Mono);
    picture_.words(QRectF(m.gap, y + 2 + m.line, left_ - 2 * m.gap, m.small),
                   u"%1 %2"_s.arg(phrase("changed at"), revision_words(index.modified())),
                   Ink::Muted, Face::Small);
    double x = left_;
    const auto& generations = index.generations();
    for (std::size_t g = 0; g < generations.size(); ++g) {
      x = draw_generation(key, generations[g], g + 1 == generations.size(), QPointF(x, y)) + m.gap;
    }
  }

  QString life(const Generation& generation) const {
    return generation.created.main == 0 ? phrase("first put compacted away")
                                        : QString(u"%1 %2, %3 %4"_s.arg(
                                              phrase("created"), revision_words(generation.created),
                                              phrase("version"), q(generation.version)));
  }

  // Returns the box's right edge.
  double draw_generation(const Blob& key, const Generation& generation, bool last, QPointF at) {
    const Metrics& m = scene_.metrics;
    if (generation.empty()) {
      const QRectF box(at.x(), at.y() + 2, cell_, row_ - 6);
      picture_.add({.kind = Shape::Kind::Round, .at = box, .pen = Ink::Frame, .dashed = true});
      picture_.words(box, u"\u2205"_s, Ink::Muted, Face::Small, Qt::AlignCenter);
      picture_.item({.area = box,
                     .name = bytes_words(key) + u": "_s +
                             phrase("an empty generation: the key does not exist now")});
      return box.right();
    }
    const double width =
        std::max(cell_ * static_cast<double>(generation.revisions.size()), m.ch * 20);
    const QRectF box(at.x(), at.y() + 2, width, row_ - 6);
    picture_.round(box, Ink::Card, Ink::Text, last ? 2 : 1);
    picture_.words(QRectF(box.left() + 4, box.top() + m.line, box.width() - 8, m.small),
                   life(generation), Ink::Muted, Face::Small);
    double x = box.left() + 3;
    std::size_t place = 0;
    for (const mvcc::Revision& revision : generation.revisions) {
      const bool tombstone = !last && ++place == generation.revisions.size();
      draw_revision(key, revision, tombstone, QRectF(x, box.top() + 2, cell_ - 3, m.line));
      x += cell_;
    }
    return box.right();
  }

  void draw_revision(const Blob& key, const mvcc::Revision& revision, bool tombstone,
                     const QRectF& at) {
    if (!at.intersects(scene_.visible)) return;
    const std::int64_t compacted = store_->compact_revision();
    picture_.words(at, revision_words(revision) + (tombstone ? u" \u2715"_s : QString()),
                   revision.main <= compacted ? Ink::Muted : Ink::Text, Face::MonoSmall);
    picture_.item({.area = at,
                   .name = u"%1 %2 %3, %4"_s.arg(bytes_words(key), phrase("at revision"),
                                                 revision_words(revision),
                                                 tombstone ? phrase("deleted") : phrase("put")),
                   .ref = {.kind = Ref::Kind::Revision,
                           .member = scene_.member,
                           .number = static_cast<std::uint64_t>(revision.main),
                           .text = bytes_words(key)}});
  }

  const Scene& scene_;
  Picture& picture_;
  const mvcc::Store* store_ = nullptr;
  double row_ = 0;
  double left_ = 0;
  double head_ = 0;
  double cell_ = 0;
};

}  // namespace

Picture draw_key_index(const Scene& scene) {
  Picture picture;
  KeyIndexPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
