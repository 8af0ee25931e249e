#include "disk/file.h"

#include <algorithm>

#include "base/check.h"
#include "base/overloaded.h"

namespace orrery::disk {
namespace {

// The sectors that bytes [offset, offset + size) touch.
std::uint32_t sectors(std::uint64_t offset, std::uint64_t size) {
  if (size == 0) return 0;
  return static_cast<std::uint32_t>((offset + size - 1) / kSectorBytes - offset / kSectorBytes + 1);
}

std::uint32_t pieces_of(const Change& change) {
  return std::visit(Overloaded{
                        [](const Write& w) { return sectors(w.offset, w.bytes.size()); },
                        [](const Resize&) { return std::uint32_t{1}; },
                    },
                    change);
}

// Where the medium takes a write; one that would land before the file's start lands at its start.
std::uint64_t landing(const Write& write) {
  const auto shift = write.astray_blocks * static_cast<std::int64_t>(kBlockBytes);
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(static_cast<std::int64_t>(write.offset) + shift, 0));
}

void apply_change(Content& content, const Change& change, bool on_medium) {
  std::visit(Overloaded{
                 [&](const Write& w) { content.write(on_medium ? landing(w) : w.offset, w.bytes); },
                 [&](const Resize& r) { content.resize(r.size); },
             },
             change);
}

// The kept ones of the pieces `first`, `first + 1`, ... that a write falls into.
void apply_kept(Content& content, const Write& write, const Keep& keep, std::uint32_t first) {
  const std::uint64_t base = landing(write);
  std::uint64_t done = 0;
  for (std::uint32_t piece = first; done < write.bytes.size(); ++piece) {
    const std::uint64_t room = kSectorBytes - (write.offset + done) % kSectorBytes;
    const std::uint64_t count = std::min<std::uint64_t>(room, write.bytes.size() - done);
    if (keeps(keep, piece)) content.write(base + done, write.bytes.view().substr(done, count));
    done += count;
  }
}

bool small(const Change& change) {
  const Write* write = std::get_if<Write>(&change);
  return write != nullptr && write->bytes.size() < kBlockBytes;
}

// Applies changes `first`... as a program sees them, neighbouring small writes at once.
void apply_seen(Content& content, const Sequence<Change>& changes, std::size_t first) {
  Bytes run;
  std::uint64_t run_offset = 0;
  for (std::size_t i = first; i < changes.size(); ++i) {
    const Change& change = changes[i];
    const Write* write = std::get_if<Write>(&change);
    const bool joins = write != nullptr && small(change);
    if (joins && !run.empty() && write->offset == run_offset + run.size()) {
      run.append(write->bytes.view());
      continue;
    }
    content.write(run_offset, BytesView(run));
    run.clear();
    if (joins && i + 1 < changes.size()) {
      run_offset = write->offset;
      run.assign(write->bytes.view());
    } else {
      apply_change(content, change, false);
    }
  }
  content.write(run_offset, BytesView(run));
}

}  // namespace

File File::loaded(BytesView bytes) {
  File out;
  out.durable_.write(0, bytes);
  out.cached_ = out.durable_;
  out.size_ = bytes.size();
  return out;
}

Content File::cached() const {
  Content out = cached_;
  apply_seen(out, pending_, folded_);
  return out;
}

void File::fold() {
  if (folded_ == pending_.size()) return;
  apply_seen(cached_, pending_, folded_);
  folded_ = pending_.size();
}

// Not inlined: g++ 12 would take the alternative that is not there for an uninitialised one.
[[gnu::noinline]] void File::enqueue(Change change) {
  pending_.push_back(std::move(change));
}

void File::write(Write write) {
  if (write.bytes.empty()) return;
  size_ = std::max(size_, write.offset + write.bytes.size());
  misdirected_ = misdirected_ || write.astray_blocks != 0;
  const bool fold_now = write.bytes.size() >= kBlockBytes;
  enqueue(std::move(write));
  if (fold_now) fold();
}

void File::resize(std::uint64_t size) {
  if (size == size_) return;
  size_ = size;
  enqueue(Resize{size});
  fold();
}

void File::fsync() {
  if (pending_.empty()) return;
  fold();
  if (misdirected_ || diverged_) {
    for (const Change& change : pending_) apply_change(durable_, change, true);
    misdirected_ = false;
    diverged_ = !(durable_ == cached_);
  } else {
    durable_ = cached_;
  }
  pending_.clear();
  folded_ = 0;
}

Bytes File::read(std::uint64_t offset, std::uint64_t size) const {
  if (folded_ == pending_.size()) return cached_.read(offset, size);
  return cached().read(offset, size);
}

Blob File::block(std::uint64_t number) const {
  if (folded_ == pending_.size()) return cached_.block(number);
  return cached().block(number);
}

std::uint64_t File::stored_size() const {
  if (folded_ == pending_.size()) return cached_.stored_size();
  return cached().stored_size();
}

std::uint32_t File::pieces() const {
  std::uint32_t out = 0;
  for (const Change& change : pending_) out += pieces_of(change);
  return out;
}

void File::crash(const Keep& keep) {
  std::uint32_t piece = 0;
  for (const Change& change : pending_) {
    if (const Write* write = std::get_if<Write>(&change)) {
      apply_kept(durable_, *write, keep, piece);
    } else if (keeps(keep, piece)) {
      apply_change(durable_, change, true);
    }
    piece += pieces_of(change);
  }
  pending_.clear();
  folded_ = 0;
  cached_ = durable_;
  size_ = durable_.size();
  misdirected_ = diverged_ = false;
}

void File::flip_bit(std::uint64_t offset, unsigned bit) {
  check(offset < durable_.size(), "the bit that turns over is on the medium");
  Bytes byte = durable_.read(offset, 1);
  byte[0] = static_cast<char>(static_cast<unsigned char>(byte[0]) ^ (1U << (bit % 8)));
  durable_.write(offset, BytesView(byte));
  if (diverged_) return;
  cached_ = durable_;
  folded_ = 0;
  fold();
}

Digest File::digest() const {
  Digest out = combine(durable_.digest(), pending_.digest());
  return diverged_ ? combine(out, cached().digest()) : out;
}

bool operator==(const File& a, const File& b) {
  if (!(a.durable_ == b.durable_) || !(a.pending_ == b.pending_)) return false;
  if (a.diverged_ != b.diverged_) return false;
  return !a.diverged_ || a.cached() == b.cached();
}

}  // namespace orrery::disk
