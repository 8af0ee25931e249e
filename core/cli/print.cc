#include "cli/print.h"

#include <cstdio>

#include "host/terminal.h"
#include "lang/source.h"

namespace orrery::cli {

namespace {

void put(std::FILE* stream, const std::string& words) {
  std::fwrite(words.data(), 1, words.size(), stream);
  std::fflush(stream);
}

}  // namespace

void out(const std::string& words) {
  put(stdout, words);
}

void err(const std::string& words) {
  put(stderr, words);
}

int stopped(const Error& error) {
  const bool colour = host::wants_colour(host::Stream::Err);
  err((colour ? "\x1b[31morrery:\x1b[0m " : "orrery: ") + error.detail + "\n");
  return lang::exit_status(error);
}

}  // namespace orrery::cli
