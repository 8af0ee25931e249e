// /metrics: etcd's names and types, read by Prometheus's own tools.
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/door/with_etcdctl.h"
#include "tests/stock/stock.h"

namespace orrery::door {
namespace {

using testing::etcdctl;
using testing::Output;
using testing::Scratch;
using testing::Serving;
using testing::shell;

const std::string kPrometheus = std::string(ORRERY_STOCK_FOLDER) + "/prometheus";

Output page_of(const std::string& endpoint, const std::string& path) {
  return shell("python3 -c 'import urllib.request as u; print(u.urlopen(\"http://" + endpoint +
               path + "\", timeout=10).read().decode(), end=\"\")'");
}

// "# TYPE name counter": the type by name.
std::map<std::string, std::string> types_of(const std::string& page) {
  std::map<std::string, std::string> out;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash;
    std::string kind;
    std::string name;
    std::string type;
    words >> hash >> kind >> name >> type;
    if (hash == "#" && kind == "TYPE") out[name] = type;
  }
  return out;
}

void call_some(const std::string& endpoints) {
  const std::string ctl = "ETCDCTL_API=3 '" + etcdctl() + "' --endpoints " + endpoints + " ";
  EXPECT_EQ(shell(ctl + "put a 1").status, 0);
  EXPECT_EQ(shell(ctl + "get a").status, 0);
  EXPECT_NE(shell(ctl + "get a --rev=99").status, 0);
}

class Metrics : public testing::WithEtcdctl {};

TEST_F(Metrics, EachOfEtcdsNamesHasItsTypeThere) {
  const stock::Scratch folder("metrics");
  stock::Options options;
  options.data_dir = folder / "etcd";
  const stock::Stock stock(options);
  ASSERT_TRUE(stock.healthy()) << stock.log();
  const Serving serving("--as v3.4.23 --listen-client-port 0");
  call_some(text("127.0.0.1:{}", stock.client_port()));
  call_some(serving.endpoints());

  const auto theirs =
      types_of(page_of(text("127.0.0.1:{}", stock.client_port()), "/metrics").words);
  const auto ours = types_of(page_of(serving.endpoints(), "/metrics").words);

  ASSERT_GT(theirs.size(), 50U);
  ASSERT_GT(ours.size(), 20U);
  for (const auto& [name, type] : ours) {
    if (name.starts_with("orrery_")) continue;
    ASSERT_TRUE(theirs.contains(name)) << name;
    EXPECT_EQ(type, theirs.at(name)) << name;
  }
}

TEST_F(Metrics, CallsAreCountedByTheirCode) {
  const Serving serving("--as v3.4.23 --listen-client-port 0");
  call_some(serving.endpoints());

  const std::string page = page_of(serving.endpoints(), "/metrics").words;
  EXPECT_NE(page.find("\nprocess_resident_memory_bytes "), std::string::npos) << page;

  const std::string kv = R"(grpc_service="etcdserverpb.KV",grpc_type="unary"})";
  for (const std::string& line :
       {R"(grpc_server_started_total{grpc_method="Range",)" + kv + " 2",
        R"(grpc_server_handled_total{grpc_code="OK",grpc_method="Put",)" + kv + " 1",
        R"(grpc_server_handled_total{grpc_code="OutOfRange",grpc_method="Range",)" + kv + " 1",
        std::string("etcd_server_leader_changes_seen_total 1")}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << " in\n" << page;
  }
}

class Prometheus : public Metrics {
 protected:
  void SetUp() override {
    Metrics::SetUp();
    if (IsSkipped()) return;
    const Output fetched = shell(std::string("'") + ORRERY_SOURCE_DIR +
                                 "/tests/stock/fetch-prometheus' '" + kPrometheus + "'");
    if (fetched.status != 0) GTEST_SKIP() << "no prometheus: " << fetched.words;
  }
};

// Its exit status: 1 = it cannot be read, 3 = names that it finds ugly; etcd has such names.
TEST_F(Prometheus, PromtoolReadsThePageAndFindsNoNameOfOursUgly) {
  const Serving serving("--listen-client-port 0");
  call_some(serving.endpoints());
  const Scratch folder;
  std::filesystem::create_directories(folder.path());
  const std::string file = folder.path() + "/page";
  EXPECT_EQ(
      shell("python3 -c 'import urllib.request as u; open(\"" + file +
            "\", \"wb\").write(u.urlopen(\"http://" + serving.endpoints() + "/metrics\").read())'")
          .status,
      0);

  const Output checked =
      shell("'" + kPrometheus + "/usr/bin/promtool' check metrics < '" + file + "'");

  EXPECT_TRUE(checked.status == 0 || checked.status == 3) << checked.words;
  EXPECT_EQ(checked.words.find("error while linting"), std::string::npos) << checked.words;
  EXPECT_EQ(checked.words.find("orrery_"), std::string::npos) << checked.words;
}

TEST_F(Prometheus, ARealOneScrapesEveryMember) {
  const Serving serving("--members 3 --listen-client-port 0,0,0");
  const Scratch folder;
  std::filesystem::create_directories(folder.path());
  std::string targets = serving.endpoints();
  for (std::size_t at = 0; (at = targets.find(',', at)) != std::string::npos; at += 3) {
    targets.replace(at, 1, "','");
  }
  const std::string config = folder.path() + "/prometheus.yml";
  EXPECT_EQ(shell("printf 'scrape_configs:\n- job_name: orrery\n  scrape_interval: 1s\n"
                  "  static_configs:\n  - targets: [%s]\n' \"'" +
                  targets + "'\" > '" + config + "'")
                .status,
            0);

  // Asked until it has scraped all three, for at most half a minute; then it is ended.
  const Output ran = shell(
      "cd '" + folder.path() + "'; '" + kPrometheus +
      "/usr/bin/prometheus' --config.file=prometheus.yml --storage.tsdb.path=data "
      "--web.listen-address=127.0.0.1:" +
      std::to_string(20'000 + ::getpid() % 10'000) +
      " >log 2>&1 & pid=$!; for i in $(seq 60); do sleep 0.5; python3 -c \""
      "import urllib.request as u, json\n"
      "r = json.load(u.urlopen('http://127.0.0.1:" +
      std::to_string(20'000 + ::getpid() % 10'000) +
      "/api/v1/query?query=up'))['data']['result']\n"
      "assert len(r) == 3\n"
      "print('up:', ' '.join(sorted(x['value'][1] for x in r)))\" 2>/dev/null && break; done; "
      "kill $pid; wait $pid; grep -i 'parse' log; true");

  EXPECT_NE(ran.words.find("up: 1 1 1"), std::string::npos) << ran.words;
}

}  // namespace
}  // namespace orrery::door
