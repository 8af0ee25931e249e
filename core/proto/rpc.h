// rpc: requests and responses of etcd's KV and Watch services, as plain values.
//   used by: mvcc, watch, server, client, lang, door    uses: mvccpb, the other services' messages
//   bytes:   rpc_codec.h
//   ideas:   field names are etcd's; a message's absent sub-message is an empty optional.
//   from: etcd api/etcdserverpb/rpc.proto
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/blob.h"
#include "proto/auth_messages.h"
#include "proto/cluster_messages.h"
#include "proto/lease_messages.h"
#include "proto/maintenance_messages.h"
#include "proto/mvccpb.h"
#include "proto/response_header.h"

namespace orrery::rpc {

using mvccpb::Event;
using mvccpb::KeyValue;

enum class SortOrder : std::uint8_t { None = 0, Ascend = 1, Descend = 2 };
enum class SortTarget : std::uint8_t { Key = 0, Version = 1, Create = 2, Mod = 3, Value = 4 };

// The interval of a range, delete or watch: range_end empty = the single key; "\0" = every key >= key.
struct RangeRequest {
  Blob key;
  Blob range_end;
  std::int64_t limit = 0;     // 0 = none
  std::int64_t revision = 0;  // <= 0 = current
  SortOrder sort_order = SortOrder::None;
  SortTarget sort_target = SortTarget::Key;
  bool serializable = false;
  bool keys_only = false;
  bool count_only = false;
  std::int64_t min_mod_revision = 0;  // 0 = off, as the three below
  std::int64_t max_mod_revision = 0;
  std::int64_t min_create_revision = 0;
  std::int64_t max_create_revision = 0;

  template <class F>
  void fields(F&& f) const {
    f("key", key), f("range_end", range_end), f("limit", limit), f("revision", revision);
    f("sort_order", sort_order), f("sort_target", sort_target), f("serializable", serializable);
    f("keys_only", keys_only), f("count_only", count_only);
    f("min_mod_revision", min_mod_revision), f("max_mod_revision", max_mod_revision);
    f("min_create_revision", min_create_revision), f("max_create_revision", max_create_revision);
  }
  friend bool operator==(const RangeRequest&, const RangeRequest&) = default;
};

struct RangeResponse {
  ResponseHeader header;
  std::vector<KeyValue> kvs;
  bool more = false;       // the limit cut the answer
  std::int64_t count = 0;  // all matches, whatever the limit and the revision filters

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("kvs", kvs), f("more", more), f("count", count);
  }
  friend bool operator==(const RangeResponse&, const RangeResponse&) = default;
};

struct PutRequest {
  Blob key;
  Blob value;
  LeaseId lease;
  bool prev_kv = false;
  bool ignore_value = false;
  bool ignore_lease = false;

  template <class F>
  void fields(F&& f) const {
    f("key", key), f("value", value), f("lease", lease), f("prev_kv", prev_kv);
    f("ignore_value", ignore_value), f("ignore_lease", ignore_lease);
  }
  friend bool operator==(const PutRequest&, const PutRequest&) = default;
};

struct PutResponse {
  ResponseHeader header;
  std::optional<KeyValue> prev_kv;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("prev_kv", prev_kv);
  }
  friend bool operator==(const PutResponse&, const PutResponse&) = default;
};

struct DeleteRangeRequest {
  Blob key;
  Blob range_end;
  bool prev_kv = false;

  template <class F>
  void fields(F&& f) const {
    f("key", key), f("range_end", range_end), f("prev_kv", prev_kv);
  }
  friend bool operator==(const DeleteRangeRequest&, const DeleteRangeRequest&) = default;
};

struct DeleteRangeResponse {
  ResponseHeader header;
  std::int64_t deleted = 0;
  std::vector<KeyValue> prev_kvs;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("deleted", deleted), f("prev_kvs", prev_kvs);
  }
  friend bool operator==(const DeleteRangeResponse&, const DeleteRangeResponse&) = default;
};

enum class CompareResult : std::uint8_t { Equal = 0, Greater = 1, Less = 2, NotEqual = 3 };
enum class CompareTarget : std::uint8_t { Version = 0, Create = 1, Mod = 2, Value = 3, Lease = 4 };

struct Compare {
  CompareResult result = CompareResult::Equal;
  CompareTarget target = CompareTarget::Version;
  Blob key;
  std::int64_t number =
      0;  // version, create, mod or lease, as the target says; 0 when the wire's field is another's
  Blob value;      // target Value only
  Blob range_end;  // non-empty: every key of the interval must satisfy it

  template <class F>
  void fields(F&& f) const {
    f("result", result), f("target", target), f("key", key), f("number", number);
    f("value", value), f("range_end", range_end);
  }
  friend bool operator==(const Compare&, const Compare&) = default;
};

struct RequestOp;

struct TxnRequest {
  std::vector<Compare> compare;  // all must hold; none = true
  std::vector<RequestOp> success;
  std::vector<RequestOp> failure;

  template <class F>
  void fields(F&& f) const {
    f("compare", compare), f("success", success), f("failure", failure);
  }
  friend bool operator==(const TxnRequest&, const TxnRequest&) = default;
};

struct RequestOp {
  // monostate = the wire's oneof was empty
  std::variant<std::monostate, RangeRequest, PutRequest, DeleteRangeRequest, TxnRequest> request;

  template <class F>
  void fields(F&& f) const {
    f("request", request);
  }
  friend bool operator==(const RequestOp&, const RequestOp&) = default;
};

struct ResponseOp;

struct TxnResponse {
  ResponseHeader header;
  bool succeeded = false;
  std::vector<ResponseOp> responses;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("succeeded", succeeded), f("responses", responses);
  }
  friend bool operator==(const TxnResponse&, const TxnResponse&) = default;
};

struct ResponseOp {
  std::variant<std::monostate, RangeResponse, PutResponse, DeleteRangeResponse, TxnResponse>
      response;

  template <class F>
  void fields(F&& f) const {
    f("response", response);
  }
  friend bool operator==(const ResponseOp&, const ResponseOp&) = default;
};

struct CompactionRequest {
  std::int64_t revision = 0;
  bool physical = false;  // answer only when the rows are gone

  template <class F>
  void fields(F&& f) const {
    f("revision", revision), f("physical", physical);
  }
  friend bool operator==(const CompactionRequest&, const CompactionRequest&) = default;
};

struct CompactionResponse {
  ResponseHeader header;

  template <class F>
  void fields(F&& f) const {
    f("header", header);
  }
  friend bool operator==(const CompactionResponse&, const CompactionResponse&) = default;
};

enum class WatchFilter : std::uint8_t { NoPut = 0, NoDelete = 1 };

struct WatchCreateRequest {
  Blob key;
  Blob range_end;
  std::int64_t start_revision = 0;  // 0 = from now on
  bool progress_notify = false;
  std::vector<WatchFilter> filters;
  bool prev_kv = false;
  std::int64_t watch_id = 0;  // 0 = the server chooses
  bool fragment = false;

  template <class F>
  void fields(F&& f) const {
    f("key", key), f("range_end", range_end), f("start_revision", start_revision);
    f("progress_notify", progress_notify), f("filters", filters), f("prev_kv", prev_kv);
    f("watch_id", watch_id), f("fragment", fragment);
  }
  friend bool operator==(const WatchCreateRequest&, const WatchCreateRequest&) = default;
};

struct WatchCancelRequest {
  std::int64_t watch_id = 0;

  template <class F>
  void fields(F&& f) const {
    f("watch_id", watch_id);
  }
  friend bool operator==(const WatchCancelRequest&, const WatchCancelRequest&) = default;
};

struct WatchProgressRequest {
  template <class F>
  void fields(F&&) const {}
  friend bool operator==(const WatchProgressRequest&, const WatchProgressRequest&) = default;
};

using WatchRequest = std::variant<WatchCreateRequest, WatchCancelRequest, WatchProgressRequest>;

struct WatchResponse {
  ResponseHeader header;
  std::int64_t watch_id = 0;  // -1 = of no watch (a refused create, requested progress)
  bool created = false;
  bool canceled = false;
  std::int64_t compact_revision = 0;
  std::string cancel_reason;
  bool fragment = false;
  std::vector<Event> events;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("watch_id", watch_id), f("created", created), f("canceled", canceled);
    f("compact_revision", compact_revision), f("cancel_reason", cancel_reason);
    f("fragment", fragment), f("events", events);
  }
  friend bool operator==(const WatchResponse&, const WatchResponse&) = default;
};

// What a unary call asks and answers: KV's own messages, and one kind for each other service.
using Request =
    std::variant<RangeRequest, PutRequest, DeleteRangeRequest, TxnRequest, CompactionRequest,
                 LeaseRequest, AuthRequest, ClusterRequest, MaintenanceRequest>;
using Response =
    std::variant<RangeResponse, PutResponse, DeleteRangeResponse, TxnResponse, CompactionResponse,
                 LeaseResponse, AuthResponse, ClusterResponse, MaintenanceResponse>;

// The header of an answer, whatever its kind; null where etcd sends none.
const ResponseHeader* header_of(const Response& response);
ResponseHeader* edit_header(Response& response);

// The payload of a Raft entry: etcdserverpb.InternalRaftRequest.
struct InternalRequest {
  std::uint64_t id = 0;  // header.ID: the proposer's waiter; unique in the cluster
  std::string username;
  std::uint64_t auth_revision = 0;
  Request request;

  template <class F>
  void fields(F&& f) const {
    f("id", id), f("username", username), f("auth_revision", auth_revision);
    f("request", request);
  }
  friend bool operator==(const InternalRequest&, const InternalRequest&) = default;
};

}  // namespace orrery::rpc
