// A stock etcd for tests: Debian's etcd 3.4.23, unpacked into the build folder, run on loopback, stopped by its pid.
//   used by: the tests of this folder    uses: host, the packages that `fetch` unpacks
//   ideas:   one process a Stock, with a data directory and free ports; the destructor ends it. Where the packages
//            cannot be had, available() says so and tests are skipped with that message.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

#include <gtest/gtest.h>

namespace orrery::stock {

// Empty = the programs are there; otherwise why not.
std::string unavailable();

// The base of tests that need the programs: skipped, with the reason, where they are not.
class BesideStock : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = unavailable(); !why.empty()) GTEST_SKIP() << why;
  }
};

// A folder of this process that is gone when the object is.
class Scratch {
 public:
  explicit Scratch(const std::string& name);
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  // A path inside it.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct Ran {
  int status = -1;
  std::string out;
};

// A command of the shell, its stderr with its stdout.
Ran shell(const std::string& command);

struct Options {
  std::string name = "n1";
  std::string data_dir;
  std::string peer_url;  // advertised and, if `listens_there`, listened on
  bool listens_there = false;
  std::vector<std::string> more;  // further flags
};

class Stock {
 public:
  explicit Stock(Options options);
  Stock(const Stock&) = delete;
  Stock& operator=(const Stock&) = delete;
  ~Stock() { stop(); }

  // Answers a linearizable read within 20 seconds?
  bool healthy() const;
  // As a machine that loses power, as far as a process can: SIGKILL.
  void kill_hard();
  void stop();
  Ran etcdctl(const std::string& arguments, const std::string& input = "") const;
  std::string endpoint() const;
  std::uint16_t client_port() const { return client_port_; }
  // What it printed, for a failure's text.
  std::string log() const;

  std::int64_t revision() const;
  // HashKV of the current revision.
  std::uint32_t hash_kv() const;
  // "key=value@mod_revision/version" a line, in key order, of everything.
  std::string all_keys() const;

 private:
  void end(int signal);

  Options options_;
  std::uint16_t client_port_ = 0;
  std::uint16_t peer_port_ = 0;
  std::string log_path_;
  pid_t pid_ = -1;
};

// Starts several writers and lets them write for so long; they end with their server: puts, deletes, now and then a
// compaction.
void put_under_load(const Stock& stock, int seconds);

// The same line for one pair, of whatever store.
std::string key_line(const std::string& key, const std::string& value, std::int64_t mod_revision,
                     std::int64_t version);

}  // namespace orrery::stock
