// Guests' commands as lines of a saved run, and back.
#include <array>
#include <charconv>
#include <optional>

#include "base/overloaded.h"
#include "base/text.h"
#include "client/guests.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"

namespace orrery::client {
namespace {

std::string with_token(const std::string& line, const std::string& token) {
  return token.empty() ? line : line + " " + token;
}

// No bytes are "=": a word must stand there.
std::string word_of(BytesView bytes) {
  return bytes.empty() ? "=" : base64(bytes);
}

std::optional<std::string> bytes_of_word(std::string_view word) {
  return word == "=" ? std::optional<std::string>("") : from_base64(word);
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> out;
  while (!line.empty()) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    if (blank > 0) out.push_back(line.substr(0, blank));
    line.remove_prefix(std::min(blank + 1, line.size()));
  }
  return out;
}

template <class Number>
std::optional<Number> number_of(std::string_view word) {
  Number out = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, out);
  if (word.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return out;
}

std::optional<std::uint32_t> member_of(std::string_view word) {
  if (!word.starts_with('n')) return std::nullopt;
  return number_of<std::uint32_t>(word.substr(1));
}

Result<GuestCommand> unreadable(std::string_view line) {
  return fail(Errc::Syntax, text("cannot read {}: expected guest TICKET MEMBER ask PATH BASE64, "
                                 "guest TICKET MEMBER watch BASE64, guest TICKET read BYTES or "
                                 "guest TICKET end",
                                 quoted(line)));
}

Result<GuestCommand> read_ask(std::string_view line, Ticket ticket, std::uint32_t via,
                              const std::vector<std::string_view>& words) {
  const rpc::Method* method = words.size() < 6 ? nullptr : rpc::find_method(words[4]);
  const auto bytes = words.size() < 6 ? std::nullopt : bytes_of_word(words[5]);
  if (method == nullptr || method->decode == nullptr || !bytes || words.size() > 7) {
    return unreadable(line);
  }
  auto request = method->decode(*bytes);
  if (!request) return fail(request.error());
  return GuestCommand(GuestAsk{.ticket = ticket,
                               .via = via,
                               .request = std::move(*request),
                               .token = std::string(words.size() == 7 ? words[6] : "")});
}

Result<GuestCommand> read_watch(std::string_view line, Ticket ticket, std::uint32_t via,
                                const std::vector<std::string_view>& words) {
  const auto bytes = words.size() < 5 ? std::nullopt : bytes_of_word(words[4]);
  if (!bytes || words.size() > 6) return unreadable(line);
  auto request = rpc::decode_watch_request(*bytes);
  if (!request) return fail(request.error());
  return GuestCommand(GuestWatch{.ticket = ticket,
                                 .via = via,
                                 .request = std::move(*request),
                                 .token = std::string(words.size() == 6 ? words[5] : "")});
}

}  // namespace

std::string to_text(const GuestCommand& command) {
  return std::visit(
      Overloaded{
          [](const GuestAsk& ask) {
            const rpc::Method* method = rpc::method_of(ask.request);
            const std::string_view path = method == nullptr ? "nothing" : method->path;
            const Bytes bytes = method == nullptr ? Bytes() : method->encode(ask.request);
            return with_token(
                text("guest {} n{} ask {} {}", ask.ticket, ask.via, path, word_of(bytes)),
                ask.token);
          },
          [](const GuestWatch& watch) {
            return with_token(text("guest {} n{} watch {}", watch.ticket, watch.via,
                                   word_of(rpc::encode(watch.request))),
                              watch.token);
          },
          [](const GuestRead& read) { return text("guest {} read {}", read.ticket, read.bytes); },
          [](const GuestEnd& end) { return text("guest {} end", end.ticket); }},
      command);
}

Result<GuestCommand> parse_guest(std::string_view line) {
  const std::vector<std::string_view> words = split(line);
  const auto ticket =
      words.size() < 3 || words[0] != "guest" ? std::nullopt : number_of<Ticket>(words[1]);
  if (!ticket) return unreadable(line);
  if (words[2] == "end" && words.size() == 3) return GuestCommand(GuestEnd{*ticket});
  if (words[2] == "read" && words.size() == 4) {
    const auto bytes = number_of<std::uint64_t>(words[3]);
    if (!bytes) return unreadable(line);
    return GuestCommand(GuestRead{*ticket, *bytes});
  }
  const auto via = member_of(words[2]);
  if (!via || words.size() < 4) return unreadable(line);
  if (words[3] == "ask") return read_ask(line, *ticket, *via, words);
  if (words[3] == "watch") return read_watch(line, *ticket, *via, words);
  return unreadable(line);
}

}  // namespace orrery::client
