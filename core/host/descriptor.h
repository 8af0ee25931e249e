// An open file of the host.
//   used by: files.cc, data_dir.cc
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace orrery::host {

// Says what the system said last.
inline tl::unexpected<Error> failed(std::string_view what, const std::string& path) {
  return fail(Errc::Io, text("{}: cannot {}: {}", path, what, std::strerror(errno)));
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int number() const { return number_; }

  bool is_open() const { return number_ >= 0; }

  // False when the system could not keep what was written.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

}  // namespace orrery::host
