// What `etcd` is told on the command line and by ETCD_ variables.
//   used by: main.cc    uses: CLI11 (in the .cc), etcd.h
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace orrery::cli {

class EtcdArguments {
 public:
  explicit EtcdArguments(CLI::App& app);
  ~EtcdArguments();
  EtcdArguments(const EtcdArguments&) = delete;
  EtcdArguments& operator=(const EtcdArguments&) = delete;

  // After parsing: the exit status, if it was this command's turn.
  std::optional<int> run() const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

// The arguments behind the program's name: started as `etcd` it is the command, and Go's flags may have one dash.
std::vector<std::string> arguments_of(int argc, char** argv);

}  // namespace orrery::cli
