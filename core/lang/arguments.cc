// Arguments: how a builder asks for what the matcher found.
#include "lang/arguments.h"

#include <charconv>

#include "base/check.h"
#include "lang/duration.h"

namespace orrery::lang {

const Capture* Arguments::find(std::string_view name) const {
  const Capture* found = nullptr;
  for (const Capture& one : captures_) {
    if (one.name == name) found = &one;
  }
  return found;
}

std::string Arguments::text(std::string_view name) const {
  const Capture* found = find(name);
  return found == nullptr ? std::string{} : found->text;
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
  std::vector<std::string> out;
  for (const Capture& one : captures_) {
    if (one.name == name) out.push_back(one.text);
  }
  return out;
}

bool Arguments::is_on(std::string_view flag) const {
  return text(flag) == "true";
}

namespace {

template <class Number>
Number number_of(const Capture* capture, Number otherwise, int base = 10) {
  if (capture == nullptr) return otherwise;
  const char* begin = capture->text.data() + (capture->text.starts_with('#') ? 1 : 0);
  const char* end = capture->text.data() + capture->text.size();
  Number number{};
  const auto read = std::from_chars(begin, end, number, base);
  check(read.ec == std::errc{} && read.ptr == end, "the placeholder has tested the number");
  return number;
}

}  // namespace

std::int64_t Arguments::integer(std::string_view name, std::int64_t otherwise) const {
  return number_of<std::int64_t>(find(name), otherwise);
}

std::uint64_t Arguments::count(std::string_view name, std::uint64_t otherwise) const {
  return number_of<std::uint64_t>(find(name), otherwise);
}

std::int64_t Arguments::hexadecimal(std::string_view name, std::int64_t otherwise) const {
  return number_of<std::int64_t>(find(name), otherwise, 16);
}

std::optional<Nanos> Arguments::duration(std::string_view name) const {
  const Capture* found = find(name);
  return found == nullptr ? std::nullopt : parse_duration(found->text);
}

Expression Arguments::expression(std::string_view name) const {
  const Capture* found = find(name);
  check(found != nullptr, "the usage line requires the expression");
  return found->expression;
}

}  // namespace orrery::lang
