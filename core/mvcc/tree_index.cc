#include "mvcc/tree_index.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace orrery::mvcc {
namespace {

// visit(key, index) for each key of the interval, in order.
template <class Visit>
void visit_keys(const TreeIndex::Map& keys, const Interval& interval, Visit&& visit) {
  if (interval.kind == Interval::Kind::Single) {
    const auto it = keys.lower_bound(KeyQuery(interval.key));
    if (it != keys.end() && it->first == interval.key) visit(it->first, it->second);
    return;
  }
  for (auto it = keys.lower_bound(KeyQuery(interval.key)); it != keys.end(); ++it) {
    if (interval.is_beyond(it->first)) return;
    visit(it->first, it->second);
  }
}

// The histories at [position, end), their memory on its way: keys that follow each other were seldom written one
// after the other, so each of them lies elsewhere.
std::vector<const KeyIndex*> histories_at(const TreeIndex::Map& keys, std::size_t position,
                                          std::size_t end) {
  std::vector<const KeyIndex*> out;
  out.reserve(end - position);
  for (auto it = keys.nth(position); position < end; ++it, ++position) {
    out.push_back(&it->second);
    it->second.prefetch_generations();
  }
  for (const KeyIndex* index : out) index->prefetch_revisions();
  return out;
}

}  // namespace

void TreeIndex::put(const Blob& key, Revision revision) {
  keys_.at_or_new(IndexKey(key)).put(revision);
}

bool TreeIndex::tombstone(const Blob& key, Revision revision) {
  KeyIndex* index = keys_.edit(KeyQuery(key));
  return index != nullptr && index->tombstone(revision);
}

TreeIndex TreeIndex::from_sorted(std::vector<Map::value_type> keys) {
  TreeIndex out;
  out.keys_ = Map::from_sorted(std::move(keys));
  return out;
}

std::optional<KeyIndex::Found> TreeIndex::find(BytesView key, std::int64_t at,
                                               const Guards& guards) const {
  const KeyIndex* index = find_key(key);
  if (!guards(index != nullptr, "the key index knows the key")) return std::nullopt;
  return index->find(at, guards);
}

TreeIndex::Hits TreeIndex::range(const Interval& interval, std::int64_t at, std::int64_t limit,
                                 const Guards& guards) const {
  Hits out;
  visit_keys(keys_, interval, [&](const IndexKey& key, const KeyIndex& index) {
    const std::optional<KeyIndex::Found> found = index.find(at, guards);
    if (!found) return;
    ++out.total;
    if (limit <= 0 || out.total <= limit) out.hits.push_back({key.blob(), found->modified});
  });
  return out;
}

std::int64_t TreeIndex::count(const Interval& interval, std::int64_t at) const {
  std::int64_t total = 0;
  visit_keys(keys_, interval, [&](const IndexKey&, const KeyIndex& index) {
    if (index.find(at)) ++total;
  });
  return total;
}

// Block by block, first read and then edited: keys that lose nothing stay in nodes that copies share, and what
// a block's keys hold is still at hand when they are edited.
KeepSet TreeIndex::compact(std::int64_t at, const Rules& rules) {
  constexpr std::size_t kBlock = 256;  // units: keys
  std::vector<Revision> kept;
  std::vector<std::size_t> compactable;
  std::vector<IndexKey> forgotten;
  for (std::size_t position = 0; position < keys_.size();) {
    compactable.clear();
    const std::size_t end = std::min(position + kBlock, keys_.size());
    for (const KeyIndex* index : histories_at(keys_, position, end)) {
      index->survivors(at, rules, kept);
      if (index->is_compactable(at, rules)) compactable.push_back(position);
      ++position;
    }
    keys_.edit_each(compactable, [&](const IndexKey& key, KeyIndex& index) {
      index.compact(at, rules);
      if (index.is_empty()) forgotten.push_back(key);
    });
  }
  for (const IndexKey& key : forgotten) keys_.erase(key);
  return KeepSet(std::move(kept));
}

KeepSet TreeIndex::keep(std::int64_t at, const Rules& rules) const {
  std::vector<Revision> kept;
  for (const auto& [key, index] : keys_) index.hash_survivors(at, rules, kept);
  return KeepSet(std::move(kept));
}

Violations violations(const TreeIndex& index) {
  Violations out;
  for (const auto& [key, history] : index.keys()) {
    if (history.is_empty()) {
      out.push_back({"NoEmptyHistory", quoted(key) + " has no revision but is in the tree"});
    }
    for (const Violation& broken : violations(history)) {
      out.push_back({broken.claim, quoted(key) + ": " + broken.sentence});
    }
  }
  return out;
}

}  // namespace orrery::mvcc
