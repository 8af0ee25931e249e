#include "cli/etcd.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <utility>

#include "base/text.h"
#include "cli/auth_token.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/serve.h"
#include "door/front_door.h"
#include "server/release.h"

namespace orrery::cli {

namespace {

constexpr std::uint32_t kMostEtcdMembers = 9;

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at <= list.size() && !list.empty()) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    if (comma > at) out.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return out;
}

// "http://127.0.0.1:2379"
Result<door::Address> address_of(const std::string& flag, const std::string& url) {
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kSecure = "https://";
  const auto wrong = [&](std::string_view why) {
    return fail(Errc::WrongUse, text("--{} {}: {}", flag, url, why));
  };
  const bool is_secure = url.starts_with(kSecure);
  if (!is_secure && !url.starts_with(kPlain)) return wrong("expected http://HOST:PORT");
  std::string rest = url.substr(is_secure ? kSecure.size() : kPlain.size());
  while (rest.ends_with('/')) rest.pop_back();
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string::npos) return wrong("expected http://HOST:PORT");
  door::Address out{.host = rest.substr(0, colon), .port = 0};
  if (out.host.starts_with('[') && out.host.ends_with(']')) {
    out.host = out.host.substr(1, out.host.size() - 2);
  }
  const char* end = rest.data() + rest.size();
  const auto read = std::from_chars(rest.data() + colon + 1, end, out.port);
  if (read.ec != std::errc() || read.ptr != end) return wrong("expected a port behind the colon");
  return out;
}

Result<std::vector<door::Address>> addresses_of(const std::string& flag, const std::string& urls,
                                                bool listen_any) {
  std::vector<door::Address> out;
  for (const std::string& url : split_list(urls)) {
    const auto address = address_of(flag, url);
    if (!address) return fail(address.error());
    if (!is_loopback(address->host) && !listen_any) {
      return fail(Errc::WrongUse,
                  text("--{} {}: whoever can reach that address could read and change everything "
                       "here; --listen-any says that this is meant",
                       flag, url));
    }
    out.push_back(*address);
  }
  return out;
}

// "8", "1h30m", "90s", "5m": hours where no unit stands.
std::optional<Nanos> retention_of(const std::string& words) {
  std::int64_t total = 0;
  const char* at = words.data();
  const char* const end = at + words.size();
  while (at != end) {
    std::int64_t count = 0;
    const auto read = std::from_chars(at, end, count);
    if (read.ec != std::errc() || count < 0) return std::nullopt;
    at = read.ptr;
    if (at == end) return at == words.data() ? std::nullopt : std::optional(seconds(count * 3'600));
    switch (*at++) {
      case 'h': total += count * 3'600; break;
      case 'm': total += count * 60; break;
      case 's': total += count; break;
      default: return std::nullopt;
    }
  }
  return seconds(total);
}

Result<void> set_compaction(server::Timing& timing, const EtcdOptions& options) {
  const std::string& retention = options.auto_compaction_retention;
  if (options.auto_compaction_mode == "periodic") {
    const auto period = retention_of(retention);
    if (!period) {
      return fail(Errc::WrongUse,
                  text("--auto-compaction-retention {}: expected hours, or 5m, 1h30m", retention));
    }
    timing.auto_compact_period = *period;
    return {};
  }
  const char* end = retention.data() + retention.size();
  const auto read = std::from_chars(retention.data(), end, timing.auto_compact_revisions);
  const bool is_number = read.ec == std::errc() && read.ptr == end;
  if (options.auto_compaction_mode != "revision" || !is_number) {
    return fail(Errc::WrongUse, text("--auto-compaction-mode {} --auto-compaction-retention {}: "
                                     "expected periodic and a time, or revision and a number",
                                     options.auto_compaction_mode, retention));
  }
  return {};
}

Result<server::Timing> timing_of(const EtcdOptions& options) {
  server::Timing timing = door::live_timing();
  if (options.heartbeat_interval < 1 || options.election_timeout < 5 * options.heartbeat_interval) {
    return fail(Errc::WrongUse, text("--election-timeout[{}ms] should be at least as 5 times as "
                                     "--heartbeat-interval[{}ms]",
                                     options.election_timeout, options.heartbeat_interval));
  }
  timing.tick = millis(options.heartbeat_interval);
  timing.election_ticks = static_cast<int>(options.election_timeout / options.heartbeat_interval);
  timing.snapshot_count = options.snapshot_count;
  if (options.quota_backend_bytes != 0) timing.quota_bytes = options.quota_backend_bytes;
  timing.bcrypt_cost = options.bcrypt_cost;
  timing.max_txn_ops = options.max_txn_ops;
  timing.max_request_bytes = options.max_request_bytes;
  timing.strict_reconfig = options.strict_reconfig_check;
  const auto compaction = set_compaction(timing, options);
  if (!compaction) return fail(compaction.error());
  return timing;
}

// Of "n1=http://...,n2=http://...": this process is one member.
Result<void> check_cluster(const EtcdOptions& options) {
  std::vector<std::string> names;
  for (const std::string& one : split_list(options.initial_cluster)) {
    const std::string name = one.substr(0, one.find('='));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  if (names.size() > 1 && options.members == 1) {
    return fail(Errc::WrongUse,
                text("--initial-cluster names {} members, and this process is one that reaches no "
                     "other; --members {} makes it the whole cluster",
                     names.size(), names.size()));
  }
  if (names.size() == 1 && names.front() != options.name && options.members == 1) {
    return fail(
        Errc::WrongUse,
        text("couldn't find local name \"{}\" in the initial cluster configuration", options.name));
  }
  return {};
}

Result<void> check_options(const EtcdOptions& options) {
  if (!options.refused.empty()) {
    return fail(Errc::WrongUse, "certificates are not made here, and no list of revoked ones read");
  }
  const bool wants_tls = options.listen_client_urls.find("https://") != std::string::npos;
  if (options.tls.cert_file.empty() != options.tls.key_file.empty() ||
      (wants_tls && options.tls.empty())) {
    return fail(Errc::WrongUse, "TLS wants --cert-file and --key-file");
  }
  if (options.members < 1 || options.members > kMostEtcdMembers) {
    return fail(Errc::WrongUse,
                text("--members {}: from 1 to {}", options.members, kMostEtcdMembers));
  }
  return check_cluster(options);
}

std::string data_dir_of(const EtcdOptions& options) {
  return options.data_dir.empty() ? options.name + ".etcd" : options.data_dir;
}

Result<door::DoorOptions> options_of(const EtcdOptions& options) {
  if (const auto checked = check_options(options); !checked) return fail(checked.error());
  const auto version = version_of(options.as);
  if (!version) return fail(version.error());
  const auto timing = timing_of(options);
  if (!timing) return fail(timing.error());
  const auto clients =
      addresses_of("listen-client-urls", options.listen_client_urls, options.listen_any);
  if (!clients) return fail(clients.error());
  if (clients->empty()) return fail(Errc::WrongUse, "--listen-client-urls: no URL is given");
  const auto metrics =
      addresses_of("listen-metrics-urls", options.listen_metrics_urls, options.listen_any);
  if (!metrics) return fail(metrics.error());
  const auto grpc = grpc_options_of(options.grpc);
  if (!grpc) return fail(grpc.error());
  door::DoorOptions out;
  out.grpc = *grpc;
  if (options.listen_client_urls.find("https://") != std::string::npos) out.tls = options.tls;
  out.config.seed = fresh_seed(0);
  out.config.members = options.members;
  out.config.version = *version;
  out.config.timing = *timing;
  out.config.token = options.initial_cluster_token;
  const std::string folder = data_dir_of(options);
  out.places.push_back({.post = {.clients = *clients, .metrics = *metrics}, .data_dir = folder});
  const auto peers = split_list(options.initial_advertise_peer_urls);
  const auto advertised = split_list(options.advertise_client_urls);
  out.config.places.push_back(
      {.name = options.name,
       .peer_url = peers.empty() ? std::string() : peers.front(),
       .client_url = advertised.empty() ? std::string() : advertised.front()});
  if (options.members > 1) out.places.front().data_dir = folder + "/n1";
  for (std::uint32_t no = 2; no <= options.members; ++no) {
    const door::Address address{.host = clients->front().host, .port = 0};
    out.places.push_back(
        {.post = {.clients = {address}, .metrics = {}}, .data_dir = text("{}/n{}", folder, no)});
  }
  return out;
}

// What etcd's log says, in the form of the release.
class EtcdLog {
 public:
  explicit EtcdLog(bool zap) : zap_(zap) {}

  // `plain` is the line as before 3.5, `words` and `fields` (JSON, with a comma before each) as from then on.
  void say(std::string_view package, const std::string& plain, std::string_view words,
           const std::string& fields) const {
    if (zap_) {
      err(text(R"({{"level":"info","ts":"{}","msg":"{}"{}}})"
               "\n",
               stamp("%Y-%m-%dT%H:%M:%S", "+0000"), words, fields));
    } else {
      err(text("{} I | {}: {}\n", stamp("%Y-%m-%d %H:%M:%S", ""), package, plain));
    }
  }

 private:
  static std::string stamp(const char* form, const char* zone) {
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    std::tm parts{};
    ::gmtime_r(&now.tv_sec, &parts);
    std::array<char, 64> out{};
    const std::size_t size = std::strftime(out.data(), out.size(), form, &parts);
    return text("{}.{:06}{}", std::string_view(out.data(), size), now.tv_nsec / 1'000, zone);
  }

  bool zap_;
};

void say_ready(const EtcdLog& log, const door::FrontDoor& door) {
  for (std::uint32_t no = 1; no <= door.live().world().member_count(); ++no) {
    const server::Member& member = door.live().world().member(no);
    const auto& self = member.plan().peers[no - 1];
    const std::string attributes = text("{{Name:{} ClientURLs:[{}]}}", self.name, self.client_url);
    const std::string cluster = text("{:x}", member.plan().cluster_id);
    log.say("etcdserver", text("published {} to cluster {}", attributes, cluster),
            "published local member to cluster through raft",
            text(R"(,"local-member-id":"{:x}","local-member-attributes":"{}","cluster-id":"{}")",
                 self.id.value(), attributes, cluster));
  }
  log.say("embed", "ready to serve client requests", "ready to serve client requests", "");
  const std::string& full = door.live().world().member(1).running().membership.version();
  const std::string version = full.substr(0, full.rfind('.'));
  log.say("etcdserver/api", text("enabled capabilities for version {}", version),
          "enabled capabilities for version", text(R"(,"cluster-version":"{}")", version));
  for (const std::string& endpoint : door.endpoints()) {
    log.say("embed",
            text("serving insecure client requests on {}, this is strongly discouraged!", endpoint),
            "serving client traffic insecurely; this is strongly discouraged!",
            text(R"(,"traffic":"grpc+http","address":"{}")", endpoint));
  }
}

int print_version(server::Version version) {
  out(
      text("etcd Version: {}\nGit SHA: none, this is Orrery 0.1.0\nGo Version: none, C++20\n"
           "Go OS/Arch: linux/amd64\n",
           server::release_of(version)));
  return kHolds;
}

}  // namespace

int etcd(const EtcdOptions& options) {
  if (options.show_version) {
    const auto version = version_of(options.as);
    return version ? print_version(*version) : stopped(version.error());
  }
  auto wanted = options_of(options);
  if (!wanted) return stopped(wanted.error());
  // etcd's own status for this, where its other flags have 2.
  if (const auto set = set_auth_token(options.auth_token, *wanted); !set) {
    (void)stopped(set.error());
    return kDoesNotHold;
  }
  const bool is_old = wanted->config.version == server::Version::V3_4;
  const EtcdLog log(options.logger.empty() ? !is_old : options.logger == "zap");
  hold_back_signals();
  log.say("etcdmain", "etcd Version: " + server::release_of(wanted->config.version),
          "starting etcd",
          text(R"(,"etcd-version":"{}","data-dir":{})", server::release_of(wanted->config.version),
               quoted(data_dir_of(options))));
  auto door = door::FrontDoor::open(*wanted);
  if (!door) return stopped(door.error());
  say_ready(log, **door);
  const auto served = run_until_signal(**door);
  if (!served) return stopped(served.error());
  log.say("pkg/osutil", "received terminated signal, shutting down...",
          "received signal; shutting down", R"(,"signal":"terminated")");
  return kHolds;
}

}  // namespace orrery::cli
