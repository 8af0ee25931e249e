#include "lang/matcher.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "lang/placeholders.h"

namespace orrery::lang {

namespace {

bool is_claim_kind(std::string_view name) {
  return name == "EXPR" || name == "CONDITION" || name == "CLAIM";
}

bool is_text_kind(std::string_view name) {
  return name == "TEXT" || name == "ACTION" || name == "TXN";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " or " : ", ";
    out += parts[i];
  }
  return out;
}

std::vector<std::string> split(std::string_view words) {
  std::vector<std::string> out;
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    out.emplace_back(words.substr(0, end));
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return out;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// etcdctl takes the words of its flags in any case.
bool is_same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Can the flag have this value? A fixed word takes the table's spelling.
bool take_form(const FlagRow& row, const Expected& wanted, std::string& value) {
  if (!row.value.empty()) return placeholder(row.value).fits(value);
  for (const std::string& one : wanted.words) {
    if (!is_same_word(one, value)) continue;
    value = one;
    return true;
  }
  return false;
}

}  // namespace

std::string to_text(const Expected& expected) {
  std::vector<std::string> parts = expected.words;
  for (const std::string& name : expected.placeholders) {
    parts.emplace_back(placeholder(name).expected);
  }
  return parts.empty() ? "the end of the line" : joined(parts);
}

Matcher::Matcher(Scanner& scanner, std::span<const FlagRow> own, std::span<const FlagRow> common)
    : scanner_(scanner), own_(own), common_(common) {}

Result<std::vector<Capture>> Matcher::match(const Pattern& pattern) {
  auto done = sequence(pattern).and_then([&] { return flags(); });
  if (!done) return fail(done.error());
  if (!scanner_.at_end()) return unexpected_here();
  return captures_;
}

Result<void> Matcher::sequence(const Pattern& pattern) {
  for (const Element& one : pattern) {
    auto done = flags().and_then([&] { return element(one); });
    if (!done) return done;
  }
  return {};
}

Result<void> Matcher::element(const Element& element) {
  switch (element.kind) {
    case ElementKind::Word: return fixed_word(element);
    case ElementKind::Placeholder: return placeholder_value(element);
    case ElementKind::Optional:
      if (starts(element)) return branch(element);
      note(element);
      return {};
    case ElementKind::Choice:
      if (starts(element)) return branch(element);
      note(element);
      return unexpected_here();
    case ElementKind::Repeat: {
      auto done = sequence(element.branches.front());
      while (done && starts(element)) done = sequence(element.branches.front());
      if (done) note(element);
      return done;
    }
  }
  return {};
}

Result<void> Matcher::branch(const Element& element) {
  for (const Pattern& one : element.branches) {
    if (starts(one.front())) return sequence(one);
  }
  return unexpected_here();
}

Result<void> Matcher::fixed_word(const Element& element) {
  note(element);
  if (scanner_.peek() != element.text) return unexpected_here();
  captures_.push_back(
      {.name = element.text, .text = element.text, .place = scanner_.place(), .expression = {}});
  scanner_.jump(scanner_.offset() + element.text.size());
  return {};
}

Result<void> Matcher::placeholder_value(const Element& element) {
  note(element);
  if (scanner_.at_end() && element.text != "TEXT") return unexpected_here();
  if (is_claim_kind(element.text)) return expression(element);
  if (is_text_kind(element.text)) return whole_rest(element);
  if (element.text == "GROUPS") return groups(element);
  const Place place = scanner_.place();
  const std::size_t before = scanner_.offset();
  auto word = scanner_.word();
  if (!word) return fail(word.error());
  if (!placeholder(element.text).fits(word->text)) {
    scanner_.jump(before);
    return unexpected_here();
  }
  captures_.push_back(
      {.name = element.text, .text = std::move(word->text), .place = place, .expression = {}});
  return {};
}

Result<void> Matcher::whole_rest(const Element& element) {
  const Place place = scanner_.place();
  std::string rest = scanner_.rest();
  if (!common_.empty() && rest.ends_with(" &")) {
    rest.resize(rest.size() - 2);
    captures_.push_back({.name = "--background", .text = "true", .place = place, .expression = {}});
  }
  captures_.push_back(
      {.name = element.text, .text = std::move(rest), .place = place, .expression = {}});
  return {};
}

// Names and bars to the end of the line.
Result<void> Matcher::groups(const Element& element) {
  const Place place = scanner_.place();
  std::string all;
  bool name_next = true;
  while (!scanner_.at_end()) {
    const std::string word(scanner_.peek());
    if (word == "|" ? name_next : !is_name(word)) return unexpected_here();
    name_next = word == "|";
    all += (all.empty() ? "" : " ") + word;
    scanner_.jump(scanner_.offset() + word.size());
    note(element);
  }
  if (name_next) return unexpected_here();
  captures_.push_back({.name = element.text, .text = all, .place = place, .expression = {}});
  return {};
}

Result<void> Matcher::expression(const Element& element) {
  const Place place = scanner_.place();
  const std::size_t begin = scanner_.offset();
  auto parsed = element.text == "EXPR"    ? parse_any(scanner_)
                : element.text == "CLAIM" ? parse_claim(scanner_, Temporal::AllowedAtRoot)
                                          : parse_claim(scanner_);
  if (!parsed) return fail(parsed.error());
  captures_.push_back({.name = element.text,
                       .text = scanner_.line().text.substr(begin, scanner_.offset() - begin),
                       .place = place,
                       .expression = std::move(*parsed)});
  return {};
}

// "&" at the end of a call's line.
bool Matcher::ends_in_background() {
  const std::size_t at = scanner_.offset();
  if (common_.empty() || scanner_.peek() != "&") return false;
  scanner_.jump(at + 1);
  if (!scanner_.at_end()) {
    scanner_.jump(at);
    return false;
  }
  captures_.push_back({.name = "--background",
                       .text = "true",
                       .place = scanner_.line().place(at),
                       .expression = {}});
  return true;
}

Result<void> Matcher::flags() {
  if (ends_in_background()) return {};
  if (own_.empty() && common_.empty()) return {};
  while (!flags_ended_ && scanner_.peek().size() > 1 && scanner_.peek_char() == '-') {
    const auto word = scanner_.word();
    if (!word) return fail(word.error());
    if (word->text == "--") {
      flags_ended_ = true;
      return {};
    }
    auto done = flag(*word);
    if (!done) return done;
    if (ends_in_background()) return {};
  }
  return {};
}

const FlagRow* Matcher::find_flag(std::string_view name, char letter) const {
  for (const auto& rows : {own_, common_}) {
    for (const FlagRow& row : rows) {
      if (name.empty() ? row.letter == letter : row.name == name) return &row;
    }
  }
  return nullptr;
}

// "--name", "--name=value", "-w value", "-w=value", "-wvalue".
Result<void> Matcher::flag(const Word& word) {
  const bool is_long = word.text.starts_with("--");
  std::size_t name_end = is_long ? word.text.find('=') : 2;
  name_end = std::min(name_end, word.text.size());
  const std::string name = is_long ? word.text.substr(2, name_end - 2) : "";
  const FlagRow* row = find_flag(name, is_long ? '\0' : word.text[1]);
  if (row == nullptr || (is_long && name.empty())) {
    Expected known;
    for (const auto& rows : {own_, common_}) {
      for (const FlagRow& one : rows) known.words.push_back("--" + std::string(one.name));
    }
    return fail_at(
        scanner_.line().place(word.offset),
        text("unknown flag {}; expected {}", word.text.substr(0, name_end), to_text(known)));
  }
  if (name_end < word.text.size() && word.text[name_end] == '=') ++name_end;
  return flag_value(*row, word, name_end);
}

Result<void> Matcher::flag_value(const FlagRow& row, const Word& word, std::size_t value_at) {
  const bool is_switch = row.value.empty() && row.choices.empty();
  Capture capture{.name = "--" + std::string(row.name),
                  .text = word.text.substr(value_at),
                  .place = scanner_.line().place(word.offset + value_at),
                  .expression = {}};
  const bool is_joined = value_at < word.text.size() || word.text.ends_with('=');
  if (!is_joined && is_switch) capture.text = "true";
  Expected wanted;
  wanted.words = is_switch ? std::vector<std::string>{"true", "false"} : split(row.choices);
  if (!row.value.empty()) wanted.placeholders.emplace_back(row.value);
  if (!is_joined && !is_switch) {
    expected_ = wanted;
    expected_at_ = scanner_.offset();
    capture.place = scanner_.place();
    if (scanner_.at_end()) return unexpected_here();
    auto value = scanner_.word();
    if (!value) return fail(value.error());
    capture.text = std::move(value->text);
  }
  if (!take_form(row, wanted, capture.text)) {
    return fail_at(capture.place, text("expected {} for {}, found {}", to_text(wanted),
                                       capture.name, quoted(capture.text)));
  }
  captures_.push_back(std::move(capture));
  return {};
}

bool Matcher::starts(const Element& element) const {
  if (scanner_.at_end()) return false;
  switch (element.kind) {
    case ElementKind::Word: return scanner_.peek() == element.text;
    case ElementKind::Placeholder: return placeholder(element.text).fits(scanner_.peek());
    case ElementKind::Optional:
    case ElementKind::Choice:
    case ElementKind::Repeat:
      return std::ranges::any_of(element.branches,
                                 [&](const Pattern& one) { return starts(one.front()); });
  }
  return false;
}

void Matcher::note(const Element& element) {
  if (scanner_.offset() != expected_at_) {
    expected_ = {};
    expected_at_ = scanner_.offset();
  }
  if (element.kind == ElementKind::Word) expected_.words.push_back(element.text);
  if (element.kind == ElementKind::Placeholder) expected_.placeholders.push_back(element.text);
  for (const Pattern& one : element.branches) note(one.front());
}

tl::unexpected<Error> Matcher::unexpected_here() const {
  const bool stale = scanner_.offset() != expected_at_;
  const std::string found = scanner_.at_end() ? "the end of the line" : quoted(scanner_.peek());
  return fail_at(scanner_.place(),
                 text("expected {}, found {}", to_text(stale ? Expected{} : expected_), found));
}

}  // namespace orrery::lang
