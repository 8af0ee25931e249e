// A whole request at once, for tests and for whoever does not care about phases; and the store's claims.
#include <utility>

#include "base/overloaded.h"
#include "base/text.h"
#include "mvcc/store.h"

namespace orrery::mvcc {

Result<Store::Applied> Store::apply_compaction(Backend& backend,
                                               const rpc::CompactionRequest& request) {
  Result<CompactionJob> job = schedule_compaction(backend, request.revision);
  backend.end_tx();
  if (!job) return fail(job.error());
  compact_index(*job);
  while (!compact_batch(backend, *job).done) backend.end_tx();
  backend.end_tx();
  rpc::CompactionResponse response;
  response.header.revision = current_revision_;
  return Applied{.response = response, .events = {}, .revision = current_revision_};
}

Result<Store::Applied> Store::apply(Backend& backend, const rpc::Request& request,
                                    const LeaseKnown& lease_known, const Guards& guards) {
  if (const auto* compaction = std::get_if<rpc::CompactionRequest>(&request)) {
    return apply_compaction(backend, *compaction);
  }
  Result<Plan> planned = plan(backend, request, lease_known, guards);
  if (!planned) return fail(planned.error());
  TxnCursor cursor = begin(*std::move(planned));
  for (bool done = false; !done;) {
    const Result<Step> stepped = step(backend, cursor, guards);
    if (!stepped) return fail(stepped.error());
    done = stepped->done;
  }
  std::vector<mvccpb::Event> events = events_of(cursor.txn);
  Finished finished = finish(cursor);
  backend.end_tx();
  return Applied{.response = std::move(finished.response),
                 .events = std::move(events),
                 .revision = finished.revision};
}

Violations violations(const Store& store, const Backend& backend) {
  Violations out = violations(store.index());
  if (store.compact_revision() > store.current_revision()) {
    out.push_back({"CompactedWasReached", text("compacted {}, current {}", store.compact_revision(),
                                               store.current_revision())});
  }
  const auto has_row = [&](Revision revision, bool tombstone) {
    const BucketKeyBytes key(revision, tombstone);
    return backend.find(View::Batch, backend::Bucket::Key, key).has_value();
  };
  for (const auto& [key, history] : store.index().keys()) {
    const Sequence<Generation>& generations = history.generations();
    for (std::size_t g = 0; g < generations.size(); ++g) {
      for (const Revision revision : generations[g].revisions) {
        const bool closes =
            g + 1 < generations.size() && revision == generations[g].revisions.back();
        if (has_row(revision, closes)) continue;
        out.push_back({"IndexedRowExists",
                       text("{} at {} has no row", quoted(key.view()), to_text(revision))});
      }
    }
  }
  return out;
}

}  // namespace orrery::mvcc
