// Random messages for the codec tests: every field has a fair chance to be zero, small, or huge.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/draws.h"
#include "proto/mvccpb.h"
#include "proto/raftpb.h"
#include "proto/rpc.h"

namespace orrery {

class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t below_bound(std::uint64_t bound) {
    return below(draw(seed_, Purpose::TestData, 0, ++counter_), bound);
  }

  bool flag() { return below_bound(2) == 1; }

  std::uint64_t number() {
    const std::uint64_t raw = draw(seed_, Purpose::TestData, 1, ++counter_);
    return below_bound(4) == 0 ? 0 : raw >> below_bound(64);
  }

  std::int64_t signed_number() { return static_cast<std::int64_t>(number()); }

  Blob bytes() {
    std::string out(below_bound(3) == 0 ? 0 : below_bound(300), '\0');
    for (char& c : out) c = static_cast<char>(below_bound(256));
    return Blob(out);
  }

  std::string word() {
    std::string out(below_bound(9), 'a');
    for (char& c : out) c = static_cast<char>('a' + below_bound(26));
    return out;
  }

  template <class E>
  E one_of(E last) {
    return static_cast<E>(below_bound(static_cast<std::uint64_t>(last) + 1));
  }

  raftpb::Entry entry() {
    return {.type = one_of(raftpb::EntryType::ConfChangeV2),
            .term = Term(number()),
            .index = Index(number()),
            .data = bytes()};
  }

  raftpb::HardState hard_state() {
    return {.term = Term(number()), .vote = NodeId(number()), .commit = Index(number())};
  }

  std::vector<NodeId> nodes() {
    std::vector<NodeId> out(below_bound(4));
    for (NodeId& id : out) id = NodeId(number());
    return out;
  }

  raftpb::ConfState conf_state() {
    return {.voters = nodes(),
            .learners = nodes(),
            .voters_outgoing = nodes(),
            .learners_next = nodes(),
            .auto_leave = flag()};
  }

  raftpb::Snapshot snapshot() {
    return {.data = bytes(),
            .conf_state = conf_state(),
            .index = Index(number()),
            .term = Term(number())};
  }

  raftpb::ConfChange conf_change() {
    return {.id = number(),
            .type = one_of(raftpb::ConfChangeType::AddLearnerNode),
            .node_id = NodeId(number()),
            .context = bytes()};
  }

  raftpb::ConfChangeV2 conf_change_v2() {
    raftpb::ConfChangeV2 out{.transition = one_of(raftpb::ConfChangeTransition::JointExplicit),
                             .changes = {},
                             .context = bytes()};
    for (std::uint64_t i = below_bound(4); i > 0; --i) {
      out.changes.push_back(
          {.type = one_of(raftpb::ConfChangeType::AddLearnerNode), .node_id = NodeId(number())});
    }
    return out;
  }

  raftpb::Message message(int depth) {
    raftpb::Message out;
    out.type = one_of(raftpb::MessageType::ForgetLeader);
    out.to = NodeId(number()), out.from = NodeId(number());
    out.term = Term(number()), out.log_term = Term(number());
    out.index = Index(number()), out.commit = Index(number());
    for (std::uint64_t i = below_bound(4); i > 0; --i) out.entries.push_back(entry());
    if (flag()) out.snapshot = snapshot();
    out.reject = flag(), out.reject_hint = Index(number());
    out.context = bytes(), out.vote = NodeId(number());
    for (std::uint64_t i = depth > 0 ? below_bound(3) : 0; i > 0; --i) {
      out.responses.push_back(message(depth - 1));
    }
    return out;
  }

  mvccpb::KeyValue key_value() {
    return {.key = bytes(),
            .create_revision = signed_number(),
            .mod_revision = signed_number(),
            .version = signed_number(),
            .value = bytes(),
            .lease = LeaseId(signed_number())};
  }

  mvccpb::Event event() {
    mvccpb::Event out{.type = one_of(mvccpb::EventType::Delete), .kv = key_value(), .prev_kv = {}};
    if (flag()) out.prev_kv = key_value();
    return out;
  }

  std::vector<mvccpb::KeyValue> key_values() {
    std::vector<mvccpb::KeyValue> out(below_bound(4));
    for (auto& kv : out) kv = key_value();
    return out;
  }

  rpc::ResponseHeader header() {
    return {.cluster_id = number(),
            .member_id = number(),
            .revision = signed_number(),
            .raft_term = number()};
  }

  rpc::RangeRequest range_request() {
    return {.key = bytes(),
            .range_end = bytes(),
            .limit = signed_number(),
            .revision = signed_number(),
            .sort_order = one_of(rpc::SortOrder::Descend),
            .sort_target = one_of(rpc::SortTarget::Value),
            .serializable = flag(),
            .keys_only = flag(),
            .count_only = flag(),
            .min_mod_revision = signed_number(),
            .max_mod_revision = signed_number(),
            .min_create_revision = signed_number(),
            .max_create_revision = signed_number()};
  }

  rpc::RangeResponse range_response() {
    return {.header = header(), .kvs = key_values(), .more = flag(), .count = signed_number()};
  }

  rpc::PutRequest put_request() {
    return {.key = bytes(),
            .value = bytes(),
            .lease = LeaseId(signed_number()),
            .prev_kv = flag(),
            .ignore_value = flag(),
            .ignore_lease = flag()};
  }

  rpc::PutResponse put_response() {
    rpc::PutResponse out{.header = header(), .prev_kv = {}};
    if (flag()) out.prev_kv = key_value();
    return out;
  }

  rpc::DeleteRangeRequest delete_range_request() {
    return {.key = bytes(), .range_end = bytes(), .prev_kv = flag()};
  }

  rpc::DeleteRangeResponse delete_range_response() {
    return {.header = header(), .deleted = signed_number(), .prev_kvs = key_values()};
  }

  rpc::Compare compare() {
    rpc::Compare out{.result = one_of(rpc::CompareResult::NotEqual),
                     .target = one_of(rpc::CompareTarget::Lease),
                     .key = bytes(),
                     .number = 0,
                     .value = {},
                     .range_end = bytes()};
    if (out.target == rpc::CompareTarget::Value) {
      out.value = bytes();
    } else {
      out.number = signed_number();
    }
    return out;
  }

  rpc::RequestOp request_op(int depth) {
    switch (below_bound(depth > 0 ? 5 : 4)) {
      case 0: return {};
      case 1: return {range_request()};
      case 2: return {put_request()};
      case 3: return {delete_range_request()};
      default: return {txn_request(depth - 1)};
    }
  }

  rpc::TxnRequest txn_request(int depth) {
    rpc::TxnRequest out;
    for (std::uint64_t i = below_bound(3); i > 0; --i) out.compare.push_back(compare());
    for (std::uint64_t i = below_bound(3); i > 0; --i) out.success.push_back(request_op(depth));
    for (std::uint64_t i = below_bound(3); i > 0; --i) out.failure.push_back(request_op(depth));
    return out;
  }

  rpc::ResponseOp response_op(int depth) {
    switch (below_bound(depth > 0 ? 5 : 4)) {
      case 0: return {};
      case 1: return {range_response()};
      case 2: return {put_response()};
      case 3: return {delete_range_response()};
      default: return {txn_response(depth - 1)};
    }
  }

  rpc::TxnResponse txn_response(int depth) {
    rpc::TxnResponse out{.header = header(), .succeeded = flag(), .responses = {}};
    for (std::uint64_t i = below_bound(3); i > 0; --i) out.responses.push_back(response_op(depth));
    return out;
  }

  rpc::CompactionRequest compaction_request() {
    return {.revision = signed_number(), .physical = flag()};
  }

  rpc::WatchRequest watch_request() {
    switch (below_bound(3)) {
      case 0: return rpc::WatchCancelRequest{.watch_id = signed_number()};
      case 1: return rpc::WatchProgressRequest{};
      default: break;
    }
    rpc::WatchCreateRequest out{.key = bytes(),
                                .range_end = bytes(),
                                .start_revision = signed_number(),
                                .progress_notify = flag(),
                                .filters = {},
                                .prev_kv = flag(),
                                .watch_id = signed_number(),
                                .fragment = flag()};
    for (std::uint64_t i = below_bound(3); i > 0; --i) {
      out.filters.push_back(one_of(rpc::WatchFilter::NoDelete));
    }
    return out;
  }

  rpc::WatchResponse watch_response() {
    rpc::WatchResponse out{.header = header(),
                           .watch_id = signed_number(),
                           .created = flag(),
                           .canceled = flag(),
                           .compact_revision = signed_number(),
                           .cancel_reason = word(),
                           .fragment = flag(),
                           .events = {}};
    for (std::uint64_t i = below_bound(4); i > 0; --i) out.events.push_back(event());
    return out;
  }

  rpc::InternalRequest internal_request() {
    rpc::InternalRequest out{
        .id = number(), .username = word(), .auth_revision = number(), .request = {}};
    switch (below_bound(5)) {
      case 0: out.request = range_request(); break;
      case 1: out.request = put_request(); break;
      case 2: out.request = delete_range_request(); break;
      case 3: out.request = txn_request(2); break;
      default: out.request = compaction_request(); break;
    }
    return out;
  }

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

}  // namespace orrery
