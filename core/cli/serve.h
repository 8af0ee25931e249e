// orrery serve: a cluster for real clients.
//   used by: serve_arguments.cc, etcd.cc    uses: door
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/grpc_flags.h"
#include "door/front_door.h"
#include "server/version.h"

namespace orrery::cli {

struct ServeOptions {
  std::string as;  // a release, e.g. v3.4.23; empty = the newest
  std::uint32_t members = 1;
  std::uint64_t seed = 0;  // 0 = one that nobody can guess: tokens are made of it
  std::string host = "127.0.0.1";
  std::vector<std::uint16_t> ports;          // one a member; empty = 2379, 22379, 32379, ...
  std::vector<std::uint16_t> metrics_ports;  // likewise, for HTTP alone; empty = none
  bool listen_any = false;                   // may others than this machine connect?
  std::string
      data_dir;  // mirrors what is durable; several members: a folder each below it; empty = in memory
  GrpcFlags grpc;
  door::TlsOptions tls;
  std::string auth_token = "simple";
  bool paused = false;  // a console beside the door: nothing moves but what is cranked there
  bool console =
      false;           // lines on standard input are carried out, terminal or not (live_console.h)
  std::string record;  // a file for the session; empty = none
};

int serve(const ServeOptions& options);

// -- what `etcd` (etcd.h) does alike

// "v3.4.23" and "3.4" alike: the release line counts. Errors: WrongUse.
Result<server::Version> version_of(const std::string& as);
// The seed itself, or one from the system.
std::uint64_t fresh_seed(std::uint64_t seed);
// May one listen there without being told that others can reach it?
bool is_loopback(const std::string& host);
// Before any thread: SIGINT and SIGTERM are left to run_until_signal.
void hold_back_signals();
// Serves until one of the two comes. Errors: as FrontDoor::run.
Result<void> run_until_signal(door::FrontDoor& door);

}  // namespace orrery::cli
