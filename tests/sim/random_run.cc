// RandomRun: the steps of a run, and its nemesis.
#include "tests/sim/random_run.h"

#include "base/check.h"
#include "base/text.h"
#include "tests/sim/cluster.h"

namespace orrery::sim::testing {
namespace {

Config config_of(std::uint64_t seed) {
  Config config;
  config.seed = seed;
  config.members = 5;
  config.timing.compaction_batch = 3;
  config.timing.call_timeout = seconds(2);
  config.timing.lease_checkpoints = seed % 3 == 0;
  config.timing.checkpoint_interval = seconds(1);
  config.timing.jwt_tokens = seed % 8 == 0;
  return config;
}

constexpr std::uint32_t kPaces[] = {0, 50, 80, 100, 100, 125, 200, 300};

bool is_gone_for_good(const server::Member& member) {
  return member.status() == server::Status::Panicked &&
         member.panic_text().find("permanently removed") != std::string::npos;
}

bool concerns(const Subject& subject, std::uint32_t member) {
  if (subject.kind == Subject::Kind::Lane) return subject.owner == member;
  return subject.kind == Subject::Kind::Message &&
         subject.channel.to == server::member_address(member);
}

}  // namespace

RandomRun::RandomRun(std::uint64_t seed)
    : seed_(seed), world_(config_of(seed)), has_auth_(seed % 4 == 0) {}

std::uint64_t RandomRun::pick(std::uint64_t bound) {
  return below(draw(seed_, Purpose::TestData, 1, ++draws_), bound);
}

std::uint32_t RandomRun::some_member() {
  return static_cast<std::uint32_t>(pick(world_.member_count()) + 1);
}

void RandomRun::play(int steps) {
  try {
    for (int i = 0; i < steps && failure_.empty(); ++i) step();
    if (failure_.empty()) settle();
    if (failure_.empty()) let_strangers_go();
    if (failure_.empty()) judge(checks::state_violations(world_));
    if (failure_.empty()) judge(checks_.run_violations(world_));
    if (failure_.empty()) compare_with_model();
    if (failure_.empty()) judge_workloads();
  } catch (const ContractViolation& broken) {
    fail_with(text("a contract of our own is broken: {}", broken.what()));
  }
}

void RandomRun::step() {
  const std::uint64_t dice = pick(1000);
  if (dice < 935) return follow_schedule();
  if (dice < 994) return clients_act();
  nemesis();
}

// A paused member does nothing, and what is sent to it waits: the first thing that is not its own happens.
void RandomRun::follow_schedule() {
  if (paused_ == 0) {
    if (const auto action = world_.next()) attempt(*action);
    return;
  }
  for (const auto& [key, on] : world_.agenda()) {
    if (concerns(key.subject, paused_)) continue;
    return attempt(action_of(world_, key.subject));
  }
}

bool RandomRun::perform(const Action& action) {
  const World before = world_;
  std::vector<std::string> notes;
  if (!world_.perform(action, tells_ ? &notes : nullptr)) return false;
  ++actions_;
  if (tells_) tell(action, notes);
  judge(checks_.observe(before, world_));
  if (actions_ % 256 == 0) judge(checks::state_violations(world_));
  for (std::uint32_t no = 1; no <= world_.member_count(); ++no) {
    const server::Member& member = world_.member(no);
    if (member.status() != server::Status::Panicked || is_gone_for_good(member)) continue;
    fail_with(text("n{} panicked: {}", no, member.panic_text()), &action);
  }
  return true;
}

void RandomRun::tell(const Action& action, const std::vector<std::string>& notes) const {
  std::printf("%6llu %8lld us  %s\n", static_cast<unsigned long long>(actions_),
              static_cast<long long>(world_.now().value() / 1000), to_text(action).c_str());
  for (const std::string& note : notes) std::printf("%20s - %s\n", "", note.c_str());
}

void RandomRun::attempt(const Action& action) {
  perform(action);
}

void RandomRun::nemesis() {
  const std::uint64_t dice = pick(30);
  if (dice < 4) return crash();
  if (dice < 11) return restart_one();
  if (dice < 13) return partition();
  if (dice < 19) return mend_all();
  if (dice < 24) return pause_or_go_on();
  if (dice < 28) return set_some_clock();
  lose_a_message();
}

void RandomRun::crash() {
  disk::Survivors survivors;
  const std::uint64_t dice = pick(3);
  if (dice == 1) survivors.writes = disk::KeepAll{};
  if (dice == 2) {
    survivors.writes = disk::KeepTorn{.pieces = static_cast<std::uint32_t>(pick(12))};
  }
  if (perform(Crash{.member = some_member(), .survivors = survivors})) ++counts_["crash"];
}

// Whoever was removed for good stays away.
void RandomRun::restart(std::uint32_t no) {
  if (is_gone_for_good(world_.member(no))) return;
  if (perform(Restart{.member = no})) ++counts_["restart"];
}

void RandomRun::restart_one() {
  const std::uint32_t first = some_member();
  for (std::uint32_t i = 0; i < world_.member_count(); ++i) {
    const std::uint32_t no = (first + i - 1) % world_.member_count() + 1;
    if (!world_.member(no).up() && !is_gone_for_good(world_.member(no))) return restart(no);
  }
}

void RandomRun::partition() {
  const std::uint32_t members = world_.member_count();
  const std::uint64_t side = pick((1ULL << members) - 2) + 1;  // which of them stand on one side
  ++counts_["partition"];
  for (std::uint32_t a = 1; a <= members; ++a) {
    for (std::uint32_t b = 1; b <= members; ++b) {
      const bool apart = ((side >> (a - 1)) & 1U) != ((side >> (b - 1)) & 1U);
      if (a != b && apart) attempt(Cut{server::member_address(a), server::member_address(b)});
    }
  }
}

void RandomRun::mend_all() {
  if (!world_.network().cuts().empty()) ++counts_["heal"];
  while (!world_.network().cuts().empty() && failure_.empty()) {
    const auto cut = world_.network().cuts().begin()->first;
    attempt(Mend{cut.first, cut.second});
  }
}

void RandomRun::pause_or_go_on() {
  paused_ = pick(3) == 0 ? some_member() : 0;
  if (paused_ != 0) ++counts_["pause"];
}

void RandomRun::set_some_clock() {
  const std::uint32_t pace = kPaces[pick(std::size(kPaces))];
  if (!perform(SetClock{.member = some_member(), .pace = pace})) return;
  ++counts_[pace == kRightPace ? "clock set right"
            : pace == 0        ? "clock stopped"
            : pace < 100       ? "clock slow"
                               : "clock fast"];
}

// From the middle of a channel this is more than TCP does: Raft bears it all the same.
void RandomRun::lose_a_message() {
  for (const auto& [id, channel] : world_.network().channels()) {
    const bool between = id.from.kind == server::Address::Kind::Member &&
                         id.to.kind == server::Address::Kind::Member;
    if (!between || channel.queue.empty() || pick(3) != 0) continue;
    const MessageId message{id.from, id.to, id.channel, channel.queue.front().number};
    if (perform(Drop{message})) ++counts_["message lost"];
    return;
  }
}

void RandomRun::judge(const Violations& violations) {
  if (violations.empty()) return;
  fail_with(violations.front().claim + ": " + violations.front().sentence);
}

void RandomRun::fail_with(const std::string& words, const Action* action) {
  if (!failure_.empty()) return;
  failure_ = text("{}\n  seed {}, after action {}{}", words, seed_, actions_,
                  action == nullptr ? "" : " (" + to_text(*action) + ")");
}

Counts RandomRun::counts() const {
  Counts out = counts_;
  out["action"] = actions_;
  out["virtual second"] = static_cast<std::uint64_t>(world_.now().value()) / 1'000'000'000;
  for (const auto& [no, client] : world_.clients()) {
    for (const auto& [number, call] : client->calls()) {
      const std::string who =
          call.program == 0 ? call.line.substr(0, call.line.find(' ')) : "program";
      const bool well = call.answer && !call.answer->error;
      ++out[text("op {} {}", who, well ? "answered" : "refused or unknown")];
      ++out["op"];
    }
    for (const auto& [number, watch] : client->watches()) {
      out["watch event"] += watch.events;
      if (watch.resumed > 0) out["watch resumed"] += watch.resumed;
    }
    for (const auto& [number, program] : client->programs()) {
      const auto* hold = std::get_if<client::Hold>(&program.work);
      if (hold != nullptr && hold->revision != 0) ++out["lock asked for"];
    }
  }
  return out;
}

}  // namespace orrery::sim::testing
