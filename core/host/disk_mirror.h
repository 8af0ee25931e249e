// DiskMirror: a folder of the host that holds what is durable on a simulated disk, change for change.
//   used by: door (durable mode)    uses: disk
//   ideas:   after each step of the world it is shown the disk; what has become durable since the last time is written:
//            an fsync there is an fsync here. What a crash of the simulated machine would lose never reaches the host.
//            Blocks that did not change are not written again.
//            What several members wrote at one moment of the world is synced together, by the crew.
//   invariant: when the crew has finished, a crash of the host leaves what a crash of the member would leave.
//   note: the folder is locked as long as the mirror lives, so that no second process works in it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "disk/disk.h"
#include "host/descriptor.h"
#include "host/sync_crew.h"

namespace orrery::host {

class DiskMirror {
 public:
  // The folder is made if need be. Errors: Io; WrongUse when another process holds it.
  static Result<std::unique_ptr<DiskMirror>> open(const std::string& folder);
  // Does the folder hold a member's files already?
  bool has_member() const;
  // The folder's files are those of this disk: nothing is written.
  void adopt(const disk::Disk& disk);
  // Writes what has become durable; the files that had names already are synced when the crew has finished.
  // Errors: Io; the folder is then as good as after a crash.
  Result<void> follow(const disk::Disk& disk, SyncCrew& crew);

  const std::string& folder() const { return folder_; }

 private:
  struct Move {
    std::string from;  // empty = a file that is new
    std::string to;    // empty = a file that goes
    disk::Inode inode;
  };

  struct Moves {
    std::vector<Move> renamed;
    std::vector<Move> made;
    std::vector<Move> gone;
    std::set<std::string> paths;  // all of them
  };

  DiskMirror(std::string folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

  Moves moves_to(const disk::Disk& disk) const;
  Result<void> follow_names(const disk::Disk& disk, SyncCrew& crew);
  Result<void> follow_contents(const disk::Disk& disk, SyncCrew& crew);
  Result<void> rename_all(const std::vector<Move>& renamed, const std::vector<Move>& made) const;
  Result<void> rename_one(const std::string& from, const std::string& to) const;
  Result<void> make_all(const std::vector<Move>& made, const disk::Disk& disk, SyncCrew& crew);
  Result<void> remove_all(const std::vector<Move>& gone, const disk::Disk& disk) const;
  Result<void> write_changes(const std::string& path, const disk::Content& before,
                             const disk::Content& after, SyncCrew& crew);
  Result<std::shared_ptr<const Descriptor>> opened(const std::string& path);

  std::string folder_;
  Descriptor lock_;
  disk::Disk known_;                                                // as of the last time
  std::map<std::string, std::shared_ptr<const Descriptor>> files_;  // open ones, by path
};

}  // namespace orrery::host
