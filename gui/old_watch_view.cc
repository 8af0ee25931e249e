// Old watch: v2's ring of events with Front, Back and StartIndex, its pollers, and what both generations have cost.
#include <algorithm>
#include <array>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using legacy::EventHistory;
using legacy::OldEvent;

constexpr std::uint64_t kColumns = 50;  // slots of the ring in a row of the drawing

class OldWatchPainter {
 public:
  OldWatchPainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    left_ = scene.metrics.gap;
    y_ = scene.metrics.gap;
    width_ = std::max(scene.room.width() - 2 * left_, scene.metrics.ch * 70);
  }

  void draw() {
    const auto* run = scene_.running(scene_.member);
    if (run == nullptr) {
      line(u"n%1 %2"_s.arg(q(scene_.member), phrase("is down: its ring was memory, and is lost")),
           Ink::Bad, Face::Bold);
    } else if (!run->old_watches.open()) {
      line(phrase("No ring yet: it begins to remember with the first poll. Try: poll hello"),
           Ink::Muted, Face::Normal);
    } else {
      draw_ring(run->old_watches.history());
    }
    draw_pollers();
    draw_counters();
    picture_.size = QSizeF(width_ + 2 * left_, y_ + scene_.metrics.gap);
  }

 private:
  void line(const QString& words, Ink ink, Face face) {
    picture_.words(QRectF(left_, y_, width_, scene_.metrics.line), words, ink, face);
    picture_.item({.area = QRectF(left_, y_, width_, scene_.metrics.line), .name = words});
    y_ += scene_.metrics.line + 2;
  }

  void draw_ring(const EventHistory& ring) {
    line(u"n%1: %2 %3/%4, Front %5, Back %6, StartIndex %7, LastIndex %8"_s.arg(
             q(scene_.member), phrase("events"), q(ring.size()), q(legacy::kCapacity),
             q(ring.front()), q(ring.back()), q(ring.start_index()), q(ring.last_index())),
         Ink::Text, Face::Bold);
    const double pace = width_ / static_cast<double>(kColumns);
    const double high = std::max(6.0, scene_.metrics.small * 0.8);
    for (std::uint64_t slot = 0; slot < legacy::kCapacity; ++slot) {
      const QRectF at(left_ + pace * static_cast<double>(slot % kColumns),
                      y_ + high * static_cast<double>(slot / kColumns), pace - 1, high - 1);
      if (at.intersects(scene_.visible)) draw_slot(ring, slot, at);
    }
    y_ += high * static_cast<double>(legacy::kCapacity / kColumns) + 4;
    line(phrase("filled = an event, thick = Front, the oldest; dashed = Back, where the next event "
                "goes. When the ring is full they meet, and each new event takes the oldest."),
         Ink::Muted, Face::Small);
  }

  void draw_slot(const EventHistory& ring, std::uint64_t slot, const QRectF& at) {
    const std::uint64_t offset = (slot + legacy::kCapacity - ring.front()) % legacy::kCapacity;
    const bool used = offset < ring.size();
    const bool front = slot == ring.front() && used;
    const bool back = slot == ring.back();
    picture_.add({.kind = Shape::Kind::Box,
                  .at = at,
                  .fill = used ? (front ? Ink::ChangedTint : Ink::AddedTint) : Ink::Faint,
                  .pen = front || back ? Ink::Bad : Ink::Frame,
                  .width = front ? 2.5 : 1,
                  .dashed = back && !front});
    if (!used) return;
    const OldEvent& event = ring.events()[offset];
    picture_.item({.area = at,
                   .name = u"%1 %2: %3 %4, %5 %6"_s.arg(
                       phrase("slot"), q(slot), event.deleted ? phrase("delete") : phrase("set"),
                       bytes_words(event.key), phrase("index"), q(event.index))});
  }

  void draw_pollers() {
    for (const auto& [no, client] : scene_.now.clients()) {
      for (const auto& [number, poll] : client->polls()) {
        const QString next = poll.next_index == 0 ? phrase("what comes next")
                                                  : QString(phrase("index ") + q(poll.next_index));
        line(u"c%1 %2 %3 /%4%5 %6 n%7, %8 %9"_s.arg(
                 q(no), q(poll.name), q(client::to_text(poll.state)), bytes_words(poll.key),
                 poll.recursive ? phrase(" and below") : QString(), phrase("at"), q(poll.via),
                 phrase("wants"), next) +
                 u"; %1 %2, %3 %4, %5 %6"_s.arg(q(poll.events), phrase("events"), q(poll.lost),
                                                phrase("lost"), q(poll.rereads),
                                                phrase("times read everything again")),
             poll.lost == 0 ? Ink::Text : Ink::Bad, Face::Normal);
      }
    }
  }

  void draw_counters() {
    client::Traffic old;
    client::Traffic now;
    for (const auto& [no, client] : scene_.now.clients()) {
      old += client->old_traffic();
      now += client->new_traffic();
    }
    y_ += scene_.metrics.gap;
    row(QString(), phrase("v2 polls"), phrase("v3 streams"), Face::Bold);
    const std::array<std::pair<const char*, std::uint64_t client::Traffic::*>, 7> kRows{
        {{"connections", &client::Traffic::connections},
         {"opened", &client::Traffic::opened},
         {"requests", &client::Traffic::requests},
         {"bytes sent", &client::Traffic::bytes_sent},
         {"bytes received", &client::Traffic::bytes_received},
         {"events", &client::Traffic::events},
         {"lost events", &client::Traffic::lost}}};
    for (const auto& [name, figure] : kRows) {
      row(phrase(name), q(old.*figure), q(now.*figure), Face::Normal);
    }
  }

  void row(const QString& name, const QString& old, const QString& now, Face face) {
    const Metrics& m = scene_.metrics;
    const double column = m.ch * 16;
    picture_.words(QRectF(left_, y_, column, m.line), name, Ink::Text, face);
    picture_.words(QRectF(left_ + column, y_, column, m.line), old, Ink::Text, face,
                   Qt::AlignRight | Qt::AlignVCenter);
    picture_.words(QRectF(left_ + 2 * column, y_, column, m.line), now, Ink::Text, face,
                   Qt::AlignRight | Qt::AlignVCenter);
    picture_.item({.area = QRectF(left_, y_, 3 * column, m.line),
                   .name = u"%1: v2 %2, v3 %3"_s.arg(name, old, now)});
    y_ += m.line;
  }

  const Scene& scene_;
  Picture& picture_;
  double left_ = 0;
  double y_ = 0;
  double width_ = 0;
};

}  // namespace

Picture draw_old_watch(const Scene& scene) {
  Picture picture;
  OldWatchPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
