// HashMap<K, V>: a map for searches by the exact key, whose copies are free: a persistent hash table.
//   used by: watch: who watches this very key?
//   uses:    hash_bucket.h, sequence.h
//   ideas:   buckets of a few entries stand in a Sequence, so a search among a million waits for two or three pieces of
//            memory where a sorted tree has four. The table grows by one bucket at a time (linear hashing): bucket b
//            is split off from the one whose number is b without its topmost bit. Nothing is ever built anew, and
//            a copy goes on sharing all other buckets.
//            A key's hash is its digest; the order of entries is nobody's business, but the same in every run.
//   invariant 1: the number of buckets follows from the number of entries, an entry's bucket from its hash and
//                that number; so equal contents are laid out alike, whatever was put and erased before.
//   invariant 2: iterators and pointers hold until the next change; what edit() or try_put() gave may be written
//                until the next change, copy or digest.
//   note: keys of equal digests share a bucket and are told apart by == and <.
//   from: Litwin 1980
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/hash_bucket.h"
#include "base/sequence.h"

namespace orrery {

template <class K, class V>
class HashMap {
  using Bucket = HashBucket<K, V>;
  using Place = typename Bucket::Place;

 public:
  using key_type = K;
  using mapped_type = V;
  using value_type = std::pair<K, V>;

  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::pair<K, V>;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    const_iterator() = default;

    reference operator*() const { return bucket_->item(at_); }

    pointer operator->() const { return &**this; }

    const_iterator& operator++() {
      ++at_;
      settle();
      return *this;
    }

    const_iterator operator++(int) { return std::exchange(*this, std::next(*this)); }

    friend bool operator==(const const_iterator& a, const const_iterator& b) {
      return a.bucket_ == b.bucket_ && a.at_ == b.at_;
    }

   private:
    friend class HashMap;
    using Buckets = typename Sequence<Bucket>::const_iterator;

    const_iterator(Buckets bucket, Buckets end) : bucket_(bucket), end_(end) { settle(); }

    // On to the next bucket with an entry.
    void settle() {
      for (; bucket_ != end_ && at_ == bucket_->size(); at_ = 0) ++bucket_;
    }

    Buckets bucket_;
    Buckets end_;
    std::size_t at_ = 0;
  };

  using iterator = const_iterator;

  std::size_t size() const { return size_; }

  bool empty() const { return size_ == 0; }

  // `hash` of this and the others: the key's digest, from whoever knows it without a look at the key.
  const V* find(const K& key, Digest hash) const {
    if (empty()) return nullptr;
    const Bucket& bucket = bucket_of(hash);
    const Place place = bucket.place_of(hash, key);
    return place.found ? &bucket.item(place.at).second : nullptr;
  }

  const V* find(const K& key) const { return find(key, digest_of(key)); }

  bool contains(const K& key) const { return find(key) != nullptr; }

  // For editing in place; null when absent.
  V* edit(const K& key, Digest hash) {
    if (empty()) return nullptr;
    const Place place = bucket_of(hash).place_of(hash, key);
    return place.found ? &edit_bucket(hash).edit(place.at) : nullptr;
  }

  V* edit(const K& key) { return edit(key, digest_of(key)); }

  // Inserts if the key is new. What stands there then, for editing, and whether it is new.
  std::pair<V&, bool> try_put(K key, Digest hash, V value) {
    if (buckets_.empty()) buckets_.push_back(Bucket());
    Place place = bucket_of(hash).place_of(hash, key);
    if (place.found) return {edit_bucket(hash).edit(place.at), false};
    ++size_;
    if (buckets_.size() < buckets_for(size_)) {
      split_one();
      place = bucket_of(hash).place_of(hash, key);
    }
    Bucket& bucket = edit_bucket(hash);
    return {bucket.insert(place.at, hash, value_type(std::move(key), std::move(value))), true};
  }

  // Inserts or replaces. True = the key is new.
  bool put(K key, V value) {
    const Digest hash = digest_of(key);
    const auto [there, fresh] = try_put(std::move(key), hash, value);
    if (!fresh) there = std::move(value);
    return fresh;
  }

  bool erase(const K& key, Digest hash) {
    if (empty()) return false;
    const Place place = bucket_of(hash).place_of(hash, key);
    if (!place.found) return false;
    edit_bucket(hash).erase(place.at);
    --size_;
    if (buckets_.size() > buckets_for(size_)) merge_one();
    return true;
  }

  bool erase(const K& key) { return erase(key, digest_of(key)); }

  void clear() { *this = HashMap(); }

  // Iterators give pairs (first = key, second = value), in an order that follows from the contents.
  const_iterator begin() const { return const_iterator(buckets_.begin(), buckets_.end()); }

  const_iterator end() const { return const_iterator(buckets_.end(), buckets_.end()); }

  Digest digest() const { return combine(mix(size_), buckets_.digest()); }

  friend bool operator==(const HashMap& a, const HashMap& b) {
    return a.size_ == b.size_ && a.buckets_ == b.buckets_;
  }

  // Calls visit(key, before, after) once for every key whose value differs; `before` is null where b adds the
  // key, `after` where b lacks it. Buckets that a and b share are passed over unread.
  template <class Visit>
  friend void difference(const HashMap& a, const HashMap& b, Visit&& visit) {
    difference(a.buckets_, b.buckets_, [&](std::size_t, const Bucket* before, const Bucket* after) {
      for (std::size_t i = 0; before != nullptr && i < before->size(); ++i) {
        const auto& [key, value] = before->item(i);
        const V* now = b.find(key);
        if (now == nullptr || !(*now == value)) visit(key, &value, now);
      }
      const V* const none = nullptr;
      for (std::size_t i = 0; after != nullptr && i < after->size(); ++i) {
        const auto& [key, value] = after->item(i);
        if (!a.contains(key)) visit(key, none, &value);
      }
    });
  }

  // What of the table's rules does not hold? For tests.
  friend std::vector<std::string> violations(const HashMap& map) {
    std::vector<std::string> out;
    const std::size_t buckets = map.buckets_.size();
    if (buckets != buckets_for(map.size_)) {
      out.emplace_back("the number of buckets follows from the number of entries");
    }
    std::size_t count = 0;
    for (std::size_t b = 0; b < buckets; ++b) {
      const Bucket& bucket = map.buckets_[b];
      count += bucket.size();
      for (std::size_t i = 0; i < bucket.size(); ++i) {
        const Digest hash = bucket.hash(i);
        if (hash != digest_of(bucket.item(i).first)) out.emplace_back("a hash is its key's digest");
        if (number_of(hash, buckets) != b) out.emplace_back("an entry stands in its bucket");
        if (i > 0 && bucket.hash(i - 1) > hash) out.emplace_back("hashes ascend");
      }
    }
    if (count != map.size_) out.emplace_back("the entries are counted");
    return out;
  }

 private:
  static constexpr std::size_t kLoad = 16;  // units: entries a bucket

  static std::size_t buckets_for(std::size_t entries) {
    return entries == 0 ? 0 : std::max<std::size_t>(1, entries / kLoad);
  }

  // The bucket of a hash among so many: its lower bits, the topmost of them left out where that bucket is not
  // there yet.
  static std::size_t number_of(Digest hash, std::size_t buckets) {
    const std::size_t mask = std::bit_ceil(buckets) - 1;
    const std::size_t number = hash & mask;
    return number < buckets ? number : number & (mask >> 1);
  }

  // The bucket that this one was split off from. requires: number > 0
  static std::size_t parent_of(std::size_t number) { return number - std::bit_floor(number); }

  // Is the table too large to stay near the processor? Then a search asks for the bucket as a whole.
  bool lies_far() const { return size_ > 10'000; }

  const Bucket& bucket_of(Digest hash) const {
    const Bucket& out = buckets_[number_of(hash, buckets_.size())];
    if (lies_far()) out.prefetch();
    return out;
  }

  Bucket& edit_bucket(Digest hash) { return buckets_.edit(number_of(hash, buckets_.size())); }

  void split_one() {
    const std::size_t fresh = buckets_.size();
    const auto leaves = [&](Digest hash) { return number_of(hash, fresh + 1) == fresh; };
    buckets_.push_back(buckets_.edit(parent_of(fresh)).split(leaves));
  }

  void merge_one() {
    const std::size_t last = buckets_.size() - 1;
    Bucket gone = buckets_[last];
    buckets_.truncate(last);
    if (last > 0) buckets_.edit(parent_of(last)).merge(std::move(gone));
  }

  Sequence<Bucket> buckets_;
  std::size_t size_ = 0;
};

}  // namespace orrery
