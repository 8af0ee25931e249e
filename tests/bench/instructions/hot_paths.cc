// orrery-hot-paths: runs one hot path, for tests/bench/count-instructions to count under callgrind.
#include <cstdio>
#include <string>
#include <string_view>

#include "tests/bench/instructions/hot_path.h"

namespace orrery::bench {
namespace {

constexpr const char* kUsage =
    "usage: orrery-hot-paths              a line for each path: its name and its operations in a "
    "run\n"
    "       orrery-hot-paths --compiler   the compiler that built it\n"
    "       orrery-hot-paths NAME         runs that path's operations\n"
    "       orrery-hot-paths NAME --empty sets that path up and runs none\n";

std::vector<HotPath> all_paths() {
  std::vector<HotPath> out = paths_of_parts();
  for (const HotPath& path : paths_of_worlds()) out.push_back(path);
  return out;
}

void list() {
  for (const HotPath& path : all_paths()) {
    std::printf("%s %llu\n", path.name, static_cast<unsigned long long>(path.count));
  }
}

int run(std::string_view name, bool empty) {
  for (const HotPath& path : all_paths()) {
    if (name != path.name) continue;
    const Operation operation = path.make();
    for (std::uint64_t i = 0; i < (empty ? 0 : path.count); ++i) operation(i);
    return 0;
  }
  std::fprintf(stderr, "orrery-hot-paths: no path %s\n", std::string(name).c_str());
  return 2;
}

int run_program(int argc, char** argv) {
  if (argc == 1) {
    list();
    return 0;
  }
  const std::string_view first = argv[1];
  if (first == "--compiler" && argc == 2) {
#ifdef __clang__
    std::puts("clang++-" __VERSION__);
#else
    std::puts("g++-" __VERSION__);
#endif
    return 0;
  }
  const bool empty = argc == 3 && std::string_view(argv[2]) == "--empty";
  if (!first.starts_with("-") && (argc == 2 || empty)) return run(first, empty);
  std::fputs(kUsage, stderr);
  return 2;
}

}  // namespace
}  // namespace orrery::bench

int main(int argc, char** argv) {
  return orrery::bench::run_program(argc, argv);
}
