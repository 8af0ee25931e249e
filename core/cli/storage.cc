#include "cli/storage.h"

#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "datadir/dump.h"
#include "datadir/restore.h"
#include "datadir/snapshot_file.h"
#include "host/data_dir.h"
#include "host/files.h"

namespace orrery::cli {
namespace {

datadir::Sink printer(bool json) {
  return [json](const datadir::Tree& tree) {
    out((json ? datadir::to_json(tree) : datadir::to_text(tree)) + "\n");
  };
}

// An error with the file in front.
int stopped_at(const std::string& file, const Error& error) {
  const bool has_file = error.detail.starts_with(file);
  return stopped({error.code, has_file ? error.detail : text("{}: {}", file, error.detail)});
}

// What is damaged does not hold; what cannot be found is wrong use.
int status_of(const std::string& file, const Error& error) {
  const int status = stopped_at(file, error);
  const bool damaged = error.code == Errc::Corrupt || error.code == Errc::Torn;
  return damaged ? kDoesNotHold : status;
}

// A database file, by itself or in its data directory.
std::string db_path(const std::string& what) {
  for (const char* const inner : {"/member/snap/db", "/snap/db", "/db"}) {
    if (host::folder_exists(what) && host::file_exists(what + inner)) return what + inner;
  }
  return what;
}

// The pages of a database file or of a snapshot (whose SHA-256 is left out).
Result<Sequence<Blob>> read_db(const std::string& what) {
  const auto bytes = host::read_file(db_path(what));
  if (!bytes) return fail(bytes.error());
  const auto db = datadir::checked_db(*bytes, false);
  if (!db) return fail(db.error());
  return datadir::blocks_of(*db);
}

Result<datadir::Release> release_of(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  if (version.starts_with("3.4")) return datadir::Release::V3_4;
  if (version.starts_with("3.5")) return datadir::Release::V3_5;
  if (version.starts_with("3.6")) return datadir::Release::V3_6;
  return fail(Errc::WrongUse,
              text("expected a release of 3.4, 3.5 or 3.6 (v3.6.0), found {}", quoted(version)));
}

}  // namespace

int dump_logs(const DumpOptions& options) {
  const auto disk = host::read_data_dir(options.what);
  if (!disk) return stopped(disk.error());
  const auto sound = datadir::dump_logs(*disk, printer(options.json));
  if (!sound) return status_of(options.what, sound.error());
  return *sound ? kHolds : kDoesNotHold;
}

int dump_db(const DumpOptions& options) {
  const auto blocks = read_db(options.what);
  if (!blocks) return status_of(options.what, blocks.error());
  const auto dumped = datadir::dump_db(*blocks, printer(options.json));
  return dumped ? kHolds : status_of(options.what, dumped.error());
}

int diff_db(const DiffDbOptions& options) {
  const auto a = read_db(options.a);
  if (!a) return status_of(options.a, a.error());
  const auto b = read_db(options.b);
  if (!b) return status_of(options.b, b.error());
  const auto equal = datadir::diff_db(*a, *b, printer(options.json));
  if (!equal) return status_of(options.a + ", " + options.b, equal.error());
  return *equal ? kHolds : kDoesNotHold;
}

int check_db(const CheckDbOptions& options) {
  const auto blocks = read_db(options.file);
  if (!blocks) return status_of(options.file, blocks.error());
  datadir::CheckOptions check;
  if (options.hash_kv) check.hash_kv = options.revision;
  const auto sound = datadir::check_db(*blocks, check, printer(options.json));
  if (!sound) return status_of(options.file, sound.error());
  return *sound ? kHolds : kDoesNotHold;
}

int snapshot_save(const SnapshotOptions& options) {
  const auto blocks = read_db(options.file);
  if (!blocks) return status_of(options.file, blocks.error());
  const auto snapshot = datadir::save_snapshot(*blocks);
  if (!snapshot) return status_of(options.file, snapshot.error());
  const auto written = host::write_file(options.to, *snapshot);
  return written ? kHolds : stopped(written.error());
}

int snapshot_status(const SnapshotOptions& options) {
  const auto bytes = host::read_file(options.file);
  if (!bytes) return stopped(bytes.error());
  const auto status = datadir::snapshot_status(*bytes);
  if (!status) return status_of(options.file, status.error());
  if (options.json) {
    out(text("{{\"hash\":{},\"revision\":{},\"totalKey\":{},\"totalSize\":{}}}\n", status->hash,
             status->revision, status->total_keys, status->total_bytes));
  } else {
    out(text("hash {:x}, revision {}, {} keys, {} bytes\n", status->hash, status->revision,
             status->total_keys, status->total_bytes));
  }
  return kHolds;
}

int snapshot_restore(const SnapshotOptions& options) {
  const auto release = release_of(options.version);
  if (!release) return stopped(release.error());
  const std::string words =
      options.cluster.empty() ? options.name + "=" + options.url : options.cluster;
  const auto cluster = datadir::parse_cluster(words);
  if (!cluster) return stopped(cluster.error());
  const auto bytes = host::read_file(options.file);
  if (!bytes) return stopped(bytes.error());
  const auto disk = datadir::restore_snapshot(*bytes, {.name = options.name,
                                                       .cluster = *cluster,
                                                       .token = options.token,
                                                       .skip_hash_check = options.skip_hash_check,
                                                       .release = *release});
  if (!disk) return status_of(options.file, disk.error());
  const auto written = host::write_data_dir(*disk, options.to);
  return written ? kHolds : stopped(written.error());
}

}  // namespace orrery::cli
