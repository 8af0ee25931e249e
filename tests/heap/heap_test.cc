// What `new` promises, and what ours promises beyond that.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace orrery::heap {
namespace {

// A block of memory, filled with a mark of its own.
struct Block {
  unsigned char* bytes = nullptr;
  std::size_t size = 0;
  unsigned char mark = 0;

  static Block take(std::size_t size, unsigned char mark) {
    Block out{static_cast<unsigned char*>(::operator new(size)), size, mark};
    std::memset(out.bytes, mark, size);
    return out;
  }

  bool is_whole() const {
    return std::all_of(bytes, bytes + size, [&](unsigned char byte) { return byte == mark; });
  }

  void give_back() const { ::operator delete(bytes); }
};

// All borders of sizes: of small blocks, of page blocks, of what malloc serves.
std::vector<std::size_t> sizes() {
  std::vector<std::size_t> out;
  for (std::size_t size = 0; size < 1200; ++size) out.push_back(size);
  for (std::size_t size = 1280; size <= 8192; size += 128) {
    out.insert(out.end(), {size - 1, size, size + 1});
  }
  out.insert(out.end(), {65'535, 65'536, 1'000'000});
  return out;
}

TEST(Heap, BlocksOfAllSizesAreAlignedAndDoNotOverlap) {
  std::vector<Block> blocks;
  for (int round = 0; round < 5; ++round) {
    for (const std::size_t size : sizes()) {
      blocks.push_back(Block::take(size, static_cast<unsigned char>(blocks.size() % 251)));
    }
  }

  for (const Block& block : blocks) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.bytes) % alignof(std::max_align_t), 0U);
    EXPECT_TRUE(block.is_whole()) << block.size;
  }
  for (const Block& block : blocks) block.give_back();
}

TEST(Heap, ABlockGivenBackIsTheNextOfItsSize) {
  for (const std::size_t size : {1U, 16U, 17U, 1'024U, 1'025U, 4'120U, 8'192U}) {
    const Block first = Block::take(size, 1);
    const auto address = reinterpret_cast<std::uintptr_t>(first.bytes);
    first.give_back();
    const Block second = Block::take(size, 2);

    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(second.bytes), address) << size;
    second.give_back();
  }
}

TEST(Heap, BlocksKeepTheirBytesWhileOthersComeAndGo) {
  std::vector<Block> blocks;
  std::uint32_t draw = 1;
  for (int i = 0; i < 200'000; ++i) {
    draw = draw * 1'664'525U + 1'013'904'223U;
    if (blocks.size() < 1'000 || draw % 2 == 0) {
      blocks.push_back(Block::take(draw / 7 % 700, static_cast<unsigned char>(i % 251)));
      continue;
    }
    std::swap(blocks[draw / 3 % blocks.size()], blocks.back());
    ASSERT_TRUE(blocks.back().is_whole());
    blocks.back().give_back();
    blocks.pop_back();
  }
  for (const Block& block : blocks) {
    ASSERT_TRUE(block.is_whole());
    block.give_back();
  }
}

TEST(Heap, ThreadsGiveBackWhatOthersTook) {
  std::vector<std::vector<Block>> taken(8);
  for (int round = 0; round < 10; ++round) {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < taken.size(); ++t) {
      threads.emplace_back([&mine = taken[t], t] {
        for (const Block& block : mine) block.give_back();
        mine.clear();
        for (std::size_t i = 0; i < 2'000; ++i) {
          mine.push_back(Block::take(i % 300, static_cast<unsigned char>(t)));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::ranges::rotate(taken, taken.begin() + 1);
  }

  for (const std::vector<Block>& blocks : taken) {
    for (const Block& block : blocks) {
      ASSERT_TRUE(block.is_whole());
      block.give_back();
    }
  }
}

TEST(Heap, WhatAnEndedThreadGaveBackServesTheOthers) {
  constexpr std::size_t kSize = 7'777;  // nobody else here asks for it
  std::vector<std::uintptr_t> seen;
  for (int round = 0; round < 3; ++round) {
    std::thread([&] {
      std::vector<Block> blocks;
      for (int i = 0; i < 100; ++i) blocks.push_back(Block::take(kSize, 1));
      for (const Block& block : blocks) {
        seen.push_back(reinterpret_cast<std::uintptr_t>(block.bytes));
        block.give_back();
      }
    }).join();
  }

  std::ranges::sort(seen);
  const auto twice = std::ranges::unique(seen);
  EXPECT_LT(static_cast<std::size_t>(twice.begin() - seen.begin()), 150U);
}

TEST(Heap, NoMemoryIsBadAlloc) {
  const std::size_t too_much = static_cast<std::size_t>(PTRDIFF_MAX) - 1;
  void* volatile block = nullptr;

  EXPECT_THROW(block = ::operator new(too_much), std::bad_alloc);
  EXPECT_EQ(block, nullptr);
}

}  // namespace
}  // namespace orrery::heap
