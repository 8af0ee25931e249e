#include "cli/etcd_arguments.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/auth_token.h"
#include "cli/etcd.h"

namespace orrery::cli {

namespace {

// What changes nothing here: how much is logged, how Go's process is looked at, what the peers' side of a real network
// needs.
constexpr std::array kIdle{"log-level",
                           "log-outputs",
                           "log-format",
                           "log-package-levels",
                           "max-snapshots",
                           "max-wals",
                           "wal-dir",
                           "cors",
                           "discovery",
                           "discovery-fallback",
                           "discovery-proxy",
                           "discovery-srv",
                           "metrics",
                           "host-whitelist",
                           "proxy",
                           "backend-batch-limit",
                           "backend-batch-interval",
                           "experimental-initial-corrupt-check",
                           "experimental-corrupt-check-time",
                           "auth-token-ttl",
                           "warning-apply-duration",
                           "socket-reuse-address",
                           "socket-reuse-port",
                           "unsafe-no-fsync",
                           "pre-vote",
                           "enable-v2",
                           "enable-pprof",
                           "enable-grpc-gateway",
                           "force-new-cluster",
                           "debug",
                           "peer-cert-file",
                           "peer-key-file",
                           "peer-trusted-ca-file",
                           "peer-client-cert-auth",
                           "peer-auto-tls",
                           "initial-election-tick-advance"};

constexpr std::array kRefused{"auto-tls", "client-crl-file"};

// "data-dir" is ETCD_DATA_DIR.
std::string variable_of(std::string_view flag) {
  std::string out = "ETCD_";
  for (const char letter : flag) {
    out +=
        letter == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return out;
}

template <class T>
void add(CLI::App& command, const std::string& flag, T& field, const std::string& help) {
  command.add_option("--" + flag, field, help)->envname(variable_of(flag));
}

void add_bool(CLI::App& command, const std::string& flag, bool& field, const std::string& help) {
  command.add_flag("--" + flag, field, help)->envname(variable_of(flag));
}

void add_addresses(CLI::App& command, EtcdOptions& options) {
  add(command, "name", options.name, "of this member");
  add(command, "data-dir", options.data_dir, "its files (NAME.etcd)");
  add(command, "listen-client-urls", options.listen_client_urls, "where clients are let in");
  add(command, "advertise-client-urls", options.advertise_client_urls, "told to clients");
  add(command, "listen-peer-urls", options.listen_peer_urls, "nothing listens there");
  add(command, "initial-advertise-peer-urls", options.initial_advertise_peer_urls,
      "of which the member's id is made");
  add(command, "listen-metrics-urls", options.listen_metrics_urls,
      "for /metrics and /health alone");
  add(command, "initial-cluster", options.initial_cluster, "this member, or --members of them");
  add(command, "initial-cluster-token", options.initial_cluster_token, "a part of every id");
  add(command, "initial-cluster-state", options.initial_cluster_state, "new or existing");
}

void add_limits(CLI::App& command, EtcdOptions& options) {
  add(command, "snapshot-count", options.snapshot_count, "entries between two snapshots");
  add(command, "quota-backend-bytes", options.quota_backend_bytes, "0 is 2 GiB, negative is none");
  add(command, "heartbeat-interval", options.heartbeat_interval, "milliseconds");
  add(command, "election-timeout", options.election_timeout, "milliseconds");
  add(command, "auth-token", options.auth_token, kAuthTokenHelp);
  add(command, "bcrypt-cost", options.bcrypt_cost, "of passwords, 4 to 31");
  add(command, "auto-compaction-mode", options.auto_compaction_mode, "periodic or revision");
  add(command, "auto-compaction-retention", options.auto_compaction_retention, "0 is off");
  add(command, "max-txn-ops", options.max_txn_ops, "in a transaction");
  add(command, "max-request-bytes", options.max_request_bytes, "of a request");
  add(command, "max-concurrent-streams", options.grpc.max_concurrent_streams, "of a connection");
  add(command, "grpc-keepalive-min-time", options.grpc.keepalive_min_time,
      "the least between two pings of a client's (5s)");
  add(command, "grpc-keepalive-interval", options.grpc.keepalive_interval,
      "of silence before the server pings (2h)");
  add(command, "grpc-keepalive-timeout", options.grpc.keepalive_timeout,
      "for the answer to that (20s)");
  add(command, "logger", options.logger, "capnslog or zap: the form of the log");
  add(command, "cert-file", options.tls.cert_file, "TLS for https:// with this certificate");
  add(command, "key-file", options.tls.key_file, "and its key");
  add(command, "trusted-ca-file", options.tls.trusted_ca_file,
      "clients must show a certificate of this CA");
  add_bool(command, "client-cert-auth", options.tls.client_cert_auth,
           "the certificate's common name is the user");
  add_bool(command, "strict-reconfig-check", options.strict_reconfig_check,
           "refuses what would cost the quorum");
}

}  // namespace

struct EtcdArguments::Parsed {
  CLI::App* etcd = nullptr;
  EtcdOptions options;
  std::vector<std::string> idle;
};

EtcdArguments::EtcdArguments(CLI::App& app) : parsed_(std::make_unique<Parsed>()) {
  EtcdOptions& options = parsed_->options;
  CLI::App* command = app.add_subcommand(
      "etcd", "as the program etcd: its flags, its ETCD_ variables, what it prints");
  parsed_->etcd = command;
  command->add_option("--as", options.as, "the release to be, e.g. v3.4.23")->envname("ORRERY_AS");
  command->add_option("--members", options.members, "the process is a cluster of so many")
      ->envname("ORRERY_MEMBERS");
  command->add_flag("--listen-any", options.listen_any, "allows addresses that others can reach");
  command->add_flag("--version", options.show_version, "prints the release and ends");
  add_addresses(*command, options);
  add_limits(*command, options);
  for (const char* flag : kIdle) {
    command->add_option(std::string("--") + flag, parsed_->idle, "changes nothing here")
        ->expected(0, 1)
        ->group("Accepted");
  }
  for (const char* flag : kRefused) {
    command->add_option(std::string("--") + flag, options.refused, "is refused")
        ->expected(0, 1)
        ->envname(variable_of(flag))
        ->group("Refused");
  }
  command->footer(
      "example: orrery etcd --data-dir /tmp/one --listen-client-urls "
      "http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379");
}

EtcdArguments::~EtcdArguments() = default;

std::optional<int> EtcdArguments::run() const {
  if (!parsed_->etcd->parsed()) return std::nullopt;
  return etcd(parsed_->options);
}

std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> out(argv, argv + argc);
  const std::string program = out.empty() ? "" : out.front().substr(out.front().rfind('/') + 1);
  if (!out.empty()) out.erase(out.begin());
  if (program == "etcd") out.insert(out.begin(), "etcd");
  if (out.empty() || out.front() != "etcd") return out;
  for (std::string& one : out) {
    const bool one_dash = one.size() > 2 && one[0] == '-' && one[1] != '-' && std::isalpha(one[1]);
    if (one_dash) one.insert(0, "-");
  }
  return out;
}

}  // namespace orrery::cli
