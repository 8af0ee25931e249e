// OrderedMap<K, V>: FIRST VERSION over std::map, to be replaced behind the same interface by the
// persistent B-tree (degree 32).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <utility>

#include "base/digest.h"

namespace orrery {

template <class K, class V, class Less = std::less<>>
class OrderedMap {
  using Map = std::map<K, V, Less>;

 public:
  using const_iterator = typename Map::const_iterator;

  std::size_t size() const { return map_.size(); }
  bool empty() const { return map_.empty(); }

  template <class Q>
  const V* find(const Q& key) const {
    const auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }
  template <class Q>
  bool contains(const Q& key) const { return find(key) != nullptr; }

  // For editing in place (the path is copied if shared); null when absent. Valid until the next change or copy.
  template <class Q>
  V* edit(const Q& key) {
    const auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }

  // Inserts or replaces. True = the key is new.
  bool put(K key, V value) { return map_.insert_or_assign(std::move(key), std::move(value)).second; }

  // Finds or inserts a default value, for editing.
  V& at_or_new(const K& key) { return map_[key]; }

  template <class Q>
  bool erase(const Q& key) {
    const auto it = map_.find(key);
    if (it == map_.end()) return false;
    map_.erase(it);
    return true;
  }
  void clear() { map_.clear(); }

  // Iterators give pairs (first = key, second = value) in ascending order and are invalidated by any change.
  const_iterator begin() const { return map_.begin(); }
  const_iterator end() const { return map_.end(); }
  template <class Q>
  const_iterator lower_bound(const Q& key) const { return map_.lower_bound(key); }
  template <class Q>
  const_iterator upper_bound(const Q& key) const { return map_.upper_bound(key); }

  Digest digest() const {
    Digest out = mix(size());
    for (const auto& [key, value] : map_) out += combine(digest_of(key), digest_of(value));
    return out;
  }

  friend bool operator==(const OrderedMap& a, const OrderedMap& b) { return a.map_ == b.map_; }

 private:
  Map map_;
};

}  // namespace orrery
