// Commands over data directories and database files, ours and a stock etcd's; none of them starts a world.
//   used by: main.cc (arguments only)    uses: datadir, host
//   exit status: as commands.h; a damaged file, two files that differ: 1
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace orrery::cli {

struct DumpOptions {
  std::string what;  // dump-logs: a data directory; dump-db: a file, or a data directory
  bool json = false;
};

int dump_logs(const DumpOptions& options);
int dump_db(const DumpOptions& options);

struct DiffDbOptions {
  std::string a;
  std::string b;
  bool json = false;
};

int diff_db(const DiffDbOptions& options);

struct CheckDbOptions {
  std::string file;
  bool hash_kv = false;
  std::int64_t revision = 0;  // of the hash; 0 = the current one
  bool json = false;
};

int check_db(const CheckDbOptions& options);

struct SnapshotOptions {
  std::string file;  // save: what to read; status, restore: the snapshot
  std::string to;    // save: the snapshot; restore: the new data directory
  std::string name = "default";
  std::string cluster;  // NAME=URL,...; empty = the member alone at `url`
  std::string url = "http://localhost:2380";
  std::string token = "etcd-cluster";
  std::string version = "v3.6.0";
  bool skip_hash_check = false;
  bool json = false;
};

int snapshot_save(const SnapshotOptions& options);
int snapshot_status(const SnapshotOptions& options);
int snapshot_restore(const SnapshotOptions& options);

}  // namespace orrery::cli
