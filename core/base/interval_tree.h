// IntervalTree<Value>: which of many key ranges hold a key, overlap a range, cover a range?
//   used by: watch (ranges watched), auth (ranges permitted), server (puts inside deleted ranges of a txn)
//   uses:    rb_tree.h
//   ideas:   a red-black tree ordered by begin, then end. Each node remembers the largest end in its
//            subtree; a search that lies behind it leaves the subtree alone. Nodes keep the heads of their begin
//            and ends (bytes_head.h), so that a search seldom has to wait for a key's bytes.
//   invariant: equality and digest are those of the ranges and values; the tree's shape cannot be seen but by
//            draw() and the counts of nodes looked at.
//   from: Cormen et al., Introduction to Algorithms, 14.3; etcd pkg/adt/interval_tree.go
//   differs: an empty begin is the least key (etcd's affine order takes it for the greatest).
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/blob.h"
#include "base/bytes_head.h"
#include "base/rb_tree.h"

namespace orrery {

// Is end a at or before end b? An empty end lies behind all others.
inline bool end_at_most(BytesView a, BytesView b) {
  return b.empty() || (!a.empty() && a <= b);
}

// Is a key before an end?
inline bool before_end(BytesView key, BytesView end) {
  return end.empty() || key < end;
}

// The keys from begin on that are before end, which is no part of it; an empty end = no upper end.
struct Interval {
  Blob begin;
  Blob end;

  // The single key k: [k, k + "\0").
  static Interval of_key(BytesView key) { return {Blob(key), Blob(Bytes(key) + '\0')}; }

  bool holds(BytesView key) const { return begin <= key && before_end(key, end); }

  // Does this range lie before the other one, without a common key?
  bool before(const Interval& other) const {
    return begin < other.begin && end_at_most(end, other.begin);
  }

  bool overlaps(const Interval& other) const {
    return !before(other) && before_end(begin, other.end);
  }

  template <class F>
  void fields(F&& f) const {
    f("begin", begin), f("end", end);
  }

  friend bool operator==(const Interval&, const Interval&) = default;

  friend std::strong_ordering operator<=>(const Interval& a, const Interval& b) {
    if (const auto order = a.begin <=> b.begin; order != 0) return order;
    if (a.end == b.end) return std::strong_ordering::equal;
    return end_at_most(a.end, b.end) ? std::strong_ordering::less : std::strong_ordering::greater;
  }
};

template <class Value>
class IntervalTree {
 public:
  struct Entry {
    Interval range;
    Value value;

    template <class F>
    void fields(F&& f) const {
      f("range", range), f("value", value);
    }
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // A node as a drawing needs it. Nodes are named by their position in ascending order.
  struct Place {
    std::size_t order = 0;
    std::optional<std::size_t> parent;  // nullopt = the root
    std::size_t depth = 0;              // 0 = the root
    bool red = false;
    Blob largest_end = {};  // of the subtree; empty = no upper end
  };

  // A node that a search looked at.
  struct Look {
    std::size_t order = 0;
    bool hit = false;  // its range is one of those searched
    bool left_alone =
        false;  // every range of its subtree ends too early, so nothing below was looked at

    friend bool operator==(const Look&, const Look&) = default;
  };

  std::size_t size() const { return tree_.size(); }

  bool empty() const { return tree_.empty(); }

  const Value* find(const Interval& range) const {
    const Entry* entry = tree_.find(Sought(range));
    return entry == nullptr ? nullptr : &entry->value;
  }

  bool contains_exactly(const Interval& range) const { return find(range) != nullptr; }

  // For editing in place; null when absent. Valid until the next change, copy or digest.
  Value* edit(const Interval& range) {
    Entry* entry = tree_.edit(Sought(range));
    return entry == nullptr ? nullptr : &entry->value;
  }

  // Inserts or replaces. True = the range is new.
  bool put(Interval range, Value value) {
    const auto way = tree_.way_to(Sought(range));
    if (way.found) {
      tree_.edit_at(way).value = std::move(value);
    } else {
      tree_.insert_at(way, Entry{std::move(range), std::move(value)});
    }
    return !way.found;
  }

  // Inserts if the range is new. The value that is there then, for editing, and whether it is new.
  std::pair<Value&, bool> try_put(const Interval& range, Value value) {
    const auto way = tree_.way_to(Sought(range));
    Entry& there =
        way.found ? tree_.edit_at(way) : tree_.insert_at(way, Entry{range, std::move(value)});
    return {there.value, !way.found};
  }

  bool erase(const Interval& range) { return tree_.erase(Sought(range)); }

  void clear() { tree_.clear(); }

  // Calls visit(range, value) for every range that holds the key, ascending by begin; a visit that gives
  // false is the last. Returns the number of nodes looked at.
  template <class Visit>
  std::uint64_t stab(BytesView key, Visit&& visit) const {
    return search(Wanted(key), visit);
  }

  // The same for every range with a key in [begin, end); an empty end = no upper end.
  template <class Visit>
  std::uint64_t visit(BytesView begin, BytesView end, Visit&& visit) const {
    return search(Wanted(begin, end), visit);
  }

  bool intersects(BytesView begin, BytesView end) const {
    bool found = false;
    visit(begin, end, [&](const Interval&, const Value&) {
      found = true;
      return false;
    });
    return found;
  }

  // Is there no key of [begin, end) outside all ranges?
  bool contains(BytesView begin, BytesView end) const {
    bool gap = true;  // until a first range covers the begin
    Blob covered;
    visit(begin, end, [&](const Interval& range, const Value&) {
      if (gap) {
        gap = begin < range.begin;
        covered = range.end;
        return !gap;
      }
      gap = !covered.empty() && covered < range.begin;
      if (!gap && end_at_most(covered, range.end)) covered = range.end;
      return !gap;
    });
    return !gap && end_at_most(end, covered);
  }

  // Entries {range, value} in ascending order; invalidated by any change.
  auto begin() const { return tree_.begin(); }

  auto end() const { return tree_.end(); }

  // Calls show(entry, Place) for every node, ascending.
  template <class Show>
  void draw(Show&& show) const {
    draw_below(tree_.root(), Place{}, 0, show);
  }

  // What a stab looks at, in the order of its looking.
  std::vector<Look> looks_of_stab(BytesView key) const {
    std::vector<Look> out;
    const auto all = [](const Interval&, const Value&) { return true; };
    Search<true, decltype(all)> search{Wanted(key), all, &out};
    search.below(tree_.root(), 0);
    return out;
  }

  Digest digest() const { return tree_.digest(); }

  friend bool operator==(const IntervalTree&, const IntervalTree&) = default;

  // Calls visit(range, before, after) for every range whose value differs, ascending; `before` is null where b
  // adds the range, `after` where b lacks it.
  template <class Visit>
  friend void difference(const IntervalTree& a, const IntervalTree& b, Visit&& visit) {
    Tree::walk(a.tree_, b.tree_, [&](const Entry* before, const Entry* after) {
      const bool same = before != nullptr && after != nullptr && before->value == after->value;
      if (!same) {
        visit(before != nullptr ? before->range : after->range,
              before != nullptr ? &before->value : nullptr,
              after != nullptr ? &after->value : nullptr);
      }
      return true;
    });
  }

  friend std::vector<std::string> violations(const IntervalTree& tree) {
    return violations(tree.tree_);
  }

 private:
  // An end, ordered as ends are.
  struct End {
    BytesHead head;
    Blob bytes;  // empty where the head is whole, and where there is no upper end

    End(const BytesHead& its_head, const Blob& end)
        : head(its_head), bytes(head.is_whole() ? Blob() : end) {}

    Blob blob() const { return head.is_whole() ? Blob(head.whole()) : bytes; }

    bool is_behind(BytesView key, const BytesHead& key_head) const {
      return head == key_head ? !head.is_whole() && before_end(key, bytes) : key_head < head;
    }

    friend bool operator==(const End& a, const End& b) {
      return a.head == b.head && (a.head.is_whole() || a.bytes == b.bytes);
    }

    friend bool operator<(const End& a, const End& b) {
      if (a.head != b.head) return a.head < b.head;
      return !a.head.is_whole() && !end_at_most(b.bytes, a.bytes);
    }
  };

  static BytesHead head_of_end(BytesView end) {
    return end.empty() ? BytesHead::greatest() : BytesHead(end);
  }

  // A range that is looked for, with the head of its begin.
  struct Sought {
    const Interval& range;
    BytesHead begin;

    explicit Sought(const Interval& its_range) : range(its_range), begin(its_range.begin) {}
  };

  struct Rule {
    struct Heads {
      BytesHead begin;
      BytesHead end;

      friend bool operator==(const Heads&, const Heads&) = default;
    };

    using Summary = End;  // the largest one

    static Heads heads(const Entry& entry) {
      return {.begin = BytesHead(entry.range.begin), .end = head_of_end(entry.range.end)};
    }

    static End summary(const Heads& heads, const Entry& entry) {
      return {heads.end, entry.range.end};
    }

    static std::strong_ordering compare(const Sought& a, const Heads& heads, const Entry& b) {
      return a.begin == heads.begin ? a.range <=> b.range : a.begin <=> heads.begin;
    }

    static std::strong_ordering compare(const Entry& a, const Entry& b) {
      return a.range <=> b.range;
    }
  };

  using Tree = RbTree<Entry, Rule>;
  using Node = typename Tree::Node;

  // What is searched for: a key, or the keys from begin on that are before end.
  struct Wanted {
    BytesView begin;
    BytesView end;
    bool is_key;  // begin alone; end is not looked at
    BytesHead begin_head;
    BytesHead end_head;

    explicit Wanted(BytesView key) : begin(key), is_key(true), begin_head(key) {}

    Wanted(BytesView its_begin, BytesView its_end)
        : begin(its_begin),
          end(its_end),
          is_key(false),
          begin_head(its_begin),
          end_head(head_of_end(its_end)) {}

    // Does it begin before all of the node's subtree ends? Before the node's own range does?
    bool begins_before_all(const Node& node) const {
      return node.summary.is_behind(begin, begin_head);
    }

    bool begins_before(const Node& node) const {
      const BytesHead& range_end = node.heads.end;
      return range_end == begin_head
                 ? !begin_head.is_whole() && before_end(begin, node.item.range.end)
                 : begin_head < range_end;
    }

    // Does the node's range begin before it ends?
    bool reaches(const Node& node) const {
      const BytesHead& range_begin = node.heads.begin;
      if (range_begin < begin_head) return true;
      if (range_begin == begin_head && (begin_head.is_whole() || node.item.range.begin <= begin)) {
        return true;
      }
      if (is_key) return false;
      return range_begin == end_head ? !end_at_most(end, node.item.range.begin)
                                     : range_begin < end_head;
    }
  };

  // One search for all ranges that overlap the wanted one; it notes its looks if `kNotes` says so.
  template <bool kNotes, class Visit>
  struct Search {
    const Wanted wanted;
    Visit& visit;
    std::vector<Look>* notes = nullptr;
    std::uint64_t looks = 0;

    // `before`: how many nodes sort before the subtree, where looks are noted. False = the visit said stop.
    bool below(const Node* node, std::size_t before) {
      if (node == nullptr) return true;
      ++looks;
      std::size_t order = 0;
      if constexpr (kNotes) order = before + Node::size_of(node->left);
      if (!wanted.begins_before_all(*node)) {
        note({.order = order, .left_alone = true});
        return true;
      }
      const bool reached = wanted.reaches(*node);
      const bool hit = reached && wanted.begins_before(*node);
      note({.order = order, .hit = hit});
      if (reached) __builtin_prefetch(node->right.get());
      if (!below(node->left.get(), before)) return false;
      if (hit && !goes_on(node->item)) return false;
      return !reached || below(node->right.get(), order + 1);
    }

    void note(const Look& look) {
      if constexpr (kNotes) notes->push_back(look);
    }

    bool goes_on(const Entry& entry) {
      if constexpr (std::convertible_to<std::invoke_result_t<Visit&, const Interval&, const Value&>,
                                        bool>) {
        return visit(entry.range, entry.value);
      } else {
        visit(entry.range, entry.value);
        return true;
      }
    }
  };
  template <class Visit>
  std::uint64_t search(const Wanted& wanted, Visit& visit) const {
    Search<false, Visit> search{wanted, visit};
    search.below(tree_.root(), 0);
    return search.looks;
  }

  template <class Show>
  static void draw_below(const Node* node, Place place, std::size_t before, Show& show) {
    if (node == nullptr) return;
    place.order = before + Node::size_of(node->left);
    place.red = node->red;
    place.largest_end = node->summary.blob();
    const Place below{.parent = place.order, .depth = place.depth + 1};
    draw_below(node->left.get(), below, before, show);
    show(node->item, std::as_const(place));
    draw_below(node->right.get(), below, place.order + 1, show);
  }

  Tree tree_;
};

}  // namespace orrery
