// Cluster messages: requests and answers of etcd's Cluster service, and what members tell each other through the log.
//   used by: rpc.h (Request, Response), server, client, lang    bytes: services_codec.h
//   ideas:   fields() names them as etcd's JSON does, in the order of their numbers on the wire, from 1.
//   from: etcd api/etcdserverpb/rpc.proto (service Cluster), raft_internal.proto; api/membershippb/membership.proto
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/strong.h"
#include "proto/response_header.h"

namespace orrery::rpc {

struct Member {
  NodeId id;
  std::string name;  // empty = not started yet
  std::vector<std::string> peer_urls;
  std::vector<std::string> client_urls;
  bool is_learner = false;

  template <class F>
  void fields(F&& f) const {
    f("ID", id), f("name", name), f("peerURLs", peer_urls), f("clientURLs", client_urls),
        f("isLearner", is_learner);
  }
  friend bool operator==(const Member&, const Member&) = default;
};

struct MemberAddRequest {
  std::vector<std::string> peer_urls;
  bool is_learner = false;

  template <class F>
  void fields(F&& f) const {
    f("peerURLs", peer_urls), f("isLearner", is_learner);
  }
  friend bool operator==(const MemberAddRequest&, const MemberAddRequest&) = default;
};

struct MemberAddResponse {
  ResponseHeader header;
  Member member;
  std::vector<Member> members;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("member", member), f("members", members);
  }
  friend bool operator==(const MemberAddResponse&, const MemberAddResponse&) = default;
};

struct MemberRemoveRequest {
  NodeId id;

  template <class F>
  void fields(F&& f) const {
    f("ID", id);
  }
  friend bool operator==(const MemberRemoveRequest&, const MemberRemoveRequest&) = default;
};

struct MemberRemoveResponse {
  ResponseHeader header;
  std::vector<Member> members;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("members", members);
  }
  friend bool operator==(const MemberRemoveResponse&, const MemberRemoveResponse&) = default;
};

struct MemberUpdateRequest {
  NodeId id;
  std::vector<std::string> peer_urls;

  template <class F>
  void fields(F&& f) const {
    f("ID", id), f("peerURLs", peer_urls);
  }
  friend bool operator==(const MemberUpdateRequest&, const MemberUpdateRequest&) = default;
};

struct MemberUpdateResponse {
  ResponseHeader header;
  std::vector<Member> members;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("members", members);
  }
  friend bool operator==(const MemberUpdateResponse&, const MemberUpdateResponse&) = default;
};

struct MemberPromoteRequest {
  NodeId id;

  template <class F>
  void fields(F&& f) const {
    f("ID", id);
  }
  friend bool operator==(const MemberPromoteRequest&, const MemberPromoteRequest&) = default;
};

struct MemberPromoteResponse {
  ResponseHeader header;
  std::vector<Member> members;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("members", members);
  }
  friend bool operator==(const MemberPromoteResponse&, const MemberPromoteResponse&) = default;
};

struct MemberListRequest {
  bool linearizable = false;  // from 3.5

  template <class F>
  void fields(F&& f) const {
    f("linearizable", linearizable);
  }
  friend bool operator==(const MemberListRequest&, const MemberListRequest&) = default;
};

struct MemberListResponse {
  ResponseHeader header;
  std::vector<Member> members;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("members", members);
  }
  friend bool operator==(const MemberListResponse&, const MemberListResponse&) = default;
};

// The version that every member can speak, decided by the leader. In the log only, as the two below.
struct ClusterVersionSetRequest {
  std::string version;

  template <class F>
  void fields(F&& f) const {
    f("ver", version);
  }
  friend bool operator==(const ClusterVersionSetRequest&,
                         const ClusterVersionSetRequest&) = default;
};

struct MemberAttributes {
  std::string name;
  std::vector<std::string> client_urls;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("clientURLs", client_urls);
  }
  friend bool operator==(const MemberAttributes&, const MemberAttributes&) = default;
};

// What a member publishes about itself once it has started.
struct ClusterMemberAttrSetRequest {
  NodeId member_id;
  MemberAttributes attributes;

  template <class F>
  void fields(F&& f) const {
    f("member_ID", member_id), f("member_attributes", attributes);
  }
  friend bool operator==(const ClusterMemberAttrSetRequest&,
                         const ClusterMemberAttrSetRequest&) = default;
};

struct DowngradeInfoSetRequest {
  bool enabled = false;
  std::string version;

  template <class F>
  void fields(F&& f) const {
    f("enabled", enabled), f("ver", version);
  }
  friend bool operator==(const DowngradeInfoSetRequest&, const DowngradeInfoSetRequest&) = default;
};

using ClusterChangeResponse = HeaderOnly<struct ClusterChangeTag>;

using ClusterRequest =
    std::variant<MemberAddRequest, MemberRemoveRequest, MemberUpdateRequest, MemberPromoteRequest,
                 MemberListRequest, ClusterVersionSetRequest, ClusterMemberAttrSetRequest,
                 DowngradeInfoSetRequest>;
using ClusterResponse =
    std::variant<MemberAddResponse, MemberRemoveResponse, MemberUpdateResponse,
                 MemberPromoteResponse, MemberListResponse, ClusterChangeResponse>;

}  // namespace orrery::rpc
