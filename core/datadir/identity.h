// Identity: whose data directory it is: member, cluster, and the members its log knows.
//   used by: restore.h, sim (load), cli    uses: wal, disk, payload.h, v2_store.h
//   ideas:   the WAL's metadata name member and cluster; who else there is follows from the newest .snap of a 3.4
//            member (the v2 store inside), and the conf changes and what members publish in the log, in their order.
//   from: etcd server/etcdserver/api/membership (member.go computeMemberID, cluster.go genID)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "base/result.h"
#include "base/strong.h"
#include "disk/disk.h"

namespace orrery::datadir {

struct MemberInfo {
  NodeId id;
  std::string name;
  std::vector<std::string> peer_urls;
  std::vector<std::string> client_urls;
  bool is_learner = false;

  template <class F>
  void fields(F&& f) const {
    f("id", id), f("name", name), f("peer_urls", peer_urls), f("client_urls", client_urls);
    f("is_learner", is_learner);
  }
  friend bool operator==(const MemberInfo&, const MemberInfo&) = default;
};

struct Identity {
  NodeId node;
  std::uint64_t cluster = 0;
  std::vector<MemberInfo> members;  // by id

  template <class F>
  void fields(F&& f) const {
    f("node", node), f("cluster", cluster), f("members", members);
  }
  friend bool operator==(const Identity&, const Identity&) = default;
};

// The first 8 bytes of SHA-1 over the sorted peer URLs and the token: what a member made with its cluster is called.
NodeId member_id(std::vector<std::string> peer_urls, std::string_view token);
// Likewise over the members' ids, sorted, 8 bytes each, big endian.
std::uint64_t cluster_id(std::vector<NodeId> members);
// As Go's encoding/json writes membership.Member.
std::string to_json(const MemberInfo& member);
Result<MemberInfo> parse_member(BytesView json);

// Errors: no log, a log without metadata, an unreadable conf change; each with the file.
Result<Identity> read_identity(const disk::Disk& disk);

}  // namespace orrery::datadir
