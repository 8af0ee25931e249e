#include "cli/serve_arguments.h"

#include <CLI/CLI.hpp>

#include "cli/serve.h"

namespace orrery::cli {

struct ServeArguments::Parsed {
  CLI::App* serve = nullptr;
  ServeOptions options;
};

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
  serve->add_option("--record", options.record, "saves the session in this file at its end");
  serve->footer("example: orrery serve --members 3 --listen-client-port 0,0,0");
}

ServeArguments::~ServeArguments() = default;

std::optional<int> ServeArguments::run() const {
  if (!parsed_->serve->parsed()) return std::nullopt;
  return serve(parsed_->options);
}

}  // namespace orrery::cli
