// orrery serve: a cluster for real clients.
//   used by: main.cc, serve_arguments.cc    uses: door
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orrery::cli {

struct ServeOptions {
  std::string as;  // a release, e.g. v3.4.23; empty = the newest
  std::uint32_t members = 1;
  std::uint64_t seed = 1;
  std::string host = "127.0.0.1";
  std::vector<std::uint16_t> ports;  // one a member; empty = 2379, 22379, 32379, ...
  bool listen_any = false;           // may others than this machine connect?
  std::string record;                // a file for the session; empty = none
};

int serve(const ServeOptions& options);

}  // namespace orrery::cli
