// Membership: who belongs to the cluster, as the applied part of the log says.
//   used by: Running (transport, configuration changes, member calls)    uses: proto
//   ideas:   Raft's configuration knows ids alone; names and addresses stand here. An id that was removed never
//            comes back.
//   invariant: no id is both a member and removed; no two members share a peer URL.
//   from: etcd server/etcdserver/api/membership/cluster.go, member.go
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guards.h"
#include "base/ordered_map.h"
#include "base/result.h"
#include "proto/cluster_messages.h"
#include "proto/maintenance_messages.h"
#include "proto/raftpb.h"

namespace orrery::server {

class Membership {
 public:
  const OrderedMap<NodeId, rpc::Member>& members() const { return members_; }
  const OrderedMap<NodeId, bool>& removed() const { return removed_; }
  const rpc::Member* find(NodeId id) const { return members_.find(id); }
  // By id, as etcd lists them.
  std::vector<rpc::Member> list() const;
  std::size_t voters() const;
  bool is_learner(NodeId id) const;

  // May the change be applied? The same on every member, so it is decided again when the entry is applied.
  // Errors: MemberNotFound (unknown, or removed for good), MemberExists, PeerUrlExists, MemberNotLearner,
  // TooManyLearners.
  Result<void> validate(const raftpb::ConfChange& change, std::uint64_t max_learners,
                        const Guards& guards = {}) const;
  // requires: validate(change)
  void apply(const raftpb::ConfChange& change);
  // From a row of the bucket `members`, or of `members_removed`.
  void restore_member(const rpc::Member& member) { members_.put(member.id, member); }
  void restore_removed(NodeId id) { removed_.put(id, true); }
  // What all members can speak, "3.6.0", as the leader decided it; empty = not yet.
  const std::string& version() const { return version_; }
  void set_version(std::string version) { version_ = std::move(version); }
  // From 3.5 on: is the cluster on its way to an older version?
  const rpc::DowngradeInfo& downgrade() const { return downgrade_; }
  void set_downgrade(rpc::DowngradeInfo info) { downgrade_ = std::move(info); }
  // A started member's name and where clients reach it.
  void set_attributes(NodeId id, const rpc::MemberAttributes& attributes);

  // Would enough of the members be started to go on? Errors: NotEnoughStarted.
  Result<void> ready_to_add_voter(const Guards& guards = {}) const;
  Result<void> ready_to_remove(NodeId id, const Guards& guards = {}) const;
  Result<void> ready_to_promote(NodeId id, const Guards& guards = {}) const;

  template <class F>
  void fields(F&& f) const {
    f("members", members_), f("removed", removed_), f("version", version_);
    f("downgrade", downgrade_);
  }
  friend bool operator==(const Membership&, const Membership&) = default;

 private:
  OrderedMap<NodeId, rpc::Member> members_;
  OrderedMap<NodeId, bool> removed_;
  std::string version_;
  rpc::DowngradeInfo downgrade_;
};

// A configuration change's context: the member as JSON, as Go writes it.
struct ChangeContext {
  rpc::Member member;
  bool is_promote = false;
};
std::string to_json(const rpc::Member& member);
std::string to_json(const ChangeContext& context);
// Errors: Corrupt.
Result<ChangeContext> parse_change_context(std::string_view json);

// A row of the bucket `cluster`: {"target-version":"3.5.0","enabled":true}.
inline constexpr std::string_view kClusterVersionKey = "clusterVersion";
inline constexpr std::string_view kDowngradeKey = "downgrade";
std::string to_json(const rpc::DowngradeInfo& info);
rpc::DowngradeInfo parse_downgrade(std::string_view json);

// The key of a member's row: its id in hexadecimal.
std::optional<NodeId> id_of_row(std::string_view key);
// SHA-1 over sorted peer URLs, the cluster's token and, for a member added later, the second of the addition.
NodeId member_id(std::vector<std::string> peer_urls, std::int64_t added_at,
                 const std::string& token = {});
// 3 for the peer URL of n3; 0 = nobody listens there.
std::uint32_t number_of_url(std::string_view peer_url);
std::string peer_url_of(std::uint32_t no);
std::string client_url_of(std::uint32_t no);

}  // namespace orrery::server
