#include "tests/stock/stock.h"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "datadir/archive.h"
#include "source_dir.h"

namespace orrery::stock {
namespace {

const std::string kFolder = ORRERY_STOCK_FOLDER;

// A port that nobody listens on now.
std::uint16_t free_port() {
  const int number = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  (void)::bind(number, any, size);
  (void)::getsockname(number, any, &size);
  ::close(number);
  return ntohs(address.sin_port);
}

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

nlohmann::json parsed(const std::string& words) {
  return nlohmann::json::parse(words, nullptr, false);
}

// The process itself: output to a file, arguments as they are.
pid_t spawn(const std::vector<std::string>& arguments, const std::string& log) {
  std::vector<char*> words;
  for (const std::string& one : arguments) words.push_back(const_cast<char*>(one.c_str()));
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(file, 1);
  ::dup2(file, 2);
  ::execv(words[0], words.data());
  ::_exit(127);
}

}  // namespace

std::string unavailable() {
  static const Ran fetched = shell(text("'{}/tests/stock/fetch' '{}'", ORRERY_SOURCE_DIR, kFolder));
  return fetched.status == 0 ? "" : "no stock etcd: " + fetched.out;
}

Scratch::Scratch(const std::string& name)
    : path_((std::filesystem::temp_directory_path() / text("orrery-{}-{}", name, ::getpid()))
                .string()) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Ran shell(const std::string& command) {
  Ran ran;
  std::FILE* pipe = ::popen(("( " + command + " ) 2>&1").c_str(), "r");
  std::array<char, 65536> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    ran.out.append(buffer.data(), got);
  }
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

Stock::Stock(Options options)
    : options_(std::move(options)), client_port_(free_port()), peer_port_(free_port()) {
  log_path_ = options_.data_dir + ".log";
  const std::string peer =
      options_.listens_there ? options_.peer_url : text("http://127.0.0.1:{}", peer_port_);
  if (options_.peer_url.empty()) options_.peer_url = peer;
  std::vector<std::string> arguments = {kFolder + "/usr/bin/etcd",
                                        "--name=" + options_.name,
                                        "--data-dir=" + options_.data_dir,
                                        "--listen-client-urls=" + endpoint(),
                                        "--advertise-client-urls=" + endpoint(),
                                        "--listen-peer-urls=" + peer,
                                        "--initial-advertise-peer-urls=" + options_.peer_url};
  if (!options_.listens_there) {
    arguments.push_back("--initial-cluster=" + options_.name + "=" + options_.peer_url);
  }
  arguments.insert(arguments.end(), options_.more.begin(), options_.more.end());
  pid_ = spawn(arguments, log_path_);
}

std::string Stock::endpoint() const {
  return text("http://127.0.0.1:{}", client_port_);
}

Ran Stock::etcdctl(const std::string& arguments, const std::string& input) const {
  const std::string line = text("ETCDCTL_API=3 timeout 60 '{}/usr/bin/etcdctl' --endpoints={} {}",
                                kFolder, endpoint(), arguments);
  if (input.empty()) return shell(line);
  return shell(text("printf '%s' '{}' | {}", input, line));
}

bool Stock::healthy() const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    if (etcdctl("endpoint health").status == 0) return true;
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

void Stock::end(int signal) {
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Stock::kill_hard() {
  end(SIGKILL);
}

void Stock::stop() {
  end(SIGTERM);
}

std::string Stock::log() const {
  return slurp(log_path_);
}

std::int64_t Stock::revision() const {
  const auto status = parsed(etcdctl("endpoint status -w json").out);
  if (!status.is_array() || status.empty()) return -1;
  return status[0]["Status"]["header"].value("revision", std::int64_t{-1});
}

std::uint32_t Stock::hash_kv() const {
  const auto hash = parsed(etcdctl("endpoint hashkv -w json").out);
  if (!hash.is_array() || hash.empty()) return 0;
  return hash[0]["HashKV"].value("hash", std::uint32_t{0});
}

std::string key_line(const std::string& key, const std::string& value, std::int64_t mod_revision,
                     std::int64_t version) {
  return text("{}={}@{}/{}\n", key, value, mod_revision, version);
}

std::string Stock::all_keys() const {
  const auto answer = parsed(etcdctl("get '' --prefix -w json").out);
  std::string out;
  if (!answer.is_object() || !answer.contains("kvs")) return out;
  for (const auto& kv : answer["kvs"]) {
    out +=
        key_line(datadir::unbase64(kv.value("key", std::string())).value_or(""),
                 datadir::unbase64(kv.value("value", std::string())).value_or(""),
                 kv.value("mod_revision", std::int64_t{0}), kv.value("version", std::int64_t{0}));
  }
  return out;
}

namespace {

std::string load_line(const Stock& stock, int writer) {
  return text(
      "for i in $(seq 1 200); do "
      "ETCDCTL_API=3 '{0}/usr/bin/etcdctl' --endpoints={1} put w{2}-$((i % 20)) value-$i "
      ">/dev/null || exit; "
      "[ $((i % 7)) = 0 ] && ETCDCTL_API=3 '{0}/usr/bin/etcdctl' --endpoints={1} del w{2}-$((i % "
      "11)) >/dev/null; "
      "[ $((i % 31)) = 0 ] && ETCDCTL_API=3 '{0}/usr/bin/etcdctl' --endpoints={1} compact $((i * "
      "2)) >/dev/null; "
      "done; true",
      ORRERY_STOCK_FOLDER, stock.endpoint(), writer);
}

}  // namespace

void put_under_load(const Stock& stock, int seconds) {
  std::string line;
  for (int writer = 1; writer <= 4; ++writer) line += "( " + load_line(stock, writer) + " ) & ";
  (void)shell(text("{{ {} }} >/dev/null 2>&1; sleep {}", line, seconds));
}

}  // namespace orrery::stock
