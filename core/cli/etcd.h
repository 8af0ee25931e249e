// orrery etcd: the command line of etcd itself, for whoever starts one: test suites, scripts, habits.
//   used by: etcd_arguments.cc    uses: serve.h, door
//   ideas:   one member, as `--initial-cluster` names it, with a data directory that it goes on from; or, with
//            `--members N`, a whole cluster in one process, whose further members listen on free ports. What test
//            suites wait for is printed in the words and the form of the release.
//   from: etcd server/etcdmain/config.go (flags, ETCD_ variables), server/embed/etcd.go
//   differs: nothing listens on the peer URLs; they only name the member.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/grpc_flags.h"
#include "door/tls_desk.h"

namespace orrery::cli {

struct EtcdOptions {
  std::string as;
  std::uint32_t members = 1;
  bool listen_any = false;
  std::string name = "default";
  std::string data_dir;  // empty = NAME.etcd
  std::string listen_client_urls = "http://localhost:2379";
  std::string advertise_client_urls = "http://localhost:2379";
  std::string listen_peer_urls = "http://localhost:2380";
  std::string initial_advertise_peer_urls = "http://localhost:2380";
  std::string listen_metrics_urls;
  std::string initial_cluster;  // empty = this member alone
  std::string initial_cluster_token = "etcd-cluster";
  std::string initial_cluster_state = "new";
  std::uint64_t snapshot_count = 0;  // 0 = the release's
  std::int64_t quota_backend_bytes = 0;
  std::int64_t heartbeat_interval = 100;  // units: milliseconds
  std::int64_t election_timeout = 1000;   // likewise
  std::string auth_token = "simple";
  std::int64_t bcrypt_cost = 10;
  std::string auto_compaction_mode = "periodic";
  std::string auto_compaction_retention = "0";
  std::uint64_t max_txn_ops = 128;
  std::uint64_t max_request_bytes = 1'572'864;
  bool strict_reconfig_check = true;
  bool show_version = false;
  std::string logger;  // "capnslog" or "zap"; empty = the release's
  GrpcFlags grpc;
  door::TlsOptions tls;
  std::vector<std::string> refused;  // flags that would promise what is not done
};

int etcd(const EtcdOptions& options);

}  // namespace orrery::cli
