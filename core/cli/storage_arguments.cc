#include "cli/storage_arguments.h"

#include <CLI/CLI.hpp>

#include "cli/storage.h"

namespace orrery::cli {

struct StorageArguments::Parts {
  CLI::App* dump_logs = nullptr;
  CLI::App* dump_db = nullptr;
  CLI::App* diff_db = nullptr;
  CLI::App* check_db = nullptr;
  CLI::App* save = nullptr;
  CLI::App* status = nullptr;
  CLI::App* restore = nullptr;
  CLI::Option* hash_kv = nullptr;
  DumpOptions dump;
  DiffDbOptions diff;
  CheckDbOptions check;
  SnapshotOptions snapshot;
};

namespace {

constexpr const char* kJson = "one JSON object a line on stdout";

}  // namespace

StorageArguments::StorageArguments(CLI::App& app) : parts_(std::make_unique<Parts>()) {
  Parts& p = *parts_;
  p.dump_logs = app.add_subcommand("dump-logs", "shows every record of a data directory's log");
  p.dump_logs->add_option("DATADIR", p.dump.what, "a member's data directory")->required();
  p.dump_logs->add_flag("--json", p.dump.json, kJson);
  p.dump_logs->footer("example: orrery dump-logs default.etcd");
  p.dump_db = app.add_subcommand("dump-db", "shows every row of a member's database");
  p.dump_db->add_option("FILE", p.dump.what, "a db file, a snapshot or a data directory")
      ->required();
  p.dump_db->add_flag("--json", p.dump.json, kJson);
  p.dump_db->footer("example: orrery dump-db default.etcd/member/snap/db");
  p.diff_db = app.add_subcommand("diff-db", "shows the rows in which two databases differ");
  p.diff_db->add_option("A", p.diff.a, "a db file, a snapshot or a data directory")->required();
  p.diff_db->add_option("B", p.diff.b, "another one")->required();
  p.diff_db->add_flag("--json", p.diff.json, kJson);
  p.diff_db->footer("example: orrery diff-db n1/member/snap/db n2/member/snap/db");
  p.check_db = app.add_subcommand("check-db", "looks at every page of a database for faults");
  p.check_db->add_option("FILE", p.check.file, "a db file, a snapshot or a data directory")
      ->required();
  p.hash_kv = p.check_db->add_option("--hashkv", p.check.revision,
                                     "also HashKV, at this revision or the current one");
  p.hash_kv->expected(0, 1);
  p.check_db->add_flag("--json", p.check.json, kJson);
  p.check_db->footer("example: orrery check-db default.etcd/member/snap/db --hashkv=7");
  CLI::App* snapshot = app.add_subcommand("snapshot", "snapshot files without a running member");
  snapshot->require_subcommand(1);
  snapshot->footer("example: orrery snapshot status backup.db");
  p.save = snapshot->add_subcommand("save", "writes a snapshot of a stopped member's database");
  p.save->add_option("DATADIR", p.snapshot.file, "a data directory or a db file")->required();
  p.save->add_option("FILE", p.snapshot.to, "the snapshot")->required();
  p.save->footer("example: orrery snapshot save default.etcd backup.db");
  p.status = snapshot->add_subcommand("status", "hash, revision, keys and size of a snapshot");
  p.status->add_option("FILE", p.snapshot.file, "the snapshot")->required();
  p.status->add_flag("--json", p.snapshot.json, kJson);
  p.status->footer("example: orrery snapshot status backup.db");
  p.restore = snapshot->add_subcommand("restore", "makes a new member's data directory of it");
  p.restore->add_option("FILE", p.snapshot.file, "the snapshot")->required();
  p.restore->add_option("--data-dir", p.snapshot.to, "a new folder")->required();
  p.restore->add_option("--name", p.snapshot.name, "the member's name");
  p.restore->add_option("--initial-cluster", p.snapshot.cluster, "NAME=URL,... of all members");
  p.restore->add_option("--initial-advertise-peer-urls", p.snapshot.url, "the member's own URL");
  p.restore->add_option("--initial-cluster-token", p.snapshot.token, "part of all ids");
  p.restore->add_option("--as", p.snapshot.version, "whose layout: v3.4.23, v3.5.16, v3.6.0");
  p.restore->add_flag("--skip-hash-check", p.snapshot.skip_hash_check,
                      "for a db file copied out of a data directory");
  p.restore->footer("example: orrery snapshot restore backup.db --data-dir new.etcd");
}

StorageArguments::~StorageArguments() = default;

std::optional<int> StorageArguments::run() const {
  const Parts& p = *parts_;
  if (p.dump_logs->parsed()) return dump_logs(p.dump);
  if (p.dump_db->parsed()) return dump_db(p.dump);
  if (p.diff_db->parsed()) return diff_db(p.diff);
  if (p.check_db->parsed()) {
    CheckDbOptions check = p.check;
    check.hash_kv = p.hash_kv->count() != 0;
    return check_db(check);
  }
  if (p.save->parsed()) return snapshot_save(p.snapshot);
  if (p.status->parsed()) return snapshot_status(p.snapshot);
  if (p.restore->parsed()) return snapshot_restore(p.snapshot);
  return std::nullopt;
}

}  // namespace orrery::cli
