// Frames: one member's connections, their streams and windows, what waits for credit, and the frames in flight.
#include <algorithm>

#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using server::Connection;
using server::OutStream;

// A frame on its way, as it stands in a connection.
struct Flying {
  std::uint64_t number = 0;
  std::uint64_t stream = 0;
  std::uint64_t bytes = 0;
  QString words = {};
  bool last = false;  // of its message
};

std::optional<Flying> flying(const sim::InFlight& message) {
  const QString words = q(server::describe(message.payload));
  if (const auto* data = std::get_if<server::DataFrame>(&message.payload)) {
    return Flying{message.number, data->stream, data->bytes, words, false};
  }
  if (const auto* answer = std::get_if<server::WatchAnswer>(&message.payload)) {
    return Flying{message.number, answer->stream, answer->bytes, words, true};
  }
  return std::nullopt;
}

class FramesPainter {
 public:
  FramesPainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    left_ = scene.metrics.gap;
    y_ = scene.metrics.gap;
    width_ = std::max(scene.room.width() - 2 * left_, scene.metrics.ch * 60);
  }

  void draw() {
    const auto* run = scene_.running(scene_.member);
    if (run == nullptr) {
      line(u"n%1 %2"_s.arg(q(scene_.member), phrase("is down")), Ink::Bad, Face::Bold);
    } else {
      std::uint64_t streams = 0;
      for (const auto& [client, connection] : run->connections) {
        streams += connection.streams().size();
      }
      line(u"n%1: %2 %3, %4 %5, %6 %7"_s.arg(q(scene_.member), phrase("connections"),
                                             q(run->connections.size()), phrase("streams"),
                                             q(streams), phrase("watchers"),
                                             q(run->watches.watchers().size())),
           Ink::Text, Face::Bold);
      if (run->connections.empty()) {
        line(phrase("A connection is opened by a client's first watch. Try: watch a --window 100"),
             Ink::Muted, Face::Normal);
      }
      for (const auto& [client, connection] : run->connections) draw_connection(client, connection);
    }
    picture_.size = QSizeF(width_ + 2 * left_, y_ + scene_.metrics.gap);
  }

 private:
  void line(const QString& words, Ink ink, Face face) {
    picture_.words(QRectF(left_, y_, width_, scene_.metrics.line), words, ink, face);
    y_ += scene_.metrics.line + 2;
  }

  void draw_connection(std::uint32_t client, const Connection& connection) {
    const Metrics& m = scene_.metrics;
    const double top = y_;
    const QString words = u"c%1 \u2192 n%2: %3 %4 %5, %6 %7, %8 %9"_s.arg(
        q(client), q(scene_.member), phrase("connection window"), q(connection.window()),
        phrase("of 65535"), q(connection.frames()), phrase("frames sent"), q(connection.bytes()),
        phrase("bytes with heads"));
    picture_.words(QRectF(left_ + m.gap, y_ + 2, width_ - 2 * m.gap, m.line), words, Ink::Text,
                   Face::Bold);
    picture_.item({.area = QRectF(left_, y_, width_, m.line + 4),
                   .name = words,
                   .ref = {.kind = Ref::Kind::Client, .number = client}});
    y_ += m.line + 6;
    for (const auto& [number, stream] : connection.streams()) {
      draw_stream(client, connection, number, stream);
    }
    draw_flight(client);
    picture_.round(QRectF(left_, top, width_, y_ - top), Ink::None, Ink::Frame);
    y_ += m.gap;
  }

  const client::Watch* watch_of(std::uint32_t client, std::uint64_t stream) const {
    const auto* found = scene_.now.clients().find(client);
    return found == nullptr ? nullptr : (*found)->watch_on(stream);
  }

  void draw_stream(std::uint32_t client, const Connection& connection, std::uint64_t number,
                   const OutStream& stream) {
    const Metrics& m = scene_.metrics;
    const client::Watch* watch = watch_of(client, number);
    const QString who = watch == nullptr ? QString(u"?"_s) : q(watch->name);
    const bool closed = stream.window <= 0;
    const QString state = closed                              ? phrase("window closed")
                          : watch != nullptr && watch->paused ? phrase("reader paused")
                                                              : phrase("window open");
    const QString words = u"%1 %2 (%3): %4, %5 %6; %7 %8 %9"_s.arg(
        phrase("stream"), q(number), who, state, q(stream.window), phrase("bytes left"),
        q(stream.queued), phrase("bytes wait in messages:"), q(stream.queue.size()));
    const QRectF at(left_ + 3 * m.gap, y_, width_ - 4 * m.gap, m.line);
    if (closed) picture_.box(at, Ink::RemovedTint);
    picture_.words(at, words, closed ? Ink::Bad : Ink::Text, Face::Normal);
    picture_.item(
        {.area = at, .name = words, .ref = {.kind = Ref::Kind::Client, .number = client}});
    y_ += m.line;
    draw_gauge(connection, stream);
    y_ += 8;
  }

  // How much of the window is left.
  void draw_gauge(const Connection& connection, const OutStream& stream) {
    const Metrics& m = scene_.metrics;
    const double full = m.ch * 30;
    const auto whole = std::max<double>(1, connection.settings().window);
    const double left = std::clamp(static_cast<double>(stream.window) / whole, 0.0, 1.0);
    picture_.box(QRectF(left_ + 3 * m.gap, y_, full, 5), Ink::Faint);
    picture_.box(QRectF(left_ + 3 * m.gap, y_, full * left, 5), Ink::Accent);
  }

  // The frames between member and client, the next to arrive first; a row per stream shows the interleaving.
  void draw_flight(std::uint32_t client) {
    const Metrics& m = scene_.metrics;
    const sim::ChannelId id{server::member_address(scene_.member), server::client_address(client),
                            server::Channel::Calls};
    const sim::ChannelState* channel = scene_.now.network().channels().find(id);
    if (channel == nullptr || channel->queue.empty()) return;
    picture_.words(QRectF(left_ + 2 * m.gap, y_, width_, m.line),
                   phrase("in flight, the next to arrive first:"), Ink::Muted, Face::Small);
    y_ += m.line;
    const double pace = m.ch * 11;
    double x = left_ + 3 * m.gap;
    for (const sim::InFlight& message : channel->queue) {
      const auto frame = flying(message);
      if (!frame) continue;
      if (x + pace > left_ + width_) {
        x = left_ + 3 * m.gap;
        y_ += m.line + 8;
      }
      draw_frame(id, *frame, QRectF(x, y_, pace - 4, m.line + 4));
      x += pace;
    }
    y_ += m.line + 10;
  }

  void draw_frame(const sim::ChannelId& id, const Flying& frame, const QRectF& at) {
    const bool even = frame.stream % 2 == 0;
    picture_.add({.kind = Shape::Kind::Round,
                  .at = at,
                  .fill = even ? Ink::ChangedTint : Ink::AddedTint,
                  .pen = Ink::Text,
                  .width = frame.last ? 2.5 : 1,
                  .dashed = even});
    picture_.words(at,
                   u"s%1 \u00b7 %2%3"_s.arg(q(frame.stream), q(frame.bytes),
                                            frame.last ? u" \u25a0"_s : QString()),
                   Ink::Text, Face::MonoSmall, Qt::AlignCenter);
    const sim::MessageId message{id.from, id.to, id.channel, frame.number};
    picture_.item(
        {.area = at,
         .name = u"%1 %2 %3: %4, %5 %6"_s.arg(
             phrase("frame of stream"), q(frame.stream),
             frame.last ? phrase("that ends a message") : phrase("in the middle of a message"),
             frame.words, q(frame.bytes), phrase("bytes")),
         .ref = {.kind = Ref::Kind::Message,
                 .member = scene_.member,
                 .text = q(sim::to_text(message))}});
  }

  const Scene& scene_;
  Picture& picture_;
  double left_ = 0;
  double y_ = 0;
  double width_ = 0;
};

}  // namespace

Picture draw_frames(const Scene& scene) {
  Picture picture;
  FramesPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
