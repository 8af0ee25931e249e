// KeyIndex: the history of one key, as revisions in generations.
//   used by: TreeIndex (one per key)    uses: Revision, base/sequence.h
//   ideas:   a generation is one life of the key: it begins with a put and ends with a tombstone. The row
//            of a revision holds the value; the index only knows which revisions there are.
//            [[2, 5, 7t] [9] ] = created at 2, changed at 5, deleted at 7, created again at 9.
//   invariant 1: every generation but the last ends with a tombstone; the last is alive or empty.
//             2: revisions ascend through all generations; `modified` is the last ever recorded.
//   from: etcd server/storage/mvcc/key_index.go (keyIndex, generation)
//   differs: the key itself is the map's key, not a field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/guards.h"
#include "base/sequence.h"
#include "base/violation.h"
#include "mvcc/revision.h"
#include "mvcc/rules.h"

namespace orrery::mvcc {

struct Generation {
  // Changes since the key was created, the tombstone too; compaction does not lower it, so that the
  // versions of the revisions that are left stay right.
  std::int64_t version = 0;
  Revision created;              // of the first put; main 0 = not known (a restored tombstone)
  Sequence<Revision> revisions;  // ascending; what compaction left of them

  bool empty() const { return revisions.empty(); }

  template <class F>
  void fields(F&& f) const {
    f("version", version), f("created", created), f("revisions", revisions);
  }

  friend bool operator==(const Generation&, const Generation&) = default;
};

class KeyIndex {
 public:
  // What a key was at a revision.
  struct Found {
    Revision modified;
    Revision created;
    std::int64_t version = 0;

    friend bool operator==(const Found&, const Found&) = default;
  };

  // requires: revision > modified()
  void put(Revision revision);
  // Ends the life of the key. False = it is not alive (etcd: revision not found).
  [[nodiscard]] bool tombstone(Revision revision);

  // The first row met at a restart, a put. requires: no generation yet
  void restore(Revision created, Revision modified, std::int64_t version);
  // The same when that first row is a tombstone: its puts were compacted away.
  void restore_tombstone(Revision revision);

  // The key at revision `at`; nothing when it did not exist then.
  std::optional<Found> find(std::int64_t at, const Guards& guards = {}) const;
  // All revisions from main `from` on, of several with one main the last.
  std::vector<Revision> since(std::int64_t from) const;

  // Adds to `kept` what a compaction at `at` leaves of the revisions <= at.
  void survivors(std::int64_t at, const Rules& rules, std::vector<Revision>& kept) const;
  // The same for the hash at `at`, where a closing tombstone does not count: releases that removed
  // and releases that keep it give one hash.
  void hash_survivors(std::int64_t at, const Rules& rules, std::vector<Revision>& kept) const;
  // Would compact(at) change anything?
  bool is_compactable(std::int64_t at, const Rules& rules) const;
  // Forgets everything that a reader at or above `at` cannot see.
  void compact(std::int64_t at, const Rules& rules);

  // Whoever is about to ask many keys one after the other asks for their memory first: for the generations of all,
  // then for the revisions in the last of each.
  void prefetch_generations() const { generations_.prefetch(); }

  void prefetch_revisions() const {
    if (!generations_.empty()) generations_.back().revisions.prefetch();
  }

  // Nothing left: the key leaves the index.
  bool is_empty() const { return generations_.size() == 1 && generations_.front().empty(); }

  bool is_alive() const { return !generations_.empty() && !generations_.back().empty(); }

  Revision modified() const { return modified_; }

  const Sequence<Generation>& generations() const { return generations_; }

  std::size_t revision_count() const;

  template <class F>
  void fields(F&& f) const {
    f("modified", modified_), f("generations", generations_);
  }

  friend bool operator==(const KeyIndex&, const KeyIndex&) = default;

 private:
  // The first generation that a compaction at `at` leaves.
  std::size_t first_kept(std::int64_t at, const Rules& rules) const;
  void collect(std::int64_t at, const Rules& rules, bool with_tombstones,
               std::vector<Revision>& kept) const;

  bool is_last(std::size_t generation) const { return generation + 1 == generations_.size(); }

  Revision modified_;                 // the last change of any kind; grows only
  Sequence<Generation> generations_;  // oldest first
};

// "[[2, 5, 7t][9]]"; subs only where they are not 0.
std::string to_text(const KeyIndex& index);

Violations violations(const KeyIndex& index);

}  // namespace orrery::mvcc
