// orrery monitor: do the members of a cluster, ours or stock, have the same data?
//   used by: serve_arguments.cc    uses: door (GrpcCaller, HttpDesk)
//   ideas:   each round asks every endpoint for its status, its number of keys and its auth revision, and then for the
//            hash of the history at the lowest revision among them: equal compaction revision and another hash is
//            divergence. A member that is behind is told apart from one that differs; it is late when its revision is
//            more than the tolerance behind the newest, several rounds in a row.
//   exit status: with --once: 0 they agree; 1 they do not; 2 nobody answers.
//   from: the articles on an inconsistency in production (facts A.3); etcdctl endpoint hashkv
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orrery::cli {

struct MonitorOptions {
  std::vector<std::string> endpoints;
  std::int64_t every_seconds = 10;
  std::int64_t tolerance = 100;  // revisions that a member may be behind
  std::int64_t rounds = 3;       // in a row, before a late member is reported
  bool once = false;
  std::optional<std::uint16_t> metrics_port;  // 127.0.0.1; none = no /metrics
};

int monitor(const MonitorOptions& options);

}  // namespace orrery::cli
