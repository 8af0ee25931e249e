// Matcher: a line against a usage pattern.
//   used by: parser.cc, completion.cc      uses: grammar.h, placeholders.h, scanner.h
//   ideas:   a part in [brackets] is taken when the next word can begin it: no backtracking, so an error has one
//            place. What could have stood at that place is remembered: it is the error's "expected ..."
//            and, with the line cut at the cursor, the list of completions. Flags may stand between any two
//            arguments, until "--".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lang/arguments.h"
#include "lang/grammar.h"
#include "lang/scanner.h"
#include "lang/table.h"

namespace orrery::lang {

// What could stand at the furthest place the matcher reached.
struct Expected {
  std::vector<std::string> words;         // fixed words
  std::vector<std::string> placeholders;  // names of placeholders
};

class Matcher {
 public:
  // requires: the scanner stands behind the command's name and outlives the matcher
  Matcher(Scanner& scanner, std::span<const FlagRow> own, std::span<const FlagRow> common);

  // The captures of the whole line, or an error at the first word that does not fit.
  Result<std::vector<Capture>> match(const Pattern& pattern);

  const Expected& expected() const { return expected_; }

 private:
  Result<void> sequence(const Pattern& pattern);
  Result<void> element(const Element& element);
  Result<void> branch(const Element& element);
  Result<void> fixed_word(const Element& element);
  Result<void> placeholder_value(const Element& element);
  Result<void> whole_rest(const Element& element);
  Result<void> groups(const Element& element);
  Result<void> expression(const Element& element);
  bool ends_in_background();
  Result<void> flags();
  Result<void> flag(const Word& word);
  Result<void> flag_value(const FlagRow& row, const Word& word, std::size_t value_at);

  // Can the element begin with the word that stands next?
  bool starts(const Element& element) const;
  void note(const Element& element);
  const FlagRow* find_flag(std::string_view name, char letter) const;
  tl::unexpected<Error> unexpected_here() const;

  Scanner& scanner_;
  std::span<const FlagRow> own_;
  std::span<const FlagRow> common_;
  bool flags_ended_ = false;  // "--" stood on the line
  std::vector<Capture> captures_;
  Expected expected_;
  std::size_t expected_at_ = 0;  // the offset that expected_ is about
};

// "a, b or c"; placeholders by their explanation.
std::string to_text(const Expected& expected);

}  // namespace orrery::lang
