// One target under clang's libFuzzer: ORRERY_FUZZ_TARGET names it.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const orrery::fuzz::Target* const target = orrery::fuzz::find_target(ORRERY_FUZZ_TARGET);
  target->run(orrery::BytesView(reinterpret_cast<const char*>(data), size));
  return 0;
}
