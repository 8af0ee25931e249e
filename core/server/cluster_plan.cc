// Names and ids of a new cluster.
// from: etcd server/etcdserver/api/membership/member.go (computeMemberID), cluster.go (genID); facts C.1
#include <algorithm>
#include <array>
#include <charconv>

#include <openssl/evp.h>

#include "base/big_endian.h"
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

// 2380, 22380, 32380, ... as etcd's Procfile has them.
std::uint32_t port_of(std::uint32_t no, std::uint32_t base) {
  return no == 1 ? base : no * 10'000 + base;
}

constexpr std::string_view kHost = "http://127.0.0.1:";

}  // namespace

std::string peer_url_of(std::uint32_t no) {
  return text("{}{}", kHost, port_of(no, 2380));
}

std::string client_url_of(std::uint32_t no) {
  return text("{}{}", kHost, port_of(no, 2379));
}

std::uint32_t number_of_url(std::string_view peer_url) {
  if (!peer_url.starts_with(kHost)) return 0;
  peer_url.remove_prefix(kHost.size());
  std::uint32_t port = 0;
  const char* end = peer_url.data() + peer_url.size();
  const auto read = std::from_chars(peer_url.data(), end, port);
  if (read.ec != std::errc() || read.ptr != end || port % 10'000 != 2380) return 0;
  const std::uint32_t no = port == 2380 ? 1 : port / 10'000;
  return port_of(no, 2380) == port ? no : 0;
}

NodeId member_id(std::vector<std::string> peer_urls, std::int64_t added_at,
                 const std::string& token) {
  std::ranges::sort(peer_urls);
  std::string all;
  for (const std::string& url : peer_urls) all += url;
  all += token.empty() ? std::string(kToken) : token;
  if (added_at > 0) all += text("{}", added_at);
  return NodeId(sha1_id(all));
}

std::uint32_t ClusterPlan::number_of(NodeId id) const {
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (peers[i].id == id) return static_cast<std::uint32_t>(i + 1);
  }
  return 0;
}

namespace {

void move_to(ClusterPlan::Peer& peer, const Place& place) {
  if (!place.name.empty()) peer.name = place.name;
  if (!place.peer_url.empty()) peer.peer_url = place.peer_url;
  if (!place.client_url.empty()) peer.client_url = place.client_url;
}

}  // namespace

ClusterPlan plan_cluster(std::uint32_t members, Version version, const std::vector<Place>& places,
                         const std::string& token) {
  ClusterPlan plan;
  plan.version = version;
  plan.founders = members;
  plan.token = token;
  std::vector<std::uint64_t> ids;
  for (std::uint32_t no = 1; no <= members; ++no) {
    ClusterPlan::Peer peer;
    peer.name = text("n{}", no);
    peer.peer_url = peer_url_of(no);
    peer.client_url = client_url_of(no);
    if (no <= places.size()) move_to(peer, places[no - 1]);
    peer.id = member_id({peer.peer_url}, 0, token);
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
