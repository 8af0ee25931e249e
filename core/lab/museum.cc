#include "lab/museum.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "host/files.h"
#include "server/quirks.h"

namespace orrery::lab {
namespace {

using server::QuirkRow;

struct Exhibit {
  std::string name;   // "A1-lost-delete"
  std::string title;  // its first comment
  std::string look;   // what to look at
};

// The comment lines a script begins with, without their "# ".
std::vector<std::string> comments_of(std::string_view bytes) {
  std::vector<std::string> out;
  while (bytes.starts_with("# ")) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    out.emplace_back(bytes.substr(2, end - 2));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return out;
}

Result<Exhibit> read_exhibit(const std::string& folder, const std::string& file) {
  const auto bytes = host::read_file(folder + "/" + file);
  if (!bytes) return fail(bytes.error());
  Exhibit out{.name = file.substr(0, file.rfind('.')), .title = {}, .look = {}};
  constexpr std::string_view kLook = "Look at: ";
  for (const std::string& line : comments_of(*bytes)) {
    std::string& part = out.look.empty() && !line.starts_with(kLook) ? out.title : out.look;
    const std::string words = line.starts_with(kLook) ? line.substr(kLook.size()) : line;
    part += (part.empty() ? "" : " ") + words;
  }
  if (!out.title.empty() && !out.look.empty()) return out;
  return fail(Errc::Syntax, text("{}/{}: expected a title and \"Look at: ...\" in its first lines",
                                 folder, file));
}

Result<std::vector<Exhibit>> exhibits(const std::string& folder) {
  std::vector<Exhibit> out;
  for (const std::string& file : host::names_in(folder)) {
    if (!file.ends_with(".crank") || file.ends_with("-fixed.crank")) continue;
    auto one = read_exhibit(folder, file);
    if (!one) return fail(one.error());
    out.push_back(std::move(*one));
  }
  return out;
}

std::string defect_row(const QuirkRow& row) {
  return text("| {} | `{}` | {} | {} | {} | {} | {} | {} |\n", row.card, row.name, row.issue,
              row.fix, server::to_text(row.severity), row.affected,
              row.claim.empty() ? "-" : text("`{}`", row.claim), row.sentence);
}

std::string preset_row(std::string_view name) {
  const auto preset = server::preset_of(name, 3);
  std::string out = text("| `{}` | {} | ", name, server::to_text(preset->version));
  std::string known;
  for (std::size_t i = 0; i < preset->members.size(); ++i) {
    std::string cards;
    for (const server::Quirk one : preset->members[i].list()) {
      const std::string card(server::row_of(one).card);
      if (!cards.ends_with(card)) cards += (cards.empty() ? "" : " ") + card;
    }
    if (i > 0 && cards == known) continue;
    out +=
        text("{}{}", i == 0 ? "" : text("; from n{} on: ", i + 1), cards.empty() ? "none" : cards);
    known = cards;
  }
  return out + " |\n";
}

constexpr std::string_view kHead = R"(# The museum of defects

Each row is a defect that etcd had, as a switch of a member: `cluster 3 --quirk NAME`, `restart n2 --quirk NAME`.
This page is made by `orrery quirks --page tests/golden/museum > docs/museum.md` from the table in
`core/server/quirk_table.cc` and the scripts; a test compares the two.

## Defects

| card | quirk | issue | fix | severity | releases | claim that breaks | what it does |
| --- | --- | --- | --- | --- | --- | --- | --- |
)";

constexpr std::string_view kScripts = R"(
## Scripts

Each stands in `tests/golden/museum`, beside a twin `NAME-fixed.crank` that tells the same story without the defect.
`orrery play FILE` plays one; `show violations` names the claim that broke.

| script | what happens | look at |
| --- | --- | --- |
)";

constexpr std::string_view kReleases = R"(
## Releases

`cluster 3 --preset NAME` is a release with the defects above that it had; any release of 3.4, 3.5 and 3.6 will do.

| preset | line | defects |
| --- | --- | --- |
)";

}  // namespace

Result<std::string> museum_page(const std::string& folder) {
  const auto scripts = exhibits(folder);
  if (!scripts) return fail(scripts.error());
  std::string out(kHead);
  for (const QuirkRow& row : server::quirk_table()) out += defect_row(row);
  out += kScripts;
  for (const Exhibit& one : *scripts) {
    out += text("| `{}` | {} | {} |\n", one.name, one.title, one.look);
  }
  out += kReleases;
  for (const std::string_view name : server::preset_names()) out += preset_row(name);
  return out;
}

}  // namespace orrery::lab
