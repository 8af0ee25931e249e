#include "host/terminal.h"

#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace orrery::host {

namespace {

int number_of(Stream stream) {
  switch (stream) {
    case Stream::In: return STDIN_FILENO;
    case Stream::Out: return STDOUT_FILENO;
    case Stream::Err: return STDERR_FILENO;
  }
  return STDOUT_FILENO;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

}  // namespace

bool is_terminal(Stream stream) {
  return ::isatty(number_of(stream)) == 1;
}

bool wants_colour(Stream stream) {
  return is_terminal(stream) && environment("NO_COLOR").empty() && environment("TERM") != "dumb" &&
         !environment("TERM").empty();
}

std::uint32_t terminal_width(Stream stream) {
  winsize size = {};
  if (::ioctl(number_of(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::optional<std::string> read_hidden(const std::string& prompt) {
  (void)!::write(STDOUT_FILENO, prompt.data(), prompt.size());
  termios shown = {};
  const bool hides = ::tcgetattr(STDIN_FILENO, &shown) == 0;
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  hidden.c_lflag |= ICANON;
  hidden.c_iflag |= ICRNL;
  if (hides) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &hidden);
  std::string line;
  char c = '\0';
  ssize_t got = ::read(STDIN_FILENO, &c, 1);
  for (; got == 1 && c != '\n'; got = ::read(STDIN_FILENO, &c, 1)) line += c;
  if (hides) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
  (void)!::write(STDOUT_FILENO, "\n", 1);
  if (got != 1) return std::nullopt;
  return line;
}

}  // namespace orrery::host
