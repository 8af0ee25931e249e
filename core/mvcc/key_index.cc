#include "mvcc/key_index.h"

#include "base/check.h"
#include "base/text.h"

namespace orrery::mvcc {
namespace {

// The newest revision with main <= at. Most readers ask for recent ones: the search widens from the end.
std::optional<std::size_t> newest_at(const Sequence<Revision>& revisions, std::int64_t at) {
  std::size_t high = revisions.size();  // from here on all are later than `at`
  std::size_t low = 0;                  // the one before it, if any, is not
  for (std::size_t width = 1; width <= high; width *= 2) {
    if (revisions[high - width].main <= at) {
      low = high - width + 1;
      break;
    }
    high -= width;
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (revisions[middle].main <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::nullopt;
  return low - 1;
}

}  // namespace

void KeyIndex::put(Revision revision) {
  check(revision > modified_, "a key's revisions ascend");
  if (generations_.empty()) generations_.push_back({});
  Generation& last = generations_.edit(generations_.size() - 1);
  if (last.empty()) last.created = revision;
  last.revisions.push_back(revision);
  ++last.version;
  modified_ = revision;
}

bool KeyIndex::tombstone(Revision revision) {
  if (!is_alive()) return false;
  put(revision);
  generations_.push_back({});
  return true;
}

void KeyIndex::restore(Revision created, Revision modified, std::int64_t version) {
  check(generations_.empty(), "a key is restored once");
  Generation generation{.version = version, .created = created, .revisions = {}};
  generation.revisions.push_back(modified);
  generations_.push_back(std::move(generation));
  modified_ = modified;
}

void KeyIndex::restore_tombstone(Revision revision) {
  restore({}, revision, 1);
  generations_.push_back({});
}

std::optional<KeyIndex::Found> KeyIndex::find(std::int64_t at, const Guards& guards) const {
  for (std::size_t i = generations_.size(); i-- > 0;) {
    const Generation& generation = generations_[i];
    if (generation.empty()) continue;
    const std::int64_t last = generation.revisions.back().main;
    if (!is_last(i) && guards(last <= at, "the key was deleted at or before the revision asked for",
                              {{"tombstone", last}, {"asked", at}})) {
      return std::nullopt;
    }
    const std::int64_t first = generation.revisions.front().main;
    if (!guards(first <= at, "this generation began at or before the revision asked for",
                {{"first", first}, {"asked", at}})) {
      continue;
    }
    const std::size_t position = newest_at(generation.revisions, at).value();
    const auto later = static_cast<std::int64_t>(generation.revisions.size() - position - 1);
    return Found{.modified = generation.revisions[position],
                 .created = generation.created,
                 .version = generation.version - later};
  }
  return std::nullopt;
}

std::vector<Revision> KeyIndex::since(std::int64_t from) const {
  std::vector<Revision> out;
  for (const Generation& generation : generations_) {
    for (const Revision revision : generation.revisions) {
      if (revision.main < from) continue;
      if (!out.empty() && out.back().main == revision.main) out.pop_back();
      out.push_back(revision);
    }
  }
  return out;
}

std::size_t KeyIndex::first_kept(std::int64_t at, const Rules& rules) const {
  std::size_t i = 0;
  for (; !is_last(i); ++i) {
    const std::int64_t tombstone = generations_[i].revisions.back().main;
    // A watch from `at` itself is allowed, so a deletion exactly there must stay to be told.
    if (rules.compact_drops_tombstone_at_rev ? tombstone > at : tombstone >= at) break;
  }
  return i;
}

void KeyIndex::collect(std::int64_t at, const Rules& rules, bool with_tombstones,
                       std::vector<Revision>& kept) const {
  if (generations_.empty()) return;
  // More than one turn only when a transaction deleted the key at `at` and created it again.
  for (std::size_t i = first_kept(at, rules); i < generations_.size(); ++i) {
    const Sequence<Revision>& revisions = generations_[i].revisions;
    const std::optional<std::size_t> newest = newest_at(revisions, at);
    if (!newest) return;
    const bool closes = !is_last(i) && *newest + 1 == revisions.size();
    if (with_tombstones || !closes) kept.push_back(revisions[*newest]);
    if (rules.compact_stops_at_generation_ending_at_rev) return;
  }
}

void KeyIndex::survivors(std::int64_t at, const Rules& rules, std::vector<Revision>& kept) const {
  collect(at, rules, true, kept);
}

void KeyIndex::hash_survivors(std::int64_t at, const Rules& rules,
                              std::vector<Revision>& kept) const {
  collect(at, rules, false, kept);
}

bool KeyIndex::is_compactable(std::int64_t at, const Rules& rules) const {
  if (generations_.empty()) return false;
  const std::size_t first = first_kept(at, rules);
  if (first > 0 || is_empty()) return true;
  for (const Generation& generation : generations_) {
    const std::optional<std::size_t> newest = newest_at(generation.revisions, at);
    if (!newest || *newest > 0) return newest.has_value();
  }
  return false;
}

void KeyIndex::compact(std::int64_t at, const Rules& rules) {
  if (generations_.empty()) return;
  generations_.drop_front(first_kept(at, rules));
  for (std::size_t i = 0; i < generations_.size(); ++i) {
    const std::optional<std::size_t> newest = newest_at(generations_[i].revisions, at);
    if (!newest) return;
    if (*newest > 0) generations_.edit(i).revisions.drop_front(*newest);
    if (rules.compact_stops_at_generation_ending_at_rev) return;
  }
}

std::size_t KeyIndex::revision_count() const {
  std::size_t count = 0;
  for (const Generation& generation : generations_) count += generation.revisions.size();
  return count;
}

std::string to_text(const KeyIndex& index) {
  const auto number = [](Revision revision) {
    return revision.sub == 0 ? text("{}", revision.main) : to_text(revision);
  };
  std::string out = "[";
  const auto& generations = index.generations();
  for (std::size_t g = 0; g < generations.size(); ++g) {
    out += '[';
    const auto& revisions = generations[g].revisions;
    for (std::size_t i = 0; i < revisions.size(); ++i) {
      const bool closes = g + 1 < generations.size() && i + 1 == revisions.size();
      out += (i == 0 ? "" : ", ") + number(revisions[i]) + (closes ? "t" : "");
    }
    out += ']';
  }
  return out + "]";
}

Violations violations(const KeyIndex& index) {
  Violations out;
  const auto broken = [&](std::string_view claim, std::string sentence) {
    out.push_back({std::string(claim), std::move(sentence)});
  };
  const auto& generations = index.generations();
  Revision previous;
  for (std::size_t g = 0; g < generations.size(); ++g) {
    const Sequence<Revision>& revisions = generations[g].revisions;
    if (revisions.empty() && g + 1 < generations.size()) {
      broken("GenerationsEndWithTombstone",
             text("generation {} of {} is empty", g, to_text(index)));
    }
    for (const Revision revision : revisions) {
      if (revision <= previous) {
        broken("RevisionsAscend", text("{} in {}", to_text(revision), to_text(index)));
      }
      previous = revision;
    }
    if (generations[g].version < static_cast<std::int64_t>(revisions.size())) {
      broken("VersionCountsChanges",
             text("{} counted in generation {} of {}", generations[g].version, g, to_text(index)));
    }
  }
  if (previous > index.modified()) {
    broken("ModifiedIsNewest", text("{} in {}", to_text(index.modified()), to_text(index)));
  }
  return out;
}

}  // namespace orrery::mvcc
