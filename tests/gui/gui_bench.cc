// From key press to all visible panels repainted, and from start to a usable window.
//   a benchmark of Google's: gui_bench --benchmark_filter=KeyToPaint
#include <algorithm>

#include <QElapsedTimer>
#include <QtTest>
#include <benchmark/benchmark.h>

#include "gui/main_window.h"
#include "gui/next_steps_panel.h"
#include "tests/gui/application.h"

namespace orrery::gui {
namespace {

constexpr std::size_t kPresses = 500;

double quantile(std::vector<double> times, double share) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

void key_to_paint(benchmark::State& state) {
  testing::application();
  Session session;
  if (!session.open_lab(testing::lab_path("01-first-watch"))) return state.SkipWithError("no lab");
  MainWindow window(&session, Theme());
  window.resize(1600, 1000);
  window.show();
  QCoreApplication::processEvents();
  window.next_steps()->view()->setFocus();
  session.execute(QStringLiteral("until leader != none within 5s"));
  session.execute(QStringLiteral("put hello world1 &"));
  std::vector<double> times;
  for (auto _ : state) {
    QElapsedTimer timer;
    timer.start();
    QTest::keyClick(window.next_steps()->view(), Qt::Key_N);
    QCoreApplication::processEvents();
    window.repaint();
    times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
  }
  state.counters["median_ms"] = quantile(times, 0.5);
  state.counters["p95_ms"] = quantile(times, 0.95);
}
BENCHMARK(key_to_paint)->Name("KeyToPaint")->Iterations(kPresses)->Unit(benchmark::kMillisecond);

void start(benchmark::State& state) {
  testing::application();
  for (auto _ : state) {
    Session session;
    MainWindow window(&session, Theme());
    window.resize(1600, 1000);
    window.show();
    QCoreApplication::processEvents();
    benchmark::DoNotOptimize(window.grab());
  }
}
BENCHMARK(start)->Name("StartToFirstPicture")->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace orrery::gui

BENCHMARK_MAIN();
