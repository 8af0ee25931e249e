// A member's watch side without the rest of a member: a history of events, the store, streams, clients.
// Each function is one step, so that a test chooses the order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "check/watch_guarantees.h"
#include "watch/invariants.h"
#include "watch/store.h"
#include "watch/stream.h"

namespace orrery::watch {

inline const Guards kQuiet;

struct Change {
  std::string key;
  std::optional<std::string> value;  // none = delete
};

class History {
 public:
  // One transaction; gives its events. Deleting what is not there changes nothing.
  std::vector<Event> commit(const std::vector<Change>& changes) {
    std::vector<Event> out;
    for (const Change& change : changes) {
      if (change.value || live_.contains(change.key)) out.push_back(event_of(change));
    }
    if (out.empty()) return out;
    ++revision_;
    values_.events.insert(values_.events.end(), out.begin(), out.end());
    return out;
  }

  std::vector<Event> events(std::int64_t from, std::int64_t to) const {
    std::vector<Event> out;
    for (const Event& event : values_.events) {
      if (event.kv.mod_revision >= from && event.kv.mod_revision <= to) out.push_back(event);
    }
    return out;
  }

  // The key at a revision, unless compacted away.
  std::optional<mvccpb::KeyValue> at(const Blob& key, std::int64_t revision) const {
    std::optional<mvccpb::KeyValue> out;
    if (revision < values_.compact_revision) return out;
    for (const Event& event : values_.events) {
      if (event.kv.mod_revision > revision) break;
      if (event.kv.key != key) continue;
      out = event.type == EventType::Put ? std::optional(event.kv) : std::nullopt;
    }
    return out;
  }

  void compact(std::int64_t revision) {
    values_.compact_revision = std::max(values_.compact_revision, revision);
  }

  std::int64_t revision() const { return revision_; }

  const checks::WatchHistory& values() const { return values_; }

 private:
  Event event_of(const Change& change) {
    Event out;
    out.kv.key = Blob(change.key);
    out.kv.mod_revision = revision_ + 1;
    if (!change.value) {
      out.type = EventType::Delete;
      live_.erase(change.key);
      return out;
    }
    mvccpb::KeyValue& kv = live_[change.key];
    if (kv.version == 0) kv.create_revision = revision_ + 1;
    ++kv.version;
    kv.key = out.kv.key;
    kv.value = Blob(*change.value);
    kv.mod_revision = revision_ + 1;
    out.kv = kv;
    return out;
  }

  checks::WatchHistory values_;
  std::map<std::string, mvccpb::KeyValue> live_;
  std::int64_t revision_ = 1;
};

struct Client {
  Stream stream;
  checks::Transcript transcript;
  std::vector<rpc::WatchRequest> unread;  // sent, not yet read by the receive loop

  // What it received, in order.
  std::vector<rpc::WatchResponse> responses() const {
    std::vector<rpc::WatchResponse> out;
    for (const checks::Exchange& exchange : transcript) {
      if (const auto* response = std::get_if<rpc::WatchResponse>(&exchange)) {
        out.push_back(*response);
      }
    }
    return out;
  }
};

class Member {
 public:
  explicit Member(WatchLimits limits = {}, WatchQuirks quirks = {}) : store(limits, quirks) {}

  WatchStore store;
  History history;            // the cluster's
  std::int64_t revision = 1;  // how much of it this member has
  std::map<std::uint64_t, Client> clients;

  Client& open(std::uint64_t number) {
    Client& client = clients[number];
    client.stream.id = StreamId(number);
    store.open_stream(StreamId(number));
    return client;
  }

  StreamContext context() const {
    StreamContext out;
    out.header = {.cluster_id = 7, .member_id = 8, .revision = revision, .raft_term = 2};
    return out;
  }

  // -- writes

  void put(const std::string& key, const std::string& value = "v") { commit({{key, value}}); }

  void del(const std::string& key) { commit({{key, std::nullopt}}); }

  // A whole write of this member: transaction, notify, all sends.
  void commit(const std::vector<Change>& changes) {
    NotifyPlan plan = begin(history.commit(changes));
    while (!plan.done()) store.send_one(plan, kQuiet);
  }

  // The member's revision follows the events, as at the end of a transaction.
  NotifyPlan begin(const std::vector<Event>& events) {
    if (!events.empty()) revision = events.front().kv.mod_revision;
    return store.begin_notify(revision, events, kQuiet);
  }

  // Another member's write: this one lags behind.
  void put_elsewhere(const std::string& key, const std::string& value = "v") {
    history.commit({{key, value}});
  }

  void install_snapshot() {
    revision = history.revision();
    store.restore();
  }

  // -- the lanes

  SyncRound choose() {
    SyncRound round = store.choose_unsynced(revision, history.values().compact_revision, kQuiet);
    const bool scan = round.wants_scan();
    store.give_events(
        round, scan ? history.events(round.min_revision, round.current_revision) : empty_, kQuiet);
    return round;
  }

  void sync_round() {
    SyncRound round = choose();
    while (!round.done()) store.send_one(round, kQuiet);
  }

  // Gives whether anything moved.
  bool victims_round() {
    VictimRound round = store.take_victims();
    while (!round.done()) {
      if (round.has_retry()) {
        store.retry_one(round, kQuiet);
      } else if (round.has_settle()) {
        store.settle(round, revision, kQuiet);
      } else {
        store.put_back(round);
      }
    }
    return round.moved > 0;
  }

  // -- a client and its stream

  Received request(std::uint64_t client, const rpc::WatchRequest& request) {
    Client& its = clients[client];
    its.transcript.emplace_back(request);
    const Received out = on_request(its.stream, store, request, context(), kQuiet);
    if (its.stream.unsent) push_control(its.stream);
    return out;
  }

  // Registers a watch, sends out what answers it, and gives the answer.
  rpc::WatchResponse watch(std::uint64_t client, const rpc::WatchCreateRequest& create) {
    request(client, create);
    take_control(clients[client].stream, kQuiet);
    const rpc::WatchResponse created = clients[client].stream.outbox.front();
    read_outbox(client);
    return created;
  }

  bool choose_event(std::uint64_t client) {
    const auto previous = [&](const Blob& key, std::int64_t at) { return history.at(key, at); };
    return take_event(clients[client].stream, store, context(), previous, kQuiet);
  }

  void read_outbox(std::uint64_t client) {
    Client& its = clients[client];
    while (!its.stream.outbox.empty()) its.transcript.emplace_back(take_response(its.stream));
  }

  // The send loop runs until it has nothing to choose; gives what the client received by it.
  std::vector<rpc::WatchResponse> read(std::uint64_t client) {
    Client& its = clients[client];
    const std::size_t before = its.responses().size();
    read_outbox(client);
    while (take_control(its.stream, kQuiet) || choose_event(client)) read_outbox(client);
    std::vector<rpc::WatchResponse> all = its.responses();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(before));
    return all;
  }

  // Everything runs until nothing is left to do.
  void settle() {
    bool busy = true;
    while (busy) {
      busy = false;
      if (!store.unsynced().empty()) sync_round(), busy = true;
      if (store.has_victims()) victims_round(), busy = true;
      for (auto& [number, client] : clients) busy |= !read(number).empty();
    }
  }

 private:
  std::vector<Event> empty_;
};

inline Member member_with_stream(WatchLimits limits = {}, WatchQuirks quirks = {}) {
  Member out(limits, quirks);
  out.open(1);
  return out;
}

inline rpc::WatchCreateRequest create(const std::string& key, std::int64_t start = 0) {
  rpc::WatchCreateRequest out;
  out.key = Blob(key);
  out.start_revision = start;
  return out;
}

inline rpc::WatchCreateRequest create_range(const std::string& key, const std::string& end,
                                            std::int64_t start = 0) {
  rpc::WatchCreateRequest out = create(key, start);
  out.range_end = Blob(end);
  return out;
}

inline const std::string kOpenEnd = std::string(1, '\0');

// "PUT a@2, DELETE a@3": the events of responses, short enough to compare in a test.
inline std::string brief(const std::vector<rpc::WatchResponse>& responses) {
  std::string out;
  for (const rpc::WatchResponse& response : responses) {
    for (const Event& event : response.events) {
      out += out.empty() ? "" : ", ";
      out += event.type == EventType::Put ? "PUT " : "DELETE ";
      out += std::string(event.kv.key.view()) + "@" + std::to_string(event.kv.mod_revision);
    }
  }
  return out;
}

}  // namespace orrery::watch
