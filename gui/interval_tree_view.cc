// The interval tree of the synced watchers' ranges, with the path of the last event through it.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using Tree = IntervalTree<watch::NameSet>;

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

// More ranges than this are drawn folded: what the last event's search looked at, and how much hangs beside it.
constexpr std::size_t kMostUnfolded = 40;
constexpr std::size_t kDepthWithoutSearch = 3;

struct Node {
  const Tree::Entry* entry = nullptr;
  Tree::Place place;
  std::size_t below = 1;  // ranges of its subtree, its own among them
  bool shown = false;     // as a box of its own
  bool folded = false;    // as the root of a subtree that is not shown
  std::array<std::optional<std::size_t>, 2> children = {};
  double x = 0;  // of its middle; while the tree is laid out, from its parent's
};

// How far each level of a subtree reaches to the left and to the right of its root's middle.
using Reach = std::vector<std::pair<double, double>>;

// The reach of a root whose children stand `half` to its left and right.
Reach joined(const Reach& left, const Reach& right, double half, std::pair<double, double> root) {
  Reach out{root};
  out.resize(1 + std::max(left.size(), right.size()));
  for (std::size_t level = 0; level + 1 < out.size(); ++level) {
    const bool on_left = level < left.size();
    const bool on_right = level < right.size();
    const double least = on_left ? left[level].first - half : right[level].first + half;
    const double most = on_right ? right[level].second + half : left[level].second - half;
    out[level + 1] = {least, most};
  }
  return out;
}

std::vector<Node> nodes_of(const Tree& tree) {
  std::vector<Node> nodes;
  nodes.reserve(tree.size());
  std::vector<std::vector<std::size_t>> levels;
  tree.draw([&](const Tree::Entry& entry, const Tree::Place& place) {
    nodes.push_back({.entry = &entry, .place = place});
    if (levels.size() <= place.depth) levels.resize(place.depth + 1);
    levels[place.depth].push_back(place.order);
  });
  for (const auto& level : std::ranges::reverse_view(levels)) {
    for (const std::size_t order : level) {
      const auto parent = nodes[order].place.parent;
      if (!parent) continue;
      nodes[*parent].below += nodes[order].below;
      nodes[*parent].children[order < *parent ? 0 : 1] = order;
    }
  }
  return nodes;
}

class TreePainter {
 public:
  TreePainter(const Scene& scene, Picture& picture) : scene_(scene), picture_(picture) {
    const Metrics& m = scene.metrics;
    head_ = m.line * 2 + 6;
    box_ = QSizeF(m.ch * 17, m.line + m.small + 4);
    level_ = box_.height() + m.line;
    run_ = scene.running(scene.member);
    if (run_ == nullptr) return;
    tree_ = &run_->watches.synced().ranges().tree();
    if (const auto* run = scene.running_before(scene.member)) {
      before_ = &run->watches.synced().ranges().tree();
    }
    if (const auto key = last_key(run_->store, run_->backend)) {
      key_ = *key;
      for (const Tree::Look& look : tree_->looks_of_stab(key_.view())) looks_[look.order] = look;
    }
    nodes_ = nodes_of(*tree_);
    choose();
    place();
  }

  void draw() {
    if (tree_ != nullptr && !tree_->empty()) draw_nodes();
    draw_head();
  }

 private:
  bool folds() const { return nodes_.size() > kMostUnfolded; }

  // What is shown and, below it, what is folded.
  void choose() {
    std::size_t room = kMostUnfolded;
    std::vector<std::size_t> by_depth(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) by_depth[i] = i;
    std::ranges::stable_sort(by_depth, {},
                             [&](std::size_t order) { return nodes_[order].place.depth; });
    for (const std::size_t order : by_depth) {
      Node& node = nodes_[order];
      if (node.place.parent && !nodes_[*node.place.parent].shown) continue;
      const bool wanted = !folds() || (looks_.empty() ? node.place.depth < kDepthWithoutSearch
                                                      : looks_.contains(order));
      node.shown = wanted && room > 0;
      node.folded = !node.shown;
      if (node.shown) --room;
    }
  }

  // Each subtree as narrow as its boxes allow, a parent in the middle above its children.
  void place() {
    const auto root = std::ranges::find_if(nodes_, [](const Node& n) { return !n.place.parent; });
    if (root == nodes_.end()) return;
    const Reach reach = reach_of(*root);
    double least = 0;
    double most = 0;
    for (const auto& [left, right] : reach) {
      least = std::min(least, left);
      most = std::max(most, right);
    }
    const Metrics& m = scene_.metrics;
    picture_.size = QSizeF(most - least + 2 * m.gap,
                           head_ + level_ * static_cast<double>(reach.size()) + m.gap);
    shift(*root, std::max(m.gap, (scene_.room.width() - (most - least)) / 2) - least);
  }

  QSizeF size_of(const Node& node) const {
    return node.shown ? box_ : QSizeF(scene_.metrics.ch * 11, box_.height());
  }

  Reach reach_of(const Node& node) {
    const double width = size_of(node).width() / 2 + 3;
    std::array<Reach, 2> below;
    for (std::size_t side = 0; node.shown && side < 2; ++side) {
      if (node.children[side]) below[side] = reach_of(nodes_[*node.children[side]]);
    }
    double half = width / 2;
    for (std::size_t level = 0; level < std::min(below[0].size(), below[1].size()); ++level) {
      half = std::max(half, (below[0][level].second - below[1][level].first) / 2);
    }
    if (node.children[0]) nodes_[*node.children[0]].x = -half;
    if (node.children[1]) nodes_[*node.children[1]].x = half;
    return joined(below[0], below[1], half, {-width, width});
  }

  void shift(Node& node, double by) {
    node.x += by;
    for (const auto& child : node.children) {
      if (child && node.shown) shift(nodes_[*child], node.x);
    }
  }

  Change change_at(const Tree::Entry& entry) const {
    const auto* old = before_ == nullptr ? nullptr : before_->find(entry.range);
    if (old == nullptr) return Change::Added;
    return old->size() == entry.value.size() ? Change::Same : Change::Changed;
  }

  QPointF centre(const Node& node) const {
    return {node.x, head_ + level_ * static_cast<double>(node.place.depth) + box_.height() / 2};
  }

  const Tree::Look* look_at(std::size_t order) const {
    const auto found = looks_.find(order);
    return found == looks_.end() ? nullptr : &found->second;
  }

  void draw_nodes() {
    for (const Node& node : nodes_) {
      if (!node.place.parent || (!node.shown && !node.folded)) continue;
      const bool walked = look_at(node.place.order) != nullptr;
      picture_.line(centre(nodes_[*node.place.parent]), centre(node),
                    walked ? Ink::Accent : Ink::Frame, walked ? 2.5 : 1.2);
    }
    for (const Node& node : nodes_) {
      QRectF at(QPointF(), size_of(node));
      at.moveCenter(centre(node));
      if (!at.intersects(scene_.visible)) continue;
      if (node.shown) draw_node(*node.entry, node.place, at);
      if (node.folded) draw_folded(node, at);
    }
  }

  void draw_folded(const Node& node, const QRectF& at) {
    const Metrics& m = scene_.metrics;
    const QString end = end_words(node.place.largest_end);
    picture_.round(at, Ink::Page, Ink::Frame, 1);
    picture_.words(QRectF(at.left(), at.top() + 1, at.width(), m.line),
                   u"\u25b8 %1"_s.arg(q(node.below)), Ink::Muted, Face::MonoSmall,
                   Qt::AlignHCenter);
    picture_.words(QRectF(at.left(), at.top() + m.line, at.width(), m.small), u"\u2264"_s + end,
                   Ink::Muted, Face::Small, Qt::AlignHCenter);
    picture_.item(
        {.area = at,
         .name = u"%1 %2 %3, %4 %5"_s.arg(phrase("folded:"), q(node.below), phrase("ranges"),
                                          phrase("largest end below"), end)});
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
    const QString last = looks_.empty() ? phrase("no event looked up")
                                        : phrase("last event: ") + bytes_words(key_) +
                                              phrase(", nodes looked at: ") + q(looks_.size());
    picture_.words(first,
                   u"n%1: %2 %3%4, %5"_s.arg(q(scene_.member), q(tree_->size()), phrase("ranges"),
                                             folds() ? phrase(" (folded)") : QString(), last),
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
  const Tree* before_ = nullptr;
  std::map<std::size_t, Tree::Look> looks_;  // of the last event's search, by node
  std::vector<Node> nodes_;                  // ascending
  double head_ = 0;
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
