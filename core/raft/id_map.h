// IdSet, IdMap: the members of a group, few and in ascending order of id.
//   used by: quorums, configurations, votes, progress
//   ideas:   a sorted vector beats a tree up to some dozens of members, and iteration is in the order in which
//            etcd visits: ascending.
//   invariant: ids strictly ascending.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/strong.h"

namespace orrery::raft {

class IdSet {
 public:
  IdSet() = default;

  IdSet(std::initializer_list<NodeId> ids) : IdSet(std::vector<NodeId>(ids)) {}

  explicit IdSet(std::vector<NodeId> ids) : ids_(std::move(ids)) {
    std::ranges::sort(ids_);
    const auto repeated = std::ranges::unique(ids_);
    ids_.erase(repeated.begin(), repeated.end());
  }

  bool contains(NodeId id) const { return std::ranges::binary_search(ids_, id); }

  void add(NodeId id) {
    const auto at = std::ranges::lower_bound(ids_, id);
    if (at == ids_.end() || *at != id) ids_.insert(at, id);
  }

  void remove(NodeId id) { std::erase(ids_, id); }

  void clear() { ids_.clear(); }

  bool empty() const { return ids_.empty(); }

  std::size_t size() const { return ids_.size(); }

  auto begin() const { return ids_.begin(); }

  auto end() const { return ids_.end(); }

  const std::vector<NodeId>& ids() const { return ids_; }

  template <class F>
  void fields(F&& f) const {
    f("ids", ids_);
  }
  friend bool operator==(const IdSet&, const IdSet&) = default;

 private:
  std::vector<NodeId> ids_;
};

template <class T>
class IdMap {
 public:
  using Item = std::pair<NodeId, T>;

  const T* find(NodeId id) const {
    const auto at = position(id);
    return at == items_.end() || at->first != id ? nullptr : &at->second;
  }

  // Valid until an id is added or removed.
  T* find(NodeId id) { return const_cast<T*>(std::as_const(*this).find(id)); }

  bool contains(NodeId id) const { return find(id) != nullptr; }

  // Keeps the value that is there, if any. True = the id is new.
  bool add(NodeId id, T value) {
    const auto at = position(id);
    if (at != items_.end() && at->first == id) return false;
    items_.insert(at, Item{id, std::move(value)});
    return true;
  }

  void remove(NodeId id) {
    std::erase_if(items_, [id](const Item& item) { return item.first == id; });
  }

  void clear() { items_.clear(); }

  bool empty() const { return items_.empty(); }

  std::size_t size() const { return items_.size(); }

  auto begin() const { return items_.begin(); }

  auto end() const { return items_.end(); }

  auto begin() { return items_.begin(); }

  auto end() { return items_.end(); }

  template <class F>
  void fields(F&& f) const {
    f("items", items_);
  }
  friend bool operator==(const IdMap&, const IdMap&) = default;

 private:
  auto position(NodeId id) const { return std::ranges::lower_bound(items_, id, {}, &Item::first); }

  std::vector<Item> items_;
};

}  // namespace orrery::raft
