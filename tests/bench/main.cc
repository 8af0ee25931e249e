#include <benchmark/benchmark.h>

#include "base/memory.h"

int main(int argc, char** argv) {
  orrery::ask_for_large_pages();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
