// Three loops of a stock etcdctl and a watcher, while members crash and links are cut: nothing acknowledged is lost,
// and the watcher sees everything once and in order. Twenty seconds; five minutes with ORRERY_LONG.
// ORRERY_STORM_SECONDS sets how many, ORRERY_STORM_SEED which faults.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/door/programs.h"
#include "tests/door/storm_history.h"

namespace orrery::door {
namespace {

using testing::Attempt;
using testing::Background;
using testing::Change;
using testing::etcdctl;
using testing::fetch_stock;
using testing::Output;
using testing::Scratch;
using testing::shell;
using testing::Terminal;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kLoops = 3;
constexpr int kMembers = 3;

std::uint64_t storm_number(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::stoull(value);
}

std::string content_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

// Until it is so. False = not within the time.
template <class Condition>
bool becomes_true(Condition condition, milliseconds patience) {
  for (const auto until = Clock::now() + patience; !condition();) {
    if (Clock::now() >= until) return false;
    std::this_thread::sleep_for(milliseconds(100));
  }
  return true;
}

// A cluster under `orrery serve`, at whose console somebody sits.
class StormyCluster {
 public:
  explicit StormyCluster(const std::string& record)
      : console_(std::string("'") + ORRERY_PROGRAM +
                 "' serve --as v3.4.23 --members 3 --listen-client-port 0,0,0 --record '" + record +
                 "'") {
    if (console_.shows("ETCDCTL_ENDPOINTS=")) endpoints_ = console_.rest_of_line();
    if (!console_.shows("Ctrl-C ends")) endpoints_.clear();
  }

  const std::string& endpoints() const { return endpoints_; }

  // "127.0.0.1:1", from 1.
  std::string endpoint(int member) const {
    std::istringstream all(endpoints_);
    std::string out;
    for (int no = 0; no < member; ++no) std::getline(all, out, ',');
    return out;
  }

  // Types a line; what is said about it begins so.
  void order(const std::string& line, const std::string& answer) {
    console_.type(line);
    EXPECT_TRUE(console_.shows(line + "\r\n")) << console_.shown();
    EXPECT_TRUE(console_.shows(answer)) << line << "\n" << console_.shown();
  }

  // Its exit status.
  int quit() {
    console_.type("quit");
    EXPECT_TRUE(console_.shows("actions are in", std::chrono::minutes(10))) << console_.shown();
    return console_.end();
  }

  const std::string& shown() const { return console_.shown(); }

 private:
  Terminal console_;
  std::string endpoints_;
};

// One trouble after the other, each over before the next.
class Weather {
 public:
  Weather(StormyCluster& cluster, std::uint64_t seed) : cluster_(&cluster), random_(seed) {}

  void blow() {
    const int first = draw(1, kMembers);
    const int second = first % kMembers + 1;
    switch (draw(1, 6)) {
      case 1:
      case 2: return crash_and_restart({first});
      case 3: return crash_and_restart({first, second});
      case 4: return crash_and_restart({1, 2, 3});
      case 5: return cut_and_heal(text("partition n{}", first));
      default: return cut_and_heal(text("cut n{}->n{}", first, second));
    }
  }

  std::size_t crashes() const { return crashes_; }
  std::size_t cuts() const { return cuts_; }

 private:
  int draw(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }

  void pass(int least, int most) { std::this_thread::sleep_for(milliseconds(draw(least, most))); }

  void crash_and_restart(const std::vector<int>& members) {
    for (const int no : members) {
      const std::string line = text("crash n{} keep {}", no, draw(0, 1) == 0 ? "none" : "torn 1");
      cluster_->order(line, line.substr(0, line.rfind(' ')));
      ++crashes_;
      pass(0, 400);
    }
    pass(200, 2'500);
    for (const int no : members) {
      cluster_->order(text("restart n{}", no), text("restart n{}", no));
      pass(0, 400);
    }
  }

  // Some for so long that streams at a member without a leader are ended.
  void cut_and_heal(const std::string& line) {
    cluster_->order(line, "cut n");
    ++cuts_;
    pass(500, 5'000);
    cluster_->order("heal", "mend n");
  }

  StormyCluster* cluster_;
  std::mt19937_64 random_;
  std::size_t crashes_ = 0;
  std::size_t cuts_ = 0;
};

std::string in_lines(const std::vector<Change>& changes) {
  std::string out;
  for (const Change& one : changes) out += text("{} {} {}\n", one.revision, one.key, one.value);
  return out;
}

class StormOfFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    const Output fetched = fetch_stock();
    if (fetched.status != 0) GTEST_SKIP() << "no stock etcdctl: " << fetched.words;
    std::filesystem::create_directories(folder_.path());
  }

  // The run of a storm that has found something is kept.
  void TearDown() override {
    if (!HasFailure()) return;
    const std::string kept = folder_.path() + "-kept";
    std::filesystem::copy(folder_.path(), kept, std::filesystem::copy_options::recursive);
    std::cout << "what was written is in " << kept << "\n";
  }

  std::string file(const std::string& name) const { return folder_.path() + "/" + name; }

  static std::string ctl(const std::string& endpoints, const std::string& arguments) {
    return "ETCDCTL_API=3 '" + etcdctl() + "' --endpoints " + endpoints + " " + arguments;
  }

  // Puts values that nobody else puts, to keys that all put to, until the file `stop` is there.
  std::string loop(const std::string& endpoints, int no) const {
    return text(
        "i=0; while [ ! -e '{}' ]; do i=$((i+1)); key=storm/$((i % 7)); "
        "echo \"try $key {}.$i\"; {} 2>/dev/null; echo \"rc $?\"; done >'{}'",
        file("stop"), no, ctl(endpoints, text("--command-timeout=3s put $key {}.$i -w json", no)),
        file(text("loop{}", no)));
  }

  // A watch that ended (no leader at its member) is begun anew behind the last change that was seen.
  std::string watcher(const std::string& endpoints) const {
    const std::string log = file("watch");
    return text(
        "rev=1; while [ ! -e '{0}' ]; do {1} >>'{2}' 2>&1 & echo $! >'{2}.pid'; wait; "
        "echo ended >>'{2}'; last=$(grep -o 'mod_revision\":[0-9]*' '{2}' | tail -n 1); "
        "rev=$((${{last##*:}} + 1)); sleep 0.2; done",
        file("stop-watch"), ctl(endpoints, "watch --prefix storm/ --rev=$rev -w json"), log);
  }

  bool has_seen(std::int64_t revision) const {
    const std::vector<Change> seen = testing::read_changes(content_of(file("watch")));
    return !seen.empty() && seen.back().revision >= revision;
  }

  void end_watcher(Background& watcher) const {
    std::ofstream(file("stop-watch")).put('\n');
    (void)shell("kill $(cat '" + file("watch.pid") + "')");
    (void)watcher.end();
  }

  // What a new watcher of one member is told, up to this revision.
  std::vector<Change> history_at(const std::string& endpoint, std::int64_t last) const {
    const Output told = shell(
        text("{0} >'{1}' & pid=$!; i=0; until [ $i = 200 ] || grep -q 'mod_revision\":{2},' '{1}'; "
             "do i=$((i+1)); sleep 0.1; done; kill $pid; cat '{1}'",
             ctl(endpoint, "watch --prefix storm/ --rev=1 -w json"), file("history"), last));
    return testing::read_changes(told.words);
  }

  Scratch folder_;
};

// "127.0.0.1:1, 3421" a line.
std::set<std::string> different_hashes(const std::string& lines) {
  std::set<std::string> out;
  std::istringstream all(lines);
  for (std::string line; std::getline(all, line);) out.insert(line.substr(line.find(' ') + 1));
  return out;
}

std::size_t count_acknowledged(const std::vector<std::vector<Attempt>>& loops) {
  std::size_t out = 0;
  for (const auto& loop : loops) {
    for (const Attempt& one : loop) out += one.revision == 0 ? 0 : 1;
  }
  return out;
}

std::size_t count_words(const std::string& text, const std::string& word) {
  std::size_t out = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++out;
  }
  return out;
}

TEST_F(StormOfFaults, LosesNoAcknowledgedWriteAndTheWatcherSeesAll) {
  const std::uint64_t usual = std::getenv("ORRERY_LONG") == nullptr ? 20 : 300;
  const std::uint64_t seconds = storm_number("ORRERY_STORM_SECONDS", usual);
  const std::string record = file("storm.orrery");
  StormyCluster cluster(record);
  ASSERT_FALSE(cluster.endpoints().empty()) << cluster.shown();
  Weather weather(cluster, storm_number("ORRERY_STORM_SEED", 1));

  Background watching(watcher(cluster.endpoints()));
  std::vector<std::unique_ptr<Background>> running;
  for (int no = 1; no <= kLoops; ++no) {
    running.push_back(std::make_unique<Background>(loop(cluster.endpoints(), no)));
  }
  for (const auto until = Clock::now() + std::chrono::seconds(seconds); Clock::now() < until;) {
    std::this_thread::sleep_for(milliseconds(700));
    weather.blow();
  }
  std::ofstream(file("stop")).put('\n');
  std::vector<std::vector<Attempt>> loops;
  for (int no = 1; no <= kLoops; ++no) {
    (void)running[static_cast<std::size_t>(no - 1)]->end();
    loops.push_back(testing::read_attempts(content_of(file(text("loop{}", no)))));
  }

  // Everybody is there again and says the same.
  const std::string hashes = ctl(cluster.endpoints(), "endpoint hashkv 2>/dev/null");
  EXPECT_TRUE(becomes_true([&] { return different_hashes(shell(hashes).words).size() == 1; },
                           milliseconds(30'000)))
      << shell(hashes).words;
  const Output last = shell("i=0; until [ $i = 9 ]; do i=$((i+1)); " +
                            ctl(cluster.endpoints(), "put storm/last last -w json") +
                            " 2>/dev/null && break; done");
  loops.push_back(testing::read_attempts("try storm/last last\n" + last.words + "rc 0\n"));
  const std::int64_t end = loops.back().back().revision;
  ASSERT_GT(end, 0) << last.words;
  const std::vector<Change> history = history_at(cluster.endpoint(1), end);
  EXPECT_EQ(testing::complaint(loops, history), "");
  EXPECT_EQ(in_lines(history_at(cluster.endpoint(2), end)), in_lines(history));
  EXPECT_EQ(in_lines(history_at(cluster.endpoint(3), end)), in_lines(history));

  EXPECT_TRUE(becomes_true([&] { return has_seen(end); }, milliseconds(30'000)));
  end_watcher(watching);
  const std::string watched = content_of(file("watch"));
  EXPECT_EQ(in_lines(testing::read_changes(watched)), in_lines(history));

  EXPECT_EQ(cluster.quit(), 0) << cluster.shown();
  const Output replayed =
      shell(std::string("'") + ORRERY_PROGRAM + "' replay --checks '" + record + "'");
  EXPECT_EQ(replayed.status, 0) << replayed.words;

  const std::size_t acknowledged = count_acknowledged(loops);
  EXPECT_GT(acknowledged, seconds);
  EXPECT_GT(weather.crashes() + weather.cuts(), seconds / 10);
  std::cout << text(
      "{} s: {} writes acknowledged, {} changes in the history; {} crashes, {} cuts; the watch was "
      "begun {} times\n{}",
      seconds, acknowledged, history.size(), weather.crashes(), weather.cuts(),
      count_words(watched, "ended\n"), replayed.words);
}

}  // namespace
}  // namespace orrery::door
