#include "lab/labs.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "host/files.h"

namespace orrery::lab {

namespace {

// "01-first-watch" -> {1, "first-watch"}.
std::optional<Lab> lab_in(const std::string& parent, std::string_view name) {
  Lab lab;
  const std::string_view digits = name.substr(0, name.find('-'));
  if (digits.size() == name.size()) return std::nullopt;
  const auto read = std::from_chars(digits.begin(), digits.end(), lab.number);
  if (read.ec != std::errc{} || read.ptr != digits.end()) return std::nullopt;
  lab.folder = parent + "/" + std::string(name);
  lab.name = name.substr(digits.size() + 1);
  if (!host::file_exists(lab.scenario())) return std::nullopt;
  return lab;
}

std::string without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

std::string last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

}  // namespace

std::vector<Lab> all_labs() {
  constexpr int kDeep = 8;
  std::string parent = "labs";
  for (int up = 0; up < kDeep && !host::folder_exists(parent); ++up) parent.insert(0, "../");
  return labs_in(parent);
}

std::vector<Lab> labs_in(const std::string& parent) {
  std::vector<Lab> out;
  for (const std::string& name : host::names_in(parent)) {
    if (auto lab = lab_in(parent, name)) out.push_back(std::move(*lab));
  }
  std::ranges::sort(out, {}, &Lab::number);
  return out;
}

Result<Lab> find_lab(std::string_view wanted) {
  const std::string path = without_slash(wanted);
  if (host::file_exists(path + "/scenario.crank")) {
    const std::string name = last_part(path);
    const std::string parent = path == name ? "." : path.substr(0, path.size() - name.size() - 1);
    return lab_in(parent, name).value_or(Lab{.folder = path, .number = 0, .name = name});
  }
  int number = 0;
  const auto read = std::from_chars(path.data(), path.data() + path.size(), number);
  const bool is_number = read.ec == std::errc{} && read.ptr == path.data() + path.size();
  std::string known;
  for (const Lab& lab : all_labs()) {
    if (lab.name == path || last_part(lab.folder) == path) return lab;
    if (is_number && lab.number == number) return lab;
    known += (known.empty() ? "" : ", ") + last_part(lab.folder);
  }
  return fail(Errc::WrongUse,
              text("{}: no such script and no such lab; {}", path,
                   known.empty() ? "there is no folder labs here" : "the labs are " + known));
}

Result<std::string> find_script(std::string_view wanted) {
  std::string path(wanted);
  if (host::file_exists(path) && !host::folder_exists(path)) return path;
  const auto lab = find_lab(wanted);
  if (!lab) return fail(lab.error());
  return lab->scenario();
}

}  // namespace orrery::lab
