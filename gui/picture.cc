#include "gui/picture.h"

#include <array>
#include <cmath>

#include <QFontMetricsF>
#include <QStringList>

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr double kRadius = 4;
constexpr std::size_t kFaces = static_cast<std::size_t>(Face::MonoSmall) + 1;

// Fonts and their metrics are made once for all words of one painting.
class Faces {
 public:
  explicit Faces(const Theme& theme) {
    for (std::size_t i = 0; i < kFaces; ++i) fonts_[i] = theme.font(static_cast<Face>(i));
  }

  const QFont& font(Face face) const { return fonts_[static_cast<std::size_t>(face)]; }

 private:
  std::array<QFont, kFaces> fonts_;
};

QRectF reach(const Shape& shape) {
  const double margin = shape.width + 6;
  return shape.at.normalized().adjusted(-margin, -margin, margin, margin);
}

void paint_arrow(QPainter& painter, const Shape& shape) {
  const QLineF line(shape.at.topLeft(), shape.at.bottomRight());
  painter.drawLine(line);
  if (line.length() < 1) return;
  const QPointF along = QPointF(line.dx(), line.dy()) / line.length();
  const QPointF across(-along.y(), along.x());
  const QPointF head = line.p2();
  const std::array<QPointF, 3> tip{head, head - along * 8 + across * 4,
                                   head - along * 8 - across * 4};
  painter.setBrush(painter.pen().color());
  painter.drawPolygon(tip.data(), 3);
}

void paint_words(QPainter& painter, const Shape& shape, const Theme& theme, const Faces& faces) {
  painter.setPen(theme.color(shape.pen));
  painter.setFont(faces.font(shape.face));
  const QFontMetricsF metrics(faces.font(shape.face));
  const QString fitting = metrics.horizontalAdvance(shape.words) <= shape.at.width() + 0.5
                              ? shape.words
                              : metrics.elidedText(shape.words, shape.elide, shape.at.width());
  painter.drawText(shape.at, static_cast<int>(shape.align) | Qt::TextDontClip | Qt::TextSingleLine,
                   fitting);
}

void set_tools(QPainter& painter, const Shape& shape, const Theme& theme) {
  if (shape.pen == Ink::None) {
    painter.setPen(Qt::NoPen);
  } else {
    QPen pen(theme.color(shape.pen), shape.kind == Shape::Kind::Arc ? 2.5 : shape.width);
    if (shape.dashed) pen.setDashPattern({3, 3});
    painter.setPen(pen);
  }
  painter.setBrush(shape.fill == Ink::None ? QBrush(Qt::NoBrush) : QBrush(theme.color(shape.fill)));
}

// Boxes are drawn on pixel centres, so that a line of one pixel is one pixel.
QRectF crisp(const QRectF& at) {
  return QRectF(std::floor(at.x()) + 0.5, std::floor(at.y()) + 0.5, std::round(at.width()),
                std::round(at.height()));
}

void paint_hatch(QPainter& painter, const Shape& shape, const Theme& theme) {
  if (!shape.hatched) return;
  painter.setPen(Qt::NoPen);
  painter.setBrush(QBrush(theme.color(Ink::Muted), Qt::BDiagPattern));
  painter.drawRect(shape.at);
}

void paint_shape(QPainter& painter, const Shape& shape, const Theme& theme, const Faces& faces) {
  set_tools(painter, shape, theme);
  painter.setRenderHint(QPainter::Antialiasing, shape.kind != Shape::Kind::Box);
  switch (shape.kind) {
    case Shape::Kind::Box:
      if (shape.pen == Ink::None) {
        painter.fillRect(shape.at, theme.color(shape.fill));
      } else {
        painter.drawRect(crisp(shape.at));
      }
      break;
    case Shape::Kind::Round: painter.drawRoundedRect(crisp(shape.at), kRadius, kRadius); break;
    case Shape::Kind::Ellipse: painter.drawEllipse(shape.at); break;
    case Shape::Kind::Line:
      painter.drawLine(QLineF(shape.at.topLeft(), shape.at.bottomRight()));
      break;
    case Shape::Kind::Arrow: paint_arrow(painter, shape); break;
    case Shape::Kind::Arc:
      painter.drawArc(shape.at, 90 * 16, -static_cast<int>(shape.width * 360 * 16));
      break;
    case Shape::Kind::Words: paint_words(painter, shape, theme, faces); break;
  }
  paint_hatch(painter, shape, theme);
}

}  // namespace

void Picture::box(const QRectF& at, Ink fill, Ink pen) {
  shapes.push_back({.kind = Shape::Kind::Box, .at = at, .fill = fill, .pen = pen});
}

void Picture::round(const QRectF& at, Ink fill, Ink pen, double width) {
  shapes.push_back(
      {.kind = Shape::Kind::Round, .at = at, .fill = fill, .pen = pen, .width = width});
}

void Picture::line(QPointF from, QPointF to, Ink pen, double width, bool dashed) {
  shapes.push_back({.kind = Shape::Kind::Line,
                    .at = QRectF(from, to),
                    .pen = pen,
                    .width = width,
                    .dashed = dashed});
}

void Picture::words(const QRectF& at, const QString& words, Ink pen, Face face,
                    Qt::Alignment align) {
  if (words.isEmpty()) return;
  shapes.push_back({.kind = Shape::Kind::Words,
                    .at = at,
                    .pen = pen,
                    .words = words,
                    .face = face,
                    .align = align | Qt::AlignVCenter});
}

int Picture::item_at(QPointF point) const {
  for (std::size_t i = items.size(); i > 0; --i) {
    if (items[i - 1].area.contains(point)) return static_cast<int>(i - 1);
  }
  return -1;
}

QString Picture::text_twin() const {
  QStringList lines;
  for (const Item& item : items) {
    if (!item.name.isEmpty()) lines << item.name;
  }
  return lines.join(u'\n');
}

QString glyph(Change change) {
  switch (change) {
    case Change::Same: return {};
    case Change::Added: return u"+"_s;
    case Change::Changed: return u"~"_s;
    case Change::Removed: return u"-"_s;
  }
  return {};
}

Ink tint(Change change) {
  switch (change) {
    case Change::Same: return Ink::None;
    case Change::Added: return Ink::AddedTint;
    case Change::Changed: return Ink::ChangedTint;
    case Change::Removed: return Ink::RemovedTint;
  }
  return Ink::None;
}

void paint(QPainter& painter, const Picture& picture, const Theme& theme, const QRectF& visible) {
  const Faces faces(theme);
  for (const Shape& shape : picture.shapes) {
    if (reach(shape).intersects(visible)) paint_shape(painter, shape, theme, faces);
  }
}

}  // namespace orrery::gui
