// A stock etcdctl says the same before a stock etcd and before `orrery serve --as v3.4.23`: every line of the files in
// side_by_side/, its output, its errors and its status. ORRERY_CASES sets another folder.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "source_dir.h"
#include "tests/door/programs.h"
#include "tests/stock/stock.h"

namespace orrery::stock {
namespace {

using door::testing::Background;
using door::testing::Serving;

// A file of lines for bash. "members 3" asks for so many; "~ LINE": what it prints may come in any order.
struct Conversation {
  std::size_t members = 1;
  std::vector<std::string> lines;
  std::vector<bool> unordered;  // line by line
};

Conversation read_conversation(const std::string& file) {
  Conversation out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("members ")) {
      out.members = std::stoul(line.substr(8));
      continue;
    }
    out.unordered.push_back(line.starts_with("~ "));
    out.lines.push_back(out.unordered.back() ? line.substr(2) : line);
  }
  return out;
}

std::string slurped(const std::string& file) {
  std::stringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

std::vector<std::string> split_endpoints(const std::string& endpoints) {
  std::vector<std::string> out;
  std::istringstream all(endpoints);
  for (std::string one; std::getline(all, one, ',');) out.push_back(one);
  return out;
}

std::string replaced(std::string words, const std::string& what, const std::string& by) {
  for (std::size_t at = words.find(what); at != std::string::npos; at = words.find(what, at)) {
    words.replace(at, what.size(), by);
    at += by.size();
  }
  return words;
}

// What no two clusters have alike: ids, terms, indexes, sizes, times, addresses. Lines of the client's log are dropped.
std::string masked(std::string words) {
  struct Mask {
    const char* pattern;
    const char* by;
  };
  static constexpr std::array kMasks{
      Mask{R"re(\{"level":[^\n]*\n)re", ""},
      Mask{R"re(https?://[A-Za-z0-9.]+:\d+)re", "<url>"},
      Mask{R"re(\b\d{15,20}\b)re", "<id>"},
      Mask{R"re(\b[0-9a-f]{13,16}\b)re", "<id>"},
      Mask{R"re( +<id>)re", " <id>"},
      Mask{
          R"re(("?(raft_?[tT]erm|RaftTerm|raft(Applied)?Index|Raft(Applied)?Index)"?\s*:\s*)\d+)re",
          "$1<n>"},
      Mask{R"re(("?(dbSize|dbSizeInUse|DBSize|DBSizeInUse|[tT]otalSize)"?\s*:\s*)\d+)re", "$1<n>"},
      Mask{R"re(\d+(\.\d+)? [kM]?B\b)re", "<size>"},
      Mask{R"re(((true|false), (true|false)), \d+, \d+, \d+,)re", "<leads>, $3, <n>,"},
      Mask{R"re(\| +\d+ (?=\|))re", "| <n> "},
      Mask{R"re(took( = |":"|: )[0-9.]+[a-z\xc2\xb5]+)re", "took <time>"},
      Mask{R"re(remaining\(\d+s\))re", "remaining(<n>)"},
      Mask{R"re(("(ttl|TTL)"\s*:\s*)\d+)re", "$1<n>"},
      Mask{R"re(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S*)re", "<time>"}};
  for (const Mask& mask : kMasks) {
    words = std::regex_replace(words, std::regex(mask.pattern), mask.by);
  }
  return words;
}

std::string sorted_lines(const std::string& words) {
  std::vector<std::string> lines;
  std::istringstream all(words);
  for (std::string line; std::getline(all, line);) lines.push_back(line);
  std::ranges::sort(lines);
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

// One side of a conversation: a bash that goes through all lines, in a folder of its own.
class Speaker {
 public:
  Speaker(std::string folder, const std::string& endpoints, const Conversation& what)
      : folder_(std::move(folder)), endpoints_(split_endpoints(endpoints)) {
    std::filesystem::create_directories(folder_ + "/here");
    std::ofstream script(folder_ + "/script");
    script << "export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=" << endpoints << "\n"
           << "export PATH='" << ORRERY_STOCK_FOLDER << "/usr/bin':$PATH\ncd '" << folder_
           << "/here'\n";
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      script << "EP" << i + 1 << "=" << endpoints_[i] << "\n";
    }
    for (std::size_t i = 0; i < what.lines.size(); ++i) {
      script << "{ " << what.lines[i] << "\n} >../" << i << ".out 2>../" << i
             << ".err; echo $? >../" << i << ".rc\n";
    }
    script.close();
    running_ = std::make_unique<Background>("timeout 300 bash '" + folder_ + "/script' </dev/null");
  }

  std::string finish() { return running_->end().words; }

  // What came of a line, masked.
  std::string heard(std::size_t line, bool unordered) const {
    const auto file = [&](const char* kind) {
      std::string words = slurped(text("{}/{}.{}", folder_, line, kind));
      for (std::size_t i = 0; i < endpoints_.size(); ++i) {
        words = replaced(words, endpoints_[i], text("<ep{}>", i + 1));
      }
      words = masked(replaced(words, folder_, "<folder>"));
      return unordered ? sorted_lines(words) : words;
    };
    return text("{}errors:\n{}status {}", file("out"), file("err"), file("rc"));
  }

 private:
  std::string folder_;
  std::vector<std::string> endpoints_;
  std::unique_ptr<Background> running_;
};

// Members of a stock etcd that form a cluster.
class StockCluster {
 public:
  StockCluster(const std::string& folder, std::size_t members) {
    const std::uint16_t first = static_cast<std::uint16_t>(20'000 + ::getpid() % 5'000 * 2);
    std::string cluster;
    for (std::size_t i = 0; i < members; ++i) {
      clients_.push_back(text("127.0.0.1:{}", first + i));
      peers_.push_back(text("http://127.0.0.1:{}", first + 10'000 + i));
      cluster += text("{}n{}={}", i == 0 ? "" : ",", i + 1, peers_.back());
    }
    for (std::size_t i = 0; i < members; ++i) {
      members_.push_back(std::make_unique<Background>(
          text("echo $$ >'{0}/pid{1}'; exec '{2}/usr/bin/etcd' --name n{1} --data-dir '{0}/n{1}' "
               "--listen-client-urls http://{3} --advertise-client-urls http://{3} "
               "--listen-peer-urls {4} --initial-advertise-peer-urls {4} --initial-cluster {5} "
               ">'{0}/log{1}' 2>&1",
               folder, i + 1, ORRERY_STOCK_FOLDER, clients_[i], peers_[i], cluster)));
    }
    folder_ = folder;
  }
  StockCluster(const StockCluster&) = delete;
  StockCluster& operator=(const StockCluster&) = delete;

  ~StockCluster() { (void)shell("kill -9 $(cat '" + folder_ + "'/pid*)"); }

  std::string endpoints() const {
    std::string out;
    for (const std::string& one : clients_) out += (out.empty() ? "" : ",") + one;
    return out;
  }

  bool is_healthy() const {
    for (int i = 0; i < 100; ++i) {
      const Ran ran =
          shell(text("ETCDCTL_API=3 '{}/usr/bin/etcdctl' --endpoints {} endpoint health",
                     ORRERY_STOCK_FOLDER, endpoints()));
      if (ran.status == 0) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }

 private:
  std::string folder_;
  std::vector<std::string> clients_;
  std::vector<std::string> peers_;
  std::vector<std::unique_ptr<Background>> members_;
};

std::string case_folder() {
  const char* other = std::getenv("ORRERY_CASES");
  return other != nullptr ? other : std::string(ORRERY_SOURCE_DIR) + "/tests/stock/side_by_side";
}

std::vector<std::string> case_names() {
  std::vector<std::string> out;
  for (const auto& one : std::filesystem::directory_iterator(case_folder())) {
    out.push_back(one.path().stem().string());
  }
  std::ranges::sort(out);
  return out;
}

class SideBySide : public testing::TestWithParam<std::string> {};

TEST_P(SideBySide, EtcdctlHearsTheSame) {
  if (const std::string why = unavailable(); !why.empty()) GTEST_SKIP() << why;
  const Conversation what = read_conversation(case_folder() + "/" + GetParam() + ".txt");
  ASSERT_FALSE(what.lines.empty());
  const Scratch scratch("side-by-side");
  std::filesystem::create_directories(scratch / "stock");
  const StockCluster stock(scratch / "stock", what.members);
  const std::string ports = what.members == 1 ? "0" : "0,0,0";
  const Serving serving(
      text("--as v3.4.23 --members {} --listen-client-port {}", what.members, ports));
  ASSERT_TRUE(stock.is_healthy());

  Speaker theirs(scratch / "theirs", stock.endpoints(), what);
  Speaker ours(scratch / "ours", serving.endpoints(), what);
  EXPECT_EQ(theirs.finish(), "");
  EXPECT_EQ(ours.finish(), "");

  for (std::size_t line = 0; line < what.lines.size(); ++line) {
    EXPECT_EQ(ours.heard(line, what.unordered[line]), theirs.heard(line, what.unordered[line]))
        << what.lines[line];
  }
}

INSTANTIATE_TEST_SUITE_P(Conversations, SideBySide, testing::ValuesIn(case_names()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace orrery::stock
