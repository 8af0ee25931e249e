#include "lang/placeholders.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/check.h"
#include "lang/duration.h"

namespace orrery::lang {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_anything(std::string_view /*word*/) {
  return true;
}

bool is_duration(std::string_view word) {
  return parse_duration(word).has_value();
}

bool is_message_type(std::string_view word) {
  return word.starts_with("Msg") && is_name(word);
}

bool is_ordinal(std::string_view word) {
  return word.starts_with('#') && is_count(word.substr(1));
}

bool is_positive(std::string_view word) {
  return is_count(word) && word != "0";
}

bool is_claim_name(std::string_view word) {
  return word.ends_with(':') && is_name(word.substr(0, word.size() - 1));
}

// "apply", "handler#7", "stream-send#3.control"
bool is_lane(std::string_view word) {
  return is_name(word.substr(0, word.find('#')));
}

bool is_hex(std::string_view word) {
  std::uint64_t number = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, number, 16);
  return read.ec == std::errc{} && read.ptr == end && number <= INT64_MAX;
}

bool is_id(std::string_view word) {
  std::uint64_t number = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, number, 16);
  return read.ec == std::errc{} && read.ptr == end;
}

// "auth_ops_skip_ci_save,compact_drops_tombstone_at_rev"
bool is_names(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == ',' || c == '-';
  });
}

// "n2", "127.0.0.1:2379", "http://127.0.0.1:2379", several with commas.
bool is_endpoints(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return is_letter(c) || is_digit(c) || c == ':' || c == '.' || c == ',' || c == '/' || c == '-';
  });
}

constexpr std::array<Placeholder, 42> kPlaceholders{{
    {"KEY", "a key", is_anything},
    {"RANGE_END", "a range end", is_anything},
    {"VALUE", "a value", is_anything},
    {"REVISION", "a revision (a whole number)", is_integer},
    {"LIMIT", "a whole number", is_integer},
    {"LEASE", "a lease id in hexadecimal", is_hex},
    {"TTL", "seconds (a whole number)", is_integer},
    {"USER", "a user", is_anything},
    {"ROLE", "a role", is_anything},
    {"ID", "a member id in hexadecimal", is_id},
    {"URLS", "peer URLs, with commas between", is_anything},
    {"WATCH", "the name of a watch (w1)", is_name},
    {"CLIENT", "the name of a client (c1)", is_name},
    {"MEMBER", "a member (n1, n2, ...)", is_member_name},
    {"ENDPOINTS", "members or their addresses, with commas between (n1,n2)", is_endpoints},
    {"AMOUNT", "an amount (a whole number)", is_integer},
    {"PARTY", "a member or a client (n1, c1)", is_name},
    {"LINK", "a link (n1->n2, n1<->n2)", is_link},
    {"TYPE", "a type of message (MsgApp)", is_message_type},
    {"#K", "which of them (#1, #2, ...)", is_ordinal},
    {"LANE", "a lane (raft, apply, handler#3, ...)", is_lane},
    {"ASPECT", "what to look at (raft, log, wal, watch, ...)", is_name},
    {"COMMAND", "a command", is_name},
    {"TXN", "compares, then, requests, else, requests", is_anything},
    {"TIMER", "a timer (tick, ...)", is_name},
    {"POINT", "a crash point (raftBeforeSave, ...)", is_name},
    {"GROUPS", "groups of members (n1 | n2 n3)", is_name},
    {"N", "a positive number", is_positive},
    {"COUNT", "a whole number", is_count},
    {"DURATION", "a duration (2s, 150ms)", is_duration},
    {"NAME", "a name", is_name},
    {"NAME:", "a name and a colon (safe:)", is_claim_name},
    {"FILE", "a file name", is_anything},
    {"FOLDER", "a folder", is_anything},
    {"VERSION", "a version (v3.6.0)", is_name},
    {"PRESET", "a release with its defects (v3.4.23, mixed-3.2-3.3, fixed)", is_name},
    {"QUIRKS", "names of defects, with commas between, or none", is_names},
    {"EXPR", "an expression", is_anything},
    {"CONDITION", "a condition (n1.applied == 3)", is_anything},
    {"CLAIM", "a condition, or eventually within 3s: and a condition", is_anything},
    {"ACTION", "an action as the list of enabled ones prints it", is_anything},
    {"TEXT", "a text", is_anything},
}};

}  // namespace

std::span<const Placeholder> placeholders() {
  return kPlaceholders;
}

const Placeholder& placeholder(std::string_view name) {
  const auto* found =
      std::ranges::find_if(kPlaceholders, [&](const Placeholder& one) { return one.name == name; });
  check(found != kPlaceholders.end(), "a usage line names only known placeholders");
  return *found;
}

bool is_count(std::string_view word) {
  std::uint64_t number = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end;
}

bool is_integer(std::string_view word) {
  std::int64_t number = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end;
}

bool is_member_name(std::string_view word) {
  return word.size() > 1 && word.size() < 10 && word.front() == 'n' && word[1] != '0' &&
         std::all_of(word.begin() + 1, word.end(), is_digit);
}

bool is_name(std::string_view word) {
  return !word.empty() && is_letter(word.front()) && std::ranges::all_of(word, [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

bool is_link(std::string_view word) {
  const std::size_t arrow = word.find("->");
  if (arrow == std::string_view::npos || arrow == 0) return false;
  const std::size_t from = word[arrow - 1] == '<' ? arrow - 1 : arrow;
  return is_name(word.substr(0, from)) && is_name(word.substr(arrow + 2));
}

}  // namespace orrery::lang
