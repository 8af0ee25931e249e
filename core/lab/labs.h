// Labs: which there are, and finding one by number, name or folder.
//   used by: cli, gui    uses: host
//   ideas:   a lab is a folder NN-name with scenario.crank and lab.md; the labs stand in `labs` at the top of the
//            checkout, which is looked for from the working directory upwards.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace orrery::lab {

struct Lab {
  std::string folder;  // a path
  int number = 0;
  std::string name;  // "first-watch"

  std::string scenario() const { return folder + "/scenario.crank"; }
  std::string text() const { return folder + "/lab.md"; }

  friend bool operator==(const Lab&, const Lab&) = default;
};

// Of this folder, by number.
std::vector<Lab> labs_in(const std::string& parent);
// Of the nearest folder `labs`; none when there is no such folder.
std::vector<Lab> all_labs();
// By folder ("labs/01-first-watch"), number ("1", "01") or name ("first-watch"). Errors: WrongUse, listing the labs.
Result<Lab> find_lab(std::string_view wanted);
// What to play: a script's path, or a lab's.
Result<std::string> find_script(std::string_view wanted);

}  // namespace orrery::lab
