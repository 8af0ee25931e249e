#include "server/membership.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {

namespace {

using raftpb::ConfChangeType;

bool is_started(const rpc::Member& member) {
  return !member.name.empty();
}

bool shares_url(const rpc::Member& a, const rpc::Member& b) {
  return std::ranges::any_of(a.peer_urls, [&](const std::string& url) {
    return std::ranges::find(b.peer_urls, url) != b.peer_urls.end();
  });
}

}  // namespace

std::vector<rpc::Member> Membership::list() const {
  std::vector<rpc::Member> out;
  for (const auto& [id, member] : members_) out.push_back(member);
  return out;
}

std::size_t Membership::voters() const {
  std::size_t out = 0;
  for (const auto& [id, member] : members_) out += member.is_learner ? 0U : 1U;
  return out;
}

bool Membership::is_learner(NodeId id) const {
  const rpc::Member* member = members_.find(id);
  return member != nullptr && member->is_learner;
}

Result<void> Membership::validate(const raftpb::ConfChange& change, std::uint64_t max_learners,
                                  const Guards& guards) const {
  const NodeId id = change.node_id;
  if (!guards(!removed_.contains(id), "the id was never removed")) {
    return fail(Errc::MemberNotFound);
  }
  const rpc::Member* known = members_.find(id);
  if (change.type == ConfChangeType::RemoveNode) {
    return guards(known != nullptr, "the member is there") ? Result<void>()
                                                           : fail(Errc::MemberNotFound);
  }
  const auto context = parse_change_context(change.context.view());
  if (!context) return fail(context.error());
  if (context->is_promote || change.type == ConfChangeType::UpdateNode) {
    if (!guards(known != nullptr, "the member is there")) return fail(Errc::MemberNotFound);
  }
  if (context->is_promote) {
    return guards(known->is_learner, "the member is a learner") ? Result<void>()
                                                                : fail(Errc::MemberNotLearner);
  }
  const bool is_add = change.type != ConfChangeType::UpdateNode;
  if (is_add && !guards(known == nullptr, "the id is new")) return fail(Errc::MemberExists);
  for (const auto& [other, member] : members_) {
    if (other == id || !shares_url(member, context->member)) continue;
    guards(false, "no other member has the peer URL");
    return fail(Errc::PeerUrlExists);
  }
  const std::size_t learners = members_.size() - voters();
  if (change.type == ConfChangeType::AddLearnerNode &&
      !guards(learners + 1 <= max_learners, "one more learner is allowed",
              {{"learners", learners}, {"allowed", max_learners}})) {
    return fail(Errc::TooManyLearners);
  }
  return {};
}

void Membership::apply(const raftpb::ConfChange& change) {
  const NodeId id = change.node_id;
  if (change.type == ConfChangeType::RemoveNode) {
    members_.erase(id);
    removed_.put(id, true);
    return;
  }
  const auto context = parse_change_context(change.context.view());
  check(context.has_value(), "a change that is applied was validated");
  rpc::Member* before = members_.edit(id);  // none: the rows are ahead, and it is gone again
  if (context->is_promote) {
    if (before != nullptr) before->is_learner = false;
  } else if (change.type == ConfChangeType::UpdateNode) {
    if (before != nullptr) before->peer_urls = context->member.peer_urls;
  } else {
    rpc::Member member = context->member;
    member.id = id;
    // Read again after a restart: what it published meanwhile stays.
    if (before != nullptr) {
      member.name = before->name;
      member.client_urls = before->client_urls;
    }
    member.is_learner = change.type == ConfChangeType::AddLearnerNode;
    members_.put(id, std::move(member));
  }
}

void Membership::set_attributes(NodeId id, const rpc::MemberAttributes& attributes) {
  rpc::Member* member = members_.edit(id);
  if (member == nullptr) return;  // removed meanwhile
  member->name = attributes.name;
  member->client_urls = attributes.client_urls;
}

Result<void> Membership::ready_to_add_voter(const Guards& guards) const {
  std::size_t all = 1;
  std::size_t started = 0;
  for (const auto& [id, member] : members_) {
    if (member.is_learner) continue;
    ++all;
    started += is_started(member) ? 1U : 0U;
  }
  // One member alone may always be joined by a second: there is no other way to grow.
  if (started == 1 && all == 2) return {};
  const bool enough = guards(started >= all / 2 + 1, "enough members are started",
                             {{"started", started}, {"members then", all}});
  return enough ? Result<void>() : fail(Errc::NotEnoughStarted);
}

Result<void> Membership::ready_to_promote(NodeId id, const Guards& guards) const {
  std::size_t all = 1;
  std::size_t started = 1;  // the learner itself counts
  for (const auto& [other, member] : members_) {
    if (member.is_learner || other == id) continue;
    ++all;
    started += is_started(member) ? 1U : 0U;
  }
  const bool enough = guards(started >= all / 2 + 1, "enough members are started",
                             {{"started", started}, {"members then", all}});
  return enough ? Result<void>() : fail(Errc::NotEnoughStarted);
}

Result<void> Membership::ready_to_remove(NodeId id, const Guards& guards) const {
  if (is_learner(id)) return {};
  std::size_t all = 0;
  std::size_t started = 0;
  for (const auto& [other, member] : members_) {
    if (member.is_learner || other == id) continue;
    ++all;
    started += is_started(member) ? 1U : 0U;
  }
  const bool enough = guards(started >= all / 2 + 1, "enough members remain that are started",
                             {{"started", started}, {"members then", all}});
  return enough ? Result<void>() : fail(Errc::NotEnoughStarted);
}

std::optional<NodeId> id_of_row(std::string_view key) {
  std::uint64_t id = 0;
  const char* end = key.data() + key.size();
  const auto read = std::from_chars(key.data(), end, id, 16);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return NodeId(id);
}

void write_member_row(Context& context, NodeId id) {
  Running& run = context.run;
  const std::string key = text("{:x}", id.value());
  const rpc::Member* member = run.membership.find(id);
  if (member != nullptr) {
    run.backend.put(backend::Bucket::Members, key, Blob(to_json(*member)));
    return;
  }
  run.backend.erase(backend::Bucket::Members, key);
  run.backend.put(backend::Bucket::MembersRemoved, key, Blob("removed"));
}

std::uint32_t number_of(const Member& member, NodeId id) {
  const rpc::Member* known = member.running().membership.find(id);
  if (known == nullptr || known->peer_urls.empty()) {
    const std::uint32_t planned = member.plan().number_of(id);
    const std::uint32_t* remote = member.running().remotes.find(id);
    return planned == 0 && remote != nullptr ? *remote : planned;
  }
  return number_of_url(known->peer_urls.front());
}

}  // namespace orrery::server
