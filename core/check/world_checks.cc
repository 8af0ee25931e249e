#include "check/world_checks.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"
#include "check/acknowledged.h"
#include "mvcc/store.h"
#include "raft/raft_invariants.h"
#include "watch/invariants.h"

namespace orrery::checks {
namespace {

using server::Member;
using sim::World;

void add(Violations& out, Violations more) {
  out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void add_for(Violations& out, const Member& member, Violations more) {
  for (Violation& violation : more) {
    out.push_back({violation.claim, text("n{}: {}", member.no(), violation.sentence)});
  }
}

std::vector<mvccpb::Event> events_of(const Member& member) {
  const auto& run = member.running();
  const std::int64_t from = std::max<std::int64_t>(run.store.compact_revision() + 1, 1);
  const auto events = run.store.events_in(run.backend, from, run.store.current_revision() + 1);
  return events ? *events : std::vector<mvccpb::Event>{};
}

RevisionChain chain_of(const Member& member) {
  RevisionChain chain;
  const std::vector<mvccpb::Event> events = events_of(member);
  const std::int64_t compacted = member.running().store.compact_revision();
  if (compacted > 1) chain.begin_at(compacted, 0);
  for (std::size_t i = 0; i < events.size();) {
    std::size_t end = i;
    while (end < events.size() && events[end].kv.mod_revision == events[i].kv.mod_revision) {
      ++end;
    }
    chain.append(std::span(events).subspan(i, end - i));
    i = end;
  }
  return chain;
}

// Members compared only where both know the history from the same revision on.
Violations equal_histories(const World& world) {
  std::map<std::int64_t, std::vector<MemberHistory>> by_start;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const Member& member = world.member(no);
    if (!member.up()) continue;
    by_start[member.running().store.compact_revision()].push_back(
        {text("n{}", no), chain_of(member)});
  }
  Violations out;
  for (const auto& [start, members] : by_start) add(out, agreement_violations(members));
  return out;
}

// etcd's own hash: members with the same revision and compaction have the same rows.
Violations equal_hashes(const World& world) {
  struct Seen {
    std::uint32_t member = 0;
    std::uint32_t hash = 0;
  };
  std::map<std::pair<std::int64_t, std::int64_t>, Seen> seen;
  Violations out;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const Member& member = world.member(no);
    if (!member.up() || !member.running().batch_tx.free()) continue;
    const auto& run = member.running();
    if (!run.compact.jobs.empty()) continue;
    const auto hash = run.store.hash_kv(run.backend, 0);
    if (!hash) continue;
    const std::pair at(run.store.current_revision(), run.store.compact_revision());
    const auto [first, is_new] = seen.emplace(at, Seen{no, hash->hash});
    if (is_new || first->second.hash == hash->hash) continue;
    out.push_back(
        {"HashesAgree", text("n{} and n{} are both at revision {}, but their stores hash "
                             "to {} and {}",
                             first->second.member, no, at.first, first->second.hash, hash->hash)});
  }
  return out;
}

// What the events say about a key at a revision; nothing = absent.
const mvccpb::KeyValue* state_at(const std::vector<mvccpb::Event>& events, BytesView key,
                                 std::int64_t revision) {
  const mvccpb::KeyValue* found = nullptr;
  for (const mvccpb::Event& event : events) {
    if (event.kv.mod_revision > revision) break;
    if (event.kv.key.view() != key) continue;
    found = event.type == mvccpb::EventType::Delete ? nullptr : &event.kv;
  }
  return found;
}

std::int64_t revision_of(const rpc::Response& response) {
  const rpc::ResponseHeader* header = rpc::header_of(response);
  return header == nullptr ? 0 : header->revision;
}

std::vector<AcknowledgedWrite> acknowledged_writes(const World& world, std::int64_t from) {
  std::vector<AcknowledgedWrite> out;
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, call] : client->calls()) {
      if (!call.answer || call.answer->error) continue;
      if (revision_of(call.answer->response) < from) continue;
      auto events = events_told_of(call.request, call.answer->response);
      if (events.empty()) continue;
      out.push_back({text("`{}` of c{}", call.line, no), std::move(events)});
    }
  }
  return out;
}

// The highest revision that anybody had been told of before this moment.
std::int64_t told_before(const World& world, Nanos moment) {
  std::int64_t told = 1;
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, call] : client->calls()) {
      if (!call.returned || *call.returned >= moment || !call.answer || call.answer->error) {
        continue;
      }
      told = std::max(told, revision_of(call.answer->response));
    }
  }
  return told;
}

// A single-key read, against the history: linearizable reads are no older than what anybody knew when they began.
void judge_read(const World& world, const std::vector<mvccpb::Event>& events,
                const client::Call& call, Violations& out) {
  const auto* range = std::get_if<rpc::RangeRequest>(&call.request);
  if (range == nullptr || !range->range_end.empty() || range->revision != 0) return;
  if (!call.answer || call.answer->error) return;
  const auto& response = std::get<rpc::RangeResponse>(call.answer->response);
  const std::int64_t revision = response.header.revision;
  const std::int64_t told = told_before(world, call.invoked);
  if (!range->serializable && revision < told) {
    out.push_back({"LinearizableReads",
                   text("`{}` answered with revision {}, but {} was known before it began",
                        call.line, revision, told)});
  }
  if (range->count_only || range->keys_only) return;
  const mvccpb::KeyValue* expected = state_at(events, range->key.view(), revision);
  const bool equal = expected == nullptr ? response.kvs.empty()
                                         : response.kvs.size() == 1 && response.kvs[0] == *expected;
  if (!equal) {
    out.push_back({"ReadsTellTheTruth",
                   text("`{}` answered what was not so at revision {}", call.line, revision)});
  }
}

// What a watch was told, without what only its resumption explains: after one it may have another id. Etcd's client
// resumes a watch that has seen nothing at the revision of its creation: what happened there comes too, and it may be
// compacted by then.
Transcript transcript_of(const client::Watch& watch) {
  Transcript out{rpc::WatchRequest(watch.request)};
  if (watch.responses.empty()) return out;
  const bool again = watch.resumed > 0;
  const rpc::WatchResponse& first = *watch.responses.begin();
  for (rpc::WatchResponse response : watch.responses) {
    if (again && response.compact_revision > watch.next_revision) continue;
    if (response.watch_id >= 0) response.watch_id = first.watch_id;
    const bool had_events = !response.events.empty();
    if (again && watch.request.start_revision == 0) {
      std::erase_if(response.events, [&](const mvccpb::Event& event) {
        return event.kv.mod_revision <= first.header.revision;
      });
    }
    if (!had_events || !response.events.empty()) out.emplace_back(std::move(response));
  }
  return out;
}

void judge_watches(const World& world, const WatchHistory& history, Violations& out) {
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [stream, watch] : client->watches()) {
      for (const WatchRecord& record : watches_of(transcript_of(watch), watch.name)) {
        add(out, watch_violations(record, history));
      }
    }
  }
}

}  // namespace

Gauges gauges_of(const Member& member) {
  const auto& run = member.running();
  return {.member = text("n{}", member.no()),
          .term = run.raft.term().value(),
          .commit = run.raft.log().committed().value(),
          .applied = run.applied.value(),
          .consistent_index = run.consistent.value(),
          .revision = run.store.current_revision(),
          .compact_revision = run.store.compact_revision(),
          .starts = member.restarts()};
}

Violations WorldChecks::observe(const World& before, const World& after) {
  Violations out;
  for (std::uint32_t no = 1; no <= after.member_count(); ++no) {
    if (after.shares_member(before, no)) continue;
    const Member& now = after.member(no);
    if (!now.up()) continue;
    const bool has_joined = no > before.member_count();
    const Member& then = has_joined ? now : before.member(no);
    const bool same_life = !has_joined && then.up() && then.restarts() == now.restarts();
    if (same_life) {
      add_for(out, now, raft::step_violations(then.running().raft, now.running().raft));
      add_for(out, now, gauge_step_violations(gauges_of(then), gauges_of(now)));
      add_for(out, now, record_.observe(then.running().raft, now.running().raft));
    } else {
      add_for(out, now, record_.observe(raft::Raft{}, now.running().raft));
    }
    add_for(out, now, gauge_violations(gauges_of(now)));
    add(out, stores_.observe(has_joined ? nullptr : &then, now));
    remember(now);
  }
  add(out, services_.observe(before, after));
  return out;
}

Violations WorldChecks::standing(const World& world) const {
  Violations out = stores_.standing(world);
  add(out, services_.standing(world));
  return out;
}

// The first member to reach a revision says what happened in it; the others are compared with it by their chains.
void WorldChecks::remember(const Member& member) {
  const auto& run = member.running();
  const std::int64_t revision = run.store.current_revision();
  if (revision <= known_revision_) return;
  const auto events = run.store.events_in(run.backend, known_revision_ + 1, revision + 1);
  if (events) {
    for (const mvccpb::Event& event : *events) history_.push_back(event);
  }
  known_revision_ = revision;
}

Violations state_violations(const World& world) {
  Violations out;
  std::vector<const raft::Raft*> rafts;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const Member& member = world.member(no);
    if (!member.up()) continue;
    const auto& run = member.running();
    rafts.push_back(&run.raft);
    add_for(out, member, raft::violations(run.raft));
    add_for(out, member, watch::violations(run.watches, run.store.current_revision()));
    if (run.batch_tx.free()) add_for(out, member, mvcc::violations(run.store, run.backend));
    if (run.batch_tx.free()) add(out, lease_violations(member));
  }
  add(out, raft::cluster_violations(rafts));
  add(out, equal_histories(world));
  add(out, equal_hashes(world));
  for (std::string& sentence : sim::agenda_violations(world)) {
    out.push_back({"AgendaMatchesState", std::move(sentence)});
  }
  return out;
}

Violations WorldChecks::run_violations(const World& world) const {
  Violations out;
  std::int64_t compacted = 0;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const Member& member = world.member(no);
    if (!member.up()) continue;
    compacted = std::max(compacted, member.running().store.compact_revision());
    const std::int64_t from =
        std::max<std::int64_t>(member.running().store.compact_revision() + 1, 1);
    const FinalHistory history{text("n{}", no), from, events_of(member)};
    add(out, durability_violations(acknowledged_writes(world, from), std::span(&history, 1)));
  }
  const std::vector<mvccpb::Event> events(history_.begin(), history_.end());
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, call] : client->calls()) judge_read(world, events, call, out);
  }
  judge_watches(world, {.events = events, .compact_revision = compacted}, out);
  return out;
}

}  // namespace orrery::checks
