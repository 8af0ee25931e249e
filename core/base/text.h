// text(): fmt behind one name, so that std::format can take its place; and how bytes are shown.
//   used by: everything            uses: fmt
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace orrery {

template <class... Args>
std::string text(fmt::format_string<Args...> format, Args&&... args) {
  return fmt::format(format, std::forward<Args>(args)...);
}

// Go's %q, in double quotes: printable text as it is (UTF-8 too), \a \b \f \n \r \t \v \" \\ by letter,
// invisible characters as \uNNNN, bytes that are no text as \xNN.
// differs: Go also writes as \uNNNN what its Unicode tables leave unassigned.
std::string quoted(std::string_view bytes);
// Lower-case hex, two digits a byte, nothing between.
std::string hex(std::string_view bytes);
// Base64 with padding (RFC 4648), as etcdctl's JSON shows keys and values.
std::string base64(std::string_view bytes);
// The bytes of such text; none when it is not base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace orrery
