// Locks and elections: of all keys below a name, the one created first holds.
// from: etcd clientv3/concurrency/mutex.go (Lock, Unlock), election.go (Campaign), key.go (waitDeletes), session.go
#include "base/check.h"
#include "base/text.h"
#include "client/candidates.h"
#include "client/hands.h"

namespace orrery::client {
namespace {

using HoldPhase = Hold::Phase;

void grant(Hands& hands, Hold& work) {
  work.phase = HoldPhase::Grant;
  hands.ask(rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = work.ttl, .id = {}}));
}

void try_to_hold(Hands& hands, Hold& work) {
  work.phase = HoldPhase::Try;
  hands.ask(stand_for(work.name, work.key, work.value, work.lease));
}

void find_owner(Hands& hands, Hold& work) {
  work.phase = HoldPhase::FindOwner;
  hands.ask(newest_below_before(work.name, work.revision));
}

void resign(Hands& hands, Hold& work) {
  work.phase = HoldPhase::Resign;
  hands.ask(rpc::DeleteRangeRequest{.key = work.key, .range_end = {}});
}

void revoke(Hands& hands, Hold& work) {
  work.phase = HoldPhase::Revoke;
  work.renew_at.reset();
  hands.ask(rpc::LeaseRequest(rpc::LeaseRevokeRequest{work.lease}));
}

// A world has no programs but this one: `echo WORDS`, also inside `sh -c "..."`; the lock's key and revision are named
// $ETCD_LOCK_KEY and $ETCD_LOCK_REV.
std::string output_of_command(const Hold& work) {
  std::string words = work.command;
  const std::size_t echo = words.find("echo");
  if (echo == std::string::npos) return words + ": a world knows no such program, only echo";
  words.erase(0, echo + 4);
  while (!words.empty() && (words.front() == ' ')) words.erase(0, 1);
  while (!words.empty() && (words.back() == '"' || words.back() == '\'')) words.pop_back();
  const auto replace = [&](std::string_view name, const std::string& with) {
    const std::size_t at = words.find(name);
    if (at != std::string::npos) words.replace(at, name.size(), with);
  };
  replace("$ETCD_LOCK_KEY", std::string(work.key.view()));
  replace("$ETCD_LOCK_REV", std::to_string(work.revision));
  return words;
}

void held(Hands& hands, Hold& work) {
  work.phase = HoldPhase::Held;
  if (!work.command.empty()) {
    hands.say(output_of_command(work));
    return resign(hands, work);
  }
  hands.say(std::string(work.key.view()));
  hands.say(std::string(work.value.view()));
}

const rpc::RangeResponse& range_in(const rpc::ResponseOp& op) {
  return std::get<rpc::RangeResponse>(op.response);
}

void tried(Hands& hands, Hold& work, const rpc::TxnResponse& txn) {
  const auto& owners = range_in(txn.responses.at(1)).kvs;
  work.revision =
      txn.succeeded ? txn.header.revision : range_in(txn.responses.at(0)).kvs.at(0).create_revision;
  const bool first = owners.empty() || owners.front().create_revision == work.revision;
  if (hands.step().guards()(first, "no older key stands below the name",
                            {{"own revision", work.revision}})) {
    return held(hands, work);
  }
  find_owner(hands, work);
}

void found_owner(Hands& hands, Hold& work, const rpc::RangeResponse& found) {
  if (found.kvs.empty()) {
    work.phase = HoldPhase::Confirm;
    hands.ask(range_of(work.key));
    return;
  }
  work.phase = HoldPhase::WatchOwner;
  rpc::WatchCreateRequest request;
  request.key = found.kvs.front().key;
  request.start_revision = found.header.revision;
  work.awaited = hands.watch(std::move(request));
}

void lose_session(Hands& hands, Hold& work) {
  work.renew_at.reset();
  work.phase = HoldPhase::Over;
  hands.fail_with("session expired");
}

void renewed(Hands& hands, Hold& work, const server::CallAnswer& answer) {
  work.renewal = 0;
  if (answer.error) {
    work.renew_at = hands.now() + millis(500).value();
    return;
  }
  const auto& lease = std::get<rpc::LeaseResponse>(answer.response);
  const auto& alive = std::get<rpc::LeaseKeepAliveResponse>(lease);
  if (!hands.step().guards()(alive.ttl > 0, "the lease is still there", {{"lease", work.lease}})) {
    return lose_session(hands, work);
  }
  work.renew_at = hands.now() + seconds(alive.ttl).value() / 3;
}

void granted(Hands& hands, Hold& work, const server::CallAnswer& answer) {
  const auto& lease = std::get<rpc::LeaseResponse>(answer.response);
  work.lease = std::get<rpc::LeaseGrantResponse>(lease).id;
  work.renew_at = hands.now() + seconds(work.ttl).value() / 3;
  work.key = Blob(text("{}/{:x}", work.name.view(), work.lease.value()));
  if (hands.program().stopping) return revoke(hands, work);
  try_to_hold(hands, work);
}

}  // namespace

std::string_view to_text(HoldPhase phase) {
  switch (phase) {
    case HoldPhase::Grant: return "asks for a lease";
    case HoldPhase::Try: return "writes its key";
    case HoldPhase::FindOwner: return "looks for who is before it";
    case HoldPhase::WatchOwner: return "waits";
    case HoldPhase::Confirm: return "looks at its own key";
    case HoldPhase::Held: return "holds";
    case HoldPhase::Resign: return "deletes its key";
    case HoldPhase::Revoke: return "ends its lease";
    case HoldPhase::Over: return "is over";
  }
  return "";
}

void start(Hands& hands, Hold& work) {
  grant(hands, work);
}

void answered(Hands& hands, Hold& work, const Notice& notice) {
  const server::CallAnswer& answer = notice.answer;
  if (notice.call == work.renewal) return renewed(hands, work, answer);
  if (notice.call != hands.program().asked) return;
  const bool ending = work.phase == HoldPhase::Resign || work.phase == HoldPhase::Revoke;
  if (answer.error && !ending) {
    if (answer.error->code == Errc::LeaseNotFound) return lose_session(hands, work);
    work.renew_at.reset();
    return hands.fail_with(answer.error->detail);
  }
  switch (work.phase) {
    case HoldPhase::Grant: return granted(hands, work, answer);
    case HoldPhase::Try: return tried(hands, work, std::get<rpc::TxnResponse>(answer.response));
    case HoldPhase::FindOwner:
      return found_owner(hands, work, std::get<rpc::RangeResponse>(answer.response));
    case HoldPhase::Confirm:
      if (std::get<rpc::RangeResponse>(answer.response).kvs.empty()) {
        return lose_session(hands, work);
      }
      return held(hands, work);
    case HoldPhase::Resign: return revoke(hands, work);
    case HoldPhase::Revoke: work.phase = HoldPhase::Over; return hands.end(0);
    case HoldPhase::WatchOwner:
    case HoldPhase::Held:
    case HoldPhase::Over: return;
  }
}

// The key before one's own is gone, or its watch is: who is before it now?
void told(Hands& hands, Hold& work, const Notice& notice) {
  if (work.phase != HoldPhase::WatchOwner || notice.watch != work.awaited) return;
  bool gone = notice.response.canceled;
  for (const mvccpb::Event& event : notice.response.events) {
    gone = gone || event.type == mvccpb::EventType::Delete;
  }
  if (!gone) return;
  hands.unwatch(work.awaited);
  find_owner(hands, work);
}

void woken(Hands& hands, Hold& work) {
  if (!work.renew_at || *work.renew_at > hands.now() || work.renewal != 0) return;
  work.renew_at.reset();
  work.renewal = hands.ask_beside(rpc::LeaseRequest(rpc::LeaseKeepAliveRequest{work.lease}));
}

void stop(Hands& hands, Hold& work) {
  if (work.phase == HoldPhase::Grant || work.phase == HoldPhase::Over) {
    if (work.phase == HoldPhase::Over) hands.end(0);
    return;
  }
  if (work.awaited != 0 && work.phase == HoldPhase::WatchOwner) hands.unwatch(work.awaited);
  resign(hands, work);
}

}  // namespace orrery::client
