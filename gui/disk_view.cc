// The files of one member's disk, the log's records in them, and which of their bytes a crash would lose.
#include <algorithm>
#include <array>
#include <map>

#include "gui/describe.h"
#include "gui/disk_rows.h"
#include "gui/disk_words.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::uint32_t kShownPieces = 48;
constexpr double kTarget = 24;  // what a hand can hit
constexpr double kNarrow = 12;  // what a mouse can
constexpr double kWide = 92;    // characters: with room for every column

// Columns of a record's row, from the left edge, in pixels.
struct Columns {
  double glyph = 0;
  double offset = 0;
  double bytes = 0;
  double record = 0;
  double term = 0;
  double index = 0;
  double words = 0;
  double chain = 0;
  double state = 0;
  double right = 0;
  bool wide = false;
};

Columns lay_out(double width, const Metrics& m) {
  Columns out;
  out.wide = width >= m.ch * kWide;
  const double ch = m.ch;
  out.glyph = m.gap;
  out.offset = out.glyph + ch * 2;
  out.bytes = out.offset + ch * 7;
  out.record = out.bytes + (out.wide ? ch * 7 : ch * 2);
  out.term = out.record + ch * 10;
  out.index = out.term + ch * 4;
  out.words = out.index + ch * 7;
  out.right = std::max(width, ch * 62) - m.gap;
  out.state = out.right - ch * 12;
  out.chain = out.wide ? out.state - ch * 11 : out.state - ch * 2;
  return out;
}

class DiskPainter {
 public:
  DiskPainter(const Scene& scene, Picture& picture)
      : scene_(scene),
        picture_(picture),
        member_(scene.now.member(scene.member)),
        disk_(member_.disk()),
        before_(scene.member <= scene.before.member_count()
                    ? scene.before.member(scene.member).disk()
                    : disk_),
        rows_(read_disk(disk_, before_)),
        at_(lay_out(scene.room.width(), scene.metrics)) {
    const Metrics& m = scene.metrics;
    row_ = m.line + 4;
    unsynced_ = disk_.unsynced();
    can_crash_ = member_.up() && (!unsynced_.empty() || disk_.unsynced_names() > 0);
    head_ = m.line + m.small + 8 + (can_crash_ ? kTarget + 4 : 0);
    picture.size =
        QSizeF(at_.right + m.gap, head_ + static_cast<double>(rows_.rows.size()) * row_ + m.gap);
  }

  void draw() {
    const auto first =
        static_cast<std::size_t>(std::max(0.0, (scene_.visible.top() - head_) / row_));
    for (std::size_t i = first; i < rows_.rows.size(); ++i) {
      const double y = head_ + static_cast<double>(i) * row_;
      if (y > scene_.visible.bottom()) break;
      draw_row(rows_.rows[i], y);
    }
    draw_head();
  }

 private:
  // -- the head stays in sight
  void draw_head() {
    const Metrics& m = scene_.metrics;
    const double top = scene_.visible.top();
    picture_.box(QRectF(0, top, std::max(picture_.size.width(), scene_.room.width()), head_),
                 Ink::Page);
    QRectF line(m.gap, top + 2, at_.right - m.gap, m.line);
    picture_.words(line, title(), member_.up() ? Ink::Text : Ink::Bad, Face::Bold);
    double y = line.bottom() + 2;
    if (can_crash_) {
      draw_choices(y);
      y += kTarget + 4;
    }
    draw_captions(y);
    picture_.line({0, top + head_ - 1}, {at_.right + m.gap, top + head_ - 1}, Ink::Faint, 1);
  }

  QString title() const {
    QString out = u"n%1: %2, %3"_s.arg(q(scene_.member), counted(disk_.paths().size(), "file"),
                                       bytes_short(disk_.used_bytes()));
    if (!member_.up()) out = out + phrase(" \u2014 the member is down");
    if (unsynced_.empty() && disk_.unsynced_names() == 0) return out + phrase(", all of it synced");
    if (unsynced_.size() == 1) {
      out = out + u", "_s + q(unsynced_.front().first) + phrase(" not synced");
    } else if (!unsynced_.empty()) {
      out = out + u", "_s + counted(unsynced_.size(), "file") + phrase(" not synced");
    }
    if (disk_.unsynced_names() > 0) {
      out = out + u", "_s + counted(disk_.unsynced_names(), "name") + phrase(" not synced");
    }
    return out;
  }

  // What a crash would keep of it, to be chosen by Enter or a double click.
  void draw_choices(double y) {
    const Metrics& m = scene_.metrics;
    const QString lead = phrase("crash now and keep of it:");
    const double wide = m.ch * static_cast<double>(lead.size()) * 0.95;
    picture_.words(QRectF(m.gap, y, wide, kTarget), lead, Ink::Muted, Face::Small);
    double x = m.gap + wide + m.gap;
    x = draw_choice(phrase("nothing"), u"none"_s, x, y);
    draw_choice(phrase("everything"), u"all"_s, x, y);
  }

  double draw_choice(const QString& words, const QString& keep, double x, double y) {
    const Metrics& m = scene_.metrics;
    const QRectF at(x, y, m.ch * (static_cast<double>(words.size()) + 3), kTarget);
    picture_.round(at, Ink::Card, Ink::Accent, 1.2);
    picture_.words(at, words, Ink::Accent, Face::Small, Qt::AlignHCenter);
    picture_.item({.area = at,
                   .name = u"%1 n%2: %3"_s.arg(phrase("crash"), q(scene_.member), words),
                   .command = u"perform crash n%1 keep %2"_s.arg(q(scene_.member), keep)});
    return at.right() + m.gap;
  }

  void draw_captions(double y) {
    const Metrics& m = scene_.metrics;
    const auto caption = [&](double from, double to, const char* words, Qt::Alignment align) {
      picture_.words(QRectF(from, y, to - from, m.small), phrase(words), Ink::Muted, Face::Small,
                     align);
    };
    caption(at_.offset, at_.bytes - m.ch, "offset", Qt::AlignRight);
    if (at_.wide) caption(at_.bytes, at_.record - m.ch * 2, "bytes", Qt::AlignRight);
    caption(at_.record, at_.term, "record", Qt::AlignLeft);
    caption(at_.term, at_.index, "term", Qt::AlignLeft);
    caption(at_.index, at_.words - m.ch, "index", Qt::AlignRight);
    caption(at_.words, at_.chain, "what it says", Qt::AlignLeft);
    if (at_.wide) caption(at_.chain, at_.state, "chain CRC", Qt::AlignLeft);
    caption(at_.state, at_.right, "after a crash", Qt::AlignLeft);
  }

  // -- rows
  void draw_row(const DiskRow& row, double y) {
    using Kind = DiskRow::Kind;
    switch (row.kind) {
      case Kind::File: return draw_file(row, y);
      case Kind::Pending: return draw_pending(row, y);
      case Kind::Record: return draw_record(row, y);
      case Kind::Ending: return draw_ending(row, y);
      case Kind::Snapshot: return draw_note(row, y, snap_words(*disk_.find_file(row.path)));
      case Kind::Database: return draw_note(row, y, meta_words(*disk_.find_file(row.path)));
      case Kind::Returns:
        return draw_lost(row, y,
                         phrase("removed; its directory is not synced: a crash brings it "
                                "back"));
      case Kind::Gone: return draw_lost(row, y, phrase("gone"));
    }
  }

  QRectF band(double y) const {
    return {scene_.metrics.gap / 2, y + 1, at_.right - scene_.metrics.gap / 2, row_ - 2};
  }

  void mark(const QRectF& at, Change change, bool selected) {
    if (change != Change::Same) {
      picture_.box(at, tint(change));
      picture_.words(QRectF(at_.glyph, at.top(), scene_.metrics.ch * 2, at.height()), glyph(change),
                     Ink::Text, Face::Bold);
    }
    if (selected) picture_.box(at, Ink::None, Ink::Accent);
  }

  void draw_file(const DiskRow& row, double y) {
    const Metrics& m = scene_.metrics;
    const disk::File& file = *disk_.find_file(row.path);
    const disk::File* old = before_.find_file(row.path);
    const Change change = old == &file ? Change::Same : change_of(old, &file);
    const bool named = name_is_durable(disk_, row.path);
    const Ref ref{.kind = Ref::Kind::File, .member = scene_.member, .text = q(row.path)};
    const QRectF at = band(y);
    picture_.box(at, Ink::Card);
    mark(at, change, scene_.selected == ref);
    const QString size = size_words(file, old);
    const QString state = file_state(file, named);
    const double side = m.ch * (static_cast<double>(size.size() + state.size()) + 3);
    picture_.add({.kind = Shape::Kind::Words,
                  .at = QRectF(at_.offset, y, at_.right - side - at_.offset, row_),
                  .pen = Ink::Text,
                  .words = q(row.path),
                  .face = Face::Mono,
                  .elide = Qt::ElideMiddle});
    picture_.words(QRectF(at.left(), y, at.width() - m.gap, row_), size + u"   "_s + state,
                   file.synced() && named ? Ink::Muted : Ink::Bad, Face::Small, Qt::AlignRight);
    picture_.item({.area = at, .name = u"%1, %2, %3"_s.arg(q(row.path), size, state), .ref = ref});
  }

  static QString size_words(const disk::File& file, const disk::File* old) {
    const QString now = bytes_grouped(file.size());
    if (old == nullptr || old->size() == file.size()) return now;
    return now + u", %1 %2"_s.arg(grouped(old->size()), phrase("before"));
  }

  static QString file_state(const disk::File& file, bool named) {
    if (!file.synced()) return counted(file.pending().size(), "write") + phrase(" not synced");
    return named ? phrase("synced") : phrase("name not synced");
  }

  // A box a piece, in the order of writing; each is a place where a crash can tear the writes.
  void draw_pending(const DiskRow& row, double y) {
    const Metrics& m = scene_.metrics;
    const std::uint32_t pieces = disk_.find_file(row.path)->pieces();
    const QString lead =
        u"%1 %2"_s.arg(counted(pieces, "piece"), phrase("a crash may lose; keep the first"));
    const double lead_wide = m.ch * static_cast<double>(lead.size()) * 0.95;
    picture_.words(QRectF(at_.offset, y, lead_wide, row_), lead, Ink::Bad, Face::Small);
    const double x = at_.offset + lead_wide + m.gap;
    // All of them where they fit; else the first ones with their numbers.
    const double room = at_.right - x;
    const bool all = pieces <= kShownPieces && room >= pieces * kNarrow;
    const double wide = all ? std::clamp(room / pieces, kNarrow, kTarget) : kTarget;
    const auto shown = all ? pieces : static_cast<std::uint32_t>((room - m.ch * 2) / kTarget);
    for (std::uint32_t piece = 1; piece <= shown; ++piece) {
      draw_piece(row, piece, pieces, QRectF(x + wide * (piece - 1), y + 2, wide - 2, row_ - 4));
    }
    if (!all) cell(x + wide * shown, at_.right, y, u"\u2026"_s, Ink::Muted);
  }

  void draw_piece(const DiskRow& row, std::uint32_t piece, std::uint32_t pieces, const QRectF& at) {
    picture_.add({.kind = Shape::Kind::Box, .at = at, .pen = Ink::Frame, .hatched = true});
    if (at.width() > kNarrow + 4) {
      picture_.words(at, q(piece), Ink::Text, Face::Small, Qt::AlignHCenter);
    }
    picture_.item({.area = at,
                   .name = phrase("crash n%1: of %2 the first %3 of %4 unsynced pieces survive")
                               .arg(q(scene_.member), q(row.path), q(piece), q(pieces)),
                   .command = member_.up() ? u"perform crash n%1 keep none %2=torn:%3"_s.arg(
                                                 q(scene_.member), q(row.path), q(piece))
                                           : QString()});
  }

  void draw_record(const DiskRow& row, double y) {
    const WalFile& wal = rows_.segments[row.segment];
    const wal::Located& one = wal.segment.records[row.record];
    const disk::File& file = *disk_.find_file(row.path);
    const BytesView bytes =
        BytesView(wal.stored)
            .substr(std::min<std::size_t>(one.offset, wal.stored.size()), one.size);
    const bool durable = is_durable(file, one.offset, bytes);
    const Ref ref{.kind = Ref::Kind::Record,
                  .member = scene_.member,
                  .number = one.offset,
                  .text = q(row.path)};
    const QRectF at = band(y);
    mark(at, change_of_bytes(before_.find_file(row.path), file, one.offset, bytes),
         scene_.selected == ref);
    const RecordWords words = record_words(one.record, member_.plan());
    cell(at_.offset, at_.bytes - scene_.metrics.ch, y, q(one.offset), Ink::Muted, Qt::AlignRight);
    if (at_.wide) {
      cell(at_.bytes, at_.record - scene_.metrics.ch * 2, y, q(one.size), Ink::Muted,
           Qt::AlignRight);
    }
    cell(at_.record, at_.term, y, words.type, Ink::Text);
    draw_term(words, y);
    cell(at_.index, at_.words - scene_.metrics.ch, y, words.index, Ink::Text, Qt::AlignRight);
    cell(at_.words, at_.chain - scene_.metrics.ch, y, words.says, Ink::Text);
    cell(at_.chain, at_.state, y,
         at_.wide ? u"%1 \u2713"_s.arg(one.record.crc, 8, 16, QLatin1Char('0')) : QString(),
         Ink::Muted);
    draw_state(durable, y);
    picture_.item(
        {.area = at,
         .name = u"%1 %2, %3 %4: %5 %6 %7, CRC %8 %9, %10"_s
                     .arg(phrase("offset"), q(one.offset), q(one.size), phrase("bytes"), words.type,
                          words.index, words.says)
                     .arg(one.record.crc, 8, 16, QLatin1Char('0'))
                     .arg(phrase("fits"), durable ? phrase("durable") : phrase("cached only")),
         .ref = ref});
  }

  void cell(double from, double to, double y, const QString& words, Ink ink,
            Qt::Alignment align = Qt::AlignLeft) {
    picture_.words(QRectF(from, y, std::max(0.0, to - from), row_), words, ink, Face::Small, align);
  }

  // Hue means term, as in the Raft logs; the number stands in it.
  void draw_term(const RecordWords& words, double y) {
    if (!words.term) return;
    const QRectF at(at_.term, y + 3, scene_.metrics.ch * 3.6, row_ - 6);
    picture_.box(at, term_ink(*words.term));
    picture_.words(at, u"t"_s + q(*words.term), Ink::OnTerm, Face::Small, Qt::AlignHCenter);
  }

  void draw_state(bool durable, double y) {
    const QRectF at(at_.state, y + 3, at_.right - at_.state, row_ - 6);
    if (!durable) {
      picture_.add({.kind = Shape::Kind::Box,
                    .at = QRectF(at.left(), at.top(), scene_.metrics.ch * 2, at.height()),
                    .pen = Ink::Frame,
                    .hatched = true});
    }
    const double shift = durable ? 0 : scene_.metrics.ch * 2.6;
    picture_.words(at.adjusted(shift, 0, 0, 0),
                   durable ? phrase("\u2713 stays") : phrase("may be lost"),
                   durable ? Ink::Good : Ink::Bad, Face::Small);
  }

  void draw_ending(const DiskRow& row, double y) {
    const WalFile& wal = rows_.segments[row.segment];
    const wal::Segment& segment = wal.segment;
    const bool bad = segment.ending == wal::Ending::Torn || segment.ending == wal::Ending::Damaged;
    if (bad) picture_.box(band(y), Ink::RemovedTint);
    cell(at_.offset, at_.bytes - scene_.metrics.ch, y, q(segment.end), Ink::Muted, Qt::AlignRight);
    const QString words = ending_words(segment, wal.size);
    cell(at_.record, at_.right, y, words, bad ? Ink::Bad : Ink::Muted);
    picture_.item({.area = band(y),
                   .name = u"%1 %2: %3"_s.arg(phrase("offset"), q(segment.end), words),
                   .ref = {.kind = Ref::Kind::File, .member = scene_.member, .text = q(row.path)}});
  }

  void draw_note(const DiskRow& row, double y, const Note& note) {
    cell(at_.offset, at_.right, y, note.words, note.bad ? Ink::Bad : Ink::Text);
    picture_.item({.area = band(y),
                   .name = q(row.path) + u": "_s + note.words,
                   .ref = {.kind = Ref::Kind::File, .member = scene_.member, .text = q(row.path)}});
  }

  void draw_lost(const DiskRow& row, double y, const QString& why) {
    const QRectF at = band(y);
    mark(at, Change::Removed, false);
    picture_.words(QRectF(at_.offset, y, at_.right - at_.offset, row_), q(row.path), Ink::Muted,
                   Face::Mono);
    picture_.words(at.adjusted(0, 0, -scene_.metrics.gap, 0), why, Ink::Text, Face::Small,
                   Qt::AlignRight);
    picture_.item({.area = at, .name = q(row.path) + u": "_s + why});
  }

  const Scene& scene_;
  Picture& picture_;
  const server::Member& member_;
  const disk::Disk& disk_;
  const disk::Disk& before_;
  DiskRows rows_;
  Columns at_;
  std::vector<std::pair<std::string, std::uint32_t>> unsynced_;
  bool can_crash_ = false;
  double row_ = 0;
  double head_ = 0;
};

}  // namespace

Picture draw_disk(const Scene& scene) {
  Picture picture;
  DiskPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
