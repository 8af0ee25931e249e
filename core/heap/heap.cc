// Heap: where `new` takes its memory from, in every program here.
//   used by: every allocation; base's library brings it along        uses: mmap, malloc
//   ideas:   worlds live on small nodes that come and go by the million, and on pages of files. A span of memory
//            holds blocks of one size; a block that is given back heads a list, and the next one of its size that is
//            asked for is that one. So most calls are five instructions, blocks have no headers, and what is made
//            together lies together. Each thread has its own lists; spans are handed out under a lock.
//            Blocks of pages' size lie in huge pages of the machine: a read anywhere finds its address translated.
//   invariant 1: no two blocks in use overlap; a block lies in one span, whose size of block never changes.
//   invariant 2: nothing in a World depends on an address, hence not on this file.
//   note: memory goes back to the size it had, not to the system. Sanitized builds leave this file out.
//   from: Bonwick 1994 (The Slab Allocator); Hanson 1990 for the quick lists
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace orrery::heap {
namespace {

constexpr std::size_t kSpanBytes = std::size_t{64} << 10U;
constexpr std::size_t kHugePageBytes = std::size_t{2} << 20U;
// Two regions of addresses, of which only what is touched is memory: one for each kind of block.
constexpr std::size_t kRegionBytes = std::size_t{32} << 30U;

// Small blocks: nodes and keys. Page blocks: file pages with their heads. Larger ones are malloc's.
constexpr std::size_t kSmallStep = 16;
constexpr std::size_t kSmallMost = 1024;
constexpr std::size_t kSmallSizes = kSmallMost / kSmallStep;
constexpr std::size_t kPageStep = 128;
constexpr std::size_t kPageMost = 8192;
constexpr std::size_t kSizes = kSmallSizes + (kPageMost - kSmallMost) / kPageStep;

// The number of the smallest size that will do. requires: bytes <= kPageMost
std::size_t size_number(std::size_t bytes) {
  if (bytes > kSmallMost) return kSmallSizes + (bytes - kSmallMost - 1) / kPageStep;
  return bytes == 0 ? 0 : (bytes - 1) / kSmallStep;
}

std::size_t block_bytes(std::size_t number) {
  if (number < kSmallSizes) return (number + 1) * kSmallStep;
  return kSmallMost + (number + 1 - kSmallSizes) * kPageStep;
}

// A block that nobody uses; its own memory holds the list.
struct FreeBlock {
  FreeBlock* next = nullptr;
  FreeBlock* next_list = nullptr;  // of the first block of a list that its thread left behind
};

static_assert(sizeof(FreeBlock) <= kSmallStep);

// What a thread has at hand, by size number.
struct Stock {
  std::array<FreeBlock*, kSizes> free{};
  std::array<std::byte*, kSizes> fresh{};  // the rest of a span, never used so far
};

constinit thread_local Stock stock;

std::size_t left_in_span(const std::byte* fresh) {
  return (0 - reinterpret_cast<std::uintptr_t>(fresh)) % kSpanBytes;  // 0 also for null
}

// What all threads share, under its lock; but where the regions begin and what a span holds may be read without.
class Store {
 public:
  // Null = there is no memory to be had.
  std::byte* new_span(std::size_t number) {
    const std::lock_guard lock(mutex_);
    if (!is_open_ && !open()) return nullptr;
    const std::size_t region = number < kSmallSizes ? 0 : 1;
    if (used_[region] == kRegionBytes) return nullptr;
    const std::size_t at = region * kRegionBytes + used_[region];
    used_[region] += kSpanBytes;
    number_of_[at / kSpanBytes] = static_cast<std::uint8_t>(number);
    return base_.load(std::memory_order_relaxed) + at;
  }

  // The size number of a block, or kSizes when it is malloc's.
  std::size_t number_of(const void* block) const {
    const auto base = reinterpret_cast<std::uintptr_t>(base_.load(std::memory_order_relaxed));
    const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(block) - base;
    return base != 0 && at < 2 * kRegionBytes ? number_of_[at / kSpanBytes] : kSizes;
  }

  void leave_behind(std::size_t number, FreeBlock* list) {
    const std::lock_guard lock(mutex_);
    list->next_list = std::exchange(left_behind_[number], list);
  }

  FreeBlock* take_left_behind(std::size_t number) {
    const std::lock_guard lock(mutex_);
    FreeBlock* list = left_behind_[number];
    if (list != nullptr) left_behind_[number] = list->next_list;
    return list;
  }

 private:
  bool open() {
    is_open_ = !std::exchange(was_refused_, true);
    if (!is_open_) return false;
    void* memory = mmap(nullptr, 2 * kRegionBytes + kHugePageBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    is_open_ = memory != MAP_FAILED;
    if (!is_open_) return false;
    const std::size_t off = (0 - reinterpret_cast<std::uintptr_t>(memory)) % kHugePageBytes;
    std::byte* base = static_cast<std::byte*>(memory) + off;
    base_.store(base, std::memory_order_relaxed);
    // But for a program that needs little. The advice may be refused: it is about time alone.
    madvise(base + kRegionBytes + kHugePageBytes, kRegionBytes - kHugePageBytes, MADV_HUGEPAGE);
    return true;
  }

  std::mutex mutex_;
  bool is_open_ = false;      // are there regions?
  bool was_refused_ = false;  // asked for once; they are not asked for again
  std::atomic<std::byte*> base_ = nullptr;
  std::array<std::size_t, 2> used_{};  // units: bytes, of each region
  std::array<FreeBlock*, kSizes> left_behind_{};
  std::array<std::uint8_t, 2 * kRegionBytes / kSpanBytes> number_of_{};  // by span
};

constinit Store store;

void cut_fresh_into_blocks(std::size_t number) {
  const std::size_t bytes = block_bytes(number);
  std::byte*& fresh = stock.fresh[number];
  for (; left_in_span(fresh) >= bytes; fresh += bytes) {
    stock.free[number] = new (fresh) FreeBlock{.next = stock.free[number]};
  }
}

// A thread that ends leaves its blocks to the others.
struct Farewell {
  bool is_due = false;

  ~Farewell() {
    for (std::size_t number = 0; number < kSizes; ++number) {
      cut_fresh_into_blocks(number);
      FreeBlock* list = std::exchange(stock.free[number], nullptr);
      if (list != nullptr) store.leave_behind(number, list);
    }
  }
};

thread_local Farewell farewell;

// The list is empty. Null = there is no memory to be had.
[[gnu::noinline]] void* take_fresh(std::size_t number) {
  std::byte*& fresh = stock.fresh[number];
  const std::size_t bytes = block_bytes(number);
  if (left_in_span(fresh) < bytes) {
    farewell.is_due = true;
    if (FreeBlock* list = store.take_left_behind(number)) {
      stock.free[number] = list->next;
      return list;
    }
    fresh = store.new_span(number);
    if (fresh == nullptr) return nullptr;
  }
  return std::exchange(fresh, fresh + bytes);
}

[[gnu::noinline]] void* take_from_malloc(std::size_t bytes) {
  while (true) {
    if (void* memory = std::malloc(bytes)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void* take(std::size_t bytes) {
  if (bytes > kPageMost) return take_from_malloc(bytes);
  const std::size_t number = size_number(bytes);
  if (FreeBlock* block = stock.free[number]) {
    stock.free[number] = block->next;
    return block;
  }
  void* block = take_fresh(number);
  return block != nullptr ? block : take_from_malloc(bytes);
}

void give_back(void* block) {
  const std::size_t number = store.number_of(block);
  if (number == kSizes) return std::free(block);
  stock.free[number] = new (block) FreeBlock{.next = stock.free[number]};
}

}  // namespace
}  // namespace orrery::heap

// In place of the library's; its other forms of new and delete call these.
void* operator new(std::size_t bytes) {
  return orrery::heap::take(bytes);
}

void operator delete(void* block) noexcept {
  orrery::heap::give_back(block);
}

void operator delete(void* block, std::size_t) noexcept {
  orrery::heap::give_back(block);
}
