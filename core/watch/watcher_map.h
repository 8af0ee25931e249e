// WatcherMap: all watchers of a member by name, in the order of names.
//   used by: store.h     uses: watcher.h, base/ordered_map.h, base/slots.h
//   ideas:   ids follow each other, for the server counts them; so neighbours stand together, 64 a block, and
//            the ordered map has an entry a block. It stays near the processor where one with an entry a watcher
//            would not, and a watcher is one piece of memory away from it.
//   invariant: no block is empty.
#pragma once

#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>

#include "base/ordered_map.h"
#include "base/slots.h"
#include "watch/watcher.h"

namespace orrery::watch {

class WatcherMap {
  using Block = Slots<Watcher>;
  using Blocks = OrderedMap<WatcherKey, Block>;  // by the least name that a block has a place for

 public:
  using value_type = std::pair<WatcherKey, const Watcher&>;

  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = WatcherMap::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    value_type operator*() const {
      return {name_at(block_->first, at_), *block_->second.find(at_)};
    }

    const_iterator& operator++() {
      ++at_;
      settle();
      return *this;
    }

    void operator++(int) { ++*this; }

    friend bool operator==(const const_iterator& a, const const_iterator& b) {
      return a.block_ == b.block_ && a.at_ == b.at_;
    }

   private:
    friend class WatcherMap;

    const_iterator(Blocks::const_iterator block, Blocks::const_iterator end, std::size_t at)
        : block_(block), end_(end), at_(at) {
      settle();
    }

    // On to a place that is taken, of this block or a later one.
    void settle() {
      for (; block_ != end_; ++block_, at_ = 0) {
        at_ = block_->second.next(at_);
        if (at_ < Block::kCount) return;
      }
      at_ = 0;
    }

    Blocks::const_iterator block_;
    Blocks::const_iterator end_;
    std::size_t at_;
  };

  // Searches for one watcher after another; one that stands in the block of the last is found at once.
  class Search {
   public:
    // `map` must outlive this object and not change meanwhile.
    explicit Search(const WatcherMap& map) : map_(map) {}

    const Watcher* find(WatcherKey who) {
      const WatcherKey name = block_of(who);
      if (block_ == nullptr || name != name_) {
        block_ = map_.blocks_.find(name);
        name_ = name;
      }
      return block_ == nullptr ? nullptr : block_->find(place_of(who));
    }

   private:
    const WatcherMap& map_;         // not state: a search lives within one call
    const Block* block_ = nullptr;  // not state
    WatcherKey name_{};
  };

  std::size_t size() const { return size_; }

  bool empty() const { return size_ == 0; }

  const Watcher* find(WatcherKey who) const { return Search(*this).find(who); }

  bool contains(WatcherKey who) const { return find(who) != nullptr; }

  // For editing in place; null when absent. Valid until the next change, copy or digest.
  Watcher* edit(WatcherKey who) {
    Block* block = blocks_.edit(block_of(who));
    return block == nullptr ? nullptr : block->edit(place_of(who));
  }

  // Inserts or replaces. True = the name is new.
  bool put(WatcherKey who, Watcher watcher) {
    const bool fresh = blocks_.at_or_new(block_of(who)).put(place_of(who), std::move(watcher));
    size_ += fresh ? 1U : 0U;
    return fresh;
  }

  bool erase(WatcherKey who) {
    Block* block = blocks_.edit(block_of(who));
    if (block == nullptr || !block->erase(place_of(who))) return false;
    if (block->empty()) blocks_.erase(block_of(who));
    --size_;
    return true;
  }

  // Gives pairs (name, watcher), ascending; invalidated by any change.
  const_iterator begin() const { return {blocks_.begin(), blocks_.end(), 0}; }

  const_iterator end() const { return {blocks_.end(), blocks_.end(), 0}; }

  // Calls visit(name, watcher) for each watcher of the stream, ascending, until that gives false.
  // False = it did.
  template <class Visit>
  bool visit_stream(StreamId stream, Visit&& visit) const {
    auto block = blocks_.lower_bound(WatcherKey{stream, std::numeric_limits<WatchId>::min()});
    for (const_iterator it(block, blocks_.end(), 0); it != end() && (*it).first.stream == stream;
         ++it) {
      if (!visit((*it).first, (*it).second)) return false;
    }
    return true;
  }

  template <class F>
  void fields(F&& f) const {
    f("size", size_), f("blocks", blocks_);
  }

  friend bool operator==(const WatcherMap&, const WatcherMap&) = default;

 private:
  static constexpr WatchId kPlaces = Block::kCount;

  static std::size_t place_of(WatcherKey who) {
    return static_cast<std::size_t>(who.id & (kPlaces - 1));
  }

  static WatcherKey block_of(WatcherKey who) { return {who.stream, who.id & -kPlaces}; }

  static WatcherKey name_at(WatcherKey block, std::size_t place) {
    return {block.stream, block.id + static_cast<WatchId>(place)};
  }

  Blocks blocks_;
  std::size_t size_ = 0;
};

}  // namespace orrery::watch
