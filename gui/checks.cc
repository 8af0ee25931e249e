#include "gui/checks.h"

#include <QStringList>

#include "base/digest.h"
#include "base/text.h"
#include "gui/describe.h"
#include "gui/words.h"
#include "raft/cluster_claims.h"
#include "raft/raft_invariants.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::size_t kHashedKeys = 5'000;
constexpr std::size_t kRemembered = 4'096;
constexpr std::uint64_t kReadLog = 2'000;  // a claim that reads whole logs is left out beyond

struct Gathered {
  std::vector<const raft::Raft*> rafts;
  std::uint64_t longest = 0;
};

Gathered gather(const sim::World& world) {
  Gathered out;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) continue;
    const raft::Raft& raft = world.member(no).running().raft;
    out.rafts.push_back(&raft);
    out.longest = std::max(out.longest, raft.log().last_index() + 1 - raft.log().first_index());
  }
  return out;
}

CheckLight light(const char* name, const char* meaning, const Violations& violations) {
  CheckLight out{.name = phrase(name), .meaning = phrase(meaning), .sentence = {}};
  QStringList sentences;
  for (const Violation& violation : violations) sentences << q(violation.sentence);
  if (!sentences.isEmpty()) out.state = CheckLight::State::Broken;
  out.sentence = sentences.join(QLatin1String("; "));
  return out;
}

CheckLight unknown(const char* name, const char* meaning) {
  return {.name = phrase(name),
          .meaning = phrase(meaning),
          .state = CheckLight::State::Unknown,
          .sentence = phrase("not looked at: there is too much of it to check at every step")};
}

CheckLight log_light(const Gathered& all, const char* name, const char* meaning,
                     Violations (*claim)(raft::Members)) {
  if (all.longest > kReadLog) return unknown(name, meaning);
  return light(name, meaning, claim(all.rafts));
}

CheckLight order_light(const sim::World& world) {
  Violations found;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) continue;
    const server::Running& run = world.member(no).running();
    const raft::Log& log = run.raft.log();
    if (run.applied <= log.committed() && log.committed() <= log.last_index() &&
        run.consistent_on_disk <= run.consistent) {
      continue;
    }
    found.push_back({.claim = "order", .sentence = text("n{} is ahead of itself", no)});
  }
  return light("Order of progress",
               "On each member: applied <= committed <= last, and the file's consistent index is "
               "not ahead of memory's.",
               found);
}

CheckLight agreement_light(const sim::World& world, HashCache& hashes) {
  constexpr const char* kName = "Equal hash at equal revision";
  constexpr const char* kMeaning =
      "Members at the same revision, compacted alike, have the same keys and values.";
  Violations found;
  for (std::uint32_t a = 1; a <= world.member_count(); ++a) {
    for (std::uint32_t b = a + 1; b <= world.member_count(); ++b) {
      const auto one = hashes.hash(world, a);
      const auto two = hashes.hash(world, b);
      if (!one || !two || *one == *two) continue;
      const auto& store = world.member(a).running().store;
      const auto& other = world.member(b).running().store;
      if (store.current_revision() != other.current_revision() ||
          store.compact_revision() != other.compact_revision()) {
        continue;
      }
      found.push_back(
          {.claim = "hash",
           .sentence = text("n{} and n{} differ at revision {}", a, b, store.current_revision())});
    }
  }
  return light(kName, kMeaning, found);
}

CheckLight agenda_light(const sim::World& world) {
  Violations found;
  for (const std::string& words : sim::agenda_violations(world)) {
    found.push_back({.claim = "agenda", .sentence = words});
  }
  return light("Agenda", "What is listed as possible is what the state says is possible.", found);
}

CheckLight panic_light(const sim::World& world) {
  Violations found;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const auto& member = world.member(no);
    if (member.status() != server::Status::Panicked || was_removed(member)) continue;
    found.push_back(
        {.claim = "panic", .sentence = text("{}: {}", member.name(), member.panic_text())});
  }
  return light("No panic", "No member has ended itself because it found itself impossible.", found);
}

}  // namespace

std::optional<std::uint32_t> HashCache::hash(const sim::World& world, std::uint32_t member) {
  if (member == 0 || !world.member(member).up()) return std::nullopt;
  const server::Running& run = world.member(member).running();
  if (run.store.index().size() > kHashedKeys) return std::nullopt;
  const Key key{.member = member,
                .applied = run.applied.value(),
                .revision = run.store.current_revision(),
                .compacted = run.store.compact_revision(),
                .index = digest_of(run.store.index())};
  if (const auto at = known_.find(key); at != known_.end()) return at->second;
  const auto hash = run.store.hash_kv(run.backend, 0);
  if (!hash) return std::nullopt;
  if (known_.size() > kRemembered) known_.clear();
  return known_.emplace(key, hash->hash).first->second;
}

CheckLight claim_light(const lang::WatchedClaim& claim) {
  using State = CheckLight::State;
  CheckLight out{.name = q(claim.is_break ? "break " : "always ") + q(claim.name) + u": "_s +
                         q(lang::to_text(claim.claim)),
                 .meaning = phrase("Your own claim, looked at after every step."),
                 .state = !claim.light   ? State::Unknown
                          : *claim.light ? State::Holds
                                         : State::Broken,
                 .sentence = {}};
  if (claim.is_break) {
    // A breakpoint that does not hold is only not met yet.
    out.meaning = phrase("A breakpoint: running stops when it becomes true.");
    if (out.state == State::Broken) out.state = State::Unknown;
    out.name = out.name + phrase("  met %1 times").arg(claim.hits);
  } else if (claim.broken_at) {
    out.sentence = phrase("broken at step ") + q(*claim.broken_at);
  }
  return out;
}

std::vector<CheckLight> check_lights(const sim::World& world, HashCache& hashes) {
  const Gathered all = gather(world);
  std::vector<CheckLight> out;
  out.push_back(light("Election Safety", "At most one leader is elected in a term.",
                      raft::election_safety(all.rafts)));
  out.push_back(log_light(all, "Log Matching",
                          "Logs that have an entry of the same index and term are equal up to it.",
                          raft::log_matching));
  out.push_back(log_light(all, "Leader Completeness",
                          "A leader of a later term has every entry that is committed.",
                          raft::leader_completeness));
  out.push_back(log_light(all, "State Machine Safety",
                          "No two members commit different entries at one index.",
                          raft::state_machine_safety));
  out.push_back(order_light(world));
  out.push_back(agreement_light(world, hashes));
  out.push_back(panic_light(world));
  out.push_back(agenda_light(world));
  return out;
}

}  // namespace orrery::gui
