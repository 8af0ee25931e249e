#include "datadir/archive.h"

#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "base/text.h"

namespace orrery::datadir {
namespace {

template <class Int>
void append(Bytes& out, Int value) {
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    out.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xffU));
  }
}

// Reads from the front; nothing once the bytes are used up.
struct Reader {
  BytesView bytes;
  std::size_t at = 0;

  template <class Int>
  std::optional<Int> number() {
    if (bytes.size() - at < sizeof(Int)) return std::nullopt;
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < sizeof(Int); ++i) {
      out |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[at + i])) << (8 * i);
    }
    at += sizeof(Int);
    return static_cast<Int>(out);
  }

  std::optional<BytesView> take(std::size_t size) {
    if (bytes.size() - at < size) return std::nullopt;
    at += size;
    return bytes.substr(at - size, size);
  }
};

BytesView without_zeros(BytesView block) {
  const std::size_t last = block.find_last_not_of('\0');
  return block.substr(0, last == BytesView::npos ? 0 : last + 1);
}

void pack_file(Bytes& out, const disk::Disk& disk, const std::string& path) {
  const std::uint64_t size = disk.size(path).value_or(0);
  const std::uint64_t stored = disk.stored_size(path).value_or(0);
  Bytes blocks;
  std::uint32_t count = 0;
  for (std::uint32_t number = 0; number * disk::kBlockBytes < stored; ++number) {
    const auto block = disk.block(path, number);
    const BytesView bytes = block ? without_zeros(block->view()) : BytesView();
    if (bytes.empty()) continue;
    append(blocks, number);
    append(blocks, static_cast<std::uint16_t>(bytes.size()));
    blocks += bytes;
    ++count;
  }
  append(out, static_cast<std::uint32_t>(path.size()));
  out += path;
  append(out, size);
  append(out, count);
  out += blocks;
}

// A file's table of blocks grows with its size: what no etcd writes is refused before it fills the memory.
constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 30U;

bool unpack_file(Reader& reader, disk::Disk& disk) {
  const auto length = reader.number<std::uint32_t>();
  const auto path = length ? reader.take(*length) : std::nullopt;
  const auto size = path ? reader.number<std::uint64_t>() : std::nullopt;
  const auto count = size ? reader.number<std::uint32_t>() : std::nullopt;
  if (!count || *size > kMostBytes || !disk.create(*path)) return false;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto number = reader.number<std::uint32_t>();
    const auto bytes_count = number ? reader.number<std::uint16_t>() : std::nullopt;
    const auto bytes = bytes_count ? reader.take(*bytes_count) : std::nullopt;
    if (!bytes || *number * disk::kBlockBytes + bytes->size() > *size) return false;
    if (!disk.write(*path, *number * disk::kBlockBytes, *bytes)) return false;
  }
  return disk.truncate(*path, *size) && disk.fsync(*path);
}

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Bytes pack(const disk::Disk& disk) {
  Bytes out;
  for (const std::string& path : disk.paths()) pack_file(out, disk, path);
  return out;
}

Result<disk::Disk> unpack(BytesView archive) {
  disk::Disk out;
  Reader reader{.bytes = archive};
  while (reader.at != archive.size()) {
    const std::size_t begin = reader.at;
    if (!unpack_file(reader, out)) {
      return fail(Errc::Corrupt, text("no file of a disk at byte {} of {}", begin, archive.size()));
    }
  }
  return out;
}

Result<Bytes> unbase64(std::string_view words) {
  while (words.ends_with('=')) words.remove_suffix(1);
  Bytes out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char letter : words) {
    const std::size_t value = kLetters.find(letter);
    if (value == std::string_view::npos) {
      return fail(Errc::Syntax,
                  text("{} is no letter of base64", quoted(std::string_view(&letter, 1))));
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>((bits >> count) & 0xffU));
  }
  return out;
}

}  // namespace orrery::datadir
