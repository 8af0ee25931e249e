#include "disk/disk.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace orrery::disk {
namespace {

constexpr std::string_view kNoFile = "no such file or directory";

tl::unexpected<Error> io_error(std::string_view operation, std::string_view path,
                               std::string_view reason) {
  return fail(Errc::Io, text("{} {}: {}", operation, path, reason));
}

std::uint64_t on_disk(std::uint64_t size) {
  return (size + kBlockBytes - 1) / kBlockBytes;
}

}  // namespace

const File* Disk::find_file(std::string_view path) const {
  const auto inode = names_.find(path);
  if (!inode) return nullptr;
  const Shared<File>* file = files_.find(*inode);
  check(file != nullptr, "a name leads to a file");
  return &**file;
}

File* Disk::edit_file(std::string_view path) {
  const auto inode = names_.find(path);
  if (!inode) return nullptr;
  Shared<File>* file = files_.edit(*inode);
  check(file != nullptr, "a name leads to a file");
  return &file->edit();
}

Result<void> Disk::make_room(std::string_view path, std::uint64_t old_size,
                             std::uint64_t size) const {
  if (!faults_.capacity_bytes || size <= old_size) return {};
  const std::uint64_t more = (on_disk(size) - on_disk(old_size)) * kBlockBytes;
  if (more == 0 || used_bytes() + more <= *faults_.capacity_bytes) return {};
  return io_error("write", path, "no space left on device");
}

Result<void> Disk::create(std::string_view path) {
  if (find_file(path) != nullptr) return truncate(path, 0);
  if (names_.exists(path)) return io_error("open", path, "is a directory");
  files_.put(next_inode_, Shared<File>());
  names_.change(Linked{std::string(path), next_inode_});
  ++next_inode_;
  return {};
}

Result<void> Disk::write_blob(std::string_view path, std::uint64_t offset, Blob bytes) {
  File* file = edit_file(path);
  if (file == nullptr) return io_error("write", path, kNoFile);
  const auto room = make_room(path, file->size(), offset + bytes.size());
  if (!room) return room;
  std::int64_t astray = 0;
  if (!faults_.misdirections.empty()) [[unlikely]] {
    const std::int64_t* blocks = faults_.misdirections.find(path);
    astray = blocks == nullptr ? 0 : *blocks;
    faults_.misdirections.erase(path);
  }
  file->write(Write{.offset = offset, .bytes = std::move(bytes), .astray_blocks = astray});
  return {};
}

Result<void> Disk::write(std::string_view path, std::uint64_t offset, BytesView bytes) {
  return write_blob(path, offset, Blob(bytes));
}

Result<void> Disk::append(std::string_view path, BytesView bytes) {
  const File* file = find_file(path);
  return write_blob(path, file == nullptr ? 0 : file->size(), Blob(bytes));
}

Result<void> Disk::write_block(std::string_view path, std::uint64_t number, Blob block) {
  check(block.size() == kBlockBytes, "a block has 4096 bytes");
  return write_blob(path, number * kBlockBytes, std::move(block));
}

Result<void> Disk::truncate(std::string_view path, std::uint64_t size) {
  const File* file = find_file(path);
  if (file == nullptr) return io_error("truncate", path, kNoFile);
  if (file->size() == size) return {};
  const auto room = make_room(path, file->size(), size);
  if (!room) return room;
  edit_file(path)->resize(size);
  return {};
}

Result<void> Disk::preallocate(std::string_view path, std::uint64_t size) {
  const File* file = find_file(path);
  if (file == nullptr) return io_error("fallocate", path, kNoFile);
  return file->size() >= size ? Result<void>{} : truncate(path, size);
}

Result<void> Disk::fsync(std::string_view path) {
  File* file = edit_file(path);
  if (file == nullptr) return io_error("fsync", path, kNoFile);
  if (!faults_.failing_fsyncs.empty()) [[unlikely]] {
    std::uint32_t* left = faults_.failing_fsyncs.edit(path);
    if (left != nullptr) {
      if (--*left == 0) faults_.failing_fsyncs.erase(path);
      return io_error("fsync", path, "input/output error");
    }
  }
  file->fsync();
  if (names_.journal().empty()) return {};
  names_.sync_file(path);
  drop_nameless();
  return {};
}

Result<std::uint64_t> Disk::size(std::string_view path) const {
  const File* file = find_file(path);
  if (file == nullptr) return io_error("stat", path, kNoFile);
  return file->size();
}

Result<std::uint64_t> Disk::stored_size(std::string_view path) const {
  const File* file = find_file(path);
  if (file == nullptr) return io_error("stat", path, kNoFile);
  return file->stored_size();
}

Result<Bytes> Disk::read(std::string_view path, std::uint64_t offset, std::uint64_t size) const {
  const File* file = find_file(path);
  if (file == nullptr) return io_error("open", path, kNoFile);
  return file->read(offset, size);
}

Result<Bytes> Disk::read_all(std::string_view path) const {
  const File* file = find_file(path);
  if (file == nullptr) return io_error("open", path, kNoFile);
  return file->read(0, file->size());
}

Result<Blob> Disk::block(std::string_view path, std::uint64_t number) const {
  const File* file = find_file(path);
  if (file == nullptr) return io_error("open", path, kNoFile);
  return file->block(number);
}

Result<void> Disk::rename(std::string_view from, std::string_view to) {
  if (!names_.exists(from)) return io_error("rename", from, kNoFile);
  if (from == to) return {};
  const bool onto_directory = names_.exists(to) && !names_.find(to);
  if (onto_directory) return io_error("rename", from, text("{} is a directory", to));
  names_.change(Renamed{std::string(from), std::string(to)});
  return {};
}

Result<void> Disk::remove(std::string_view path) {
  if (!names_.find(path)) return io_error("remove", path, kNoFile);
  names_.change(Unlinked{std::string(path)});
  return {};
}

void Disk::remove_all(std::string_view dir) {
  for (std::string& path : names_.below(dir)) names_.change(Unlinked{std::move(path)});
}

void Disk::sync_dir(std::string_view dir) {
  if (names_.journal().empty()) return;
  names_.sync_dir(dir);
  drop_nameless();
}

std::vector<std::string> Disk::paths() const {
  std::vector<std::string> out;
  for (const auto& [path, inode] : names_.cached()) out.push_back(path);
  return out;
}

// A file lives while a name leads to it, now or after a crash.
void Disk::drop_nameless() {
  std::vector<Inode> named;
  for (const auto& [path, inode] : names_.cached()) named.push_back(inode);
  for (const auto& [path, inode] : names_.durable()) named.push_back(inode);
  for (const NameChange& change : names_.journal()) {
    if (const Linked* linked = std::get_if<Linked>(&change)) named.push_back(linked->inode);
  }
  std::ranges::sort(named);
  std::vector<Inode> nameless;
  for (const auto& [inode, file] : files_) {
    if (!std::ranges::binary_search(named, inode)) nameless.push_back(inode);
  }
  for (const Inode inode : nameless) files_.erase(inode);
}

void Disk::crash(const Survivors& survivors) {
  std::vector<std::pair<std::string, Inode>> unsynced;
  for (const auto& [path, inode] : names_.cached()) {
    if (!(*files_.find(inode))->fresh()) unsynced.emplace_back(path, inode);
  }
  for (const auto& [path, inode] : unsynced) {
    files_.edit(inode)->edit().crash(survivors.of_file(path));
  }
  std::vector<Inode> others;  // without a name now, but perhaps after the crash
  for (const auto& [inode, file] : files_) {
    if (!file->fresh()) others.push_back(inode);
  }
  for (const Inode inode : others) files_.edit(inode)->edit().crash(survivors.writes);
  const bool all = std::holds_alternative<KeepAll>(survivors.writes);
  names_.crash(survivors.names.value_or(all ? unsynced_names() : 0));
  drop_nameless();
}

std::vector<std::pair<std::string, std::uint32_t>> Disk::unsynced() const {
  std::vector<std::pair<std::string, std::uint32_t>> out;
  for (const auto& [path, inode] : names_.cached()) {
    const Shared<File>* file = files_.find(inode);
    if (!(*file)->synced()) out.emplace_back(path, (*file)->pieces());
  }
  return out;
}

std::uint32_t Disk::unsynced_names() const {
  return static_cast<std::uint32_t>(names_.journal().size());
}

std::uint64_t Disk::used_bytes() const {
  std::uint64_t out = 0;
  for (const auto& [inode, file] : files_) out += on_disk(file->size()) * kBlockBytes;
  return out;
}

void Disk::fail_fsyncs(std::string_view path, std::uint32_t count) {
  faults_.failing_fsyncs.erase(path);
  if (count > 0) faults_.failing_fsyncs.put(std::string(path), count);
}

void Disk::misdirect_next_write(std::string_view path, std::int64_t blocks) {
  faults_.misdirections.erase(path);
  if (blocks != 0) faults_.misdirections.put(std::string(path), blocks);
}

Result<void> Disk::flip_bit(std::string_view path, std::uint64_t offset, unsigned bit) {
  File* file = edit_file(path);
  if (file == nullptr) return io_error("open", path, kNoFile);
  if (offset >= file->durable().size()) {
    return fail(Errc::OutOfRange, text("{} has {} bytes on the medium, byte {} is not among them",
                                       path, file->durable().size(), offset));
  }
  file->flip_bit(offset, bit);
  return {};
}

void Disk::install(std::string_view path, BytesView bytes) {
  files_.put(next_inode_, Shared<File>(File::loaded(bytes)));
  names_.change(Linked{std::string(path), next_inode_});
  ++next_inode_;
  names_.sync_file(path);
  drop_nameless();
}

}  // namespace orrery::disk
