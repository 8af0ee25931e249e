#include "disk/survivors.h"

#include <algorithm>
#include <charconv>

#include "base/overloaded.h"
#include "base/text.h"

namespace orrery::disk {
namespace {

std::optional<std::uint32_t> number(std::string_view digits) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc() || end != digits.data() + digits.size()) return {};
  return out;
}

std::optional<Keep> parse_chosen(std::string_view list) {
  KeepChosen out;
  while (!list.empty()) {
    const std::size_t plus = std::min(list.find('+'), list.size());
    const auto piece = number(list.substr(0, plus));
    if (!piece || plus + 1 == list.size()) return {};
    out.pieces.push_back(*piece);
    list.remove_prefix(std::min(plus + 1, list.size()));
  }
  std::ranges::sort(out.pieces);
  return out;
}

std::optional<Keep> parse_keep(std::string_view word) {
  if (word == "none") return KeepNone{};
  if (word == "all") return KeepAll{};
  if (word.starts_with("torn:")) {
    const auto pieces = number(word.substr(5));
    if (pieces) return KeepTorn{*pieces};
  }
  if (word.starts_with("pieces:")) return parse_chosen(word.substr(7));
  return {};
}

// One word of the text form goes into `out`; false = it cannot be read.
bool read_word(std::string_view word, bool first, Survivors& out) {
  const std::size_t equals = word.rfind('=');
  const auto keep = parse_keep(equals == word.npos ? word : word.substr(equals + 1));
  if (equals == word.npos) {
    if (first && keep) out.writes = *keep;
    return first && keep;
  }
  if (word.substr(0, equals) == "names") {
    out.names = number(word.substr(equals + 1));
    return out.names.has_value();
  }
  if (keep) out.files.emplace_back(std::string(word.substr(0, equals)), *keep);
  return keep.has_value();
}

}  // namespace

bool keeps(const Keep& keep, std::uint32_t piece) {
  return std::visit(Overloaded{
                        [](const KeepNone&) { return false; },
                        [](const KeepAll&) { return true; },
                        [&](const KeepTorn& torn) { return piece < torn.pieces; },
                        [&](const KeepChosen& chosen) {
                          return std::ranges::binary_search(chosen.pieces, piece);
                        },
                    },
                    keep);
}

const Keep& Survivors::of_file(std::string_view path) const {
  for (const auto& [name, keep] : files) {
    if (name == path) return keep;
  }
  return writes;
}

std::string to_text(const Keep& keep) {
  return std::visit(Overloaded{
                        [](const KeepNone&) { return std::string("none"); },
                        [](const KeepAll&) { return std::string("all"); },
                        [](const KeepTorn& torn) { return text("torn:{}", torn.pieces); },
                        [](const KeepChosen& chosen) {
                          std::string out = "pieces:";
                          for (const std::uint32_t piece : chosen.pieces) {
                            if (out.back() != ':') out += '+';
                            out += std::to_string(piece);
                          }
                          return out;
                        },
                    },
                    keep);
}

std::string to_text(const Survivors& survivors) {
  std::string out = to_text(survivors.writes);
  for (const auto& [path, keep] : survivors.files) out += text(" {}={}", path, to_text(keep));
  if (survivors.names) out += text(" names={}", *survivors.names);
  return out;
}

Result<Survivors> parse_survivors(std::string_view words) {
  Survivors out;
  bool first = true;
  while (!words.empty()) {
    const std::size_t space = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, space);
    if (!word.empty() && !read_word(word, first, out)) {
      return fail(Errc::Syntax, text("{} does not say what survives a crash: expected none, all, "
                                     "torn:N, pieces:N+N, then PATH=... or names=N",
                                     quoted(word)));
    }
    if (!word.empty()) first = false;
    words.remove_prefix(std::min(space + 1, words.size()));
  }
  return out;
}

}  // namespace orrery::disk
