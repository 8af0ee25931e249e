#include "host/disk_mirror.h"

#include <array>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <utility>

namespace orrery::host {

namespace {

constexpr std::string_view kLockName = "orrery.lock";
constexpr std::size_t kMostOpenFiles = 16;

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string(".") : path.substr(0, slash);
}

// Every folder above the path; each new one is durable in its own parent.
Result<void> make_parents(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", folder);
  }
  return {};
}

Result<void> make_folder_durable(const std::string& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open.is_open() || ::fsync(open.number()) != 0) return failed("sync", folder);
  return {};
}

Result<void> write_at(const Descriptor& file, const std::string& path, std::uint64_t offset,
                      BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        ::pwrite(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0) return failed("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

// An empty block is one of zeros.
Result<void> write_block(const Descriptor& file, const std::string& path, std::uint64_t number,
                         const disk::Content& content) {
  static constexpr std::array<char, disk::kBlockBytes> kZeros{};
  const std::uint64_t offset = number * disk::kBlockBytes;
  if (offset >= content.size()) return {};
  const Blob block = content.block(number);
  const BytesView bytes = block.empty() ? BytesView(kZeros.data(), kZeros.size()) : block.view();
  const std::uint64_t length = std::min<std::uint64_t>(bytes.size(), content.size() - offset);
  return write_at(file, path, offset, bytes.substr(0, length));
}

}  // namespace

Result<std::unique_ptr<DiskMirror>> DiskMirror::open(const std::string& folder) {
  const std::string lock_path = text("{}/{}", folder, kLockName);
  if (const auto made = make_parents(lock_path); !made) return fail(made.error());
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::unique_ptr<DiskMirror> mirror(new DiskMirror(folder, lock));
  if (lock < 0) return failed("open", lock_path);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return fail(Errc::WrongUse, text("{}: another process works in this folder", folder));
  }
  return mirror;
}

bool DiskMirror::has_member() const {
  struct stat facts = {};
  return ::stat((folder_ + "/member").c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

void DiskMirror::adopt(const disk::Disk& disk) {
  known_ = disk;
}

Result<void> DiskMirror::follow(const disk::Disk& disk, SyncCrew& crew) {
  const bool same_names = known_.names().durable().same_root(disk.names().durable());
  const bool same_files = known_.files().same_root(disk.files());
  if (same_names && same_files) return {};
  if (!same_files) {
    if (const auto done = follow_contents(disk, crew); !done) return done;
  }
  if (!same_names) {
    if (const auto done = follow_names(disk, crew); !done) return done;
  }
  known_ = disk;
  return {};
}

// Files that have a name already: their bytes. Before names move, as a rename in the world follows its file's fsync.
Result<void> DiskMirror::follow_contents(const disk::Disk& disk, SyncCrew& crew) {
  std::map<disk::Inode, std::string> paths;
  Result<void> done;
  difference(
      known_.files(), disk.files(),
      [&](disk::Inode inode, const Shared<disk::File>* before, const Shared<disk::File>* after) {
        if (!done || before == nullptr || after == nullptr) return;
        const disk::Content& was = (*before)->durable();
        const disk::Content& is = (*after)->durable();
        if (was == is) return;
        if (paths.empty()) {
          for (const auto& [path, named] : known_.names().durable()) paths[named] = path;
        }
        const auto path = paths.find(inode);
        if (path != paths.end()) done = write_changes(path->second, was, is, crew);
      });
  return done;
}

DiskMirror::Moves DiskMirror::moves_to(const disk::Disk& disk) const {
  std::map<disk::Inode, Move> by_inode;
  difference(known_.names().durable(), disk.names().durable(),
             [&](const std::string& path, const disk::Inode* before, const disk::Inode* after) {
               if (before != nullptr) by_inode[*before].from = path;
               if (after != nullptr) by_inode[*after].to = path;
             });
  Moves out;
  for (auto& [inode, one] : by_inode) {
    one.inode = inode;
    (one.from.empty() ? out.made : one.to.empty() ? out.gone : out.renamed).push_back(one);
    for (const std::string& path : {one.from, one.to}) {
      if (!path.empty()) out.paths.insert(path);
    }
  }
  return out;
}

Result<void> DiskMirror::follow_names(const disk::Disk& disk, SyncCrew& crew) {
  if (const auto synced = crew.finish(); !synced) return synced;
  const Moves moves = moves_to(disk);
  std::set<std::string> folders;
  for (const std::string& path : moves.paths) {
    files_.erase(path);
    folders.insert(parent_of(folder_ + "/" + path));
  }
  auto done = rename_all(moves.renamed, moves.made);
  if (done) done = make_all(moves.made, disk, crew);
  if (done) done = crew.finish();
  if (done) done = remove_all(moves.gone, disk);
  for (const std::string& folder : folders) {
    struct stat facts = {};
    if (!done || ::stat(folder.c_str(), &facts) != 0) continue;  // its last file is gone
    done = make_folder_durable(folder);
  }
  return done;
}

// Where one takes a name that another leaves, all step aside first.
Result<void> DiskMirror::rename_all(const std::vector<Move>& renamed,
                                    const std::vector<Move>& made) const {
  const bool crossing = renamed.size() > 1 || (!renamed.empty() && !made.empty());
  const auto aside = [&](const Move& one) {
    return crossing ? text("{}.aside-{}", one.from, one.inode.value()) : one.from;
  };
  for (const Move& one : renamed) {
    if (!crossing) break;
    if (const auto done = rename_one(one.from, aside(one)); !done) return done;
  }
  for (const Move& one : renamed) {
    if (const auto done = rename_one(aside(one), one.to); !done) return done;
  }
  return {};
}

Result<void> DiskMirror::rename_one(const std::string& from, const std::string& to) const {
  const std::string target = folder_ + "/" + to;
  if (const auto made = make_parents(target); !made) return made;
  if (::rename((folder_ + "/" + from).c_str(), target.c_str()) != 0) {
    return failed("rename to", target);
  }
  return {};
}

Result<void> DiskMirror::make_all(const std::vector<Move>& made, const disk::Disk& disk,
                                  SyncCrew& crew) {
  for (const Move& one : made) {
    const std::string path = folder_ + "/" + one.to;
    if (const auto parents = make_parents(path); !parents) return parents;
    const Descriptor created(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!created.is_open()) return failed("make", path);
    const Shared<disk::File>* file = disk.files().find(one.inode);
    if (file == nullptr) continue;
    const auto written = write_changes(one.to, disk::Content(), (*file)->durable(), crew);
    if (!written) return written;
  }
  return {};
}

// A name that another file has taken over is that file's now.
Result<void> DiskMirror::remove_all(const std::vector<Move>& gone, const disk::Disk& disk) const {
  for (const Move& one : gone) {
    if (disk.names().durable().contains(one.from)) continue;
    const std::string path = folder_ + "/" + one.from;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path);
  }
  return {};
}

Result<std::shared_ptr<const Descriptor>> DiskMirror::opened(const std::string& path) {
  const auto known = files_.find(path);
  if (known != files_.end()) return known->second;
  if (files_.size() >= kMostOpenFiles) files_.clear();
  const std::string full = folder_ + "/" + path;
  auto file = std::make_shared<const Descriptor>(::open(full.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file->is_open()) return failed("open", full);
  return files_.emplace(path, std::move(file)).first->second;
}

Result<void> DiskMirror::write_changes(const std::string& path, const disk::Content& before,
                                       const disk::Content& after, SyncCrew& crew) {
  const auto file = opened(path);
  if (!file) return fail(file.error());
  const std::string full = folder_ + "/" + path;
  if (before.size() != after.size() &&
      ::ftruncate((*file)->number(), static_cast<off_t>(after.size())) != 0) {
    return failed("resize", full);
  }
  Result<void> done;
  difference(before.blocks(), after.blocks(),
             [&](std::size_t number, const Blob* /*was*/, const Blob* /*is*/) {
               if (done) done = write_block(**file, full, number, after);
             });
  if (done) crew.add(*file, full);
  return done;
}

}  // namespace orrery::host
