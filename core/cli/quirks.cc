#include "cli/quirks.h"

#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "lab/museum.h"
#include "lab/narration.h"
#include "server/quirks.h"

namespace orrery::cli {
namespace {

using lab::json_string;
using server::QuirkRow;

std::string lines_of(const QuirkRow& row, const char* quote) {
  std::string out;
  for (const server::Releases& one : row.lines) {
    out += text("{}{}{}{}", out.empty() ? "" : ", ", quote, server::to_text(one.line), quote);
  }
  return out;
}

std::string json_names(const server::QuirkSet& quirks) {
  std::string out;
  for (const server::Quirk one : quirks.list()) {
    out += (out.empty() ? "" : ",") + json_string(std::string(server::to_text(one)));
  }
  return "[" + out + "]";
}

std::string json_of(const QuirkRow& row) {
  const auto field = [](const char* name, std::string_view value) {
    return text(R"("{}":{})", name, json_string(std::string(value)));
  };
  return "{" + field("name", row.name) + "," + field("card", row.card) + "," +
         field("issue", row.issue) + "," + field("fix", row.fix) + "," +
         field("severity", server::to_text(row.severity)) + "," + field("affected", row.affected) +
         "," + field("claim", row.claim) + "," + field("sentence", row.sentence) +
         text(R"(,"lines":[{}],"requires":{},"excludes":{}}})", lines_of(row, "\""),
              json_names(row.needs), json_names(row.bars)) +
         "\n";
}

std::string words_of_row(const QuirkRow& row) {
  std::string out =
      text("{:<4} {}\n     issue {}, fix {}, {}; {}\n     {}\n", row.card, row.name, row.issue,
           row.fix, server::to_text(row.severity), row.affected, row.sentence);
  out += row.claim.empty() ? "     no claim finds it yet\n" : text("     breaks {}\n", row.claim);
  out += text("     can be switched on in {}\n", lines_of(row, ""));
  if (!row.needs.empty()) out += text("     requires {}\n", server::to_text(row.needs));
  if (!row.bars.empty()) out += text("     excludes {}\n", server::to_text(row.bars));
  return out;
}

std::string all_words() {
  std::string out;
  for (const QuirkRow& row : server::quirk_table()) out += words_of_row(row) + "\n";
  out += "presets:";
  for (const std::string_view name : server::preset_names()) out += text(" {}", name);
  return out + ", and any other release of 3.4, 3.5 and 3.6\n";
}

int one_preset(const std::string& name, bool json) {
  const auto preset = server::preset_of(name, 3);
  if (!preset) return stopped(preset.error());
  for (std::size_t i = 0; i < preset->members.size(); ++i) {
    if (json) {
      out(text(R"({{"preset":{},"member":"n{}","line":"{}","quirks":{}}})", json_string(name),
               i + 1, server::to_text(preset->version), json_names(preset->members[i])) +
          "\n");
    } else {
      const std::string names = server::to_text(preset->members[i]);
      out(text("n{} {} {}\n", i + 1, server::to_text(preset->version),
               names.empty() ? "none" : names));
    }
  }
  return kHolds;
}

int one(const std::string& name, bool json) {
  const auto quirks = server::parse_quirks(name);
  if (!quirks) {
    // A release or the name of a preset; what is neither is answered as a quirk's name.
    return server::preset_of(name, 3) ? one_preset(name, json) : stopped(quirks.error());
  }
  for (const server::Quirk quirk : quirks->list()) {
    out(json ? json_of(server::row_of(quirk)) : words_of_row(server::row_of(quirk)));
  }
  return kHolds;
}

}  // namespace

int quirks(const QuirksOptions& options) {
  if (!options.page.empty()) {
    const auto page = lab::museum_page(options.page);
    if (!page) return stopped(page.error());
    out(*page);
    return kHolds;
  }
  if (!options.name.empty()) return one(options.name, options.json);
  if (!options.json) {
    out(all_words());
    return kHolds;
  }
  for (const QuirkRow& row : server::quirk_table()) out(json_of(row));
  return kHolds;
}

}  // namespace orrery::cli
