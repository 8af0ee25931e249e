// orrery quirks: etcd's defects, as a list for people or for programs.
//   used by: main.cc    uses: server/quirks.h, lab/museum.h
#pragma once

#include <string>

namespace orrery::cli {

struct QuirksOptions {
  std::string name;  // a quirk or a preset; empty = all
  std::string page;  // the folder with the museum's scripts: prints its page instead
  bool json = false;
};

int quirks(const QuirksOptions& options);

}  // namespace orrery::cli
