// Reads: first the index says which revisions, then one row is read for each.
#include <algorithm>
#include <utility>

#include "base/overloaded.h"
#include "base/text.h"
#include "mvcc/store.h"
#include "proto/mvccpb_codec.h"

namespace orrery::mvcc {
namespace {

using mvccpb::KeyValue;

bool has_filter(const rpc::RangeRequest& request) {
  return request.min_mod_revision != 0 || request.max_mod_revision != 0 ||
         request.min_create_revision != 0 || request.max_create_revision != 0;
}

// How many rows to fetch, 0 = all: one more than asked for, to know whether there is more. With a filter or
// an explicit order the cut comes last, so everything is fetched.
std::int64_t fetch_limit(const rpc::RangeRequest& request) {
  if (request.sort_order != rpc::SortOrder::None || has_filter(request)) return 0;
  return request.limit > 0 ? request.limit + 1 : 0;
}

bool passes_filters(const rpc::RangeRequest& request, const KeyValue& kv) {
  const auto at_most = [](std::int64_t bound, std::int64_t rev) {
    return bound == 0 || rev <= bound;
  };
  const auto at_least = [](std::int64_t bound, std::int64_t rev) {
    return bound == 0 || rev >= bound;
  };
  return at_most(request.max_mod_revision, kv.mod_revision) &&
         at_least(request.min_mod_revision, kv.mod_revision) &&
         at_most(request.max_create_revision, kv.create_revision) &&
         at_least(request.min_create_revision, kv.create_revision);
}

template <class Field>
void sort_by(std::vector<KeyValue>& kvs, bool descending, Field&& field) {
  std::ranges::stable_sort(kvs, [&](const KeyValue& a, const KeyValue& b) {
    return descending ? field(b) < field(a) : field(a) < field(b);
  });
}

// They come in key order. A target other than the key without an order ascends, but then the limit has cut
// already: etcd's surprise, kept. Equal ones stay in key order, where etcd's order is left open.
void sort_kvs(const rpc::RangeRequest& request, std::vector<KeyValue>& kvs) {
  const bool descending = request.sort_order == rpc::SortOrder::Descend;
  switch (request.sort_target) {
    case rpc::SortTarget::Key:
      if (descending) std::ranges::reverse(kvs);
      return;
    case rpc::SortTarget::Version:
      return sort_by(kvs, descending, [](const KeyValue& kv) { return kv.version; });
    case rpc::SortTarget::Create:
      return sort_by(kvs, descending, [](const KeyValue& kv) { return kv.create_revision; });
    case rpc::SortTarget::Mod:
      return sort_by(kvs, descending, [](const KeyValue& kv) { return kv.mod_revision; });
    case rpc::SortTarget::Value:
      return sort_by(kvs, descending, [](const KeyValue& kv) { return kv.value.view(); });
  }
}

// Filter, sort, cut: what is done with the rows once they are fetched.
void shape(const rpc::RangeRequest& request, rpc::RangeResponse& response) {
  std::vector<KeyValue>& kvs = response.kvs;
  if (has_filter(request)) {
    std::erase_if(kvs, [&](const KeyValue& kv) { return !passes_filters(request, kv); });
  }
  sort_kvs(request, kvs);
  const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(request.limit, 0));
  if (limit > 0 && kvs.size() > limit) {
    kvs.resize(limit);
    response.more = true;
  }
  if (!request.keys_only) return;
  for (KeyValue& kv : kvs) kv.value = Blob();
}

}  // namespace

Result<rpc::RangeResponse> Store::range(const Backend& backend, View view,
                                        const rpc::RangeRequest& request, std::int64_t now,
                                        const Guards& guards) const {
  const std::int64_t at = request.revision <= 0 ? now : request.revision;
  if (!guards(at <= now, "the revision has been reached", {{"asked", at}, {"current", now}})) {
    return fail(Errc::FutureRev);
  }
  if (!guards(at >= compact_revision_, "the revision is not compacted",
              {{"asked", at}, {"compacted", compact_revision_}})) {
    return fail(Errc::Compacted);
  }
  rpc::RangeResponse response;
  response.header.revision = now;
  const Interval interval = Interval::of(request.key, request.range_end);
  if (request.count_only) {
    response.count = index_.count(interval, at);
    return response;
  }
  const TreeIndex::Hits found = index_.range(interval, at, fetch_limit(request), guards);
  response.count = found.total;
  response.kvs.reserve(found.hits.size());
  for (const TreeIndex::Hit& hit : found.hits) {
    Result<KeyValue> kv = read_row(backend, view, hit.modified);
    if (!kv) return fail(kv.error());
    response.kvs.push_back(*std::move(kv));
  }
  shape(request, response);
  return response;
}

Result<std::optional<KeyValue>> Store::find(const Backend& backend, View view, BytesView key,
                                            std::int64_t at, const Guards& guards) const {
  const std::optional<KeyIndex::Found> found = index_.find(key, at, guards);
  if (!found) return std::optional<KeyValue>();
  Result<KeyValue> kv = read_row(backend, view, found->modified);
  if (!kv) return fail(kv.error());
  return std::optional<KeyValue>(*std::move(kv));
}

Result<KeyValue> Store::read_row(const Backend& backend, View view, Revision revision) const {
  const BucketKeyBytes row(revision);
  const std::optional<BytesView> value = backend.find(view, backend::Bucket::Key, row);
  if (!value) {
    return fail(Errc::Corrupt, text("range failed to find revision pair: {}", to_text(revision)));
  }
  Result<KeyValue> kv = mvccpb::decode_key_value(*value);
  if (!kv) return fail(Errc::Corrupt, text("row {}: {}", to_text(revision), kv.error().detail));
  return kv;
}

}  // namespace orrery::mvcc
