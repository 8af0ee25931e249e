// Clients: the history of each as calls between their invocation and their return, and where its watches stand.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "check/linearization.h"
#include "door/in_words.h"
#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using client::Call;
using client::Client;
using client::Watch;

constexpr std::size_t kCalls = 24;  // of a client, the newest

struct Shown {
  std::uint64_t number = 0;
  const Call* call = nullptr;
};

std::vector<Shown> newest_calls(const Client& client) {
  std::vector<Shown> out;
  const auto& calls = client.calls();
  std::size_t skip = calls.size() > kCalls ? calls.size() - kCalls : 0;
  for (auto at = calls.nth(skip); at != calls.end(); ++at) out.push_back({at->first, &at->second});
  return out;
}

// By client and call: the moment at which it may have taken effect; nothing inside = there is none.
using Moments = std::map<std::pair<std::uint32_t, std::uint64_t>, std::optional<Nanos>>;

Moments moments_of(const sim::World& world) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> whose;
  std::vector<checks::Effect> effects;
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, call] : client->calls()) {
      if (!call.returned || !call.answer || call.answer->error) continue;
      const auto effect =
          checks::effect_of(call.request, call.answer->response, call.invoked, *call.returned);
      if (!effect) continue;
      whose.emplace_back(no, number);
      effects.push_back(*effect);
    }
  }
  const auto points = checks::linearization_points(effects);
  Moments out;
  for (std::size_t i = 0; i < whose.size(); ++i) out.emplace(whose[i], points[i]);
  return out;
}

QString answer_of(const Call& call) {
  if (!call.answer) return phrase("waits");
  if (call.answer->error) return q(call.answer->error->detail);
  const rpc::ResponseHeader* header = rpc::header_of(call.answer->response);
  return header == nullptr ? u"ok"_s : QString(u"ok, rev "_s + q(header->revision));
}

class ClientsPainter {
 public:
  ClientsPainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    const Metrics& m = scene.metrics;
    left_ = m.ch * 9;
    row_ = m.line + 4;
    y_ = m.gap;
    track_ = std::max(scene.room.width() - left_ - 2 * m.gap, m.ch * 60);
    find_times();
    moments_ = moments_of(scene.now);
  }

  void draw() {
    const Metrics& m = scene_.metrics;
    if (scene_.now.clients().empty()) {
      words(phrase("Nobody has called yet. Try: put hello world1"), Ink::Muted, Face::Small);
    } else {
      draw_axis();
    }
    for (const auto& [no, client] : scene_.now.clients()) draw_client(no, *client);
    picture_.size = QSizeF(left_ + track_ + 2 * m.gap, y_ + m.gap);
  }

 private:
  void words(const QString& line, Ink ink, Face face) {
    const QRectF at(scene_.metrics.gap, y_, left_ + track_, scene_.metrics.line);
    picture_.words(at, line, ink, face);
    picture_.item({.area = at, .name = line});
    y_ += row_;
  }

  void find_times() {
    last_ = scene_.now.now();
    first_ = last_;
    for (const auto& [no, client] : scene_.now.clients()) {
      for (const Shown& one : newest_calls(*client)) first_ = std::min(first_, one.call->invoked);
      for (const auto& [ticket, call] : client->guests().calls()) {
        first_ = std::min(first_, call.asked);
      }
    }
  }

  double x_of(Nanos time) const {
    const auto span = static_cast<double>((last_ - first_.value()).value());
    if (span <= 0) return left_;
    return left_ + track_ * static_cast<double>((time - first_.value()).value()) / span;
  }

  void draw_axis() {
    const Metrics& m = scene_.metrics;
    picture_.words(QRectF(left_, y_, track_ / 2, m.small), time_words(first_), Ink::Muted,
                   Face::Small);
    picture_.words(QRectF(left_ + track_ / 2, y_, track_ / 2, m.small), time_words(last_),
                   Ink::Muted, Face::Small, Qt::AlignRight | Qt::AlignVCenter);
    y_ += m.small + 4;
    picture_.line(QPointF(left_, y_), QPointF(left_ + track_, y_), Ink::Frame);
    y_ += 4;
  }

  void draw_client(std::uint32_t no, const Client& client) {
    const Metrics& m = scene_.metrics;
    const QRectF name(m.gap, y_, left_ - m.gap, m.line);
    picture_.words(name, u"c%1"_s.arg(no), Ink::Text, Face::Bold);
    picture_.item(
        {.area = name,
         .name = u"c%1: %2 %3, %4 %5"_s.arg(q(no), q(client.calls().size()), phrase("calls"),
                                            q(client.watches().size()), phrase("watches")),
         .ref = {.kind = Ref::Kind::Client, .number = no}});
    for (const Shown& one : newest_calls(client)) draw_call(no, one);
    for (const auto& [stream, watch] : client.watches()) draw_watch(no, watch);
    for (const auto& [ticket, call] : client.guests().calls()) draw_guest(no, ticket, call);
    for (const auto& [ticket, stream] : client.guests().streams()) draw_stream(no, ticket, stream);
    y_ += m.gap;
  }

  // A bar from call to return; an open end means that nobody has answered.
  void draw_call(std::uint32_t no, const Shown& one) {
    const Metrics& m = scene_.metrics;
    if (y_ > scene_.visible.bottom() || y_ + row_ < scene_.visible.top()) {
      y_ += row_;
      return;
    }
    const Call& call = *one.call;
    const double from = x_of(call.invoked);
    const double to = std::max(x_of(call.returned.value_or(last_)), from + 3);
    const bool failed = call.answer && call.answer->error.has_value();
    const QRectF bar(from, y_ + 2, to - from, m.line - 2);
    picture_.add({.kind = Shape::Kind::Round,
                  .at = bar,
                  .fill = failed ? Ink::RemovedTint : Ink::AddedTint,
                  .pen = failed ? Ink::Bad : Ink::Frame,
                  .dashed = !call.returned});
    const QString said = u"%1  \u2192 %2"_s.arg(command_words(call.line), answer_of(call));
    const double wide = 0.9 * m.ch * static_cast<double>(said.size()) + m.gap;
    const bool fits_right = to + wide < left_ + track_;
    const double x =
        fits_right ? to + m.gap : std::max(left_ + 2, std::min(from + 4, left_ + track_ - wide));
    picture_.words(QRectF(x, y_, left_ + track_ - x, m.line), said, failed ? Ink::Bad : Ink::Text,
                   Face::Small);
    const QString effect = draw_moment({no, one.number});
    picture_.item({.area = QRectF(left_, y_, track_, row_),
                   .name = u"c%1 #%2 n%3: %4; %5 %6, %7 %8"_s.arg(
                               q(no), q(one.number), q(call.via), said, phrase("called at"),
                               time_words(call.invoked), phrase("returned at"),
                               call.returned ? time_words(*call.returned) : phrase("not yet")) +
                           effect,
                   .ref = {.kind = Ref::Kind::Client, .number = no}});
    y_ += row_;
  }

  // A dot on the call's bar where it took effect, in words for its name; a call that fits nowhere is crossed out.
  QString draw_moment(const std::pair<std::uint32_t, std::uint64_t>& whose) {
    const auto found = moments_.find(whose);
    if (found == moments_.end()) return {};
    const Metrics& m = scene_.metrics;
    if (!found->second) {
      picture_.line(QPointF(left_, y_ + row_ / 2), QPointF(left_ + track_, y_ + row_ / 2), Ink::Bad,
                    2);
      return u"; "_s +
             phrase("no moment between call and return fits the revisions: not linearizable");
    }
    const double size = m.line / 3;
    picture_.add(
        {.kind = Shape::Kind::Ellipse,
         .at = QRectF(x_of(*found->second) - size / 2, y_ + 1 + (m.line - size) / 2, size, size),
         .fill = Ink::Accent,
         .pen = Ink::Card});
    return u"; "_s + phrase("took effect at") + u" "_s + time_words(*found->second);
  }

  // A caller from outside: its bar is open, since nothing stays of one that has its answer.
  void draw_guest(std::uint32_t no, client::Ticket ticket, const client::Guests::Call& call) {
    const Metrics& m = scene_.metrics;
    const double from = x_of(call.asked);
    const QRectF bar(from, y_ + 2, std::max(x_of(last_) - from, 3.0), m.line - 2);
    picture_.add({.kind = Shape::Kind::Round,
                  .at = bar,
                  .fill = Ink::AddedTint,
                  .pen = Ink::Frame,
                  .dashed = true});
    const QString said = u"%1 %2 n%3: %4, %5"_s.arg(
        phrase("guest"), q(ticket), q(call.via), q(door::in_words(call.request)), phrase("waits"));
    picture_.words(QRectF(left_ + m.gap, y_, track_, m.line), said, Ink::Text, Face::Small);
    picture_.item({.area = QRectF(left_, y_, track_, row_),
                   .name = u"c%1 %2"_s.arg(q(no), said),
                   .ref = {.kind = Ref::Kind::Client, .number = no}});
    y_ += row_;
  }

  void draw_stream(std::uint32_t no, client::Ticket ticket, const client::Guests::Stream& stream) {
    const QString line = u"c%1 %2 %3 %4 n%5: %6 %7, %8 %9"_s.arg(
        q(no), phrase("watch of guest"), q(ticket), phrase("at"), q(stream.via),
        q(stream.responses), phrase("responses"), q(stream.unread), phrase("bytes unread"));
    words(line, Ink::Text, Face::Small);
  }

  void draw_watch(std::uint32_t no, const Watch& watch) {
    std::int64_t next = watch.request.start_revision;
    for (const rpc::WatchResponse& response : watch.responses) {
      if (!response.events.empty()) next = response.events.back().kv.mod_revision + 1;
    }
    const QString wanted =
        next == 0 ? phrase("what comes") : QString(phrase("revision ") + q(next));
    const QString line = u"c%1 %2 %3 n%4: %5, %6 %7, %8 %9"_s.arg(
        q(no), q(watch.name), phrase("at"), q(watch.via), q(client::to_text(watch.state)),
        q(watch.events), phrase("events"), phrase("wants"), wanted);
    const QString paused = watch.paused ? QString(u", "_s + phrase("does not read")) : QString();
    words(line + paused, watch.state == Watch::State::Open ? Ink::Text : Ink::Warn, Face::Small);
  }

  const Scene& scene_;
  Picture& picture_;
  double left_ = 0;
  double row_ = 0;
  double y_ = 0;
  double track_ = 1;
  Nanos first_;
  Nanos last_;
  Moments moments_;
};

}  // namespace

Picture draw_clients(const Scene& scene) {
  Picture picture;
  ClientsPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
