// Kit: a store with its backend, and short words for requests.
//   used by: the tests of core/mvcc and core/model
//   ideas:   crash() goes back to what the last commit made durable and restores, as a restart does.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "backend/backend.h"
#include "base/check.h"
#include "base/text.h"
#include "mvcc/store.h"

namespace orrery::mvcc {

inline BytesView from_key() {
  return BytesView("\0", 1);
}

inline rpc::PutRequest put_of(BytesView key, BytesView value = "v") {
  rpc::PutRequest put;
  put.key = Blob(key);
  put.value = Blob(value);
  return put;
}

inline rpc::DeleteRangeRequest delete_of(BytesView key, BytesView range_end = {}) {
  rpc::DeleteRangeRequest erase;
  erase.key = Blob(key);
  erase.range_end = Blob(range_end);
  return erase;
}

inline rpc::RangeRequest range_of(BytesView key, BytesView range_end = {},
                                  std::int64_t revision = 0) {
  rpc::RangeRequest range;
  range.key = Blob(key);
  range.range_end = Blob(range_end);
  range.revision = revision;
  return range;
}

template <class Request>
rpc::RequestOp op(Request request) {
  rpc::RequestOp out;
  out.request = std::move(request);
  return out;
}

inline rpc::TxnRequest txn_of(std::vector<rpc::RequestOp> success,
                              std::vector<rpc::RequestOp> failure = {},
                              std::vector<rpc::Compare> compare = {}) {
  return {
      .compare = std::move(compare), .success = std::move(success), .failure = std::move(failure)};
}

inline rpc::Compare compare_of(rpc::CompareTarget target, BytesView key, rpc::CompareResult result,
                               std::int64_t number) {
  rpc::Compare compare;
  compare.target = target;
  compare.key = Blob(key);
  compare.result = result;
  compare.number = number;
  return compare;
}

inline rpc::Compare compare_value(BytesView key, rpc::CompareResult result, BytesView value) {
  rpc::Compare compare = compare_of(rpc::CompareTarget::Value, key, result, 0);
  compare.value = Blob(value);
  return compare;
}

inline std::vector<std::string> keys_of(const rpc::RangeResponse& response) {
  std::vector<std::string> keys;
  for (const auto& kv : response.kvs) keys.emplace_back(kv.key.view());
  return keys;
}

inline std::string to_text(const mvccpb::Event& event) {
  return text("{} {}@{}", event.type == mvccpb::EventType::Delete ? "DELETE" : "PUT",
              event.kv.key.view(), event.kv.mod_revision);
}

class Kit {
 public:
  explicit Kit(Rules rules = {}) : store(rules) { commit(); }

  // The request must succeed.
  rpc::Response apply(const rpc::Request& request) {
    Result<Store::Applied> applied = try_apply(request);
    check(applied.has_value(), applied ? "" : applied.error().detail);
    events = std::move(applied->events);
    return std::move(applied->response);
  }

  Result<Store::Applied> try_apply(const rpc::Request& request) {
    return store.apply(backend, request, [&](LeaseId id) { return leases.contains(id); });
  }

  std::int64_t put(BytesView key, BytesView value = "v") {
    apply(put_of(key, value));
    return store.current_revision();
  }

  std::int64_t erase(BytesView key, BytesView range_end = {}) {
    apply(delete_of(key, range_end));
    return store.current_revision();
  }

  rpc::TxnResponse txn(rpc::TxnRequest request) {
    return std::get<rpc::TxnResponse>(apply(std::move(request)));
  }

  rpc::RangeResponse range(const rpc::RangeRequest& request) const {
    Result<rpc::RangeResponse> response = store.range(backend, request);
    check(response.has_value(), response ? "" : response.error().detail);
    return *std::move(response);
  }

  void commit() {
    backend.end_tx();
    backend.begin_commit();
    backend.finish_commit();
  }

  // Schedules and commits, as apply does; no batch yet.
  CompactionJob schedule(std::int64_t revision) {
    Result<CompactionJob> job = store.schedule_compaction(backend, revision);
    check(job.has_value(), job ? "" : job.error().detail);
    commit();
    return *std::move(job);
  }

  // One batch and, unless it was the last, the commit after it.
  bool batch(CompactionJob& job, std::size_t limit) {
    if (!job.index_done) store.compact_index(job);
    const bool done = store.compact_batch(backend, job, limit).done;
    backend.end_tx();
    if (!done) commit();
    return done;
  }

  void finish(CompactionJob job, std::size_t limit = kCompactionBatchLimit) {
    while (!batch(job, limit)) {
    }
  }

  void compact(std::int64_t revision, std::size_t limit = kCompactionBatchLimit) {
    finish(schedule(revision), limit);
    commit();
  }

  // Back to the last commit, and everything from the rows.
  Store::Restored crash() {
    Result<Backend> opened = Backend::open(backend.blocks());
    check(opened.has_value(), "a committed file opens");
    backend = *std::move(opened);
    store = Store(store.rules());
    Result<Store::Restored> restored = store.restore(backend);
    check(restored.has_value(), restored ? "" : restored.error().detail);
    commit();
    return *std::move(restored);
  }

  void crash_and_resume(std::size_t limit = kCompactionBatchLimit) {
    Store::Restored restored = crash();
    if (restored.resume) finish(*std::move(restored.resume), limit);
    commit();  // until then a deleted row can still be read
  }

  // "2 3.1 7t": the rows of the bucket `key`, in order.
  std::string rows() const {
    std::string out;
    backend.range(View::Batch, backend::Bucket::Key, {}, {}, 0, [&](BytesView key, BytesView) {
      const BucketKey row = decode_bucket_key(key).value();
      out += out.empty() ? "" : " ";
      out += row.revision.sub == 0 ? text("{}", row.revision.main) : to_text(row.revision);
      out += row.tombstone ? "t" : "";
    });
    return out;
  }

  std::string watch(std::int64_t from) const {
    std::string out;
    const auto scanned = store.events_in(backend, from, store.current_revision() + 1);
    for (const auto& event : scanned.value()) {
      out += (out.empty() ? "" : ", ") + to_text(event);
    }
    return out;
  }

  std::string index_of(BytesView key) const {
    const KeyIndex* index = store.index().find_key(key);
    return index == nullptr ? "none" : to_text(*index);
  }

  Backend backend;
  Store store;
  std::set<LeaseId> leases;
  std::vector<mvccpb::Event> events;  // of the last apply()
};

}  // namespace orrery::mvcc
