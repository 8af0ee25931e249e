// versions lane: the leader asks every member for its version and decides what the cluster speaks.
// from: etcd server/etcdserver/version/monitor.go (UpdateClusterVersionIfNeeded, CancelDowngradeIfNeeded),
//       server.go (monitorVersions, monitorDowngrade); facts C.1, C.11, D.18
#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using VersionsPhase = VersionsLane::Phase;

constexpr Nanos kInterval = seconds(4);  // etcd: peer write timeout less a second
constexpr Nanos kPatience = seconds(2);

constexpr std::pair<int, int> numbers_of(Version version) {
  switch (version) {
    case Version::V3_4: return {3, 4};
    case Version::V3_5: return {3, 5};
    case Version::V3_6: return {3, 6};
  }
  return {};
}

// A round that would find nothing to decide is no action.
bool may_change(const Look& look) {
  const Membership& members = look.run.membership;
  return members.downgrade().enabled ||
         version_numbers(members.version()) != numbers_of(look.member.plan().version);
}

void ask(Context& context) {
  VersionsLane& lane = context.run.versions;
  lane.next = next_tick_after(context.step.now(), kInterval);
  lane.heard = {};
  ++lane.round;
  lane.heard.put(context.member.id(), release_of(context.member.plan().version));
  ask_peers(context, kVersionsCall | lane.round, rpc::MaintenanceRequest(rpc::StatusRequest{}));
  lane.give_up = context.step.now() + kPatience.value();
  lane.phase = VersionsPhase::Decide;
}

void propose(Context& context, rpc::ClusterRequest request) {
  context.run.versions.proposing = true;
  begin_own_call(context, std::move(request));
}

// The lowest of all members' versions without their patches; none while somebody has not answered.
std::optional<std::string> lowest(const Running& run) {
  std::optional<std::string> out;
  for (const auto& [id, member] : run.membership.members()) {
    const std::string* heard = run.versions.heard.find(id);
    if (heard == nullptr) return std::nullopt;
    const std::string version = heard->substr(0, heard->rfind('.')) + ".0";
    if (!out || is_older(version, *out)) out = version;
  }
  return out;
}

// A downgrade is over when every member runs the older version.
void downgrade(Context& context, const rpc::DowngradeInfo& info) {
  Running& run = context.run;
  const bool followed = std::ranges::all_of(run.versions.heard, [&](const auto& row) {
    return row.second.substr(0, row.second.rfind('.')) + ".0" == info.target_version;
  });
  if (context.step.guards()(followed, "every member runs the downgrade's target")) {
    return propose(context, rpc::DowngradeInfoSetRequest{.enabled = false, .version = {}});
  }
  const bool lowers = is_older(info.target_version, run.membership.version());
  if (!context.step.guards()(lowers, "the cluster's version is above the target")) return;
  propose(context, rpc::ClusterVersionSetRequest{info.target_version});
}

void decide(Context& context) {
  Running& run = context.run;
  run.versions.phase = VersionsPhase::Ask;
  const auto version = lowest(run);
  if (!context.step.guards()(version.has_value(), "every member has said its version")) return;
  const rpc::DowngradeInfo& info = run.membership.downgrade();
  if (info.enabled) return downgrade(context, info);
  const std::string& now = run.membership.version();
  const bool raises = now.empty() || is_older(now, *version);
  if (!context.step.guards()(raises, "the lowest version is above the cluster's")) return;
  if (context.step.noting()) {
    context.step.note(
        text("n{} raises the cluster's version to {}", context.member.no(), *version));
  }
  propose(context, rpc::ClusterVersionSetRequest{*version});
}

bool all_heard(const Running& run) {
  return std::ranges::all_of(run.membership.members(), [&](const auto& row) {
    return run.versions.heard.contains(row.first);
  });
}

}  // namespace

std::string_view to_text(VersionsLane::Phase phase) {
  switch (phase) {
    case VersionsPhase::Ask: return "ask";
    case VersionsPhase::Decide: return "decide";
  }
  return "";
}

std::pair<int, int> version_numbers(std::string_view version) {
  const char* end = version.data() + version.size();
  int major = 0;
  int minor = 0;
  const auto first = std::from_chars(version.data(), end, major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return {0, 0};
  const auto second = std::from_chars(first.ptr + 1, end, minor);
  if (second.ec != std::errc()) return {0, 0};
  return {major, minor};
}

bool is_older(std::string_view a, std::string_view b) {
  return version_numbers(a) < version_numbers(b);
}

void ask_peers(Context& context, std::uint64_t call, const rpc::Request& request) {
  for (const auto& [id, member] : context.run.membership.members()) {
    const std::uint32_t no = number_of(context.member, id);
    if (id == context.member.id() || no == 0) continue;
    context.step.send(Packet{member_address(context.member.no()), member_address(no),
                             Channel::Calls,
                             CallRequest{.call = call, .request = request, .token = {}}});
  }
}

NodeId id_of_peer(const Context& context, const Address& from) {
  for (const auto& [id, member] : context.run.membership.members()) {
    if (number_of(context.member, id) == from.no) return id;
  }
  return NodeId(0);
}

void hear_version(Context& context, const Address& from, const CallAnswer& answer) {
  VersionsLane& lane = context.run.versions;
  const bool of_round =
      answer.call == (kVersionsCall | lane.round) && lane.phase == VersionsPhase::Decide;
  if (!of_round || answer.error) return;
  const auto& held = std::get<rpc::MaintenanceResponse>(answer.response);
  lane.heard.put(id_of_peer(context, from), std::get<rpc::StatusResponse>(held).version);
}

Readiness versions_readiness(const Look& look) {
  const VersionsLane& lane = look.run.versions;
  if (lane.phase == VersionsPhase::Decide) {
    const bool all = look.guards(all_heard(look.run), "every member has said its version");
    return all ? kReady : ready_at(lane.give_up);
  }
  if (!look.guards(is_leader(look.run), "this member leads") ||
      !look.guards(may_change(look), "the cluster's version may change") ||
      !look.guards(!lane.proposing, "nothing is proposed already")) {
    return kBlocked;
  }
  return ready_at(lane.next);
}

void run_versions(Context& context) {
  if (context.run.versions.phase == VersionsPhase::Ask) return ask(context);
  decide(context);
}

}  // namespace orrery::server
