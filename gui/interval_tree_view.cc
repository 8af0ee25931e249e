// The interval tree of the synced watchers' ranges, with the path of the last event through it.
#include <algorithm>
#include <map>
#include <optional>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using Tree = IntervalTree<watch::WatcherSet>;

QString end_words(const Blob& end) {
  return end.view().empty() ? phrase("(no end)") : bytes_words(end, 10);
}

// The key of the newest row of the store: whose events were looked up last.
std::optional<Blob> last_key(const mvcc::Store& store, const backend::Backend& backend) {
  const auto events =
      store.events_in(backend, store.current_revision(), store.current_revision() + 1);
  if (!events || events->empty()) return std::nullopt;
  return events->back().kv.key;
}

class TreePainter {
 public:
  TreePainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    const Metrics& m = scene.metrics;
    head_ = m.line * 2 + 6;
    box_ = QSizeF(m.ch * 17, m.line + m.small + 4);
    level_ = box_.height() + m.line;
    pace_ = m.ch * 9.5;
    run_ = scene.running(scene.member);
    if (run_ == nullptr) return;
    tree_ = &run_->watches.synced().ranges().tree();
    const auto count = static_cast<double>(tree_->size());
    left_ = std::max(m.gap, (scene.room.width() - pace_ * (count + 1)) / 2);
    remember_before();
    if (const auto key = last_key(run_->store, run_->backend)) {
      key_ = *key;
      looks_ = tree_->looks_of_stab(key_.view());
    }
    picture.size = QSizeF(pace_ * (count + 1) + 2 * m.gap, head_ + level_ * depth() + m.gap);
  }

  void draw() {
    if (tree_ != nullptr && !tree_->empty()) draw_nodes();
    draw_head();
  }

 private:
  void remember_before() {
    const auto* run = scene_.running_before(scene_.member);
    if (run == nullptr) return;
    run->watches.synced().ranges().tree().draw([&](const Tree::Entry& entry, const Tree::Place&) {
      before_[{entry.range.begin, entry.range.end}] = entry.value.size();
    });
  }

  Change change_at(const Tree::Entry& entry) const {
    const auto old = before_.find({entry.range.begin, entry.range.end});
    if (old == before_.end()) return Change::Added;
    return old->second == entry.value.size() ? Change::Same : Change::Changed;
  }

  double depth() const {
    std::size_t deepest = 0;
    tree_->draw([&](const Tree::Entry&, const Tree::Place& place) {
      deepest = std::max(deepest, place.depth + 1);
    });
    return static_cast<double>(deepest);
  }

  QPointF centre(std::size_t order, std::size_t depth) const {
    return {left_ + pace_ * (static_cast<double>(order) + 1),
            head_ + level_ * static_cast<double>(depth) + box_.height() / 2};
  }

  const Tree::Look* look_at(std::size_t order) const {
    for (const Tree::Look& look : looks_) {
      if (look.order == order) return &look;
    }
    return nullptr;
  }

  void draw_nodes() {
    std::vector<std::size_t> depths(tree_->size());
    tree_->draw(
        [&](const Tree::Entry&, const Tree::Place& place) { depths[place.order] = place.depth; });
    tree_->draw([&](const Tree::Entry&, const Tree::Place& place) {
      if (!place.parent) return;
      const bool walked = look_at(place.order) != nullptr;
      picture_.line(centre(*place.parent, depths[*place.parent]), centre(place.order, place.depth),
                    walked ? Ink::Accent : Ink::Frame, walked ? 2.5 : 1.2);
    });
    tree_->draw([&](const Tree::Entry& entry, const Tree::Place& place) {
      QRectF at(QPointF(), box_);
      at.moveCenter(centre(place.order, place.depth));
      if (at.intersects(scene_.visible)) draw_node(entry, place, at);
    });
  }

  void draw_node(const Tree::Entry& entry, const Tree::Place& place, const QRectF& at) {
    const Metrics& m = scene_.metrics;
    const Tree::Look* look = look_at(place.order);
    picture_.round(at,
                   look == nullptr ? Ink::Card
                   : look->hit     ? Ink::AddedTint
                                   : Ink::ChangedTint,
                   place.red ? Ink::Bad : Ink::Text, place.red ? 1.5 : 2.5);
    const QString mark = glyph(change_at(entry));
    const QString range =
        mark + u"[%1, %2)"_s.arg(bytes_words(entry.range.begin, 10), end_words(entry.range.end));
    const QString count = u"%1 %2"_s.arg(q(entry.value.size()), phrase("watchers"));
    const QString colour = place.red ? phrase("red") : phrase("black");
    const QString stab = look == nullptr ? QString()
                         : look->hit     ? phrase("; the last event is in it")
                         : look->left_alone
                             ? phrase("; left alone: everything below ends too early")
                             : phrase("; looked at, not in it");
    picture_.words(QRectF(at.left() + 3, at.top() + 1, at.width() - 6, m.line), range, Ink::Text,
                   Face::MonoSmall, Qt::AlignHCenter);
    picture_.words(
        QRectF(at.left() + 3, at.top() + m.line, at.width() - 6, m.small),
        u"\u2264%1 \u00b7 %2 %3"_s.arg(end_words(place.largest_end), q(entry.value.size()),
                                       place.red ? u"R"_s : u"B"_s),
        Ink::Muted, Face::Small, Qt::AlignHCenter);
    picture_.item(
        {.area = at,
         .name = u"%1, %2 %3, %4, %5%6"_s.arg(range, phrase("largest end below"),
                                              end_words(place.largest_end), count, colour, stab)});
  }

  void draw_head() {
    const Metrics& m = scene_.metrics;
    const QRectF band(scene_.visible.left(), scene_.visible.top(), scene_.room.width(), head_);
    picture_.box(band, Ink::Page);
    const QRectF first(band.left() + m.gap, band.top(), band.width() - m.gap, m.line);
    if (run_ == nullptr) {
      picture_.words(first, u"n%1 %2"_s.arg(q(scene_.member), phrase("is down")), Ink::Bad);
      return;
    }
    const watch::MatchCost& cost = run_->watches.match_cost();
    picture_.words(
        first,
        u"n%1: %2 %3, %4"_s.arg(q(scene_.member), q(tree_->size()), phrase("ranges"),
                                looks_.empty() ? phrase("no event looked up")
                                               : phrase("last event: ") + bytes_words(key_)),
        Ink::Text, Face::Bold);
    picture_.words(first.translated(0, m.line),
                   u"%1 %2; %3 %4"_s.arg(phrase("nodes looked at so far"), q(cost.looked_at),
                                         phrase("a scan of all watchers would have asked"),
                                         q(cost.naive_scanned)),
                   Ink::Muted, Face::Small);
    if (tree_->empty()) {
      const QRectF hint(band.left() + m.gap, band.bottom(), band.width() - m.gap, m.line);
      picture_.words(hint, phrase("No synced watcher has a range."), Ink::Muted);
      picture_.words(hint.translated(0, m.line),
                     phrase("Single keys stand in a map. Try: watch a --prefix"), Ink::Muted);
    }
  }

  const Scene& scene_;
  Picture& picture_;
  const server::Running* run_ = nullptr;
  const Tree* tree_ = nullptr;
  Blob key_;
  std::map<std::pair<Blob, Blob>, std::size_t> before_;  // watchers of each range
  std::vector<Tree::Look> looks_;
  double head_ = 0;
  double left_ = 0;
  double pace_ = 0;
  double level_ = 0;
  QSizeF box_;
};

}  // namespace

Picture draw_interval_tree(const Scene& scene) {
  Picture picture;
  TreePainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
