#include "cli/monitor.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "door/acceptor.h"
#include "door/caller.h"
#include "door/http_desk.h"
#include "door/traffic.h"
#include "lang/text_table.h"
#include "proto/rpc_codec.h"
#include "proto/services_codec.h"

namespace orrery::cli {

namespace {

constexpr Nanos kTimeout = seconds(5);

struct Sample {
  std::string endpoint;
  std::string trouble;  // empty = it has answered
  std::string version;
  std::uint64_t member = 0;
  std::uint64_t leader = 0;
  std::int64_t revision = 0;
  std::int64_t keys = 0;
  std::optional<std::uint64_t> auth_revision;  // none = a release that does not tell
  std::int64_t compacted = 0;
  std::int64_t hash_revision = 0;  // 0 = no hash was had
  std::uint32_t hash = 0;
  std::int64_t late_rounds = 0;
};

struct Round {
  std::vector<Sample> samples;
  std::vector<std::string> alerts;
  bool diverged = false;
};

template <class Response>
Result<Response> ask(door::GrpcCaller& caller, std::string_view method, BytesView request) {
  const auto bytes = caller.call(method, request, kTimeout);
  if (!bytes) return fail(bytes.error());
  return rpc::decode_message<Response>(*bytes);
}

void ask_keys(door::GrpcCaller& caller, Sample& sample) {
  rpc::RangeRequest range;
  range.key = Blob(std::string_view("\0", 1));
  range.range_end = range.key;
  range.count_only = true;
  range.serializable = true;
  const auto bytes = caller.call("/etcdserverpb.KV/Range", rpc::encode(range), kTimeout);
  const auto found = bytes ? rpc::decode_range_response(*bytes) : fail(bytes.error());
  if (found) sample.keys = found->count;
  if (!found) sample.trouble = found.error().detail;
}

void ask_status(door::GrpcCaller& caller, Sample& sample) {
  const auto status =
      ask<rpc::StatusResponse>(caller, "/etcdserverpb.Maintenance/Status", BytesView());
  if (!status) {
    sample.trouble = status.error().detail;
    return;
  }
  sample.version = status->version;
  sample.member = status->header.member_id;
  sample.leader = status->leader.value();
  sample.revision = status->header.revision;
  ask_keys(caller, sample);
  const auto auth =
      ask<rpc::AuthStatusResponse>(caller, "/etcdserverpb.Auth/AuthStatus", BytesView());
  if (auth) sample.auth_revision = auth->auth_revision;
}

void ask_hash(door::GrpcCaller& caller, Sample& sample, std::int64_t revision) {
  rpc::HashKVRequest request;
  request.revision = revision;
  const auto hash = ask<rpc::HashKVResponse>(caller, "/etcdserverpb.Maintenance/HashKV",
                                             rpc::encode_message(request));
  if (!hash) {
    sample.trouble = hash.error().detail;
    return;
  }
  sample.hash = hash->hash;
  sample.compacted = hash->compact_revision;
  sample.hash_revision = revision;
}

// Hashes can be compared where they were made at one revision behind one compaction.
bool differ(const Sample& a, const Sample& b) {
  const bool comparable =
      a.hash_revision != 0 && a.hash_revision == b.hash_revision && a.compacted == b.compacted;
  return comparable && a.hash != b.hash;
}

void judge(Round& round, const MonitorOptions& options) {
  std::int64_t newest = 0;
  for (const Sample& one : round.samples) newest = std::max(newest, one.revision);
  for (std::size_t i = 0; i < round.samples.size(); ++i) {
    Sample& one = round.samples[i];
    if (!one.trouble.empty()) {
      round.alerts.push_back(text("{}: {}", one.endpoint, one.trouble));
      continue;
    }
    one.late_rounds = newest - one.revision > options.tolerance ? one.late_rounds + 1 : 0;
    if (one.late_rounds >= options.rounds) {
      round.alerts.push_back(text("{} is {} revisions behind, {} rounds in a row", one.endpoint,
                                  newest - one.revision, one.late_rounds));
    }
    for (std::size_t j = 0; j < i; ++j) {
      const Sample& other = round.samples[j];
      if (!differ(one, other)) continue;
      round.diverged = true;
      round.alerts.push_back(text("{} and {} DIFFER at revision {}: {:x} and {:x}", other.endpoint,
                                  one.endpoint, one.hash_revision, other.hash, one.hash));
    }
  }
}

Round ask_round(std::vector<door::GrpcCaller>& callers, const MonitorOptions& options,
                const Round& last) {
  Round round;
  std::int64_t lowest = 0;
  for (std::size_t i = 0; i < callers.size(); ++i) {
    Sample sample;
    sample.endpoint = options.endpoints[i];
    if (i < last.samples.size()) sample.late_rounds = last.samples[i].late_rounds;
    ask_status(callers[i], sample);
    const bool counts = sample.trouble.empty();
    if (counts && (lowest == 0 || sample.revision < lowest)) lowest = sample.revision;
    round.samples.push_back(std::move(sample));
  }
  for (std::size_t i = 0; i < callers.size(); ++i) {
    if (round.samples[i].trouble.empty()) ask_hash(callers[i], round.samples[i], lowest);
  }
  judge(round, options);
  return round;
}

std::string table_of(const Round& round) {
  std::vector<std::vector<std::string>> rows;
  for (const Sample& one : round.samples) {
    const bool answered = one.trouble.empty();
    rows.push_back({one.endpoint, answered ? one.version : "-",
                    answered && one.member == one.leader ? "leader" : "",
                    answered ? std::to_string(one.revision) : "-",
                    answered ? std::to_string(one.keys) : "-",
                    answered ? text("{:x} at {}", one.hash, one.hash_revision) : "-",
                    one.auth_revision ? std::to_string(*one.auth_revision) : "-",
                    answered ? "" : one.trouble});
  }
  return lang::table_text(
      {"ENDPOINT", "VERSION", "ROLE", "REVISION", "KEYS", "HASH", "AUTH REV", "TROUBLE"}, rows);
}

void add_gauge(std::string& out, std::string_view name, std::string_view help) {
  out += text("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
}

std::string metrics_of(const Round& round) {
  std::string out;
  add_gauge(out, "orrery_monitor_up", "Whether the endpoint has answered.");
  for (const Sample& one : round.samples) {
    out += text("orrery_monitor_up{{endpoint=\"{}\"}} {}\n", one.endpoint,
                one.trouble.empty() ? 1 : 0);
  }
  add_gauge(out, "orrery_monitor_revision", "The newest revision of the endpoint.");
  for (const Sample& one : round.samples) {
    out += text("orrery_monitor_revision{{endpoint=\"{}\"}} {}\n", one.endpoint, one.revision);
  }
  add_gauge(out, "orrery_monitor_keys", "The number of its keys.");
  for (const Sample& one : round.samples) {
    out += text("orrery_monitor_keys{{endpoint=\"{}\"}} {}\n", one.endpoint, one.keys);
  }
  add_gauge(out, "orrery_monitor_diverged", "Whether two endpoints differ at one revision.");
  out += text("orrery_monitor_diverged {}\n", round.diverged ? 1 : 0);
  return out;
}

// /metrics while the rounds go on.
class MetricsPort {
 public:
  static Result<std::unique_ptr<MetricsPort>> open(std::uint16_t port) {
    auto acceptor = door::Acceptor::listen("127.0.0.1", port);
    if (!acceptor) return fail(acceptor.error());
    return std::unique_ptr<MetricsPort>(new MetricsPort(std::move(*acceptor)));
  }

  std::uint16_t port() const { return acceptor_->port(); }

  // Answers who asks until the time is over.
  void serve(const Round& round, Nanos time) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(time.value());
    while (std::chrono::steady_clock::now() < end) {
      const auto left = end - std::chrono::steady_clock::now();
      const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
      for (const door::Letter& letter : mailbox_.take(Nanos(std::max<std::int64_t>(nanos, 0)))) {
        const auto* look = std::get_if<door::Look>(&letter);
        if (look == nullptr) continue;
        door::Page page = door::not_found_page();
        if (look->path == "/metrics") {
          page = {.status = 200,
                  .type = "text/plain; version=0.0.4; charset=utf-8",
                  .body = metrics_of(round)};
        }
        desk_.deliver(look->ticket, page);
      }
    }
  }

 private:
  explicit MetricsPort(std::unique_ptr<door::Acceptor> acceptor)
      : desk_(1, mailbox_), acceptor_(std::move(acceptor)) {
    acceptor_->start({.http2 = [](int descriptor) { ::close(descriptor); },
                      .http1 = [this](int descriptor) { desk_.adopt(descriptor); },
                      .any = {}});
  }

  door::Mailbox<door::Letter> mailbox_;
  door::HttpDesk desk_;
  std::unique_ptr<door::Acceptor> acceptor_;
};

int status_of_round(const Round& round) {
  const bool nobody =
      std::ranges::all_of(round.samples, [](const Sample& one) { return !one.trouble.empty(); });
  if (nobody) return kWrongUse;
  return round.diverged ? kDoesNotHold : kHolds;
}

}  // namespace

int monitor(const MonitorOptions& options) {
  std::vector<door::GrpcCaller> callers;
  callers.reserve(options.endpoints.size());
  for (const std::string& endpoint : options.endpoints) callers.emplace_back(endpoint);
  std::unique_ptr<MetricsPort> metrics;
  if (options.metrics_port && !options.once) {
    auto opened = MetricsPort::open(*options.metrics_port);
    if (!opened) return stopped(opened.error());
    metrics = std::move(*opened);
    err(text("orrery: http://127.0.0.1:{}/metrics\n", metrics->port()));
  }
  Round round;
  for (;;) {
    round = ask_round(callers, options, round);
    out(table_of(round));
    for (const std::string& alert : round.alerts) err(text("alert: {}\n", alert));
    if (options.once) return status_of_round(round);
    const Nanos pause = seconds(options.every_seconds);
    if (metrics != nullptr) {
      metrics->serve(round, pause);
    } else {
      ::sleep(static_cast<unsigned>(options.every_seconds));
    }
  }
}

}  // namespace orrery::cli
