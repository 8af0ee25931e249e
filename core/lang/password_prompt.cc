#include "lang/password_prompt.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "lang/command.h"
#include "lang/scanner.h"

namespace orrery::lang {
namespace {

constexpr std::string_view kUserFlag = "--user";

struct Spot {
  Word word;
  std::size_t end = 0;
};

// Empty for a line that cannot be read: its error is the parser's to report.
std::vector<Spot> words_of(const SourceLine& line) {
  std::vector<Spot> out;
  for (Scanner scanner(line); !scanner.at_end();) {
    const std::size_t begin = scanner.offset();
    auto word = scanner.word();
    if (!word) return {};
    const std::size_t next = scanner.offset();
    const std::size_t last = line.text.find_last_not_of(" \t", next - 1);
    out.push_back({.word = std::move(*word), .end = last < begin ? next : last + 1});
  }
  return out;
}

bool has_password(const std::string& user) {
  return user.empty() || user.find(':') != std::string::npos;
}

std::optional<PasswordPrompt> of_login(const std::vector<Spot>& spots) {
  for (std::size_t i = 0; i < spots.size(); ++i) {
    const Spot& spot = spots[i];
    PasswordPrompt out{.ask = "Password: ", .again = {}, .lead = {}, .owner = {}};
    const std::string equals = text("{}=", kUserFlag);
    if (spot.word.text == kUserFlag && i + 1 < spots.size()) {
      out.begin = spots[i + 1].word.offset, out.end = spots[i + 1].end;
      out.owner = spots[i + 1].word.text;
    } else if (spot.word.text.starts_with(equals)) {
      out.begin = spot.word.offset, out.end = spot.end;
      out.lead = equals, out.owner = spot.word.text.substr(equals.size());
    } else {
      continue;
    }
    if (has_password(out.owner)) return std::nullopt;
    out.owner += ':';
    return out;
  }
  return std::nullopt;
}

// The words after `user add` or `user passwd`; flags are none of them.
std::vector<const Spot*> plain_words(const std::vector<Spot>& spots) {
  std::vector<const Spot*> out;
  bool is_value = false;
  for (const Spot& spot : spots) {
    const bool is_flag = spot.word.text.starts_with("-") && !spot.word.quoted;
    if (!is_flag && !is_value) out.push_back(&spot);
    is_value = spot.word.text == kUserFlag || spot.word.text == "--endpoints";
  }
  if (!out.empty() && out.front()->word.text == "etcdctl") out.erase(out.begin());
  return out;
}

std::optional<PasswordPrompt> of_new_one(const std::vector<Spot>& spots) {
  const std::vector<const Spot*> words = plain_words(spots);
  if (words.size() != 3 || words[0]->word.text != "user") return std::nullopt;
  const bool adds = words[1]->word.text == "add";
  if (!adds && words[1]->word.text != "passwd") return std::nullopt;
  const bool says_how = std::ranges::any_of(spots, [](const Spot& spot) {
    return spot.word.text.starts_with("--no-password") ||
           spot.word.text.starts_with("--new-user-password");
  });
  const std::string& name = words[2]->word.text;
  if (adds && (says_how || has_password(name))) return std::nullopt;
  return PasswordPrompt{.ask = text("Password of {}: ", name),
                        .again = text("Type password of {} again for confirmation: ", name),
                        .begin = words[2]->end,
                        .end = words[2]->end,
                        .lead = adds ? " --new-user-password=" : " ",
                        .owner = {}};
}

}  // namespace

std::optional<PasswordPrompt> missing_password(const SourceLine& line) {
  const std::vector<Spot> spots = words_of(line);
  if (auto login = of_login(spots)) return login;
  return of_new_one(spots);
}

std::string answered_line(const std::string& line, const PasswordPrompt& prompt,
                          const std::string& password) {
  return text("{}{}{}{}", line.substr(0, prompt.begin), prompt.lead,
              word_text(prompt.owner + password), line.substr(prompt.end));
}

}  // namespace orrery::lang
