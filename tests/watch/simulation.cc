// The choices of a random run.
#include "simulation.h"

#include "base/draws.h"

namespace orrery::watch {

namespace {

WatchLimits random_limits(std::uint64_t seed, Pace pace) {
  if (pace == Pace::Etcd) return {};
  const auto small = [&](std::uint64_t counter) {
    return 1 + below(draw(seed, Purpose::TestData, 1, counter), 4);
  };
  return {.event_slots = small(0), .watchers_per_sync = small(1), .revisions_per_batch = small(2)};
}

bool is_progress(const rpc::WatchResponse& response) {
  return response.events.empty() && !response.created && !response.canceled;
}

// Where a client that has received this much of a watch takes it up again.
std::int64_t resume_revision(const checks::WatchRecord& watch) {
  std::int64_t out = checks::first_revision(watch);
  for (const rpc::WatchResponse& response : watch.responses) {
    if (is_progress(response)) out = std::max(out, response.header.revision + 1);
    if (!response.events.empty() && !response.fragment) {
      out = std::max(out, response.events.back().kv.mod_revision + 1);
    }
  }
  return out;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, WatchQuirks quirks, Pace pace)
    : seed_(seed), pace_(pace), member_(random_limits(seed, pace), quirks) {
  for (int i = 0; i < 2; ++i) {
    open_.push_back(next_stream_);
    member_.open(next_stream_++).stream.control = ControlChannel(2);
  }
}

std::uint64_t Simulation::pick(std::uint64_t bound) {
  return below(draw(seed_, Purpose::TestData, 0, draws_++), bound);
}

std::string Simulation::random_key() {
  return std::string(1, static_cast<char>('a' + pick(4)));
}

SimulationResult Simulation::run(int steps) {
  for (int i = 0; i < steps; ++i) {
    step();
    check_store();
  }
  drain();
  check_promises();
  result_.digest = digest_of(member_.store);
  return result_;
}

void Simulation::step() {
  const std::uint64_t client = open_[pick(open_.size())];
  if (closing_.contains(client)) return pick(2) == 0 ? reconnect(client) : step_victims();
  switch (pick(14)) {
    case 0:
    case 1: return write();
    case 2:
    case 3: return apply_next();
    case 4: return pick(8) == 0 ? install_snapshot() : step_notify();
    case 5: return step_notify();
    case 6: return step_sync();
    case 7: return step_victims();
    case 8: return send_request(client);
    case 9:
    case 10: return step_receive_loop(client);
    case 11:
    case 12: return pace_ == Pace::Tight || pick(12) == 0 ? step_send_loop(client) : write();
    default:
      return pick(pace_ == Pace::Tight ? 6 : 300) == 0 ? reconnect(client)
             : pick(4) == 0                            ? compact()
                                                       : step_sync();
  }
}

void Simulation::write() {
  std::vector<Change> changes;
  std::string key = random_key();
  for (std::uint64_t i = 0, n = 1 + pick(3); i < n && key <= "d"; ++i) {
    if (pick(3) == 0) {
      changes.push_back({key, std::nullopt});
    } else {
      changes.push_back({key, std::string(1 + pick(40), 'v')});
    }
    ++key[0];  // a transaction changes a key once
  }
  member_.history.commit(changes);
}

void Simulation::apply_next() {
  if (locked() || member_.revision == member_.history.revision()) return;
  plan_ = member_.begin(member_.history.events(member_.revision + 1, member_.revision + 1));
}

void Simulation::install_snapshot() {
  if (!locked() && member_.revision < member_.history.revision()) member_.install_snapshot();
}

void Simulation::compact() {
  if (!locked()) {
    member_.history.compact(
        1 + static_cast<std::int64_t>(pick(static_cast<std::uint64_t>(member_.revision))));
  }
}

void Simulation::step_notify() {
  if (!plan_) return;
  if (!plan_->done()) note(member_.store.send_one(*plan_, kQuiet));
  if (plan_->done()) plan_.reset();
}

void Simulation::step_sync() {
  if (round_ && !round_->done()) note(member_.store.send_one(*round_, kQuiet));
  if (round_ && round_->done()) return round_.reset();
  if (!locked() && !member_.store.unsynced().empty()) round_ = member_.choose();
}

void Simulation::step_victims() {
  if (!victims_) {
    if (!locked() && member_.store.has_victims()) victims_ = member_.store.take_victims();
    return;
  }
  if (victims_->has_retry()) {
    note(member_.store.retry_one(*victims_, kQuiet));
  } else if (!locked() && victims_->has_settle()) {
    member_.store.settle(*victims_, member_.revision, kQuiet);
  } else if (!locked() && victims_->has_put_back()) {
    member_.store.put_back(*victims_);
  }
  if (victims_->done()) victims_.reset();
}

rpc::WatchCreateRequest Simulation::random_create() {
  rpc::WatchCreateRequest out;
  out.key = Blob(random_key());
  if (pick(2) == 0) out.range_end = Blob(pick(3) == 0 ? kOpenEnd : random_key());
  const auto now = static_cast<std::uint64_t>(member_.revision);
  if (pick(3) > 0) out.start_revision = static_cast<std::int64_t>(pick(now + 8));
  if (pick(6) == 0) out.watch_id = next_explicit_id_++;
  if (pick(4) == 0)
    out.filters = {pick(2) == 0 ? rpc::WatchFilter::NoPut : rpc::WatchFilter::NoDelete};
  out.prev_kv = pick(3) == 0;
  out.progress_notify = pick(3) == 0;
  out.fragment = pick(3) == 0;
  return out;
}

// Progress for the stream does not say which watches it speaks for: a client that creates one while it waits
// for the answer may misread it (quirk_test.cc). This one does not.
bool Simulation::progress_under_way(std::uint64_t client) {
  for (const rpc::WatchRequest& request : unread_[client]) {
    if (std::holds_alternative<rpc::WatchProgressRequest>(request)) return true;
  }
  const Stream& stream = member_.clients[client].stream;
  const auto for_all = [](const auto& message) { return message.watch_id == kInvalidWatchId; };
  const auto& queue = member_.store.streams().find(StreamId(client))->events.queue();
  return std::ranges::any_of(queue, for_all) || std::ranges::any_of(stream.outbox, for_all);
}

void Simulation::send_request(std::uint64_t client) {
  if (unread_[client].size() > 2) return;
  rpc::WatchRequest request;
  const std::uint64_t kind = pick(8);
  if (kind == 0) {
    request = rpc::WatchProgressRequest{};
  } else if (kind == 1) {
    request = rpc::WatchCancelRequest{static_cast<WatchId>(pick(6))};
  } else {
    if (progress_under_way(client)) return;
    request = random_create();
  }
  member_.clients[client].transcript.emplace_back(request);
  unread_[client].push_back(request);
}

void Simulation::step_receive_loop(std::uint64_t client) {
  Stream& stream = member_.clients[client].stream;
  if (stream.unsent) {
    push_control(stream);
  } else if (!locked() && !unread_[client].empty()) {
    const Received done =
        on_request(stream, member_.store, unread_[client].front(), member_.context(), kQuiet);
    if (done == Received::Done) unread_[client].pop_front();
  }
}

void Simulation::step_send_loop(std::uint64_t client) {
  Client& its = member_.clients[client];
  its.stream.fragment_bytes = 60;
  if (!its.stream.outbox.empty()) {
    its.transcript.emplace_back(take_response(its.stream));
    return;
  }
  switch (pick(5)) {
    case 0:
      if (!locked()) tick_progress(its.stream, member_.store, member_.context(), kQuiet);
      return;
    case 1:
    case 2:
      if (!take_control(its.stream, kQuiet)) member_.choose_event(client);
      return;
    default:
      if (!member_.choose_event(client)) take_control(its.stream, kQuiet);
      return;
  }
}

// The client loses its stream and takes up each watch where it was, on a new one.
void Simulation::reconnect(std::uint64_t client) {
  if (locked()) return;
  closing_.insert(client);
  if (!member_.store.close_stream(StreamId(client), kQuiet)) return;
  closing_.erase(client);
  std::erase(open_, client);
  const std::uint64_t successor = next_stream_++;
  open_.push_back(successor);
  Client& its = member_.open(successor);
  its.stream.control = ControlChannel(2);
  for (const auto& watch : checks::watches_of(member_.clients[client].transcript, "")) {
    const bool ended = watch.canceled || std::ranges::any_of(watch.responses, [](const auto& r) {
                         return r.canceled;
                       });
    if (ended) continue;
    rpc::WatchCreateRequest again = watch.request;
    again.start_revision = resume_revision(watch);
    again.watch_id = kAutoWatchId;
    its.transcript.emplace_back(again);
    unread_[successor].emplace_back(again);
  }
}

void Simulation::note(const Sent& sent) {
  if (sent.kind == SendKind::ChannelFull) ++result_.victims;
  if (sent.kind == SendKind::NoticeSent) ++result_.compacted;
}

void Simulation::check_store() {
  if (plan_) return;  // the revision is visible to nobody yet
  const Violations broken = violations(member_.store, member_.revision);
  result_.violations.insert(result_.violations.end(), broken.begin(), broken.end());
}

// All lanes run, all clients read, until nothing is left.
void Simulation::drain() {
  while (plan_) step_notify();
  while (round_) step_sync();
  while (victims_) step_victims();
  while (member_.revision < member_.history.revision()) {
    apply_next();
    while (plan_) step_notify();
  }
  while (!closing_.empty()) reconnect(*closing_.begin());
  for (const std::uint64_t client : open_) {
    while (!unread_[client].empty() || member_.clients[client].stream.unsent) {
      step_receive_loop(client);
      step_send_loop(client);
    }
  }
  member_.settle();
}

void Simulation::check_promises() {
  for (const auto& [number, client] : member_.clients) {
    const bool in_use = std::ranges::find(open_, number) != open_.end();
    for (const auto& watch : checks::watches_of(client.transcript, "s" + std::to_string(number))) {
      for (const rpc::WatchResponse& response : watch.responses) {
        result_.events_received += response.events.size();
        if (is_progress(response)) ++result_.progress;
      }
      Violations broken = checks::watch_violations(watch, member_.history.values());
      const Violations late =
          checks::watch_complete(watch, member_.history.values(), member_.revision);
      if (in_use) broken.insert(broken.end(), late.begin(), late.end());
      result_.violations.insert(result_.violations.end(), broken.begin(), broken.end());
    }
  }
}

}  // namespace orrery::watch
