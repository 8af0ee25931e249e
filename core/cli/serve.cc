#include "cli/serve.h"

#include <atomic>
#include <csignal>
#include <random>
#include <thread>

#include "base/text.h"
#include "cli/auth_token.h"
#include "cli/commands.h"
#include "cli/live_console.h"
#include "cli/print.h"
#include "door/front_door.h"
#include "host/files.h"
#include "host/terminal.h"

namespace orrery::cli {

namespace {

constexpr std::uint32_t kMostMembers = 9;

Result<void> check_reach(const ServeOptions& options) {
  if (options.members < 1 || options.members > kMostMembers) {
    return fail(Errc::WrongUse, text("--members {}: from 1 to {}", options.members, kMostMembers));
  }
  if (!is_loopback(options.host) && !options.listen_any) {
    return fail(Errc::WrongUse,
                text("--listen-host {}: whoever can reach that address could read and change "
                     "everything here; --listen-any says that this is meant",
                     options.host));
  }
  return {};
}

Result<door::DoorOptions> door_options(const ServeOptions& options) {
  if (const auto checked = check_reach(options); !checked) return fail(checked.error());
  const auto version = version_of(options.as);
  if (!version) return fail(version.error());
  const auto grpc = grpc_options_of(options.grpc);
  if (!grpc) return fail(grpc.error());
  door::DoorOptions out;
  out.grpc = *grpc;
  out.config.seed = fresh_seed(options.seed);
  out.config.members = options.members;
  out.config.version = *version;
  out.config.timing = door::live_timing();
  out.recording = !options.record.empty();
  out.tls = options.tls;
  if (const auto set = set_auth_token(options.auth_token, out); !set) return fail(set.error());
  for (std::uint32_t no = 1; no <= options.members; ++no) {
    const auto usual = static_cast<std::uint16_t>(no == 1 ? 2'379 : no * 10'000 + 2'379);
    const std::uint16_t given = no <= options.ports.size() ? options.ports[no - 1] : 0;
    door::DoorOptions::Place place;
    place.post.clients = {{.host = options.host, .port = options.ports.empty() ? usual : given}};
    if (no <= options.metrics_ports.size()) {
      place.post.metrics = {{.host = options.host, .port = options.metrics_ports[no - 1]}};
    }
    if (!options.data_dir.empty()) {
      place.data_dir =
          options.members == 1 ? options.data_dir : text("{}/n{}", options.data_dir, no);
    }
    out.places.push_back(std::move(place));
  }
  return out;
}

sigset_t ending_signals() {
  sigset_t out;
  sigemptyset(&out);
  sigaddset(&out, SIGINT);
  sigaddset(&out, SIGTERM);
  return out;
}

// Stops the door when the process is asked to end.
class SignalWatch {
 public:
  explicit SignalWatch(door::FrontDoor& door)
      : thread_([this, &door] {
          const sigset_t signals = ending_signals();
          const timespec look = {.tv_sec = 0, .tv_nsec = 200'000'000};
          while (!over_) {
            if (::sigtimedwait(&signals, nullptr, &look) <= 0) continue;
            door.stop();
            return;
          }
        }) {}

  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  ~SignalWatch() {
    over_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ",") + word;
  return all;
}

int save(const door::LiveWorld& live, const std::string& file) {
  const auto run = live.saved();
  if (!run) return stopped(run.error());
  const auto written = host::write_file(file, lang::to_text(*run));
  if (!written) return stopped(written.error());
  err(text("orrery: {} actions are in {}\n", lang::action_count(*run), file));
  return kHolds;
}

// Links and disks take their time here: there is something to crank.
int serve_paused(const ServeOptions& options, const door::DoorOptions& wanted) {
  if (!options.tls.empty()) {
    return stopped(Error{.code = Errc::WrongUse, .detail = "--cert-file: not with --paused"});
  }
  if (!options.data_dir.empty()) {
    return stopped(Error{.code = Errc::WrongUse,
                         .detail = "--data-dir: a paused world can go back, files cannot; the "
                                   "console's `eject` and `load` write and read them"});
  }
  if (wanted.token_key != nullptr) {
    return stopped(Error{.code = Errc::WrongUse,
                         .detail = "--auth-token jwt: not with --paused, where time stands still "
                                   "and a token's end does not"});
  }
  sim::Config config = wanted.config;
  config.timing = server::Timing();
  std::vector<door::Post> posts;
  posts.reserve(wanted.places.size());
  for (const door::DoorOptions::Place& place : wanted.places) posts.push_back(place.post);
  return console_with_door(config, posts, options.record);
}

// Whoever sits before it may hurt the cluster.
Result<void> serve_and_listen(door::FrontDoor& door, const ServeOptions& options) {
  if (!options.console && !host::is_terminal(host::Stream::In)) return run_until_signal(door);
  const LiveConsole console(door);
  return run_until_signal(door);
}

}  // namespace

Result<server::Version> version_of(const std::string& as) {
  std::string_view name = as;
  if (name.starts_with('v')) name.remove_prefix(1);
  if (name.empty() || name == "3.6" || name.starts_with("3.6.")) return server::Version::V3_6;
  if (name == "3.5" || name.starts_with("3.5.")) return server::Version::V3_5;
  if (name == "3.4" || name.starts_with("3.4.")) return server::Version::V3_4;
  return fail(Errc::WrongUse, text("--as {}: there are v3.4.x, v3.5.x and v3.6.x", as));
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::uint64_t fresh_seed(std::uint64_t seed) {
  if (seed != 0) return seed;
  std::random_device device;
  return (std::uint64_t{device()} << 31U) | device();
}

void hold_back_signals() {
  const sigset_t signals = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Result<void> run_until_signal(door::FrontDoor& door) {
  const SignalWatch watch(door);
  return door.run();
}

int serve(const ServeOptions& options) {
  const auto wanted = door_options(options);
  if (!wanted) return stopped(wanted.error());
  if (options.paused) return serve_paused(options, *wanted);
  hold_back_signals();
  auto door = door::FrontDoor::open(*wanted);
  if (!door) return stopped(door.error());
  const std::string endpoints = joined((*door)->endpoints());
  out(text("export ETCDCTL_API=3 ETCDCTL_ENDPOINTS={}\n", endpoints));
  if (!options.tls.empty()) err("orrery: TLS: put https:// before each endpoint\n");
  err(text("orrery: {} member(s), {}, ready to serve client requests; Ctrl-C ends\n",
           options.members, server::to_text(wanted->config.version)));
  for (const std::string& metrics : (*door)->metrics_endpoints()) {
    err(text("orrery: http://{}/metrics\n", metrics));
  }
  const auto served = serve_and_listen(**door, options);
  if (!served) return stopped(served.error());
  return options.record.empty() ? kHolds : save((*door)->live(), options.record);
}

}  // namespace orrery::cli
