#include "door/live_world.h"

#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "lang/run_file.h"

namespace orrery::door {

namespace {

// Steps in one go, before whoever waits for an answer is looked at again.
constexpr std::uint64_t kSteps = 100'000;

// A cluster has elected long before.
constexpr Nanos kSettleTime = seconds(60);

bool all_know_a_leader(const sim::World& world) {
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const server::Member& member = world.member(no);
    if (!member.up()) continue;
    const server::Running& run = member.running();
    if (run.seen_leader == NodeId(0) || run.applied < run.raft.log().committed()) return false;
    if (run.raft.is_leader() && !run.lessor.is_primary()) return false;
  }
  return true;
}

// etcd is ready to serve when it has told the others where it listens.
bool all_are_published(const sim::World& world) {
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const server::Member& member = world.member(no);
    if (!member.up()) continue;
    const rpc::Member* self = member.running().membership.find(member.id());
    const std::vector urls{member.plan().peers[no - 1].client_url};
    if (self != nullptr && (self->name.empty() || self->client_urls != urls)) return false;
  }
  return true;
}

}  // namespace

server::Timing live_timing() {
  server::Timing timing;
  timing.link_latency = Nanos(0);
  timing.link_jitter = Nanos(0);
  timing.call_latency = Nanos(0);
  // What comes at the same moment is written by one fsync: it waits until nothing else is to be done.
  timing.fsync_latency = Nanos(1);
  return timing;
}

LiveWorld::LiveWorld(const sim::Config& config, bool recording)
    : world_(config), recording_(recording) {}

Result<void> LiveWorld::settle() {
  const Nanos until = world_.now() + kSettleTime.value();
  while (!all_know_a_leader(world_) || !all_are_published(world_)) {
    const auto due = world_.next_due();
    if (!due || *due > until) {
      return fail(Errc::Budget, text("no leader within {} s", kSettleTime.value() / 1'000'000'000));
    }
    while (!run_until(*due)) {
    }
  }
  return {};
}

void LiveWorld::listen() {
  if (watcher_) watcher_(world_);
  for (const client::Told& one : world_.told()) {
    reception_.told(one);
    told_.push_back(one);
  }
}

void LiveWorld::perform(const sim::Action& action) {
  const auto done = world_.perform(action);
  check(done.has_value(), "what the door lets in can be performed");
  if (recording_) entries_.push_back({.defaults = std::exchange(defaults_, 0), .action = action});
  listen();
}

Result<void> LiveWorld::act(const sim::Action& action) {
  const auto done = world_.perform(action);
  if (!done) return done;
  if (recording_) entries_.push_back({.defaults = std::exchange(defaults_, 0), .action = action});
  listen();
  return {};
}

// Where something is due still, it is not later in there than that.
void LiveWorld::come_to(Nanos now) {
  const auto due = world_.next_due();
  const bool is_idle = !due || *due > now;
  if (is_idle && world_.now() < now) perform(sim::Wait{.until = now});
}

void LiveWorld::let_in(const std::vector<Arrival>& arrivals, Nanos now) {
  if (arrivals.empty()) return;
  come_to(now);
  for (const Arrival& arrival : arrivals) {
    const auto action = reception_.admit(arrival, world_);
    if (!action) {
      const Ticket ticket = std::visit([](const auto& held) { return held.ticket; }, arrival);
      told_.push_back({.ticket = ticket, .error = action.error()});
    } else if (*action) {
      perform(**action);
    }
  }
}

bool LiveWorld::run_until(Nanos now, std::size_t most_told) {
  const std::size_t told_before = told_.size();
  for (std::uint64_t steps = 0; steps < kSteps; ++steps) {
    const auto due = world_.next_due();
    if (!due || *due > now) return true;
    if (told_.size() - told_before >= most_told) return false;
    const auto next = world_.next();
    const auto done = world_.perform(*next);
    check(done.has_value(), "what is due can be performed");
    ++defaults_;
    if (watcher_ || !world_.told().empty()) listen();
  }
  return false;
}

std::vector<client::Told> LiveWorld::take_told() {
  return std::exchange(told_, {});
}

Result<lang::SavedRun> LiveWorld::saved() const {
  if (!recording_) return fail(Errc::WrongUse, "this session was not recorded");
  lang::RunRecorder recorder(lang::run_head(world_.config()));
  sim::World world(world_.config());
  recorder.command("front door");
  const auto default_steps = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto next = world.next();
      check(next && world.perform(*next), "what happened by itself happens again");
      recorder.action(sim::to_text(*next), true, world.digest());
    }
  };
  for (const Entry& entry : entries_) {
    default_steps(entry.defaults);
    check(world.perform(entry.action).has_value(), "what was let in is let in again");
    recorder.action(sim::to_text(entry.action), false, world.digest());
  }
  default_steps(defaults_);
  if (world.digest() != world_.digest()) {
    return fail(Errc::Expectation, "performed anew, the session ends in another world");
  }
  return recorder.take();
}

}  // namespace orrery::door
