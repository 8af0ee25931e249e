// The partition matrix: rows send, columns receive; painting a cell cuts or mends one direction.
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

struct Grid {
  double head = 0;
  double side = 0;

  QRectF cell(std::uint32_t row, std::uint32_t column) const {
    return {head + side * (column - 1), head + side * (row - 1), side - 3, side - 3};
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
  picture.words(at, (changed ? u"~ "_s : QString()) + (cut ? u"\u2715 cut"_s : u"\u2713"_s),
                Ink::Text, Face::Small, Qt::AlignHCenter);
  const QString link = u"n%1->n%2"_s.arg(from).arg(to);
  picture.item({.area = at,
                .name = link + (cut ? phrase(" is cut; press to mend it")
                                    : phrase(" is open; press to cut it")),
                .ref = {.kind = Ref::Kind::Link, .text = link},
                .command = (cut ? u"heal "_s : u"cut "_s) + link,
                .on_press = true});
}

}  // namespace

Picture draw_partition(const Scene& scene) {
  const Metrics& m = scene.metrics;
  const std::uint32_t count = scene.now.member_count();
  const Grid grid{.head = m.ch * 7, .side = std::max(m.ch * 8, 30.0)};
  Picture picture{.size = QSizeF(grid.head + grid.side * count + m.gap,
                                 grid.head + grid.side * count + m.line * 2.5)};
  picture.words(QRectF(2, 2, grid.head, m.small), phrase("from \\ to"), Ink::Muted, Face::Small);
  for (std::uint32_t no = 1; no <= count; ++no) {
    const QRectF row = grid.cell(no, 1);
    const QRectF column = grid.cell(1, no);
    picture.words(QRectF(0, row.top(), grid.head - m.gap, row.height()), u"n"_s + q(no), Ink::Text,
                  Face::Bold, Qt::AlignRight);
    picture.words(QRectF(column.left(), 0, column.width(), grid.head - 2), u"n"_s + q(no),
                  Ink::Text, Face::Bold, Qt::AlignHCenter);
  }
  for (std::uint32_t from = 1; from <= count; ++from) {
    for (std::uint32_t to = 1; to <= count; ++to) draw_cell(picture, scene, grid, from, to);
  }
  const double below = grid.head + grid.side * count + 2;
  picture.words(QRectF(m.gap, below, scene.room.width() - m.gap, m.small),
                phrase("Press or drag to cut one way; again to mend."), Ink::Muted, Face::Small);
  return picture;
}

}  // namespace orrery::gui
