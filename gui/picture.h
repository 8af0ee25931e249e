// Picture: what a view shows, as plain values: shapes to paint, and things that can be pointed at.
//   used by: every draw_ function makes one, PicturePanel paints one, tests read one    uses: theme.h
//   ideas:   a view is a function (world now, world before, room) -> Picture, without a widget. Painting,
//            hit tests, tool tips, text twins, keyboard focus and accessible names come from the same list,
//            so they cannot disagree.
//            A draw_ function makes only what lies in the visible part.
#pragma once

#include <cstdint>
#include <vector>

#include <QLineF>
#include <QPainter>
#include <QRectF>
#include <QString>

#include "gui/theme.h"

namespace orrery::gui {

// What a thing on the screen stands for; what the inspector shows.
struct Ref {
  enum class Kind : std::uint8_t {
    Nothing,
    Member,    // member
    Lane,      // member, text = the lane
    Message,   // text = its id
    Entry,     // member, number = index
    Revision,  // member, number = main, text = key
    Watcher,   // member, text = "s3/0"
    Link,      // text = "n1->n2"
    Client,    // number
    File,      // member, text = path
    Record,    // of the log: member, text = path, number = offset
    Page,      // of the store: member, number
    Step,      // number = position
    Action,    // text
  };
  Kind kind = Kind::Nothing;
  std::uint32_t member = 0;
  std::uint64_t number = 0;
  QString text = {};

  friend bool operator==(const Ref&, const Ref&) = default;
};

struct Shape {
  enum class Kind : std::uint8_t { Box, Round, Ellipse, Line, Arrow, Words, Arc };
  Kind kind = Kind::Box;
  QRectF at;             // Line and Arrow: from its top left to its bottom right, signs kept
  Ink fill = Ink::None;  // Words: unused
  Ink pen = Ink::None;   // Words: their colour
  double width = 1;      // of the pen; Arc: how much of a full turn
  bool dashed = false;   // the pen
  bool hatched = false;  // over the fill
  QString words = {};    // elided to fit
  Face face = Face::Normal;
  Qt::Alignment align = Qt::AlignLeft | Qt::AlignVCenter;
  Qt::TextElideMode elide = Qt::ElideRight;  // where words that do not fit are cut
};

// Something that can be pointed at.
struct Item {
  QRectF area;
  QString name = {};  // a full sentence: tool tip, accessible name, text twin
  Ref ref = {};
  QString command = {};     // what Enter and a double click do; empty = nothing
  QString with_shift = {};  // with on_press: instead of it while Shift is held
  bool on_press = false;    // painting: a press, or dragging over it, does it
};

struct Picture {
  QSizeF size;  // of the whole, not only of what was made
  std::vector<Shape> shapes = {};
  std::vector<Item> items = {};

  void box(const QRectF& at, Ink fill, Ink pen = Ink::None);
  void round(const QRectF& at, Ink fill, Ink pen = Ink::None, double width = 1);
  void line(QPointF from, QPointF to, Ink pen, double width = 1, bool dashed = false);
  void words(const QRectF& at, const QString& words, Ink pen = Ink::Text, Face face = Face::Normal,
             Qt::Alignment align = Qt::AlignLeft | Qt::AlignVCenter);
  void add(Shape shape) { shapes.push_back(std::move(shape)); }
  void item(Item item) { items.push_back(std::move(item)); }

  // The last item whose area holds the point; -1 = none.
  int item_at(QPointF point) const;
  // Every item's name, a line each: what Ctrl-C copies and what a screen reader reads.
  QString text_twin() const;
};

// What changed between two worlds: a glyph and a tint, the same in every view.
enum class Change : std::uint8_t { Same, Added, Changed, Removed };
QString glyph(Change change);
Ink tint(Change change);

template <class T>
Change change_of(const T* before, const T* now) {
  if (before == nullptr) return now == nullptr ? Change::Same : Change::Added;
  if (now == nullptr) return Change::Removed;
  return *before == *now ? Change::Same : Change::Changed;
}

// Paints what touches `visible`; the painter's origin is the picture's.
void paint(QPainter& painter, const Picture& picture, const Theme& theme, const QRectF& visible);

}  // namespace orrery::gui
