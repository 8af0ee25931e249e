// Lease messages: requests and answers of etcd's Lease service, a lease's row, and what only the log carries.
//   used by: rpc.h (Request, Response), lease, server, client, lang    bytes: services_codec.h
//   ideas:   fields() names them as etcd's JSON does, in the order of their numbers on the wire, from 1.
//   from: etcd api/etcdserverpb/rpc.proto (service Lease), server/lease/leasepb/lease.proto
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/blob.h"
#include "base/strong.h"
#include "proto/response_header.h"

namespace orrery::rpc {

struct LeaseGrantRequest {
  std::int64_t ttl = 0;  // units: seconds
  LeaseId id;            // 0 = the server chooses

  template <class F>
  void fields(F&& f) const {
    f("TTL", ttl), f("ID", id);
  }
  friend bool operator==(const LeaseGrantRequest&, const LeaseGrantRequest&) = default;
};

struct LeaseGrantResponse {
  ResponseHeader header;
  LeaseId id;
  std::int64_t ttl = 0;
  std::string error;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("ID", id), f("TTL", ttl), f("error", error);
  }
  friend bool operator==(const LeaseGrantResponse&, const LeaseGrantResponse&) = default;
};

struct LeaseRevokeRequest {
  LeaseId id;

  template <class F>
  void fields(F&& f) const {
    f("ID", id);
  }
  friend bool operator==(const LeaseRevokeRequest&, const LeaseRevokeRequest&) = default;
};

using LeaseRevokeResponse = HeaderOnly<struct LeaseRevokeTag>;

struct LeaseKeepAliveRequest {
  LeaseId id;

  template <class F>
  void fields(F&& f) const {
    f("ID", id);
  }
  friend bool operator==(const LeaseKeepAliveRequest&, const LeaseKeepAliveRequest&) = default;
};

struct LeaseKeepAliveResponse {
  ResponseHeader header;
  LeaseId id;
  std::int64_t ttl = 0;  // 0 = there is no such lease (any more)

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("ID", id), f("TTL", ttl);
  }
  friend bool operator==(const LeaseKeepAliveResponse&, const LeaseKeepAliveResponse&) = default;
};

struct LeaseTimeToLiveRequest {
  LeaseId id;
  bool keys = false;  // list the attached keys too

  template <class F>
  void fields(F&& f) const {
    f("ID", id), f("keys", keys);
  }
  friend bool operator==(const LeaseTimeToLiveRequest&, const LeaseTimeToLiveRequest&) = default;
};

struct LeaseTimeToLiveResponse {
  ResponseHeader header;
  LeaseId id;
  std::int64_t ttl = 0;  // -1 = there is no such lease
  std::int64_t granted_ttl = 0;
  std::vector<Blob> keys;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("ID", id), f("TTL", ttl), f("grantedTTL", granted_ttl), f("keys", keys);
  }
  friend bool operator==(const LeaseTimeToLiveResponse&, const LeaseTimeToLiveResponse&) = default;
};

using LeaseLeasesRequest = NoFields<struct LeaseLeasesTag>;

struct LeaseStatus {
  LeaseId id;

  template <class F>
  void fields(F&& f) const {
    f("ID", id);
  }
  friend bool operator==(const LeaseStatus&, const LeaseStatus&) = default;
};

struct LeaseLeasesResponse {
  ResponseHeader header;
  std::vector<LeaseStatus> leases;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("leases", leases);
  }
  friend bool operator==(const LeaseLeasesResponse&, const LeaseLeasesResponse&) = default;
};

// How much of its time a lease has left. In the log only.
struct LeaseCheckpoint {
  LeaseId id;
  std::int64_t remaining_ttl = 0;

  template <class F>
  void fields(F&& f) const {
    f("ID", id), f("remaining_TTL", remaining_ttl);
  }
  friend bool operator==(const LeaseCheckpoint&, const LeaseCheckpoint&) = default;
};

struct LeaseCheckpointRequest {
  std::vector<LeaseCheckpoint> checkpoints;

  template <class F>
  void fields(F&& f) const {
    f("checkpoints", checkpoints);
  }
  friend bool operator==(const LeaseCheckpointRequest&, const LeaseCheckpointRequest&) = default;
};

using LeaseCheckpointResponse = HeaderOnly<struct LeaseCheckpointTag>;

// A row of the bucket `lease`.
struct LeaseRow {
  LeaseId id;
  std::int64_t ttl = 0;
  std::int64_t remaining_ttl = 0;

  template <class F>
  void fields(F&& f) const {
    f("ID", id), f("TTL", ttl), f("RemainingTTL", remaining_ttl);
  }
  friend bool operator==(const LeaseRow&, const LeaseRow&) = default;
};

using LeaseRequest =
    std::variant<LeaseGrantRequest, LeaseRevokeRequest, LeaseKeepAliveRequest,
                 LeaseTimeToLiveRequest, LeaseLeasesRequest, LeaseCheckpointRequest>;
using LeaseResponse =
    std::variant<LeaseGrantResponse, LeaseRevokeResponse, LeaseKeepAliveResponse,
                 LeaseTimeToLiveResponse, LeaseLeasesResponse, LeaseCheckpointResponse>;

}  // namespace orrery::rpc
