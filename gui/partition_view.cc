// The partition matrix: rows send, columns receive; painting a cell cuts or mends one direction.
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

struct Grid {
  double left = 0;
  double top = 0;
  double side = 0;

  QRectF cell(std::uint32_t row, std::uint32_t column) const {
    return {left + side * (column - 1), top + side * (row - 1), side - 3, side - 3};
  }
};

void draw_cell(Picture& picture, const Scene& scene, const Grid& grid, std::uint32_t from,
               std::uint32_t to) {
  const QRectF at = grid.cell(from, to);
  if (from == to) {
    picture.box(at, Ink::Faint);
    return;
  }
  const auto cut_in = [&](const sim::World& world) {
    return world.network().is_cut(server::member_address(from), server::member_address(to));
  };
  const bool cut = cut_in(scene.now);
  const bool changed = cut != cut_in(scene.before);
  picture.add({.kind = Shape::Kind::Round,
               .at = at,
               .fill = cut ? Ink::RemovedTint : Ink::Card,
               .pen = changed ? Ink::Text : Ink::Frame,
               .width = changed ? 2.2 : 1.2,
               .dashed = cut});
  picture.words(
      at,
      (changed ? u"~ "_s : QString()) +
          (cut ? (at.width() > scene.metrics.ch * 5 ? u"\u2715 cut"_s : u"\u2715"_s) : u"\u2713"_s),
      Ink::Text, Face::Small, Qt::AlignHCenter);
  const QString link = u"n%1->n%2"_s.arg(from).arg(to);
  picture.item({.area = at,
                .name = link + (cut ? phrase(" is cut; press to mend it")
                                    : phrase(" is open; press to cut it")),
                .ref = {.kind = Ref::Kind::Link, .text = link},
                .command = (cut ? u"heal "_s : u"cut "_s) + link,
                .with_shift = (cut ? u"heal "_s : u"cut "_s) + u"n%1<->n%2"_s.arg(from).arg(to),
                .on_press = true});
}

}  // namespace

Picture draw_partition(const Scene& scene) {
  const Metrics& m = scene.metrics;
  const std::uint32_t count = scene.now.member_count();
  const double words = m.small * 2 + 4;
  Grid grid{.left = m.ch * 4.5, .top = m.line + 2};
  const double fitting = std::min((scene.room.width() - grid.left - m.gap) / count,
                                  (scene.room.height() - grid.top - words) / count);
  grid.side = std::clamp(fitting, 27.0, m.ch * 9);
  const double below = grid.top + grid.side * count;
  Picture picture{.size = QSizeF(grid.left + grid.side * count + m.gap, below + words)};
  for (std::uint32_t no = 1; no <= count; ++no) {
    const QRectF row = grid.cell(no, 1);
    const QRectF column = grid.cell(1, no);
    picture.words(QRectF(0, row.top(), grid.left - m.gap, row.height()), u"n"_s + q(no), Ink::Text,
                  Face::Bold, Qt::AlignRight);
    picture.words(QRectF(column.left(), 0, column.width(), grid.top), u"n"_s + q(no), Ink::Text,
                  Face::Bold, Qt::AlignHCenter);
  }
  for (std::uint32_t from = 1; from <= count; ++from) {
    for (std::uint32_t to = 1; to <= count; ++to) draw_cell(picture, scene, grid, from, to);
  }
  const QRectF line(m.gap, below, std::max(scene.room.width() - m.gap, m.ch * 20), m.small);
  picture.words(line, phrase("A row sends to a column."), Ink::Muted, Face::Small);
  picture.words(line.translated(0, m.small), phrase("Press: cut, mend. Shift: both ways."),
                Ink::Muted, Face::Small);
  return picture;
}

}  // namespace orrery::gui
