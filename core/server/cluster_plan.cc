// Names and ids of a new cluster.
// from: etcd server/etcdserver/api/membership/member.go (computeMemberID), cluster.go (genID); facts C.1
#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "base/check.h"
#include "base/text.h"
#include "server/member.h"

namespace orrery::server {
namespace {

constexpr std::string_view kToken = "etcd-cluster";

// The first 8 bytes of a SHA-1, big endian.
std::uint64_t sha1_id(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha1(), nullptr);
  check(done == 1 && size >= 8, "SHA-1 is available");
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < 8; ++i) id = (id << 8U) | hash.at(i);
  return id;
}

std::string big_endian(std::uint64_t value) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>((value >> (56 - 8 * i)) & 0xffU);
  }
  return bytes;
}

// 2380, 22380, 32380, ... as etcd's Procfile has them.
std::uint32_t port_of(std::uint32_t no, std::uint32_t base) {
  return no == 1 ? base : no * 10'000 + base;
}

}  // namespace

std::uint32_t ClusterPlan::number_of(NodeId id) const {
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (peers[i].id == id) return static_cast<std::uint32_t>(i + 1);
  }
  return 0;
}

ClusterPlan plan_cluster(std::uint32_t members, Version version) {
  ClusterPlan plan;
  plan.version = version;
  std::vector<std::uint64_t> ids;
  for (std::uint32_t no = 1; no <= members; ++no) {
    ClusterPlan::Peer peer;
    peer.name = text("n{}", no);
    peer.peer_url = text("http://127.0.0.1:{}", port_of(no, 2380));
    peer.client_url = text("http://127.0.0.1:{}", port_of(no, 2379));
    peer.id = NodeId(sha1_id(peer.peer_url + std::string(kToken)));
    ids.push_back(peer.id.value());
    plan.peers.push_back(std::move(peer));
  }
  std::ranges::sort(ids);
  std::string all;
  for (const std::uint64_t id : ids) all += big_endian(id);
  plan.cluster_id = sha1_id(all);
  return plan;
}

}  // namespace orrery::server
