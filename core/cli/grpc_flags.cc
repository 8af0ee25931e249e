#include "cli/grpc_flags.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace orrery::cli {

namespace {

constexpr std::array kUnits{std::pair<std::string_view, std::int64_t>{"ns", 1},
                            std::pair<std::string_view, std::int64_t>{"us", 1'000},
                            std::pair<std::string_view, std::int64_t>{"ms", 1'000'000},
                            std::pair<std::string_view, std::int64_t>{"s", 1'000'000'000},
                            std::pair<std::string_view, std::int64_t>{"m", 60'000'000'000},
                            std::pair<std::string_view, std::int64_t>{"h", 3'600'000'000'000}};

// Takes "1.5" and the unit behind it from the front.
std::optional<double> take_part(std::string_view& words) {
  double number = 0;
  const auto read =
      std::from_chars(words.data(), words.data() + words.size(), number, std::chars_format::fixed);
  if (read.ec != std::errc() || number < 0) return std::nullopt;
  words.remove_prefix(static_cast<std::size_t>(read.ptr - words.data()));
  const std::size_t size = std::min(words.find_first_of("0123456789."), words.size());
  const std::string_view unit = words.substr(0, size);
  words.remove_prefix(size);
  for (const auto& [name, nanos] : kUnits) {
    if (name == unit) return number * static_cast<double>(nanos);
  }
  return std::nullopt;
}

Result<std::chrono::nanoseconds> time_of(std::string_view flag, const std::string& words,
                                         std::chrono::nanoseconds by_itself) {
  const auto time = parse_go_duration(words);
  if (!time) {
    return fail(Errc::WrongUse,
                text("invalid value {} for flag -{}: parse error", quoted(words), flag));
  }
  return time->count() == 0 ? by_itself : *time;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view words) {
  constexpr double kLongest = 9.2e18;  // units: nanoseconds
  if (words == "0") return std::chrono::nanoseconds(0);
  if (words.empty()) return std::nullopt;
  double total = 0;
  while (!words.empty()) {
    const auto part = take_part(words);
    if (!part) return std::nullopt;
    total += *part;
  }
  if (total > kLongest) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(total));
}

Result<door::GrpcOptions> grpc_options_of(const GrpcFlags& flags) {
  const auto least =
      time_of("grpc-keepalive-min-time", flags.keepalive_min_time, std::chrono::minutes(5));
  if (!least) return fail(least.error());
  const auto interval =
      time_of("grpc-keepalive-interval", flags.keepalive_interval, std::chrono::hours(2));
  if (!interval) return fail(interval.error());
  const auto timeout =
      time_of("grpc-keepalive-timeout", flags.keepalive_timeout, std::chrono::seconds(20));
  if (!timeout) return fail(timeout.error());
  door::GrpcOptions out;
  out.max_concurrent_streams = flags.max_concurrent_streams;
  out.keepalive_min_time = *least;
  out.keepalive_interval = *interval;
  out.keepalive_timeout = *timeout;
  return out;
}

}  // namespace orrery::cli
