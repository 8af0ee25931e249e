// restore: a new member's data directory out of a snapshot file.
//   used by: cli, tests    uses: snapshot_file.h, wal, backend, v2_store.h
//   ideas:   the store keeps its rows but forgets who was a member; a new log begins with one conf change a member,
//            all committed, and a .snap file at its end that holds the membership as a 3.4 member
//            reads it. So members restored from one file with the same cluster form a new cluster.
//   from: etcd etcdctl/snapshot/v3_snapshot.go (Restore, saveDB, saveWALAndSnap)
#pragma once

#include <string>
#include <vector>

#include "base/blob.h"
#include "base/result.h"
#include "datadir/release.h"
#include "disk/disk.h"

namespace orrery::datadir {

struct RestoreOptions {
  // A member of the new cluster: name and one peer URL.
  struct Peer {
    std::string name;
    std::string url;
  };
  std::string name = "default";  // who is restored; one of `cluster`
  std::vector<Peer> cluster = {{.name = "default", .url = "http://localhost:2380"}};
  std::string token = "etcd-cluster";
  bool skip_hash_check = false;
  Release release = Release::V3_6;
};

// "n1=http://127.0.0.1:2380,n2=http://127.0.0.1:22380"
Result<std::vector<RestoreOptions::Peer>> parse_cluster(std::string_view words);

// The member's disk. Errors: the snapshot's, or the member is not of its cluster.
Result<disk::Disk> restore_snapshot(BytesView file, const RestoreOptions& options);

}  // namespace orrery::datadir
