#include "gui/cluster_geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace orrery::gui {
namespace {

constexpr std::size_t kShownChips = 6;

// Where a ray from inside the box leaves it.
QPointF exit_of(const QLineF& line, const QRectF& box) {
  const QPointF centre = box.center();
  const double dx = line.p2().x() - centre.x();
  const double dy = line.p2().y() - centre.y();
  const double across =
      dx == 0 ? 1e9 : (dx > 0 ? box.right() - centre.x() : box.left() - centre.x()) / dx;
  const double down =
      dy == 0 ? 1e9 : (dy > 0 ? box.bottom() - centre.y() : box.top() - centre.y()) / dy;
  const double t = std::clamp(std::min(across, down), 0.0, 1.0);
  return centre + QPointF(dx, dy) * t;
}

std::vector<QPointF> unit_ring(std::size_t count) {
  std::vector<QPointF> out;
  for (std::size_t i = 0; i < count; ++i) {
    const double angle =
        (static_cast<double>(i) / static_cast<double>(count) - 0.25) * 2 * std::numbers::pi;
    out.emplace_back(std::cos(angle), std::sin(angle));
  }
  return out;
}

// Stretched so that it touches all four sides of [0,1] x [0,1].
std::vector<QPointF> filled(std::vector<QPointF> ring) {
  if (ring.size() < 2) return {QPointF(0.5, 0.5)};
  const auto by_x = [](QPointF a, QPointF b) { return a.x() < b.x(); };
  const auto by_y = [](QPointF a, QPointF b) { return a.y() < b.y(); };
  const auto [left, right] = std::ranges::minmax_element(ring, by_x);
  const auto [top, bottom] = std::ranges::minmax_element(ring, by_y);
  const QPointF low(left->x(), top->y());
  const QPointF span(std::max(right->x() - low.x(), 0.001), std::max(bottom->y() - low.y(), 0.001));
  for (QPointF& point : ring) {
    point = QPointF((point.x() - low.x()) / span.x(), (point.y() - low.y()) / span.y());
  }
  if (ring.size() == 2) ring = {QPointF(0, 0.5), QPointF(1, 0.5)};
  return ring;
}

bool any_meet(const std::vector<QRectF>& boxes) {
  for (std::size_t a = 0; a < boxes.size(); ++a) {
    for (std::size_t b = a + 1; b < boxes.size(); ++b) {
      if (boxes[a].intersects(boxes[b])) return true;
    }
  }
  return false;
}

// Where a ring has no room: in rows, n1 first, and the clients in a cell of their own behind the last.
void place_in_rows(ClusterGeometry& out, std::size_t clients, QSizeF box, double gap,
                   double client_height) {
  const std::size_t members = out.members.size();
  const std::size_t cells = members + (clients == 0 ? 0 : 1);
  const auto fitting = static_cast<std::size_t>(out.room.width() / (box.width() + gap));
  const std::size_t columns = std::clamp(fitting, std::size_t{1}, cells);
  const std::size_t rows = (cells + columns - 1) / columns;
  const QSizeF cell(out.room.width() / static_cast<double>(columns),
                    out.room.height() / static_cast<double>(rows));
  const auto centre = [&](std::size_t i) {
    const std::size_t row = i / columns;
    return QPointF(cell.width() * (static_cast<double>(i % columns) + 0.5),
                   cell.height() * (static_cast<double>(row) + 0.5));
  };
  for (std::size_t i = 0; i < members; ++i) {
    out.members[i].setHeight(std::min(box.height(), cell.height() - gap));
    out.members[i].moveCenter(centre(i));
  }
  const double each =
      std::min(client_height,
               (cell.height() - gap) / static_cast<double>(std::max<std::size_t>(clients, 1)));
  for (std::size_t i = 0; i < clients; ++i) {
    QRectF at(0, 0, box.width(), each - 2);
    at.moveCenter(centre(members));
    at.moveTop(centre(members).y() - cell.height() / 2 + gap / 2 + static_cast<double>(i) * each);
    out.clients.push_back(at);
  }
}

}  // namespace

QLineF between(const QLineF& line, const QRectF& from, const QRectF& to) {
  return {exit_of(line, from), exit_of(QLineF(line.p2(), line.p1()), to)};
}

QLineF ClusterGeometry::link(const QRectF& from, const QRectF& to) const {
  const QLineF middle = between(QLineF(from.center(), to.center()), from, to);
  if (middle.length() < 1) return middle;
  const QPointF along = QPointF(middle.dx(), middle.dy()) / middle.length();
  const QPointF across(-along.y(), along.x());
  const double aside =
      std::abs(across.x()) * chip.width() / 2 + std::abs(across.y()) * chip.height() / 2 + 2;
  return middle.translated(across * aside);
}

std::vector<QRectF> ClusterGeometry::chips(const QLineF& link, std::size_t count) const {
  std::vector<QRectF> out;
  if (count == 0 || link.length() < 1) return out;
  const QPointF along = QPointF(link.dx(), link.dy()) / link.length();
  const double by_x = std::abs(along.x()) < 0.01 ? 1e9 : (chip.width() + 4) / std::abs(along.x());
  const double by_y = std::abs(along.y()) < 0.01 ? 1e9 : (chip.height() + 3) / std::abs(along.y());
  const double pace = std::min(by_x, by_y);
  const double fitting = std::floor((link.length() - pace * 0.6) / pace) + 1;
  const std::size_t shown = std::clamp(static_cast<std::size_t>(std::max(fitting, 1.0)),
                                       std::size_t{1}, std::min(count, kShownChips));
  const double used = pace * static_cast<double>(shown - 1);
  const double first = std::min(link.length() / 2 + used / 2 + pace * 0.2, link.length());
  for (std::size_t i = 0; i < shown; ++i) {
    const QPointF centre = link.p1() + along * (first - pace * static_cast<double>(i));
    QRectF box(QPointF(), chip);
    box.moveCenter(centre);
    out.push_back(box);
  }
  return out;
}

ClusterGeometry lay_out_cluster(std::size_t members, std::size_t clients, QSizeF room,
                                const Metrics& metrics) {
  ClusterGeometry out;
  out.room = QRectF(QPointF(), room);
  out.chip = QSizeF(metrics.ch * 9.5, metrics.small + 4);
  const double rows = members <= 2 ? 1.4 : members <= 4 ? 2.3 : members == 5 ? 3.1 : 4.0;
  const double columns = members <= 2 ? 2.8 : members <= 4 ? 2.9 : members == 5 ? 3.4 : 3.7;
  const double width = std::clamp(room.width() / columns, metrics.ch * 25, metrics.ch * 42);
  const double height = std::clamp(room.height() / rows, metrics.line * 5.5, metrics.line * 14);
  const double edge = metrics.gap;
  const QRectF inner =
      out.room.adjusted(edge + width / 2, edge + height / 2, -edge - width / 2, -edge - height / 2);
  for (const QPointF& point : filled(unit_ring(members))) {
    QRectF box(0, 0, width, height);
    box.moveCenter(QPointF(inner.x() + point.x() * std::max(inner.width(), 0.0),
                           inner.y() + point.y() * std::max(inner.height(), 0.0)));
    out.members.push_back(box);
  }
  const QSizeF client(std::min(metrics.ch * 26, room.width() / 2 - width / 2 - 3 * edge),
                      metrics.line * 3.4);
  if (any_meet(out.members)) {
    place_in_rows(out, clients, QSizeF(width, height), edge, client.height());
    return out;
  }
  for (std::size_t i = 0; i < clients; ++i) {
    const std::size_t row = i / 2;
    const double x = i % 2 == 0 ? edge : room.width() - edge - client.width();
    const double y = edge + static_cast<double>(row) * (client.height() + edge);
    out.clients.emplace_back(QPointF(x, y), client);
  }
  return out;
}

}  // namespace orrery::gui
