#include "cli/serve_arguments.h"

#include <CLI/CLI.hpp>

#include "cli/auth_token.h"
#include "cli/mirror_script.h"
#include "cli/monitor.h"
#include "cli/serve.h"

namespace orrery::cli {

struct ServeArguments::Parsed {
  CLI::App* serve = nullptr;
  ServeOptions options;
  CLI::App* monitor = nullptr;
  MonitorOptions monitoring;
  CLI::App* mirror = nullptr;
  MirrorOptions mirroring;
};

namespace {

CLI::App* add_monitor(CLI::App& app, MonitorOptions& options) {
  CLI::App* monitor = app.add_subcommand(
      "monitor", "asks the members of a cluster, ours or stock, whether they have the same data");
  monitor->add_option("--endpoints", options.endpoints, "HOST:PORT of each member")
      ->delimiter(',')
      ->required();
  monitor->add_flag("--once", options.once, "one round; 1 if they differ, 2 if nobody answers");
  monitor->add_option("--every", options.every_seconds, "seconds between two rounds (10)")
      ->check(CLI::Range(1, 86'400));
  monitor->add_option("--tolerance", options.tolerance, "revisions one may be behind (100)");
  monitor->add_option("--rounds", options.rounds, "in a row before that is an alert (3)");
  monitor->add_option("--metrics-port", options.metrics_port,
                      "serves /metrics on 127.0.0.1 between the rounds");
  monitor->footer("example: orrery monitor --endpoints 127.0.0.1:2379,127.0.0.1:22379 --once");
  return monitor;
}

CLI::App* add_mirror(CLI::App& app, MirrorOptions& options) {
  CLI::App* mirror = app.add_subcommand(
      "mirror-script",
      "plays a script's client commands against a real cluster, ours or a stock etcd, that is as "
      "new as the script's, and compares each answer and each watch's events with the model's; 1 "
      "if "
      "something differs. Commands of nobody's (crash, cut, tick, ...) are named and left out. Not "
      "compared: ids of the cluster and of members, Raft's term and indexes, who leads, sizes of "
      "files, releases, tokens, members' names and addresses, numbers of watches, hashes of whole "
      "files. Leases are granted with the ids that the model has chosen; a lease's remaining time "
      "may differ by two seconds");
  mirror->add_option("FILE", options.file, "a *.crank file")->required();
  mirror
      ->add_option("--endpoints", options.endpoints,
                   "HOST:PORT of n1, n2, ...; with fewer than the script names, round and round")
      ->delimiter(',')
      ->required();
  mirror->add_option("--user", options.user,
                     "NAME:PASSWORD for calls that the script makes as nobody");
  mirror->add_flag("--quiet", options.quiet, "does not name what is the same");
  mirror->footer(
      "example: orrery mirror-script tests/golden/first-watch.crank --endpoints 127.0.0.1:2379");
  return mirror;
}

}  // namespace

ServeArguments::ServeArguments(CLI::App& app) : parsed_(std::make_unique<Parsed>()) {
  ServeOptions& options = parsed_->options;
  CLI::App* serve =
      app.add_subcommand("serve", "a cluster that etcdctl and other clients of etcd can use");
  parsed_->serve = serve;
  serve->add_option("--as", options.as, "the release to be, e.g. v3.4.23");
  serve->add_option("--members", options.members, "how many, one endpoint each");
  serve->add_option("--seed", options.seed, "of the random-looking numbers");
  serve
      ->add_option("--listen-client-port", options.ports,
                   "a port for each member; 0 is one that is free (without: 2379, 22379, ...)")
      ->delimiter(',');
  serve->add_option("--listen-host", options.host, "the address to listen on (127.0.0.1)");
  serve->add_flag("--listen-any", options.listen_any, "allows an address that others can reach");
  serve
      ->add_option("--metrics-port", options.metrics_ports,
                   "a further port for each member, for /metrics and /health alone")
      ->delimiter(',');
  auto* cert =
      serve->add_option("--cert-file", options.tls.cert_file, "TLS with this certificate (PEM)");
  auto* key = serve->add_option("--key-file", options.tls.key_file, "and its key");
  cert->needs(key);
  key->needs(cert);
  serve
      ->add_option("--trusted-ca-file", options.tls.trusted_ca_file,
                   "clients must show a certificate that this CA has signed")
      ->needs(cert);
  serve
      ->add_flag("--client-cert-auth", options.tls.client_cert_auth,
                 "the certificate's common name is the user")
      ->needs("--trusted-ca-file");
  serve->add_option("--auth-token", options.auth_token, kAuthTokenHelp)->envname("ETCD_AUTH_TOKEN");
  serve->add_option("--max-concurrent-streams", options.grpc.max_concurrent_streams,
                    "of a connection");
  serve->add_option("--grpc-keepalive-min-time", options.grpc.keepalive_min_time,
                    "the least between two pings of a client's (5s)");
  serve->add_option("--grpc-keepalive-interval", options.grpc.keepalive_interval,
                    "of silence before the server pings (2h)");
  serve->add_option("--grpc-keepalive-timeout", options.grpc.keepalive_timeout,
                    "for the answer to that (20s)");
  serve->add_flag("--paused", options.paused,
                  "a console beside the door: callers wait until you crank their messages");
  serve->add_flag("--console", options.console,
                  "carries out lines of standard input (crash n2, restart n2, partition n1, heal, "
                  "show, quit) even if it is no terminal");
  serve->add_option("--data-dir", options.data_dir,
                    "keeps the members' files here, fsync for fsync, and goes on from them");
  serve->add_option("--record", options.record, "saves the session in this file at its end");
  parsed_->monitor = add_monitor(app, parsed_->monitoring);
  parsed_->mirror = add_mirror(app, parsed_->mirroring);
  serve->footer("example: orrery serve --members 3 --listen-client-port 0,0,0");
}

ServeArguments::~ServeArguments() = default;

std::optional<int> ServeArguments::run() const {
  if (parsed_->monitor->parsed()) return monitor(parsed_->monitoring);
  if (parsed_->mirror->parsed()) return mirror_script(parsed_->mirroring);
  if (!parsed_->serve->parsed()) return std::nullopt;
  return serve(parsed_->options);
}

}  // namespace orrery::cli
