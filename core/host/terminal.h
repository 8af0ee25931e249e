// What is known of the terminal, if there is one.
//   used by: cli, lab      uses: nothing
//   ideas:   colour only on a terminal, and never with NO_COLOR set or TERM=dumb.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace orrery::host {

enum class Stream : std::uint8_t { In, Out, Err };

bool is_terminal(Stream stream);
bool wants_colour(Stream stream);
// Columns of the terminal; 80 when the stream is none or does not say.
std::uint32_t terminal_width(Stream stream);
// A line typed on the terminal that it does not show; none at the end of input.
std::optional<std::string> read_hidden(const std::string& prompt);

}  // namespace orrery::host
