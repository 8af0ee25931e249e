#include "gui/sheet.h"

#include <algorithm>

#include "gui/words.h"

namespace orrery::gui {

using namespace Qt::Literals::StringLiterals;

bool Sheet::seen(double height) const {
  return y_ <= scene_.visible.bottom() && y_ + height >= scene_.visible.top();
}

void Sheet::line(const QString& words, Ink ink, Face face) {
  const Metrics& m = scene_.metrics;
  const double room = std::max(scene_.room.width() - 2 * m.gap, m.ch * 60);
  const QRectF at(m.gap, y_, room, m.line);
  if (seen(m.line)) {
    picture_.words(at, words, ink, face);
    picture_.item({.area = at, .name = words});
  }
  width_ = std::max(width_, std::min(room, m.ch * static_cast<double>(words.size())));
  y_ += m.line + 2;
}

void Sheet::paragraph(const QString& words, Ink ink, double indent) {
  const Metrics& m = scene_.metrics;
  const double left = m.gap + indent * m.ch;
  const double room = std::max(scene_.room.width() - left - m.gap, m.ch * 40);
  const auto fits = static_cast<qsizetype>(room / m.ch * 0.95);
  const double top = y_;
  for (qsizetype from = 0; from < words.size();) {
    qsizetype end = std::min(words.size(), from + fits);
    const qsizetype space = words.lastIndexOf(QLatin1Char(' '), end);
    if (end < words.size() && space > from) end = space;
    const QRectF at(left, y_, room, m.line);
    if (seen(m.line)) picture_.words(at, words.mid(from, end - from), ink);
    y_ += m.line;
    from = end;
    while (from < words.size() && words[from] == QLatin1Char(' ')) ++from;
  }
  picture_.item({.area = QRectF(left, top, room, y_ - top), .name = words});
  y_ += 2;
}

void Sheet::head(std::vector<Column> columns) {
  columns_ = std::move(columns);
  std::vector<Cell> cells;
  QStringList titles;
  double wide = 0;
  for (const Column& column : columns_) {
    cells.push_back({.words = column.title, .ink = Ink::Muted, .face = Face::Small});
    titles << column.title;
    wide += column.chars * scene_.metrics.ch + 2 * scene_.metrics.gap;
  }
  row(cells, {.area = {}, .name = titles.join(u", "_s)});
  picture_.line(QPointF(scene_.metrics.gap, y_ - 1), QPointF(scene_.metrics.gap + wide, y_ - 1),
                Ink::Frame);
  width_ = std::max(width_, wide);
}

void Sheet::row(const std::vector<Cell>& cells, Item item) {
  const Metrics& m = scene_.metrics;
  const double high = m.line + 3;
  if (!seen(high)) {
    y_ += high;
    return;
  }
  double x = m.gap;
  QStringList said;
  for (std::size_t i = 0; i < cells.size() && i < columns_.size(); ++i) {
    const double wide = columns_[i].chars * m.ch;
    const QRectF at(x, y_ + 1, wide, m.line);
    if (cells[i].fill != Ink::None) picture_.box(at, cells[i].fill);
    picture_.words(at, cells[i].words, cells[i].ink, cells[i].face,
                   (columns_[i].right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (!cells[i].words.isEmpty()) said << columns_[i].title + u" "_s + cells[i].words;
    x += wide + 2 * m.gap;
  }
  item.area = QRectF(m.gap, y_, x - m.gap, high);
  if (item.name.isEmpty()) item.name = said.join(u", "_s);
  picture_.item(std::move(item));
  y_ += high;
}

void Sheet::finish() {
  const double gap = scene_.metrics.gap;
  picture_.size = QSizeF(width_ + 2 * gap, y_ + gap);
}

Cell gauge_cell(std::uint64_t now, std::uint64_t before) {
  if (now == before) return {.words = q(now)};
  return {.words = glyph(Change::Changed) + q(now), .fill = Ink::ChangedTint};
}

}  // namespace orrery::gui
