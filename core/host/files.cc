#include "host/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "host/descriptor.h"

namespace orrery::host {

namespace {

bool write_all(int number, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(number, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// So that the rename itself lasts. A folder that cannot be synced is no reason to fail.
void sync_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  const Descriptor open(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (open.is_open()) ::fsync(open.number());
}

// The rights of the file that is replaced, or what a new file gets.
mode_t mode_for(const std::string& path) {
  struct stat facts = {};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 0777U : 0666U;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return failed("read", path);
  std::string out;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = ::read(file.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
  const std::string beside = text("{}.new-{}", path, ::getpid());
  Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_for(path)));
  if (!file.is_open()) return failed("write", path);
  const bool kept = write_all(file.number(), bytes) && ::fsync(file.number()) == 0 &&
                    file.close() && ::rename(beside.c_str(), path.c_str()) == 0;
  if (!kept) {
    const auto error = failed("write", path);
    ::unlink(beside.c_str());
    return error;
  }
  sync_folder(path);
  return {};
}

bool file_exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool folder_exists(const std::string& path) {
  struct stat facts = {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> out;
  DIR* open = ::opendir(folder.c_str());
  if (open == nullptr) return out;
  while (const dirent* entry = ::readdir(open)) {
    const std::string name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..") out.push_back(name);
  }
  ::closedir(open);
  std::ranges::sort(out);
  return out;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

}  // namespace orrery::host
