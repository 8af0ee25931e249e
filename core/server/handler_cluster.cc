// handler lanes: calls of the Cluster and Maintenance services.
// from: etcd server/etcdserver/server.go (AddMember, PromoteMember, RemoveMember, MoveLeader), api/v3rpc/member.go,
//       api/v3rpc/maintenance.go; facts D.18, B.5
// differs: a follower changes members without asking who is connected: it hears from the leader alone.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/overloaded.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using HandlerPhase = HandlerLane::Phase;
using raftpb::ConfChangeType;

void answer(HandlerLane& handler, rpc::Response response) {
  handler.response = std::move(response);
  handler.phase = HandlerPhase::Answer;
}

bool is_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view name = url.substr(0, scheme);
  if (name != "http" && name != "https") return false;
  const std::string_view host = url.substr(scheme + 3);
  return host.find(':') != std::string_view::npos && host.find('/') == std::string_view::npos;
}

bool are_urls(const std::vector<std::string>& urls) {
  return !urls.empty() && std::ranges::all_of(urls, is_url);
}

void propose(HandlerLane& handler, ConfChangeType type, const rpc::Member& member,
             bool is_promote = false) {
  raftpb::ConfChange change;
  change.type = type;
  change.node_id = member.id;
  if (type != ConfChangeType::RemoveNode) {
    change.context = Blob(to_json(ChangeContext{.member = member, .is_promote = is_promote}));
  }
  handler.change = change;
  handler.after_apply = HandlerPhase::Serve;
  handler.phase = HandlerPhase::Propose;
}

// Has the connection carried for as long as etcd asks (HealthInterval)? Only the leader hears from everybody: in a
// world connections carry nothing between followers that could break; what they know is who has never started.
bool is_connected(const Context& context, const rpc::Member& member) {
  if (member.id == context.member.id()) return true;
  const Running& run = context.run;
  if (!is_leader(run)) return !member.name.empty();
  const Nanos since = context.step.now() - seconds(5).value();
  if (active_before(run, member.id, since)) return true;
  // Who leads since a moment ago has not heard from all for so long, though their connections carry.
  const bool is_new =
      run.leader_since > since &&
      std::ranges::any_of(run.active_since, [&](const auto& peer) { return peer.second < since; });
  return is_new && run.active_since.contains(member.id);
}

// Oneself counts.
std::size_t connected_voters(const Context& context) {
  return static_cast<std::size_t>(
      std::ranges::count_if(context.run.membership.members(), [&](const auto& row) {
        return !row.second.is_learner && is_connected(context, row.second);
      }));
}

// 3.4 wants every voter; later a majority of the voters and the newcomer, which counts as down. One member alone may
// always be joined by a second.
bool may_add(const Context& context) {
  const std::size_t voters = context.run.membership.voters();
  const bool old = context.member.plan().version < Version::V3_5;
  const std::size_t needed = old || voters == 1 ? voters : (voters + 1) / 2 + 1;
  const std::size_t connected = connected_voters(context);
  return context.step.guards()(connected >= needed,
                               "enough voters have been connected for 5 seconds",
                               {{"connected", connected}, {"needed", needed}});
}

// Who was never connected may go: no quorum stands on it.
bool may_remove(const Context& context, NodeId id) {
  const Guards& guards = context.step.guards();
  const rpc::Member* member = context.run.membership.find(id);
  const bool is_met = is_leader(context.run) ? context.run.active_since.contains(id)
                                             : member == nullptr || !member->name.empty();
  const bool is_self = id == context.member.id();
  if (guards(!is_self && !is_met, "the member is not connected")) return true;
  const std::size_t connected = connected_voters(context);
  const std::size_t needed = 1 + (context.run.membership.voters() - 1) / 2;
  return guards(connected >= needed + 1, "a majority stays connected without the member",
                {{"connected", connected}, {"needed without it", needed}});
}

void add(Context& context, HandlerLane& handler, const rpc::MemberAddRequest& request) {
  if (!are_urls(request.peer_urls)) return refuse(handler, fail(Errc::MemberUrlsInvalid).value());
  rpc::Member member;
  member.peer_urls = request.peer_urls;
  member.is_learner = request.is_learner;
  // Always later than the world's beginning, so that the id differs from a founder's with the same URLs.
  member.id = member_id(request.peer_urls, context.step.now().value() / 1'000'000'000 + 1,
                        context.member.plan().token);
  const Membership& members = context.run.membership;
  if (context.step.timing().strict_reconfig && !request.is_learner) {
    const auto ready = members.ready_to_add_voter(context.step.guards());
    if (!ready) return refuse(handler, ready.error());
  }
  if (context.step.timing().strict_reconfig && !may_add(context)) {
    return refuse(handler, fail(Errc::UnhealthyCluster).value());
  }
  handler.changed = member.id;
  propose(handler, request.is_learner ? ConfChangeType::AddLearnerNode : ConfChangeType::AddNode,
          member);
}

void remove(Context& context, HandlerLane& handler, const rpc::MemberRemoveRequest& request) {
  const Membership& members = context.run.membership;
  const bool known = members.find(request.id) != nullptr;
  if (known && context.step.timing().strict_reconfig && !members.is_learner(request.id)) {
    const auto ready = members.ready_to_remove(request.id, context.step.guards());
    if (!ready) return refuse(handler, ready.error());
    if (!may_remove(context, request.id)) {
      return refuse(handler, fail(Errc::UnhealthyCluster).value());
    }
  }
  rpc::Member member;
  member.id = request.id;
  propose(handler, ConfChangeType::RemoveNode, member);
}

void update(HandlerLane& handler, const rpc::MemberUpdateRequest& request) {
  if (!are_urls(request.peer_urls)) return refuse(handler, fail(Errc::MemberUrlsInvalid).value());
  rpc::Member member;
  member.id = request.id;
  member.peer_urls = request.peer_urls;
  propose(handler, ConfChangeType::UpdateNode, member);
}

// Only the leader knows how far a learner has come.
void promote(Context& context, HandlerLane& handler, const rpc::MemberPromoteRequest& request) {
  Running& run = context.run;
  if (!is_leader(run)) {
    handler.phase = HandlerPhase::Forward;
    return;
  }
  const rpc::Member* member = run.membership.find(request.id);
  if (member == nullptr) return refuse(handler, fail(Errc::MemberNotFound).value());
  if (!member->is_learner) return refuse(handler, fail(Errc::MemberNotLearner).value());
  const auto ready = run.membership.ready_to_promote(request.id, context.step.guards());
  if (context.step.timing().strict_reconfig && !ready) return refuse(handler, ready.error());
  const raft::ProgressMap* progress = run.raft.progress();
  const auto* learner = progress == nullptr ? nullptr : progress->find(request.id);
  const std::uint64_t match = learner == nullptr ? 0 : learner->match.value();
  const std::uint64_t own = run.raft.log().last_index().value();
  const bool in_sync = context.step.guards()(match * 10 >= own * 9,
                                             "the learner has nine tenths of the leader's log",
                                             {{"learner", match}, {"leader", own}});
  if (!in_sync) return refuse(handler, fail(Errc::LearnerNotReady).value());
  rpc::Member change = *member;
  propose(handler, ConfChangeType::AddNode, change, true);
}

void admit(Context& context, std::uint64_t no, HandlerLane& handler,
           const rpc::ClusterRequest& request) {
  std::visit(Overloaded{
                 [&](const rpc::MemberAddRequest& r) { add(context, handler, r); },
                 [&](const rpc::MemberRemoveRequest& r) { remove(context, handler, r); },
                 [&](const rpc::MemberUpdateRequest& r) { update(handler, r); },
                 [&](const rpc::MemberPromoteRequest& r) { promote(context, handler, r); },
                 [&](const rpc::MemberListRequest& r) {
                   handler.phase = r.linearizable ? HandlerPhase::WaitRead : HandlerPhase::Serve;
                   if (r.linearizable) context.run.read.waiting.push_back(no);
                 },
                 [&](const auto&) { handler.phase = HandlerPhase::Propose; },
             },
             request);
}

void move_leader(Context& context, HandlerLane& handler, const rpc::MoveLeaderRequest& request) {
  Running& run = context.run;
  if (!context.step.guards()(is_leader(run), "this member leads")) {
    return refuse(handler, fail(Errc::NotLeader).value());
  }
  const rpc::Member* target = run.membership.find(request.target_id);
  if (!context.step.guards()(target != nullptr && !target->is_learner, "the target is a voter")) {
    return refuse(handler, fail(Errc::BadLeaderTransferee).value());
  }
  run.raft.transfer_leader(raft_io(context), request.target_id);
  after_raft(context);
  handler.deadline = context.step.now() + context.step.timing().call_timeout.value();
  handler.retry_at = context.step.now();
  handler.phase = HandlerPhase::WaitLeader;
}

rpc::StatusResponse status(const Context& context) {
  const Running& run = context.run;
  rpc::StatusResponse out;
  out.header = header(context, run.store.current_revision());
  out.version = release_of(context.member.plan().version);
  out.db_size = static_cast<std::int64_t>(run.backend.size());
  out.db_size_in_use = static_cast<std::int64_t>(run.backend.size_in_use());
  out.leader = run.raft.leader();
  out.raft_index = run.raft.log().committed().value();
  out.raft_term = run.raft.term().value();
  out.raft_applied_index = run.applied.value();
  out.is_learner = run.membership.is_learner(context.member.id());
  if (out.leader == NodeId(0)) out.errors.emplace_back(wire_text(Errc::NoLeader));
  for (const rpc::AlarmMember& alarm : run.alarms.list(rpc::AlarmType::None)) {
    out.errors.push_back(to_text(alarm));
  }
  if (context.member.plan().version == Version::V3_6) {
    // The schema moves with the cluster's version, never before it.
    out.storage_version = is_older(run.membership.version(), "3.6.0") ? "3.5.0" : "3.6.0";
    out.downgrade_info = run.membership.downgrade();
    out.db_size_quota = context.step.timing().quota_bytes;
  }
  return out;
}

Result<rpc::HashKVResponse> hash_kv(const Context& context, std::int64_t revision) {
  const Running& run = context.run;
  const bool is_old = context.member.plan().version == Version::V3_4;
  if (!context.step.guards()(!is_old || revision <= 0 || revision > run.store.compact_revision(),
                             "3.4 stores no hash of a compaction", {{"asked", revision}})) {
    return fail(Errc::Compacted);
  }
  const auto hash = run.store.hash_kv(run.backend, revision, context.step.guards());
  if (!hash) return fail(hash.error());
  rpc::HashKVResponse out;
  out.header = header(context, run.store.current_revision());
  out.hash = hash->hash;
  out.compact_revision = hash->compact_revision;
  if (context.member.plan().version == Version::V3_6) out.hash_revision = hash->revision;
  return out;
}

// "3.5" and "3.5.0" alike; nothing else. from: etcd server/etcdserver/v3_server.go (convertToClusterVersion)
std::optional<std::string> as_cluster_version(const std::string& version) {
  const auto dots = std::ranges::count(version, '.');
  if (dots != 1 && dots != 2) return std::nullopt;
  const auto [major, minor] = version_numbers(version);
  const std::string out = text("{}.{}.0", major, minor);
  const bool same = version == out || version + ".0" == out;
  return major != 0 && (same || dots == 2) ? std::optional(out) : std::nullopt;
}

// May the cluster go to this version? Only one minor version down, one way at a time.
Result<std::string> downgrade_target(const Context& context, const std::string& version) {
  const Membership& members = context.run.membership;
  const Guards& guards = context.step.guards();
  const auto target = as_cluster_version(version);
  if (!guards(target.has_value(), "the target is a version")) {
    return fail(Errc::DowngradeTargetFormat);
  }
  if (!guards(!members.version().empty(), "the cluster's version is decided")) {
    return fail(Errc::Unmapped, "etcdserver: cluster version not found during downgrade");
  }
  const auto [major, minor] = version_numbers(members.version());
  if (!guards(version_numbers(*target) == std::pair(major, minor - 1),
              "the target is one minor version below the cluster's")) {
    return fail(Errc::DowngradeTargetInvalid);
  }
  if (!guards(!members.downgrade().enabled, "no downgrade is under way")) {
    return fail(Errc::DowngradeInProcess);
  }
  return *target;
}

void answer_downgrade(Context& context, HandlerLane& handler) {
  rpc::DowngradeResponse out;
  out.header = header(context, context.run.store.current_revision());
  out.version = context.run.membership.version();
  answer(handler, rpc::MaintenanceResponse(out));
}

void propose_downgrade(HandlerLane& handler, rpc::DowngradeInfoSetRequest change) {
  handler.proposal = rpc::ClusterRequest(std::move(change));
  handler.after_apply = HandlerPhase::Serve;
  handler.phase = HandlerPhase::Propose;
}

void downgrade(Context& context, HandlerLane& handler, const rpc::DowngradeRequest& request) {
  if (handler.proposal) return answer_downgrade(context, handler);
  if (request.action == rpc::DowngradeAction::Cancel) {
    const bool under_way = context.step.guards()(context.run.membership.downgrade().enabled,
                                                 "a downgrade is under way");
    if (!under_way) return refuse(handler, fail(Errc::NoInflightDowngrade).value());
    return propose_downgrade(handler, {.enabled = false, .version = {}});
  }
  auto target = downgrade_target(context, request.version);
  if (!target) return refuse(handler, target.error());
  if (request.action == rpc::DowngradeAction::Validate) return answer_downgrade(context, handler);
  propose_downgrade(handler, {.enabled = true, .version = std::move(*target)});
}

void serve(Context& context, HandlerLane& handler, const rpc::MaintenanceRequest& request) {
  if (const auto* change = std::get_if<rpc::DowngradeRequest>(&request)) {
    return downgrade(context, handler, *change);
  }
  if (std::holds_alternative<rpc::StatusRequest>(request)) {
    return answer(handler, rpc::MaintenanceResponse(status(context)));
  }
  if (const auto* hash = std::get_if<rpc::HashKVRequest>(&request)) {
    const auto response = hash_kv(context, hash->revision);
    if (!response) return refuse(handler, response.error());
    return answer(handler, rpc::MaintenanceResponse(*response));
  }
  rpc::HashResponse out;
  out.header = header(context, context.run.store.current_revision());
  out.hash = context.run.backend.hash(false);
  answer(handler, rpc::MaintenanceResponse(out));
}

void admit(Context& context, std::uint64_t no, HandlerLane& handler,
           const rpc::MaintenanceRequest& request) {
  std::visit(Overloaded{
                 [&](const rpc::AlarmRequest&) { handler.phase = HandlerPhase::Propose; },
                 [&](const rpc::MoveLeaderRequest& r) { move_leader(context, handler, r); },
                 [&](const rpc::StatusRequest&) { handler.phase = HandlerPhase::Serve; },
                 [&](const rpc::HashRequest&) { handler.phase = HandlerPhase::Serve; },
                 [&](const rpc::HashKVRequest&) { handler.phase = HandlerPhase::Serve; },
                 [&](const rpc::DefragmentRequest&) {
                   handler.phase = HandlerPhase::Defrag;
                   handler.defrag = DefragFrame{};
                   context.run.waiting_defrags.push_back(no);
                 },
                 [&](const rpc::SnapshotRequest&) {
                   handler.phase = HandlerPhase::SnapshotCommit;
                   context.run.waiting_defrags.push_back(no);
                 },
                 [&](const rpc::DowngradeRequest&) {
                   if (context.member.plan().version == Version::V3_4) {
                     return refuse(handler, {Errc::Unmapped,
                                             "unknown method Downgrade for service "
                                             "etcdserverpb.Maintenance"});
                   }
                   handler.phase = HandlerPhase::WaitRead;
                   context.run.read.waiting.push_back(no);
                 },
             },
             request);
}

}  // namespace

void admit_cluster(Context& context, std::uint64_t no, HandlerLane& handler) {
  if (const auto* cluster = std::get_if<rpc::ClusterRequest>(&handler.request)) {
    return admit(context, no, handler, *cluster);
  }
  admit(context, no, handler, std::get<rpc::MaintenanceRequest>(handler.request));
}

void serve_cluster(Context& context, HandlerLane& handler) {
  if (const auto* maintenance = std::get_if<rpc::MaintenanceRequest>(&handler.request)) {
    return serve(context, handler, *maintenance);
  }
  const Membership& members = context.run.membership;
  const rpc::ResponseHeader top = header(context, 0);
  const auto& request = std::get<rpc::ClusterRequest>(handler.request);
  answer(handler, std::visit(Overloaded{
                                 [&](const rpc::MemberAddRequest&) -> rpc::ClusterResponse {
                                   const rpc::Member* added = members.find(handler.changed);
                                   return rpc::MemberAddResponse{
                                       top, added == nullptr ? rpc::Member{} : *added,
                                       members.list()};
                                 },
                                 [&](const rpc::MemberRemoveRequest&) -> rpc::ClusterResponse {
                                   return rpc::MemberRemoveResponse{top, members.list()};
                                 },
                                 [&](const rpc::MemberUpdateRequest&) -> rpc::ClusterResponse {
                                   return rpc::MemberUpdateResponse{top, members.list()};
                                 },
                                 [&](const rpc::MemberPromoteRequest&) -> rpc::ClusterResponse {
                                   return rpc::MemberPromoteResponse{top, members.list()};
                                 },
                                 [&](const auto&) -> rpc::ClusterResponse {
                                   return rpc::MemberListResponse{top, members.list()};
                                 },
                             },
                             request));
}

void wait_leader(Context& context, HandlerLane& handler) {
  const auto& request =
      std::get<rpc::MoveLeaderRequest>(std::get<rpc::MaintenanceRequest>(handler.request));
  if (context.step.guards()(context.run.seen_leader == request.target_id,
                            "the leadership has moved to the target")) {
    return answer(handler, rpc::MaintenanceResponse(rpc::MoveLeaderResponse{}));
  }
  if (context.step.now() >= handler.deadline) {
    return refuse(handler, fail(Errc::LeaderTransferTimeout).value());
  }
  handler.retry_at = context.step.now() + context.step.timing().tick.value();
}

}  // namespace orrery::server
