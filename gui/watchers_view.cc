// Watchers by pool: who has everything, who catches up, whose channel was full.
#include <algorithm>
#include <array>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::size_t kNamedWatches = 200;  // of a client with more, cards name none
constexpr std::array<const char*, 3> kPools{"synced", "unsynced", "victims"};
constexpr std::array<const char*, 3> kMeanings{"told when a write ends", "catching up from history",
                                               "their channel was full"};

std::size_t pool_of(watch::Place place) {
  switch (place) {
    case watch::Place::Synced: return 0;
    case watch::Place::Unsynced: return 1;
    case watch::Place::Victim:
    case watch::Place::Moving:
    case watch::Place::Compacted: return 2;
  }
  return 2;
}

// A row of a pool: a member's heading, or a watcher.
struct Row {
  std::uint32_t member = 0;
  watch::WatcherKey who;
  const watch::Watcher* watcher = nullptr;
};

class WatcherPainter {
 public:
  WatcherPainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    const Metrics& m = scene.metrics;
    head_ = m.line * 2 + 4;
    card_ = m.line + m.small * 3 + 10;
    column_ = std::max(m.ch * 24, scene.room.width() / 3);
    collect();
    std::size_t rows = 0;
    for (const auto& pool : pools_) rows = std::max(rows, pool.size());
    picture.size = QSizeF(column_ * 3, head_ + static_cast<double>(rows) * card_ + m.gap);
  }

  void draw() {
    for (std::size_t pool = 0; pool < kPools.size(); ++pool) {
      const double x = column_ * static_cast<double>(pool);
      const auto first =
          static_cast<std::size_t>(std::max(0.0, (scene_.visible.top() - head_) / card_));
      for (std::size_t i = first; i < pools_[pool].size(); ++i) {
        const double y = head_ + static_cast<double>(i) * card_;
        if (y > scene_.visible.bottom()) break;
        draw_card(pools_[pool][i], QRectF(x + 4, y + 2, column_ - 8, card_ - 4));
      }
      draw_head(pool, x);
    }
  }

 private:
  void collect() {
    for (std::uint32_t no = 1; no <= scene_.now.member_count(); ++no) {
      const auto* run = scene_.running(no);
      if (run == nullptr) continue;
      for (const auto& [who, watcher] : run->watches.watchers()) {
        pools_[pool_of(watcher.place)].push_back({no, who, &watcher});
      }
    }
  }

  void draw_head(std::size_t pool, double x) {
    const Metrics& m = scene_.metrics;
    const double top = scene_.visible.top();
    picture_.box(QRectF(x, top, column_, head_), Ink::Page);
    picture_.words(QRectF(x + m.gap, top, column_ - m.gap, m.line),
                   u"%1  %2"_s.arg(phrase(kPools[pool]), q(pools_[pool].size())), Ink::Text,
                   Face::Bold);
    picture_.words(QRectF(x + m.gap, top + m.line, column_ - m.gap, m.small),
                   phrase(kMeanings[pool]), Ink::Muted, Face::Small);
    picture_.item({.area = QRectF(x, top, column_, head_),
                   .name = u"%1 %2: %3"_s.arg(phrase(kPools[pool]), q(pools_[pool].size()),
                                              phrase(kMeanings[pool]))});
    if (pool > 0) {
      picture_.line({x, top}, {x, top + std::max(scene_.room.height(), head_)}, Ink::Faint, 1);
    }
  }

  const watch::Watcher* before(const Row& row) const {
    const auto* run = scene_.running_before(row.member);
    return run == nullptr ? nullptr : run->watches.find(row.who);
  }

  QString channel_words(const Row& row) const {
    const auto* run = scene_.running(row.member);
    const auto* stream = run->watches.streams().find(row.who.stream);
    if (stream == nullptr) return {};
    return phrase("channel ") + q(stream->events.used()) + u"/"_s + q(stream->events.slots());
  }

  QString client_words(const Row& row) const {
    const auto* lane = scene_.running(row.member)->streams.find(row.who.stream.value());
    return lane == nullptr ? QString() : q(server::to_text(lane->client));
  }

  // What its client calls it, from where it asked, and how much it was told so far.
  QString told_words(const Row& row) const {
    const auto* run = scene_.running(row.member);
    for (const auto& [no, client] : scene_.now.clients()) {
      if (client->watches().size() > kNamedWatches) continue;
      for (const auto& [key, watch] : client->watches()) {
        if (watch.via != row.member || watch.watch_id != row.who.id) continue;
        const auto* stream =
            run->stream_numbers.find(std::pair(server::client_address(no), watch.stream));
        if (stream == nullptr || *stream != row.who.stream.value()) continue;
        const std::int64_t from = watch.request.start_revision;
        const QString asked = from == 0 ? phrase("from now on") : phrase("from ") + q(from);
        return q(watch.name) + phrase(": asked ") + asked + phrase(", told ") + q(watch.events);
      }
    }
    return {};
  }

  void draw_card(const Row& row, const QRectF& at) {
    const Metrics& m = scene_.metrics;
    const watch::Watcher* old = before(row);
    const Change change = change_of(old, row.watcher);
    const bool moved = old != nullptr && old->place != row.watcher->place;
    picture_.round(at, change == Change::Same ? Ink::Card : tint(change), Ink::Frame,
                   moved ? 2.5 : 1.2);
    const QString key = q(watch::range_text(*row.watcher));
    QRectF line(at.left() + m.gap, at.top() + 2, at.width() - 2 * m.gap, m.line);
    picture_.words(line,
                   (change == Change::Same ? QString() : QString(glyph(change) + u" "_s)) + key,
                   Ink::Text, Face::Mono);
    picture_.words(line, client_words(row) + u" \u2192 n"_s + q(row.member), Ink::Muted,
                   Face::Small, Qt::AlignRight);
    line.translate(0, m.line);
    line.setHeight(m.small);
    const QString wants = (moved ? phrase("from rev. ") : phrase("wants from revision ")) +
                          q(row.watcher->min_revision);
    const QString was = moved ? phrase(", was ") + q(watch::to_text(old->place)) : QString();
    picture_.words(line, wants + was, Ink::Text, Face::Small);
    line.translate(0, m.small);
    picture_.words(line, q(watch::to_text(row.who)) + u", "_s + channel_words(row), Ink::Muted,
                   Face::Small);
    const QString told = told_words(row);
    line.translate(0, m.small);
    picture_.words(line, told, Ink::Text, Face::Small);
    picture_.item({.area = at,
                   .name = u"n%1 %2, %3 %4, %5 %6, %7"_s.arg(
                               q(row.member), q(watch::to_text(row.who)), phrase("watches"), key,
                               phrase("min revision"), q(row.watcher->min_revision),
                               q(watch::to_text(row.watcher->place))) +
                           (told.isEmpty() ? QString() : QString(u", "_s + told)),
                   .ref = {.kind = Ref::Kind::Watcher,
                           .member = row.member,
                           .text = q(watch::to_text(row.who))}});
  }

  const Scene& scene_;
  Picture& picture_;
  std::array<std::vector<Row>, 3> pools_;
  double head_ = 0;
  double card_ = 0;
  double column_ = 0;
};

}  // namespace

Picture draw_watchers(const Scene& scene) {
  Picture picture;
  WatcherPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
