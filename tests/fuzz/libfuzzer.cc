// One target under clang's libFuzzer: ORRERY_FUZZ_TARGET names it. Its seeds go into the first folder it is given.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

const orrery::fuzz::Target& target() {
  static const orrery::fuzz::Target* const found = orrery::fuzz::find_target(ORRERY_FUZZ_TARGET);
  return *found;
}

void write_seeds(const std::filesystem::path& folder) {
  std::size_t number = 0;
  for (const orrery::Bytes& seed : target().seeds()) {
    std::ofstream(folder / ("seed-" + std::to_string(number++)), std::ios::binary) << seed;
  }
}

}  // namespace

// Without a sound file to begin with, nothing would come past the first checksum.
int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    const std::string_view word = (*argv)[i];
    if (word.starts_with('-') || !std::filesystem::is_directory(word)) continue;
    write_seeds(word);
    break;
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target().run(orrery::BytesView(reinterpret_cast<const char*>(data), size));
  return 0;
}
