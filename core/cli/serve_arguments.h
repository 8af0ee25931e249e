// What `serve` and `monitor` are told on the command line.
//   used by: main.cc    uses: CLI11 (in the .cc), serve.h
#pragma once

#include <memory>
#include <optional>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace orrery::cli {

class ServeArguments {
 public:
  explicit ServeArguments(CLI::App& app);
  ~ServeArguments();
  ServeArguments(const ServeArguments&) = delete;
  ServeArguments& operator=(const ServeArguments&) = delete;

  // After parsing: the exit status, if it was this command's turn.
  std::optional<int> run() const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace orrery::cli
