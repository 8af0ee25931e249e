// Maintenance messages: requests and answers of etcd's Maintenance service.
//   used by: rpc.h (Request, Response), server, client, lang    bytes: services_codec.h
//   ideas:   fields() names them as etcd's JSON does, in the order of their numbers on the wire, from 1.
//   from: etcd api/etcdserverpb/rpc.proto (service Maintenance)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/blob.h"
#include "base/strong.h"
#include "proto/response_header.h"

namespace orrery::rpc {

enum class AlarmType : std::uint8_t { None = 0, NoSpace = 1, Corrupt = 2 };
constexpr AlarmType last_of(AlarmType) {
  return AlarmType::Corrupt;
}

enum class AlarmAction : std::uint8_t { Get = 0, Activate = 1, Deactivate = 2 };
constexpr AlarmAction last_of(AlarmAction) {
  return AlarmAction::Deactivate;
}

enum class DowngradeAction : std::uint8_t { Validate = 0, Enable = 1, Cancel = 2 };
constexpr DowngradeAction last_of(DowngradeAction) {
  return DowngradeAction::Cancel;
}

// Also a row of the bucket `alarm`: its bytes are the key.
struct AlarmMember {
  NodeId member_id;
  AlarmType alarm = AlarmType::None;

  template <class F>
  void fields(F&& f) const {
    f("memberID", member_id), f("alarm", alarm);
  }
  friend bool operator==(const AlarmMember&, const AlarmMember&) = default;
};

struct AlarmRequest {
  AlarmAction action = AlarmAction::Get;
  NodeId member_id;
  AlarmType alarm = AlarmType::None;

  template <class F>
  void fields(F&& f) const {
    f("action", action), f("memberID", member_id), f("alarm", alarm);
  }
  friend bool operator==(const AlarmRequest&, const AlarmRequest&) = default;
};

struct AlarmResponse {
  std::optional<ResponseHeader> header;  // none in 3.4
  std::vector<AlarmMember> alarms;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("alarms", alarms);
  }
  friend bool operator==(const AlarmResponse&, const AlarmResponse&) = default;
};

using StatusRequest = NoFields<struct StatusTag>;

struct DowngradeInfo {
  bool enabled = false;
  std::string target_version;

  template <class F>
  void fields(F&& f) const {
    f("enabled", enabled), f("targetVersion", target_version);
  }
  friend bool operator==(const DowngradeInfo&, const DowngradeInfo&) = default;
};

struct StatusResponse {
  ResponseHeader header;
  std::string version;
  std::int64_t db_size = 0;
  NodeId leader;
  std::uint64_t raft_index = 0;
  std::uint64_t raft_term = 0;
  std::uint64_t raft_applied_index = 0;
  std::vector<std::string> errors;
  std::int64_t db_size_in_use = 0;
  bool is_learner = false;
  std::string storage_version;  // this and the two below from 3.6
  std::int64_t db_size_quota = 0;
  std::optional<DowngradeInfo> downgrade_info;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("version", version), f("dbSize", db_size), f("leader", leader),
        f("raftIndex", raft_index), f("raftTerm", raft_term),
        f("raftAppliedIndex", raft_applied_index), f("errors", errors),
        f("dbSizeInUse", db_size_in_use), f("isLearner", is_learner),
        f("storageVersion", storage_version), f("dbSizeQuota", db_size_quota),
        f("downgradeInfo", downgrade_info);
  }
  friend bool operator==(const StatusResponse&, const StatusResponse&) = default;
};

using DefragmentRequest = NoFields<struct DefragmentTag>;

struct DefragmentResponse {
  std::optional<ResponseHeader> header;

  template <class F>
  void fields(F&& f) const {
    f("header", header);
  }
  friend bool operator==(const DefragmentResponse&, const DefragmentResponse&) = default;
};

using HashRequest = NoFields<struct HashTag>;

struct HashResponse {
  ResponseHeader header;
  std::uint32_t hash = 0;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("hash", hash);
  }
  friend bool operator==(const HashResponse&, const HashResponse&) = default;
};

struct HashKVRequest {
  std::int64_t revision = 0;  // 0 = now

  template <class F>
  void fields(F&& f) const {
    f("revision", revision);
  }
  friend bool operator==(const HashKVRequest&, const HashKVRequest&) = default;
};

struct HashKVResponse {
  ResponseHeader header;
  std::uint32_t hash = 0;
  std::int64_t compact_revision = 0;
  std::int64_t hash_revision = 0;  // from 3.6

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("hash", hash), f("compact_revision", compact_revision),
        f("hash_revision", hash_revision);
  }
  friend bool operator==(const HashKVResponse&, const HashKVResponse&) = default;
};

using SnapshotRequest = NoFields<struct SnapshotTag>;

struct SnapshotResponse {
  std::optional<ResponseHeader> header;
  std::uint64_t remaining_bytes = 0;
  Blob blob;
  std::string version;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("remaining_bytes", remaining_bytes), f("blob", blob),
        f("version", version);
  }
  friend bool operator==(const SnapshotResponse&, const SnapshotResponse&) = default;
};

struct MoveLeaderRequest {
  NodeId target_id;

  template <class F>
  void fields(F&& f) const {
    f("targetID", target_id);
  }
  friend bool operator==(const MoveLeaderRequest&, const MoveLeaderRequest&) = default;
};

struct MoveLeaderResponse {
  std::optional<ResponseHeader> header;

  template <class F>
  void fields(F&& f) const {
    f("header", header);
  }
  friend bool operator==(const MoveLeaderResponse&, const MoveLeaderResponse&) = default;
};

struct DowngradeRequest {
  DowngradeAction action = DowngradeAction::Validate;
  std::string version;

  template <class F>
  void fields(F&& f) const {
    f("action", action), f("version", version);
  }
  friend bool operator==(const DowngradeRequest&, const DowngradeRequest&) = default;
};

struct DowngradeResponse {
  ResponseHeader header;
  std::string version;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("version", version);
  }
  friend bool operator==(const DowngradeResponse&, const DowngradeResponse&) = default;
};

using MaintenanceRequest =
    std::variant<AlarmRequest, StatusRequest, DefragmentRequest, HashRequest, HashKVRequest,
                 SnapshotRequest, MoveLeaderRequest, DowngradeRequest>;
using MaintenanceResponse =
    std::variant<AlarmResponse, StatusResponse, DefragmentResponse, HashResponse, HashKVResponse,
                 SnapshotResponse, MoveLeaderResponse, DowngradeResponse>;

}  // namespace orrery::rpc
