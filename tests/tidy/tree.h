// tree: the checkout as the tidy tests see it: files, their lines, and the lines without comments.
//   used by: the tests of this folder            uses: std::filesystem
//   ideas:   what is generated or hidden (build/, dotfiles) is not part of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::tidy {

struct File {
  std::string path;                // from the top of the checkout, e.g. "core/base/check.h"
  std::vector<std::string> lines;  // as they stand
  std::vector<std::string> code;   // of C++ files: the same, comments and literals blanked

  bool is_header() const { return path.ends_with(".h"); }

  bool is_code() const { return is_header() || path.ends_with(".cc"); }

  bool is_markdown() const { return path.ends_with(".md"); }

  bool is_script() const { return path.ends_with(".crank"); }

  // "core/raft/log.h" is in "core" and in "core/raft".
  bool in(std::string_view folder) const;
  // The comment at the top of a C++ file, without the slashes.
  std::vector<std::string> head_comment() const;
};

// Every file below core, gui, labs, tests and docs, and README.md; sorted by path.
const std::vector<File>& files();
// Null when there is none.
const File* find_file(std::string_view path);

std::string root();
bool exists(std::string_view path);
// The folders of core/ in the order in which includes may point, from core/CMakeLists.txt.
std::vector<std::string> folder_order();

// Is `word` in `line`, with nothing of an identifier on either side?
bool has_word(std::string_view line, std::string_view word);
// "path:line", for a failure's text. `index` counts from 0.
std::string place(const File& file, std::size_t index);

}  // namespace orrery::tidy
