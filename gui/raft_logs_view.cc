// Raft logs side by side: rows are indexes, columns are members.
#include <algorithm>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr double kSmallShare = 0.95;  // of a normal character's width, with room for the wide ones

struct Extent {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

Extent extent_of(const sim::World& world) {
  Extent out{.first = ~std::uint64_t{0}, .last = 0};
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) continue;
    const raft::Log& log = world.member(no).running().raft.log();
    out.first = std::min(out.first, log.first_index().value());
    out.last = std::max(out.last, log.last_index().value());
  }
  if (out.first > out.last) out = {1, 0};
  return out;
}

const raftpb::Entry* entry_at(const server::Running* run, std::uint64_t index) {
  if (run == nullptr) return nullptr;
  const raft::Log& log = run->raft.log();
  if (Index(index) < log.first_index() || Index(index) > log.last_index()) return nullptr;
  return &log.at(Index(index));
}

class LogPainter {
 public:
  LogPainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    extent_ = extent_of(scene.now);
    const Metrics& m = scene.metrics;
    row_ = m.line + 3;
    left_ = m.ch * 6;
    head_ = m.line + 6;
    const auto members = static_cast<double>(scene.now.member_count());
    column_ = std::max(m.ch * 18, (scene.room.width() - left_ - m.gap) / members);
    const double rows = extent_.last + 1 > extent_.first
                            ? static_cast<double>(extent_.last + 1 - extent_.first)
                            : 0;
    picture.size = QSizeF(left_ + column_ * members, head_ + rows * row_ + m.gap);
  }

  void draw() {
    draw_rows();
    draw_heads();
  }

 private:
  // The heads stay in sight, so they are painted last, over whatever scrolled below them.
  void draw_heads() {
    const Metrics& m = scene_.metrics;
    const double top = scene_.visible.top();
    picture_.box(QRectF(0, top, picture_.size.width(), head_), Ink::Page);
    picture_.words(QRectF(2, top, left_ - 4, head_), phrase("index"), Ink::Muted, Face::Small);
    for (std::uint32_t no = 1; no <= scene_.now.member_count(); ++no) {
      const QRectF at(x_of(no) + m.gap, top, column_ - m.gap, head_);
      const auto* run = scene_.running(no);
      const QString words =
          run == nullptr
              ? u"n%1 %2"_s.arg(q(no), phrase("is down"))
              : u"n%1  %2 %3%4"_s.arg(q(no), phrase("term"), q(run->raft.term().value()),
                                      run->raft.is_leader() ? phrase("  leader") : QString());
      picture_.words(at, words, run == nullptr ? Ink::Bad : Ink::Text, Face::Bold);
    }
  }

  void draw_rows() {
    if (extent_.last < extent_.first) return;
    const double from = std::max(0.0, (scene_.visible.top() - head_) / row_);
    const double to = (scene_.visible.bottom() - head_) / row_;
    const auto rows = extent_.last + 1 - extent_.first;
    for (auto i = static_cast<std::uint64_t>(from); i < rows && static_cast<double>(i) <= to; ++i) {
      draw_row(extent_.first + i, head_ + static_cast<double>(i) * row_);
    }
  }

  void draw_row(std::uint64_t index, double y) {
    picture_.words(QRectF(0, y, left_ - scene_.metrics.gap, row_), q(index), Ink::Muted,
                   Face::Small, Qt::AlignRight);
    for (std::uint32_t no = 1; no <= scene_.now.member_count(); ++no) {
      draw_cell(no, index, QRectF(x_of(no), y + 1, column_ - 4, row_ - 2));
    }
  }

  void draw_cell(std::uint32_t no, std::uint64_t index, const QRectF& at) {
    const auto* run = scene_.running(no);
    const raftpb::Entry* entry = entry_at(run, index);
    const raftpb::Entry* old = entry_at(scene_.running_before(no), index);
    if (entry == nullptr) {
      if (old != nullptr && run != nullptr) draw_gone(at);
      return;
    }
    const bool committed = Index(index) <= run->raft.log().committed();
    const bool unsynced = Index(index) >= run->raft.log().unstable().offset();
    const Change change = change_of(old, entry);
    const auto* before = scene_.running_before(no);
    const bool newly =
        committed && before != nullptr && Index(index) > before->raft.log().committed();
    if (change != Change::Same || newly) {
      picture_.box(at.adjusted(-2, -1, 3, 1),
                   tint(change == Change::Same ? Change::Changed : change));
    }
    const QRectF badge(at.left() + scene_.metrics.ch * 1.6, at.top(), scene_.metrics.ch * 4,
                       at.height());
    const QRectF body(badge.left(), at.top(), at.right() - badge.left(), at.height());
    picture_.words(QRectF(at.left(), at.top(), scene_.metrics.ch * 1.6, at.height()),
                   glyph(change == Change::Same && newly ? Change::Changed : change), Ink::Text,
                   Face::Bold);
    picture_.add({.kind = Shape::Kind::Box, .at = badge, .fill = term_ink(entry->term.value())});
    picture_.words(badge, u"t"_s + q(entry->term.value()), Ink::OnTerm, Face::Small,
                   Qt::AlignHCenter);
    picture_.add({.kind = Shape::Kind::Box,
                  .at = body,
                  .pen = committed ? Ink::Text : Ink::Muted,
                  .width = committed ? 1.4 : 1.2,
                  .dashed = !committed});
    if (unsynced) {
      const double strip = scene_.metrics.ch * 2.5;
      picture_.add({.kind = Shape::Kind::Box,
                    .at = QRectF(body.right() - strip, body.top() + 1, strip, body.height() - 1),
                    .hatched = true});
    }
    draw_words(no, *entry, body, committed, unsynced);
  }

  void draw_words(std::uint32_t no, const raftpb::Entry& entry, const QRectF& body, bool committed,
                  bool unsynced) {
    const Metrics& m = scene_.metrics;
    const QString words = entry_words(entry);
    const QString marks = progress_marks(no, entry.index);
    const double strip = unsynced ? m.ch * 3 : 0;
    const double marks_wide = strip + m.ch * static_cast<double>(marks.size());
    const QRectF text(body.left() + m.ch * 4 + 4, body.top(),
                      body.width() - m.ch * 4 - 6 - marks_wide, body.height());
    const auto fitting = static_cast<qsizetype>(text.width() / (m.ch * kSmallShare));
    picture_.words(text, short_entry_words(entry, fitting), Ink::Text, Face::Small);
    picture_.words(body.adjusted(0, 0, -3 - strip, 0), marks, Ink::Accent, Face::Small,
                   Qt::AlignRight);
    picture_.item(
        {.area = body,
         .name = u"n%1 %2 %3, %4 %5: %6, %7%8"_s.arg(
             q(no), phrase("index"), q(entry.index.value()), phrase("term"), q(entry.term.value()),
             words, committed ? phrase("committed") : phrase("not committed"),
             unsynced ? phrase(", not synced to disk") : QString()),
         .ref = {.kind = Ref::Kind::Entry, .member = no, .number = entry.index.value()}});
  }

  // What the leader believes of this follower: match = known to be there, next = sent next.
  QString progress_marks(std::uint32_t no, Index index) const {
    const auto* progress = leader_progress();
    if (progress == nullptr) return {};
    if (scene_.now.member(no).up() && scene_.now.member(no).running().raft.is_leader()) return {};
    const raft::Progress* one = progress->find(scene_.now.member(no).id());
    if (one == nullptr) return {};
    QString out;
    const bool roomy = column_ > scene_.metrics.ch * 30;
    if (one->match == index) out = out + (roomy ? phrase(" \u25c2 match") : u" \u25c2"_s);
    if (one->next == index) out = out + (roomy ? phrase(" \u25c2 next") : u" \u25c3"_s);
    return out;
  }

  const raft::ProgressMap* leader_progress() const {
    const raft::ProgressMap* found = nullptr;
    Term term;
    for (std::uint32_t no = 1; no <= scene_.now.member_count(); ++no) {
      const auto* run = scene_.running(no);
      if (run == nullptr || !run->raft.is_leader() || run->raft.term() < term) continue;
      found = run->raft.progress();
      term = run->raft.term();
    }
    return found;
  }

  void draw_gone(const QRectF& at) {
    picture_.box(at, Ink::RemovedTint);
    picture_.words(at, u"- "_s + phrase("removed"), Ink::Text, Face::Small);
  }

  double x_of(std::uint32_t no) const { return left_ + column_ * static_cast<double>(no - 1); }

  const Scene& scene_;
  Picture& picture_;
  Extent extent_;
  double row_ = 0;
  double left_ = 0;
  double head_ = 0;
  double column_ = 0;
};

}  // namespace

Picture draw_raft_logs(const Scene& scene) {
  Picture picture;
  LogPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
