// WatchQuirks: the historic defects of watch, each one a visible condition in this folder.
//   used by: store.h, stream.h; the server sets them from a member's version and quirks
//   ideas:   all off = etcd 3.6 as it is today. The comment of each names the issue; its condition stands
//            in the function named after the colon.
#pragma once

namespace orrery::watch {

struct WatchQuirks {
  // etcd #15271 (fixed 3.4.25, 3.5.8): a delivered revision does not raise min_revision, so an installed
  // snapshot makes the watcher read it again: notify.cc, send_one.
  bool min_revision_stale_when_synced = false;
  // etcd #20221 (fixed 3.4.38, 3.5.22, 3.6.2): catching up sets min_revision below a start revision that
  // lies in the future: sync.cc, raise_min_revision.
  bool restore_lowers_min_revision = false;
  // etcd #20221, second half: progress for a stream whose watcher starts in the future: store.cc, progress.
  bool progress_for_future_watch = false;
  // etcd #17529 (fixed 3.4.31, 3.5.13): a watcher behind the compaction whose channel is full counts as
  // having caught up: sync.cc, send_notice.
  bool sync_marks_uncancelled_compacted = false;
  // etcd #15220 (fixed 3.4.25, 3.5.8): progress on request goes out at once, past the events still to be
  // sent: stream.cc, on_progress.
  bool progress_bypasses_event_channel = false;
  // etcd #17507 (3.4.25 to 3.4.30, 3.5.8 to 3.5.12): progress that cannot be given now waits for the next
  // event: stream.cc, on_progress and accept_batch.
  bool progress_deferred_to_next_event = false;
  // etcd #20693 (fixed 3.4.38, 3.5.24, 3.6.6): a negative start revision is accepted and empties the scan
  // of everyone chosen with it: stream.cc, refusal; sync.cc, choose_unsynced.
  bool accepts_negative_start = false;

  template <class F>
  void fields(F&& f) const {
    f("min_revision_stale_when_synced", min_revision_stale_when_synced);
    f("restore_lowers_min_revision", restore_lowers_min_revision);
    f("progress_for_future_watch", progress_for_future_watch);
    f("sync_marks_uncancelled_compacted", sync_marks_uncancelled_compacted);
    f("progress_bypasses_event_channel", progress_bypasses_event_channel);
    f("progress_deferred_to_next_event", progress_deferred_to_next_event);
    f("accepts_negative_start", accepts_negative_start);
  }

  friend bool operator==(const WatchQuirks&, const WatchQuirks&) = default;
};

}  // namespace orrery::watch
