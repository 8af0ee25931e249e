#include "tests/tidy/tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "source_dir.h"

namespace orrery::tidy {
namespace {

namespace fs = std::filesystem;

// A picture has no lines.
std::vector<std::string> read_lines(const fs::path& path) {
  std::vector<std::string> out;
  if (path.extension() == ".png") return out;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// Blanks comments and literals over the lines of one file.
class Blanker {
 public:
  std::string line(const std::string& text) {
    std::string out(text.size(), ' ');
    std::size_t i = 0;
    while (i < text.size()) i = in_comment_ ? comment(text, i) : code(text, i, out);
    return out;
  }

 private:
  std::size_t comment(const std::string& text, std::size_t i) {
    const std::size_t end = text.find("*/", i);
    if (end == std::string::npos) return text.size();
    in_comment_ = false;
    return end + 2;
  }

  std::size_t code(const std::string& text, std::size_t i, std::string& out) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.starts_with("//")) return text.size();
    if (rest.starts_with("/*")) {
      in_comment_ = true;
      return i + 2;
    }
    const bool is_quote = text[i] == '"' || text[i] == '\'';
    const bool is_digit_mark = is_quote && i > 0 && std::isalnum(text[i - 1]) != 0;  // 1'000, u8"x"
    if (is_quote && (!is_digit_mark || text[i] == '"')) return literal(text, i);
    out[i] = text[i];
    return i + 1;
  }

  static std::size_t literal(const std::string& text, std::size_t i) {
    const char quote = text[i];
    for (++i; i < text.size() && text[i] != quote; ++i) {
      if (text[i] == '\\') ++i;
    }
    return i + 1;
  }

  bool in_comment_ = false;
};

File read_file(const fs::path& path) {
  File out;
  out.path = fs::relative(path, root()).generic_string();
  out.lines = read_lines(path);
  if (!out.is_code()) return out;
  Blanker blanker;
  for (const std::string& line : out.lines) {
    // An include's name is wanted whole.
    out.code.push_back(line.starts_with("#include") ? line : blanker.line(line));
  }
  return out;
}

std::vector<File> read_tree() {
  std::vector<File> out{read_file(fs::path(root()) / "README.md")};
  for (const char* top : {"core", "gui", "labs", "tests", "docs"}) {
    const fs::path folder = fs::path(root()) / top;
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const bool hidden = entry.path().filename().string().starts_with(".");
      if (entry.is_regular_file() && !hidden) out.push_back(read_file(entry.path()));
    }
  }
  std::ranges::sort(out, {}, &File::path);
  return out;
}

bool in_identifier(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

std::string root() {
  return ORRERY_SOURCE_DIR;
}

bool exists(std::string_view path) {
  return fs::exists(fs::path(root()) / path);
}

bool File::in(std::string_view folder) const {
  return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

std::vector<std::string> File::head_comment() const {
  std::vector<std::string> out;
  for (const std::string& line : lines) {
    if (!line.starts_with("//")) break;
    out.push_back(line.substr(2));
  }
  return out;
}

const std::vector<File>& files() {
  static const std::vector<File> all = read_tree();
  return all;
}

const File* find_file(std::string_view path) {
  const auto it = std::ranges::lower_bound(files(), path, {}, &File::path);
  return it == files().end() || it->path != path ? nullptr : &*it;
}

std::vector<std::string> folder_order() {
  for (const std::string& line : read_lines(fs::path(root()) / "core/CMakeLists.txt")) {
    std::istringstream words(line.starts_with("foreach(folder ") ? line.substr(15) : "");
    std::vector<std::string> out;
    for (std::string word; words >> word;) out.push_back(word);
    if (out.empty()) continue;
    out.back().pop_back();  // the bracket
    return out;
  }
  return {};
}

bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool joined_left = at > 0 && in_identifier(word.front()) && in_identifier(line[at - 1]);
    const bool joined_right =
        end < line.size() && in_identifier(word.back()) && in_identifier(line[end]);
    if (!joined_left && !joined_right) return true;
  }
  return false;
}

std::string place(const File& file, std::size_t index) {
  return file.path + ":" + std::to_string(index + 1);
}

}  // namespace orrery::tidy
