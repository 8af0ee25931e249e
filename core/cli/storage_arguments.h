// The arguments of the commands over files: dump-logs, dump-db, diff-db, check-db, snapshot.
//   used by: main.cc    uses: storage.h, CLI11
#pragma once

#include <memory>
#include <optional>

namespace CLI {
class App;
}  // namespace CLI

namespace orrery::cli {

class StorageArguments {
 public:
  // Declares the commands; `app` must outlive this.
  explicit StorageArguments(CLI::App& app);
  StorageArguments(const StorageArguments&) = delete;
  StorageArguments& operator=(const StorageArguments&) = delete;
  ~StorageArguments();

  // The exit status, if it was one of them.
  std::optional<int> run() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace orrery::cli
