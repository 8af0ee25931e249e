#include "lang/grammar.h"

#include <utility>

#include "base/check.h"

namespace orrery::lang {

namespace {

class UsageReader {
 public:
  explicit UsageReader(std::string_view usage) : usage_(usage) {}

  bool at_end() {
    skip();
    return usage_.empty();
  }

  // A sequence up to '|', ')' , ']' or the end.
  Pattern sequence() {
    Pattern out;
    while (!at_end() && !is_closing(usage_.front())) {
      Element element = one();
      if (usage_.starts_with("...")) {
        usage_.remove_prefix(3);
        element = Element{.kind = ElementKind::Repeat, .text = {}, .branches = {{element}}};
      }
      out.push_back(std::move(element));
    }
    return out;
  }

 private:
  static bool is_closing(char c) { return c == '|' || c == ')' || c == ']'; }

  void skip() {
    while (!usage_.empty() && usage_.front() == ' ') usage_.remove_prefix(1);
  }

  Element one() {
    if (usage_.front() == '[') return group(ElementKind::Optional, ']');
    if (usage_.front() == '(') return group(ElementKind::Choice, ')');
    std::size_t length = 0;
    while (length < usage_.size() && usage_[length] != ' ' && !is_closing(usage_[length]) &&
           usage_.substr(length, 3) != "...") {
      ++length;
    }
    check(length > 0, "a usage line consists of words");
    const std::string word(usage_.substr(0, length));
    usage_.remove_prefix(length);
    const char first = word.front() == '#' ? word.at(1) : word.front();
    const bool upper = first >= 'A' && first <= 'Z';
    return Element{
        .kind = upper ? ElementKind::Placeholder : ElementKind::Word, .text = word, .branches = {}};
  }

  Element group(ElementKind kind, char close) {
    Element out{.kind = kind, .text = {}, .branches = {}};
    do {
      usage_.remove_prefix(1);
      out.branches.push_back(sequence());
      check(!out.branches.back().empty(), "a branch of a usage line is not empty");
    } while (!usage_.empty() && usage_.front() == '|');
    check(!usage_.empty() && usage_.front() == close, "a group of a usage line is closed");
    usage_.remove_prefix(1);
    return out;
  }

  std::string_view usage_;
};

}  // namespace

Pattern parse_usage(std::string_view usage) {
  UsageReader reader(usage);
  Pattern out = reader.sequence();
  check(reader.at_end(), "a usage line has no stray | ) ]");
  return out;
}

}  // namespace orrery::lang
