#include "door/pages.h"

#include <array>

#include "base/text.h"
#include "proto/methods.h"
#include "server/release.h"

namespace orrery::door {

namespace {

using server::Member;
using server::Running;

constexpr std::string_view kGauge = "gauge";
constexpr std::string_view kCounter = "counter";

class Metrics {
 public:
  void add(std::string_view name, std::string_view kind, std::string_view help,
           std::int64_t value) {
    head(name, kind, help);
    text_ += text("{} {}\n", name, value);
  }

  void add_label(std::string_view name, std::string_view help, std::string_view label,
                 std::string_view value) {
    head(name, kGauge, help);
    text_ += text("{}{{{}=\"{}\"}} 1\n", name, label, value);
  }

  // Several values under one name follow.
  void head(std::string_view name, std::string_view kind, std::string_view help) {
    text_ += text("# HELP {} {}\n# TYPE {} {}\n", name, help, name, kind);
  }

  void line(std::string_view name, const std::string& labels, std::uint64_t value) {
    text_ += text("{}{{{}}} {}\n", name, labels, value);
  }

  const std::string& words() const { return text_; }

 private:
  std::string text_;
};

std::int64_t count(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

// "3.4" of "3.4.0"
std::string without_patch(const std::string& version) {
  return version.substr(0, version.rfind('.'));
}

void add_server(Metrics& out, const Member& member, std::int64_t quota) {
  const Running& run = member.running();
  out.add_label("etcd_cluster_version", "The version all members speak.", "cluster_version",
                without_patch(run.membership.version()));
  out.add("etcd_server_has_leader", kGauge, "Whether a leader is known.",
          run.seen_leader != NodeId(0) ? 1 : 0);
  out.add("etcd_server_is_leader", kGauge, "Whether this member leads.",
          run.seen_role == raft::RoleName::Leader ? 1 : 0);
  out.add("etcd_server_is_learner", kGauge, "Whether this member is a learner.",
          run.membership.is_learner(member.id()) ? 1 : 0);
  out.add("etcd_server_proposals_committed_total", kGauge, "The newest committed entry.",
          count(run.raft.log().committed().value()));
  out.add("etcd_server_proposals_applied_total", kGauge, "The newest applied entry.",
          count(run.applied.value()));
  out.add("etcd_server_proposals_pending", kGauge, "Proposals whose answer is waited for.",
          count(run.waiters.size()));
  out.add("etcd_server_quota_backend_bytes", kGauge, "The quota of the backend.", quota);
  out.add_label("etcd_server_version", "The release of this member.", "server_version",
                server::release_of(member.plan().version));
  out.add_label("etcd_server_id", "The id of this member.", "server_id",
                text("{:x}", member.id().value()));
}

void add_store(Metrics& out, const Running& run) {
  out.add("etcd_mvcc_db_total_size_in_bytes", kGauge, "The size of the backend's file.",
          count(run.backend.size()));
  out.add("etcd_mvcc_db_total_size_in_use_in_bytes", kGauge, "The part of it that is in use.",
          count(run.backend.size_in_use()));
  out.add("etcd_debugging_mvcc_keys_total", kGauge, "Keys in the index.",
          count(run.store.index().size()));
  out.add("etcd_debugging_mvcc_current_revision", kGauge, "The newest revision.",
          run.store.current_revision());
  out.add("etcd_debugging_mvcc_compact_revision", kGauge, "The revision of the last compaction.",
          run.store.compact_revision());
  out.add("etcd_debugging_auth_revision", kGauge, "The revision of users and roles.",
          count(run.auth.revision()));
}

void add_watches(Metrics& out, const Running& run) {
  out.add("etcd_debugging_mvcc_watch_stream_total", kGauge, "Watch streams.",
          count(run.streams.size()));
  out.add("etcd_debugging_mvcc_watcher_total", kGauge, "Watchers.",
          count(run.watches.watchers().size()));
  out.add("etcd_debugging_mvcc_slow_watcher_total", kGauge, "Watchers that are behind.",
          count(run.watches.unsynced().size()));
}

// "/etcdserverpb.KV/Put" as the labels that Go's library has.
std::string labels_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const rpc::Method* method = rpc::find_method(path);
  std::string_view type = "unary";
  if (method != nullptr && method->shape == rpc::Shape::Snapshot) type = "server_stream";
  if (path.ends_with("/Observe")) type = "server_stream";
  if (method != nullptr &&
      (method->shape == rpc::Shape::Watch || method->shape == rpc::Shape::KeepAlive)) {
    type = "bidi_stream";
  }
  return text(R"(grpc_method="{}",grpc_service="{}",grpc_type="{}")", path.substr(slash + 1),
              path.substr(1, slash - 1), type);
}

void add_calls(Metrics& out, const Tally& tally) {
  out.add("etcd_server_leader_changes_seen_total", kCounter, "Leaders that came.",
          count(tally.leader_changes));
  if (tally.started.empty()) return;
  constexpr std::string_view kStarted = "grpc_server_started_total";
  out.head(kStarted, kCounter, "Calls that have come.");
  for (const auto& [path, calls] : tally.started) out.line(kStarted, labels_of(path), calls);
  if (tally.handled.empty()) return;
  constexpr std::string_view kHandled = "grpc_server_handled_total";
  out.head(kHandled, kCounter, "Calls that have ended, by their code.");
  for (const auto& [which, calls] : tally.handled) {
    const std::string code = text(R"(grpc_code="{}",)", code_name(which.code));
    out.line(kHandled, code + labels_of(which.path), calls);
  }
}

}  // namespace

Page version_page(const sim::World& world, std::uint32_t no) {
  const Member& member = world.member(no);
  const std::string cluster = member.up() ? member.running().membership.version() : "not_decided";
  return {.type = "application/json",
          .body = text(R"({{"etcdserver":"{}","etcdcluster":"{}"}})",
                       server::release_of(member.plan().version), cluster)};
}

std::string_view code_name(int code) {
  constexpr std::array<std::string_view, 17> kNames{
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  const auto at = static_cast<std::size_t>(code);
  return at < kNames.size() ? kNames.at(at) : "Unknown";
}

Page metrics_page(const sim::World& world, std::uint32_t no, const Tally& tally) {
  const Member& member = world.member(no);
  Metrics out;
  if (member.up()) {
    add_server(out, member, world.config().timing.quota_bytes);
    add_store(out, member.running());
    add_watches(out, member.running());
    add_calls(out, tally);
  }
  // `etcdctl check datascale` reads it.
  out.add("process_resident_memory_bytes", kGauge, "Resident memory of the whole process.",
          count(tally.resident_bytes));
  out.add("orrery_world_steps_total", kCounter, "Steps of the world so far.", count(world.steps()));
  out.add("orrery_messages_in_flight", kGauge, "Messages in flight, of all links.",
          count(world.network().in_flight()));
  return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = out.words()};
}

Page not_found_page() {
  return {.status = 404, .body = "404 page not found\n"};
}

Page wrong_method_page() {
  return {.status = 405, .body = "Method Not Allowed\n"};
}

std::optional<Probe> probe_of(std::string_view path, server::Version version) {
  if (path == "/health") return Probe::Health;
  if (version == server::Version::V3_4) return std::nullopt;
  if (path == "/livez") return Probe::Live;
  if (path == "/readyz") return Probe::Ready;
  return std::nullopt;
}

std::string ailment(const sim::World& world, std::uint32_t no, Probe probe,
                    std::string_view exclude) {
  const Member& member = world.member(no);
  if (!member.up()) return "RAFT NO LEADER";
  if (probe == Probe::Live) return {};
  const Running& run = member.running();
  if (run.alarms.any(rpc::AlarmType::Corrupt) && exclude != "CORRUPT") return "ALARM CORRUPT";
  if (probe == Probe::Ready) return {};
  if (run.alarms.any(rpc::AlarmType::NoSpace) && exclude != "NOSPACE") return "ALARM NOSPACE";
  return run.seen_leader == NodeId(0) ? "RAFT NO LEADER" : "";
}

bool reads_serializable(Probe probe) {
  return probe == Probe::Live;
}

Page probe_page(Probe probe, server::Version version, const std::string& reason) {
  const int status = reason.empty() ? 200 : 503;
  if (probe != Probe::Health) {
    return {.status = status, .body = reason.empty() ? "ok\n" : reason + "\n"};
  }
  const std::string_view verdict = reason.empty() ? "true" : "false";
  if (version == server::Version::V3_4) {
    return {.status = status, .body = text(R"({{"health":"{}"}})", verdict)};
  }
  return {.status = status, .body = text(R"({{"health":"{}","reason":"{}"}})", verdict, reason)};
}

}  // namespace orrery::door
