// Each fuzz target a short while, always over the same inputs; every target has good inputs to begin with.
#include <gtest/gtest.h>

#include "base/check.h"
#include "base/text.h"
#include "tests/fuzz/targets.h"

namespace orrery::fuzz {
namespace {

class FuzzTarget : public testing::TestWithParam<Target> {};

TEST_P(FuzzTarget, ReadsOrRefusesWhateverItIsGiven) {
  const std::vector<Bytes> corpus = corpus_of(GetParam());
  ASSERT_FALSE(corpus.front().empty());
  for (const Bytes& input : corpus) GetParam().run(input);

  for (std::uint64_t round = 0; round < 1500; ++round) {
    const Bytes input = mutated(corpus, 1, round);
    try {
      GetParam().run(input);
    } catch (const ContractViolation& broken) {
      FAIL() << text("seed 1, round {}: {}\n{}", round, broken.what(), hex(input).substr(0, 2000));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Parsers, FuzzTarget, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace orrery::fuzz
