#include "auth/json_object.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace orrery::auth {
namespace {

constexpr int kDeepest = 64;  // arrays and objects in one another

bool is_digit(char one) {
  return one >= '0' && one <= '9';
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x1'0000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    tail(12), tail(6), tail(0);
  }
}

class JsonReader {
 public:
  explicit JsonReader(std::string_view json) : rest_(json) {}

  std::optional<JsonObject> whole_object() {
    auto out = object(0);
    skip_space();
    if (broken_ || !rest_.empty()) return std::nullopt;
    return out;
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }

  bool take(char wanted) {
    skip_space();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) { broken_ = !take(wanted) || broken_; }

  JsonObject object(int depth) {
    JsonObject out;
    expect('{');
    if (broken_ || take('}')) return out;
    do {
      const std::string name = word();
      expect(':');
      JsonMember member = value(depth + 1);
      out.insert_or_assign(name, std::move(member));
    } while (!broken_ && take(','));
    expect('}');
    return out;
  }

  void array(int depth) {
    expect('[');
    if (broken_ || take(']')) return;
    do {
      (void)value(depth + 1);
    } while (!broken_ && take(','));
    expect(']');
  }

  JsonMember value(int depth) {
    skip_space();
    if (rest_.empty() || depth > kDeepest) broken_ = true;
    if (broken_) return {};
    if (rest_.front() == '"') return word();
    if (rest_.front() == '-' || is_digit(rest_.front())) return number();
    if (rest_.front() == '{') {
      (void)object(depth);
    } else if (rest_.front() == '[') {
      array(depth);
    } else {
      literal();
    }
    return {};
  }

  void literal() {
    for (const std::string_view known : {"true", "false", "null"}) {
      if (!rest_.starts_with(known)) continue;
      rest_.remove_prefix(known.size());
      return;
    }
    broken_ = true;
  }

  std::string digits() {
    const auto size =
        static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_digit) - rest_.begin());
    std::string out(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return out;
  }

  // "17", "17.25", "1.7e1": the whole part of each is 17.
  JsonMember number() {
    const bool is_negative = take_now('-');
    std::string all = digits();
    if (all.empty()) broken_ = true;
    auto point = static_cast<std::int64_t>(all.size());
    if (take_now('.')) {
      const std::string behind = digits();
      if (behind.empty()) broken_ = true;
      all += behind;
    }
    if (take_now('e') || take_now('E')) point += exponent();
    return whole_part(all, point, is_negative);
  }

  bool take_now(char wanted) { return !rest_.empty() && rest_.front() == wanted && take(wanted); }

  std::int64_t exponent() {
    constexpr std::size_t kMostDigits = 6;
    const bool is_negative = take_now('-');
    if (!is_negative) (void)take_now('+');
    const std::string all = digits();
    if (all.empty() || all.size() > kMostDigits) broken_ = true;
    std::int64_t out = 0;
    for (const char one : all.substr(0, kMostDigits)) out = out * 10 + (one - '0');
    return is_negative ? -out : out;
  }

  // What is beyond the range ends at it.
  static std::int64_t whole_part(const std::string& all, std::int64_t point, bool is_negative) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    std::int64_t out = 0;
    for (std::int64_t i = 0; i < point && out < kMost; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const std::int64_t digit = at < all.size() ? all[at] - '0' : 0;
      if (out == 0 && digit == 0 && at >= all.size()) break;
      out = out > (kMost - digit) / 10 ? kMost : out * 10 + digit;
    }
    return is_negative ? -out : out;
  }

  std::string word() {
    std::string out;
    expect('"');
    while (!broken_ && !rest_.empty() && rest_.front() != '"') {
      const char one = rest_.front();
      rest_.remove_prefix(1);
      if (static_cast<unsigned char>(one) < 0x20) broken_ = true;
      if (one == '\\') {
        escaped(out);
      } else {
        out += one;
      }
    }
    if (rest_.empty()) {
      broken_ = true;
    } else {
      rest_.remove_prefix(1);
    }
    return out;
  }

  void escaped(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (take_now('u')) return append_utf8(out, code_point());
    const std::size_t at = rest_.empty() ? std::string_view::npos : kLetters.find(rest_.front());
    if (at == std::string_view::npos) {
      broken_ = true;
      return;
    }
    out += kMeant[at];
    rest_.remove_prefix(1);
  }

  // Behind "\u": one unit, or a pair of surrogates.
  std::uint32_t code_point() {
    constexpr std::uint32_t kReplacement = 0xFFFD;
    const std::uint32_t first = four_digits();
    if (first < 0xD800 || first > 0xDFFF) return first;
    if (first > 0xDBFF || !rest_.starts_with("\\u")) return kReplacement;
    rest_.remove_prefix(2);
    const std::uint32_t second = four_digits();
    if (second < 0xDC00 || second > 0xDFFF) return kReplacement;
    return 0x1'0000 + ((first - 0xD800) << 10U) + (second - 0xDC00);
  }

  std::uint32_t four_digits() {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::uint32_t out = 0;
    for (int i = 0; i < 4; ++i) {
      const char one = rest_.empty() ? '\0' : rest_.front();
      const std::size_t digit = kHex.find(one >= 'A' && one <= 'F' ? one - 'A' + 'a' : one);
      if (one == '\0' || digit == std::string_view::npos) {
        broken_ = true;
        return 0;
      }
      out = out * 16 + static_cast<std::uint32_t>(digit);
      rest_.remove_prefix(1);
    }
    return out;
  }

  std::string_view rest_;
  bool broken_ = false;
};

// Of U+2028 and U+2029: the last digit; none for any other text.
std::optional<char> separator_digit(std::string_view bytes) {
  if (bytes.starts_with("\xE2\x80\xA8")) return '8';
  if (bytes.starts_with("\xE2\x80\xA9")) return '9';
  return std::nullopt;
}

std::string escaped_letter(char one) {
  switch (one) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '<':
    case '>':
    case '&': return text("\\u{:04x}", one);
    default: break;
  }
  const auto byte = static_cast<unsigned char>(one);
  return byte < 0x20 ? text("\\u{:04x}", byte) : std::string(1, one);
}

}  // namespace

std::optional<JsonObject> parse_json_object(std::string_view json) {
  return JsonReader(json).whole_object();
}

std::string json_word(std::string_view bytes) {
  std::string out = "\"";
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (const auto digit = separator_digit(bytes.substr(at))) {
      out += "\\u202";
      out += *digit;
      at += 2;
    } else {
      out += escaped_letter(bytes[at]);
    }
  }
  return out + '"';
}

}  // namespace orrery::auth
