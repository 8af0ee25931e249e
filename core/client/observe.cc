// Following an election, and keeping a lease alive.
// from: etcd clientv3/concurrency/election.go (observe), lease.go (keepAliveLoop); etcdctl lease keep-alive
#include "base/text.h"
#include "client/hands.h"

namespace orrery::client {
namespace {

using ObservePhase = Observe::Phase;

void find_leader(Hands& hands, Observe& work) {
  work.phase = ObservePhase::Find;
  rpc::RangeRequest oldest;
  oldest.key = Blob(std::string(work.name.view()) + "/");
  oldest.range_end = Blob(std::string(work.name.view()) + "0");
  oldest.limit = 1;
  oldest.sort_target = rpc::SortTarget::Create;
  oldest.sort_order = rpc::SortOrder::Ascend;
  hands.ask(oldest);
}

void show(Hands& hands, const mvccpb::KeyValue& pair) {
  hands.say(std::string(pair.key.view()));
  hands.say(std::string(pair.value.view()));
}

void follow(Hands& hands, Observe& work, const Blob& key, std::int64_t from) {
  if (work.watch != 0) hands.unwatch(work.watch);
  work.phase = ObservePhase::FollowLeader;
  work.key = key;
  rpc::WatchCreateRequest request;
  request.key = key;
  request.start_revision = from;
  work.watch = hands.watch(std::move(request));
}

void await_leader(Hands& hands, Observe& work, std::int64_t from) {
  work.phase = ObservePhase::AwaitLeader;
  rpc::WatchCreateRequest request;
  request.key = Blob(std::string(work.name.view()) + "/");
  request.range_end = Blob(std::string(work.name.view()) + "0");
  request.start_revision = from;
  request.filters = {rpc::WatchFilter::NoDelete};
  work.watch = hands.watch(std::move(request));
}

void ask_renewal(Hands& hands, const KeepAlive& work) {
  hands.ask(rpc::LeaseRequest(rpc::LeaseKeepAliveRequest{work.lease}));
}

}  // namespace

void start(Hands& hands, Observe& work) {
  find_leader(hands, work);
}

void answered(Hands& hands, Observe& work, const Notice& notice) {
  if (notice.call != hands.program().asked || work.phase != ObservePhase::Find) return;
  if (notice.answer.error) return hands.fail_with(notice.answer.error->detail);
  const auto& found = std::get<rpc::RangeResponse>(notice.answer.response);
  if (found.kvs.empty()) return await_leader(hands, work, found.header.revision);
  show(hands, found.kvs.front());
  follow(hands, work, found.kvs.front().key, found.header.revision + 1);
}

void told(Hands& hands, Observe& work, const Notice& notice) {
  if (notice.watch != work.watch) return;
  if (notice.response.canceled) return find_leader(hands, work);
  for (const mvccpb::Event& event : notice.response.events) {
    const bool is_put = event.type == mvccpb::EventType::Put;
    if (work.phase == ObservePhase::AwaitLeader && is_put) {
      show(hands, event.kv);
      return follow(hands, work, event.kv.key, event.kv.mod_revision + 1);
    }
    if (work.phase != ObservePhase::FollowLeader) continue;
    if (is_put) {
      show(hands, event.kv);
      continue;
    }
    hands.unwatch(work.watch);
    return find_leader(hands, work);
  }
}

void stop(Hands& hands, Observe& work) {
  if (work.watch != 0) hands.unwatch(work.watch);
  hands.end(0);
}

void start(Hands& hands, KeepAlive& work) {
  ask_renewal(hands, work);
}

void answered(Hands& hands, KeepAlive& work, const Notice& notice) {
  if (notice.answer.error) return hands.fail_with(notice.answer.error->detail);
  const auto& lease = std::get<rpc::LeaseResponse>(notice.answer.response);
  const auto& alive = std::get<rpc::LeaseKeepAliveResponse>(lease);
  if (alive.ttl <= 0) {
    hands.say(text("lease {:016x} expired or revoked.", work.lease.value()));
    return hands.end(0);
  }
  hands.say(text("lease {:016x} keepalived with TTL({})", work.lease.value(), alive.ttl));
  hands.sleep_until(hands.now() + seconds(alive.ttl).value() / 3);
}

void woken(Hands& hands, KeepAlive& work) {
  ask_renewal(hands, work);
}

}  // namespace orrery::client
