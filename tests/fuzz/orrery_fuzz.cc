// orrery-fuzz TARGET SECONDS [SEED]: mutations of a target's corpus for a given time, without any fuzzing library.
// A crash leaves the input in orrery-fuzz.input (the program's last words are the system's); run it again with
// orrery-fuzz TARGET --input FILE. Exit status: 0 nothing found; 1 a promise was broken; 2 wrong use.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sstream>
#include <string>

#include "base/text.h"
#include "tests/fuzz/targets.h"

namespace orrery::fuzz {
namespace {

constexpr const char* kInput = "orrery-fuzz.input";

void remember(const Bytes& input) {
  std::ofstream file(kInput, std::ios::binary);
  file << input;
}

int fuzz(const Target& target, int seconds, std::uint64_t seed) {
  const std::vector<Bytes> corpus = corpus_of(target);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::uint64_t round = 0;
  for (; std::chrono::steady_clock::now() < end; ++round) {
    const Bytes input = mutated(corpus, seed, round);
    remember(input);
    try {
      target.run(input);
    } catch (const std::exception& broken) {
      std::printf("%s: seed %llu round %llu: %s (input in %s)\n", std::string(target.name).c_str(),
                  static_cast<unsigned long long>(seed), static_cast<unsigned long long>(round),
                  broken.what(), kInput);
      return 1;
    }
  }
  std::printf("%s: %llu inputs in %d s, nothing found (seed %llu)\n",
              std::string(target.name).c_str(), static_cast<unsigned long long>(round), seconds,
              static_cast<unsigned long long>(seed));
  return 0;
}

int run(int argc, char** argv) {
  const Target* target = argc >= 3 ? find_target(argv[1]) : nullptr;
  if (target == nullptr) {
    std::fputs("usage: orrery-fuzz TARGET SECONDS [SEED] | TARGET --input FILE\ntargets:", stderr);
    for (const Target& one : targets()) std::fprintf(stderr, " %s", std::string(one.name).c_str());
    std::fputs("\n", stderr);
    return 2;
  }
  if (std::string(argv[2]) == "--input" && argc == 4) {
    std::ifstream file(argv[3], std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    target->run(bytes.str());
    return 0;
  }
  const std::uint64_t seed = argc >= 4 ? std::strtoull(argv[3], nullptr, 10) : 1;
  return fuzz(*target, std::atoi(argv[2]), seed);
}

}  // namespace
}  // namespace orrery::fuzz

int main(int argc, char** argv) {
  return orrery::fuzz::run(argc, argv);
}
