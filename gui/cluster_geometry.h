// ClusterGeometry: where members, clients and messages stand on the canvas; arithmetic only.
//   used by: cluster_view    uses: Qt Core geometry
//   ideas:   members stand on an ellipse that fills the room, n1 on top; clients outside, in the corners. Messages
//            stand on their link in order, the next to arrive nearest to its addressee; the two directions of a
//            link have a lane each. What does not fit folds into one chip "+k".
#pragma once

#include <cstdint>
#include <vector>

#include <QLineF>
#include <QRectF>

#include "gui/theme.h"

namespace orrery::gui {

struct ClusterGeometry {
  QRectF room;
  std::vector<QRectF> members;  // n1 first
  std::vector<QRectF> clients;  // in their order
  QSizeF chip;

  // The link's own lane from the edge of one box to the edge of the other.
  QLineF link(const QRectF& from, const QRectF& to) const;
  // Where `count` messages stand: front of the queue first. Fewer boxes than messages = the last is "+k".
  std::vector<QRectF> chips(const QLineF& link, std::size_t count) const;
};

ClusterGeometry lay_out_cluster(std::size_t members, std::size_t clients, QSizeF room,
                                const Metrics& metrics);

// The part of the line that lies outside both boxes.
QLineF between(const QLineF& line, const QRectF& from, const QRectF& to);

}  // namespace orrery::gui
