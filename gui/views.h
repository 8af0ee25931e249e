// Views: one function each, from a scene to a picture.
//   used by: main window, --render, tests    uses: scene.h
//   ideas:   no state and no widget: what a view shows depends on its arguments alone.
#pragma once

#include "gui/checks.h"
#include "gui/samples.h"
#include "gui/scene.h"
#include "gui/step_index.h"
#include "sim/timeline.h"

namespace orrery::gui {

// Members as cards, links with their messages, cuts, clients.
Picture draw_cluster(const Scene& scene);
// A column per member, aligned by index.
Picture draw_raft_logs(const Scene& scene);
// Keys down, revisions across, of one member.
Picture draw_revisions(const Scene& scene);
// Watchers of each member by pool.
Picture draw_watchers(const Scene& scene);
// The ranges that watchers of one member want, as the red-black tree they stand in.
Picture draw_interval_tree(const Scene& scene);
// The keys of one member with their generations.
Picture draw_key_index(const Scene& scene);
// The connections of one member: streams, windows, frames in flight.
Picture draw_frames(const Scene& scene);
// v2's ring of events on one member, all pollers, and the counters of both generations.
Picture draw_old_watch(const Scene& scene);
// The members' figures side by side, what differs marked; below, their counts over time.
Picture draw_members_table(const Scene& scene, const Series& series);
// Its lower part, from `top` down; returns where it ends.
double draw_series(const Scene& scene, const Series& series, Picture& picture, double top);
// One member's leases by the time they have left.
Picture draw_leases(const Scene& scene);
// Each member's auth revision; one member's users and roles, and the ranges they come to.
Picture draw_auth(const Scene& scene);
// Calls from invocation to return, and watches, client by client.
Picture draw_clients(const Scene& scene);
// Who has which acknowledged write, what a moving reader is told, and hypotheses with what settles them; above, if
// lights are given, the claims that broke.
Picture draw_evidence(const Scene& scene);
Picture draw_evidence(const Scene& scene, const std::vector<CheckLight>& lights);
// The files of one member's disk with the log's records in them, cached and durable.
Picture draw_disk(const Scene& scene);
// The store's file of one member: buckets and their trees, every page in its place, the open batch.
Picture draw_pages(const Scene& scene);
// Who can send to whom; painted to cut and to mend.
Picture draw_partition(const Scene& scene);

// Where positions stand on a timeline; the whole branch fits until a step is too narrow, then the cursor's
// surroundings.
struct TimelineGeometry {
  double left = 0;   // x of `first`
  double width = 1;  // of the track
  std::size_t first = 0;
  std::size_t last = 1;  // > first

  double x_of(std::size_t position) const;
  std::size_t position_at(double x) const;
};

TimelineGeometry lay_out_timeline(std::size_t length, std::size_t cursor, QSizeF room,
                                  const Metrics& metrics);
// A lane per member with a pip per step, faults, commands, branches, and the cursor.
Picture draw_timeline(const sim::Timeline& timeline, const StepIndex& steps, const Scene& scene);

}  // namespace orrery::gui
