// Rules: the places where releases of etcd differ inside the store. All false = as it should be.
//   used by: KeyIndex, Store; a member sets them from its quirks
//   from: etcd issues 18089, 19179, 17780, 22376, 15919
#pragma once

namespace orrery::mvcc {

struct Rules {
  // issue 18089: compacting at the revision of a deletion removes the tombstone too, so a watch from that
  // very revision, which is not refused, misses the deletion.
  bool compact_drops_tombstone_at_rev = false;
  // issue 19179: restore skips a tombstone whose key it has not met, so the resumed compaction deletes it.
  bool restore_ignores_lone_tombstone = false;
  // issue 17780: restore takes the current revision from the rows alone, which a compaction may have removed.
  bool restore_ignores_scheduled_compact = false;
  // issue 22376: compaction stops at the generation that ends at the compaction revision and forgets
  // the one created in the same revision.
  bool compact_stops_at_generation_ending_at_rev = false;
  // issue 15919: the hash of a compaction that was interrupted is stored as if it had seen every row.
  bool store_hash_after_interrupted_compaction = false;

  template <class F>
  void fields(F&& f) const {
    f("compact_drops_tombstone_at_rev", compact_drops_tombstone_at_rev);
    f("restore_ignores_lone_tombstone", restore_ignores_lone_tombstone);
    f("restore_ignores_scheduled_compact", restore_ignores_scheduled_compact);
    f("compact_stops_at_generation_ending_at_rev", compact_stops_at_generation_ending_at_rev);
    f("store_hash_after_interrupted_compaction", store_hash_after_interrupted_compaction);
  }

  friend bool operator==(const Rules&, const Rules&) = default;
};

}  // namespace orrery::mvcc
