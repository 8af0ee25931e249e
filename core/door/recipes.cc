#include "door/recipes.h"

#include <utility>

#include "base/text.h"
#include "client/candidates.h"

namespace orrery::door {

namespace {

constexpr std::int64_t kSessionTtl = 60;  // units: seconds

template <class R>
rpc::RequestOp to_op(R request) {
  return {.request = std::move(request)};
}

rpc::Compare created_at(const Blob& key, std::int64_t revision) {
  rpc::Compare out;
  out.target = rpc::CompareTarget::Create;
  out.key = key;
  out.number = revision;
  return out;
}

rpc::PutRequest put_of(const Blob& key, const Blob& value, LeaseId lease) {
  rpc::PutRequest put;
  put.key = key;
  put.value = value;
  put.lease = lease;
  return put;
}

rpc::DeleteRangeRequest delete_of(const Blob& key) {
  rpc::DeleteRangeRequest out;
  out.key = key;
  return out;
}

bool is_election(HouseMethod method) {
  return method == HouseMethod::Campaign;
}

const rpc::RangeResponse& range_in(const rpc::ResponseOp& op) {
  return std::get<rpc::RangeResponse>(op.response);
}

Error plain_error(std::string words) {
  return {Errc::Unmapped, std::move(words)};
}

// etcd's recipes get errors from its own client: words without a code. Observe ends without any.
std::optional<Error> error_of(HouseMethod method, const Error& told) {
  if (told.code == Errc::NoLeader) return told;
  if (method == HouseMethod::Observe) return std::nullopt;
  return plain_error(told.detail);
}

bool deletes(const rpc::Event& event) {
  return event.type == mvccpb::EventType::Delete;
}

}  // namespace

void Recipes::ask(Desk desk, Recipe& recipe, rpc::Request request) {
  recipe.asked = new_ticket();
  askers_[recipe.asked] = recipe.ticket;
  desk.arrivals.emplace_back(
      Asked{.ticket = recipe.asked, .caller = recipe.caller, .request = std::move(request)});
}

void Recipes::watch(Desk desk, Recipe& recipe, rpc::WatchCreateRequest request) {
  recipe.asked = new_ticket();
  askers_[recipe.asked] = recipe.ticket;
  desk.arrivals.emplace_back(
      WatchAsked{.ticket = recipe.asked, .caller = recipe.caller, .request = std::move(request)});
}

void Recipes::unwatch(Desk desk, Recipe& recipe) {
  if (recipe.asked == 0) return;
  askers_.erase(recipe.asked);
  desk.arrivals.emplace_back(Gone{.ticket = std::exchange(recipe.asked, 0)});
}

void Recipes::end(Desk desk, Recipe& recipe, std::optional<Bytes> message,
                  std::optional<Error> error) {
  unwatch(desk, recipe);
  desk.departures.push_back({.ticket = recipe.ticket,
                             .message = std::move(message),
                             .error = std::move(error),
                             .is_last = true});
  recipes_.erase(recipe.ticket);
}

void Recipes::begin(Desk desk, const HouseAsked& asked) {
  Recipe& recipe = recipes_[asked.ticket];
  recipe.ticket = asked.ticket;
  recipe.caller = asked.caller;
  recipe.method = asked.method;
  recipe.request = asked.request;
  start(desk, recipe);
}

void Recipes::start(Desk desk, Recipe& recipe) {
  const HouseRequest& request = recipe.request;
  const auto& leader = request.leader;
  switch (recipe.method) {
    case HouseMethod::Lock:
    case HouseMethod::Campaign:
      if (request.lease != LeaseId(0)) return try_to_hold(desk, recipe);
      recipe.phase = Phase::Grant;
      return ask(desk, recipe,
                 rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = kSessionTtl, .id = {}}));
    case HouseMethod::Unlock: return ask(desk, recipe, delete_of(request.name));
    case HouseMethod::Leader: return ask(desk, recipe, client::oldest_below(request.name));
    case HouseMethod::Observe: return observe(desk, recipe);
    case HouseMethod::Proclaim:
    case HouseMethod::Resign: {
      if (!leader) {
        return end(desk, recipe, std::nullopt, plain_error("\"leader\" field must be provided"));
      }
      rpc::TxnRequest txn;
      txn.compare = {created_at(leader->key, leader->revision)};
      if (recipe.method == HouseMethod::Resign) txn.success = {to_op(delete_of(leader->key))};
      if (recipe.method == HouseMethod::Proclaim) {
        txn.success = {to_op(put_of(leader->key, request.value, leader->lease))};
      }
      return ask(desk, recipe, std::move(txn));
    }
    case HouseMethod::HealthCheck:
    case HouseMethod::Reflect:
    case HouseMethod::HealthWatch: return;  // answered at the endpoint
  }
}

void Recipes::try_to_hold(Desk desk, Recipe& recipe) {
  recipe.phase = Phase::Try;
  const HouseRequest& request = recipe.request;
  recipe.key = Blob(text("{}/{:x}", request.name.view(), request.lease.value()));
  ask(desk, recipe, client::stand_for(request.name, recipe.key, request.value, request.lease));
}

void Recipes::find_owner(Desk desk, Recipe& recipe) {
  recipe.phase = Phase::FindOwner;
  ask(desk, recipe, client::newest_below_before(recipe.request.name, recipe.revision));
}

bool Recipes::hear(Desk desk, const client::Told& told) {
  const auto asker = askers_.find(told.ticket);
  if (asker == askers_.end()) return false;
  const auto found = recipes_.find(asker->second);
  if (found == recipes_.end()) return false;
  Recipe& recipe = found->second;
  if (told.is_last) {
    askers_.erase(asker);
    recipe.asked = 0;
  }
  if (told.error) {
    end(desk, recipe, std::nullopt, error_of(recipe.method, *told.error));
  } else if (const auto* response = std::get_if<rpc::WatchResponse>(&told.what)) {
    if (told.bytes > 0) {
      desk.arrivals.emplace_back(TakenIn{.ticket = told.ticket, .bytes = told.bytes});
    }
    heard(desk, recipe, *response);
  } else {
    answered(desk, recipe, std::get<rpc::Response>(told.what));
  }
  return true;
}

void Recipes::answered(Desk desk, Recipe& recipe, const rpc::Response& response) {
  switch (recipe.phase) {
    case Phase::Grant: {
      const auto& lease = std::get<rpc::LeaseResponse>(response);
      recipe.request.lease = std::get<rpc::LeaseGrantResponse>(lease).id;
      return try_to_hold(desk, recipe);
    }
    case Phase::Try: return tried(desk, recipe, std::get<rpc::TxnResponse>(response));
    case Phase::FindOwner:
    case Phase::Confirm:
    case Phase::FindLeader: return found(desk, recipe, std::get<rpc::RangeResponse>(response));
    case Phase::Simple: return simple(desk, recipe, response);
    case Phase::AwaitOwner:
    case Phase::AwaitLeader:
    case Phase::FollowLeader: return;
  }
}

void Recipes::tried(Desk desk, Recipe& recipe, const rpc::TxnResponse& txn) {
  recipe.header = txn.header;
  const auto& owners = range_in(txn.responses.at(1)).kvs;
  if (txn.succeeded) {
    recipe.revision = txn.header.revision;
  } else {
    const rpc::KeyValue& own = range_in(txn.responses.at(0)).kvs.at(0);
    recipe.revision = own.create_revision;
    if (is_election(recipe.method) && own.value != recipe.request.value) {
      // A candidate that stands already proclaims its new value, beside its wait.
      const Ticket beside = new_ticket();
      rpc::TxnRequest again;
      again.compare = {created_at(recipe.key, recipe.revision)};
      again.success = {to_op(put_of(recipe.key, recipe.request.value, recipe.request.lease))};
      desk.arrivals.emplace_back(
          Asked{.ticket = beside, .caller = recipe.caller, .request = std::move(again)});
    }
  }
  if (owners.empty() || owners.front().create_revision == recipe.revision) {
    return held(desk, recipe);
  }
  find_owner(desk, recipe);
}

void Recipes::found(Desk desk, Recipe& recipe, const rpc::RangeResponse& range) {
  if (recipe.phase == Phase::Confirm) {
    if (range.kvs.empty()) {
      return end(desk, recipe, std::nullopt, plain_error("mutex: session is expired"));
    }
    recipe.header = range.header;
    return held(desk, recipe);
  }
  if (recipe.phase == Phase::FindOwner && range.kvs.empty()) {
    if (is_election(recipe.method)) return held(desk, recipe);
    recipe.phase = Phase::Confirm;
    return ask(desk, recipe, client::range_of(recipe.key));
  }
  rpc::WatchCreateRequest request;
  if (recipe.phase == Phase::FindOwner) {
    recipe.phase = Phase::AwaitOwner;
    request.key = range.kvs.front().key;
    request.start_revision = range.header.revision;
  } else if (range.kvs.empty()) {
    recipe.phase = Phase::AwaitLeader;
    request.key = client::below(recipe.request.name);
    request.range_end = client::end_below(recipe.request.name);
    request.start_revision = range.header.revision;
  } else {
    const rpc::KeyValue& leader = range.kvs.front();
    recipe.phase = Phase::FollowLeader;
    recipe.key = leader.key;
    desk.departures.push_back({.ticket = recipe.ticket,
                               .message = encode_leader_response(range.header, leader),
                               .error = {},
                               .is_last = false});
    request.key = leader.key;
    request.start_revision = range.header.revision + 1;
  }
  watch(desk, recipe, std::move(request));
}

void Recipes::held(Desk desk, Recipe& recipe) {
  if (!is_election(recipe.method)) {
    return end(desk, recipe, encode_lock_response(recipe.header, recipe.key), std::nullopt);
  }
  const HouseRequest::LeaderKey leader{.name = recipe.request.name,
                                       .key = recipe.key,
                                       .revision = recipe.revision,
                                       .lease = recipe.request.lease};
  end(desk, recipe, encode_campaign_response(recipe.header, leader), std::nullopt);
}

void Recipes::simple(Desk desk, Recipe& recipe, const rpc::Response& response) {
  if (const auto* txn = std::get_if<rpc::TxnResponse>(&response)) {
    if (recipe.method == HouseMethod::Proclaim && !txn->succeeded) {
      return end(desk, recipe, std::nullopt, plain_error("election: not leader"));
    }
    return end(desk, recipe, encode_header_only(txn->header), std::nullopt);
  }
  if (const auto* range = std::get_if<rpc::RangeResponse>(&response)) {
    if (range->kvs.empty()) {
      return end(desk, recipe, std::nullopt, plain_error("election: no leader"));
    }
    return end(desk, recipe, encode_leader_response(range->header, range->kvs.front()),
               std::nullopt);
  }
  const rpc::ResponseHeader* header = rpc::header_of(response);
  end(desk, recipe, encode_header_only(header == nullptr ? rpc::ResponseHeader{} : *header),
      std::nullopt);
}

void Recipes::observe(Desk desk, Recipe& recipe) {
  recipe.phase = Phase::FindLeader;
  ask(desk, recipe, client::oldest_below(recipe.request.name));
}

void Recipes::heard(Desk desk, Recipe& recipe, const rpc::WatchResponse& response) {
  if (response.canceled) {
    return end(desk, recipe, std::nullopt, plain_error(response.cancel_reason));
  }
  for (const rpc::Event& event : response.events) {
    if (recipe.phase == Phase::AwaitOwner && deletes(event)) {
      unwatch(desk, recipe);
      return find_owner(desk, recipe);
    }
    const bool leader_came = recipe.phase == Phase::AwaitLeader && !deletes(event);
    const bool leader_went = recipe.phase == Phase::FollowLeader && deletes(event);
    if (leader_came || leader_went) {
      unwatch(desk, recipe);
      return observe(desk, recipe);
    }
    if (recipe.phase != Phase::FollowLeader) continue;
    desk.departures.push_back({.ticket = recipe.ticket,
                               .message = encode_leader_response(response.header, event.kv),
                               .error = {},
                               .is_last = false});
  }
}

bool Recipes::leave(Desk desk, Ticket ticket) {
  const auto found = recipes_.find(ticket);
  if (found == recipes_.end()) return false;
  Recipe& recipe = found->second;
  unwatch(desk, recipe);
  // Whoever waits for a lock no longer does not want it either.
  if (!recipe.key.empty() && recipe.method == HouseMethod::Lock) {
    desk.arrivals.emplace_back(
        Asked{.ticket = new_ticket(), .caller = recipe.caller, .request = delete_of(recipe.key)});
  } else if (!recipe.key.empty() && is_election(recipe.method)) {
    rpc::TxnRequest txn;
    txn.compare = {created_at(recipe.key, recipe.revision)};
    txn.success = {to_op(delete_of(recipe.key))};
    desk.arrivals.emplace_back(
        Asked{.ticket = new_ticket(), .caller = recipe.caller, .request = std::move(txn)});
  }
  recipes_.erase(found);
  return true;
}

}  // namespace orrery::door
