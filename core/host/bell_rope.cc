#include "host/bell_rope.h"

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace orrery::host {

BellRope::BellRope() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) return;
  out_ = ends[0];
  in_ = ends[1];
}

BellRope::~BellRope() {
  if (out_ >= 0) ::close(out_);
  if (in_ >= 0) ::close(in_);
}

// A full pipe rings already.
void BellRope::pull() const {
  const char byte = 0;
  (void)!::write(in_, &byte, 1);
}

void BellRope::hush() const {
  std::array<char, 256> bytes{};
  while (::read(out_, bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace orrery::host
