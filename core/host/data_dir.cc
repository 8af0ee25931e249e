#include "host/data_dir.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "host/descriptor.h"
#include "host/files.h"

namespace orrery::host {
namespace {

Descriptor opened(const std::string& path, int flags) {
  return Descriptor(::open(path.c_str(), flags | O_CLOEXEC, 0600));
}

// The written parts of a file, block by block; holes are skipped where the file system tells them.
Result<void> read_blocks(const Descriptor& file, const std::string& path, const std::string& as,
                         disk::Disk& disk) {
  std::array<char, 16 * disk::kBlockBytes> buffer{};
  off_t at = 0;
  while (true) {
    const off_t data = ::lseek(file.number(), at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) return {};
    if (data > at) at = data - data % static_cast<off_t>(disk::kBlockBytes);
    const ssize_t got = ::pread(file.number(), buffer.data(), buffer.size(), at);
    if (got < 0) return failed("read", path);
    if (got == 0) return {};
    const auto written = disk.write(as, static_cast<std::uint64_t>(at),
                                    BytesView(buffer.data(), static_cast<std::size_t>(got)));
    if (!written) return written;
    at += got;
  }
}

Result<void> read_one(const std::string& path, const std::string& as, disk::Disk& disk) {
  const Descriptor file = opened(path, O_RDONLY);
  struct stat facts = {};
  if (!file.is_open() || ::fstat(file.number(), &facts) != 0) return failed("read", path);
  if (const auto made = disk.create(as); !made) return made;
  if (const auto read = read_blocks(file, path, as, disk); !read) return read;
  const auto sized = disk.truncate(as, static_cast<std::uint64_t>(facts.st_size));
  if (!sized) return sized;
  return disk.fsync(as);
}

Result<void> read_folder(const std::string& folder, const std::string& as, disk::Disk& disk) {
  for (const std::string& name : names_in(folder)) {
    const std::string path = text("{}/{}", folder, name);
    const std::string inner = text("{}/{}", as, name);
    const auto read =
        folder_exists(path) ? read_folder(path, inner, disk) : read_one(path, inner, disk);
    if (!read) return read;
  }
  return {};
}

bool has_segments(const std::string& folder) {
  for (const std::string& name : names_in(folder)) {
    if (name.ends_with(".wal")) return true;
  }
  return false;
}

Result<void> make_folders(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", folder);
  }
  return {};
}

Result<void> write_one(const disk::Disk& disk, const std::string& path, const std::string& to) {
  if (const auto made = make_folders(to); !made) return made;
  const Descriptor file = opened(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.is_open()) return failed("write", to);
  const std::uint64_t size = disk.size(path).value_or(0);
  const std::uint64_t stored = disk.stored_size(path).value_or(0);
  if (::ftruncate(file.number(), static_cast<off_t>(size)) != 0) return failed("write", to);
  for (std::uint64_t number = 0; number * disk::kBlockBytes < stored; ++number) {
    const auto block = disk.block(path, number);
    if (!block || block->empty()) continue;
    const std::uint64_t offset = number * disk::kBlockBytes;
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(block->size(), size - offset));
    const ssize_t put =
        ::pwrite(file.number(), block->view().data(), length, static_cast<off_t>(offset));
    if (put != static_cast<ssize_t>(length)) return failed("write", to);
  }
  if (::fsync(file.number()) != 0) return failed("sync", to);
  return {};
}

}  // namespace

Result<disk::Disk> read_data_dir(const std::string& folder) {
  disk::Disk out;
  Result<void> read;
  if (folder_exists(folder + "/member")) {
    read = read_folder(folder + "/member", "member", out);
  } else if (folder_exists(folder + "/wal") || folder_exists(folder + "/snap")) {
    read = read_folder(folder, "member", out);
  } else if (has_segments(folder)) {
    read = read_folder(folder, "member/wal", out);
  } else {
    return fail(Errc::WrongUse, text("{}: no data directory (member/wal, member/snap)", folder));
  }
  if (!read) return fail(read.error());
  return out;
}

Result<void> write_data_dir(const disk::Disk& disk, const std::string& folder) {
  if (!names_in(folder).empty()) return fail(Errc::WrongUse, text("{}: not empty", folder));
  for (const std::string& path : disk.paths()) {
    const auto written = write_one(disk, path, text("{}/{}", folder, path));
    if (!written) return written;
  }
  return {};
}

}  // namespace orrery::host
