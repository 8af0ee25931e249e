#include "gui/claim_lights.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <QStringList>

#include "gui/words.h"
#include "gui/writes.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;
using State = CheckLight::State;

struct ClaimWords {
  const char* claim;  // as core/check names it
  const char* name;
  const char* meaning;
  bool at_rest = false;  // looked at only when nothing is left to do
  bool mendable = true;  // it may hold again
};

constexpr std::array kClaims{
    ClaimWords{.claim = "CiCoupled",
               .name = "File and its index",
               .meaning = "A file never holds what an entry did without counting the entry as "
                          "done: its consistent index covers all that is in it."},
    ClaimWords{.claim = "AuthRevEq",
               .name = "Equal auth revision",
               .meaning = "Members that have applied the same entries have counted the same "
                          "changes of users and roles."},
    ClaimWords{.claim = "StateEq",
               .name = "Same entries, same revision",
               .meaning = "Members that have applied the same entries are at the same revision."},
    ClaimWords{.claim = "RevMonotone",
               .name = "Revisions never fall",
               .meaning = "A member's revision never falls, also not across a restart."},
    ClaimWords{.claim = "WatchResumable",
               .name = "A watch misses nothing",
               .meaning = "Whoever watches on from a revision that is not compacted away hears of "
                          "every change since; a compaction leaves what such a watch needs."},
    ClaimWords{.claim = "MembersAgree",
               .name = "Equal histories",
               .meaning = "Members at one revision came there by the same changes.",
               .at_rest = true},
    ClaimWords{.claim = "AcknowledgedWriteSurvives",
               .name = "Acknowledged writes are kept",
               .meaning = "A write that a client was told of is on every member, at the revision "
                          "that the client was told.",
               .at_rest = true},
    ClaimWords{.claim = "ReadsTellTheTruth",
               .name = "Reads tell the truth",
               .meaning = "A read answers what was so at the revision that it names.",
               .at_rest = true},
    ClaimWords{.claim = "LinearizableReads",
               .name = "Reads are up to date",
               .meaning = "A linearizable read is no older than what anybody knew when it began.",
               .at_rest = true},
    ClaimWords{.claim = "NothingWithoutPermission",
               .name = "Nothing without permission",
               .meaning = "No member carries out what no role of the user allows.",
               .mendable = false},
    ClaimWords{.claim = "LeaseNeverEarly",
               .name = "No lease ends early",
               .meaning = "A lease lives as long as its client was promised.",
               .mendable = false},
};

// Lights of their own say the same of every moment.
constexpr std::array<std::string_view, 6> kSaidElsewhere{
    "ElectionSafety",     "LogMatching", "LeaderCompleteness",
    "StateMachineSafety", "HashesAgree", "AgendaMatchesState"};

// Of one claim.
struct FoundOf {
  std::vector<const Violation*> now;
  std::vector<const lang::Finding*> steps;
};

FoundOf gather_claim(const lang::Report& report, std::string_view claim) {
  FoundOf out;
  for (const Violations* some : {&report.standing, &report.at_rest}) {
    for (const Violation& one : *some) {
      if (one.claim == claim) out.now.push_back(&one);
    }
  }
  for (const lang::Finding& one : report.steps) {
    if (one.what.claim == claim) out.steps.push_back(&one);
  }
  return out;
}

QString sentences(const std::vector<const Violation*>& all) {
  constexpr std::size_t kShown = 1;
  QStringList out;
  for (std::size_t i = 0; i < std::min(kShown, all.size()); ++i) out << q(all[i]->sentence);
  QString words = out.join(u"; "_s);
  if (all.size() > kShown) words = words + phrase("; and %1 more").arg(all.size() - kShown);
  return words;
}

void judge(CheckLight& light, const FoundOf& found, bool mendable) {
  if (!found.steps.empty()) light.since = found.steps.front()->position;
  if (!found.now.empty()) {
    light.state = State::Broken;
    light.sentence = sentences(found.now);
  } else if (!found.steps.empty()) {
    light.state = mendable ? State::Mended : State::Broken;
    light.sentence = q(found.steps.front()->what.sentence);
  }
}

// A write may be everywhere again, at another revision than its client was told: nobody can take the answer back.
void judge_kept(CheckLight& light, const sim::World& world) {
  if (light.state != State::Broken || !every_write_is_kept(world)) return;
  light.state = State::Mended;
  light.sentence = phrase(
      "every acknowledged write is on every member; some stand at another revision than "
      "their clients were told");
}

CheckLight light_of(const ClaimWords& words, const lang::Report& report, const sim::World& world) {
  CheckLight out{.name = phrase(words.name),
                 .meaning = phrase(words.meaning),
                 .sentence = {},
                 .claim = q(words.claim)};
  judge(out, gather_claim(report, words.claim), words.mendable);
  if (out.state == State::Holds && words.at_rest && !report.settled) {
    out.state = State::Unknown;
    out.sentence = phrase("looked at when nothing is left to do: settle");
  }
  if (out.claim == u"AcknowledgedWriteSurvives"_s) judge_kept(out, world);
  return out;
}

bool has_words(std::string_view claim) {
  return std::ranges::find(kClaims, claim, &ClaimWords::claim) != kClaims.end() ||
         std::ranges::find(kSaidElsewhere, claim) != kSaidElsewhere.end();
}

// Claims that seldom break have a light only when they do.
void add_others(const lang::Report& report, std::vector<CheckLight>& out) {
  const auto add = [&](const std::string& claim) {
    const auto known =
        std::ranges::any_of(out, [&](const CheckLight& one) { return one.claim == q(claim); });
    if (known || has_words(claim)) return;
    CheckLight light{.name = q(claim),
                     .meaning = phrase("A claim that is looked at along the run."),
                     .sentence = {},
                     .claim = q(claim)};
    judge(light, gather_claim(report, claim), false);
    out.push_back(std::move(light));
  };
  for (const lang::Finding& one : report.steps) add(one.what.claim);
  for (const Violation& one : report.at_rest) add(one.claim);
}

}  // namespace

std::vector<CheckLight> claim_lights(const std::optional<lang::Report>& report, std::size_t unseen,
                                     const sim::World& world) {
  std::vector<CheckLight> out;
  for (const ClaimWords& words : kClaims) {
    if (report) {
      out.push_back(light_of(words, *report, world));
      continue;
    }
    out.push_back({.name = phrase(words.name),
                   .meaning = phrase(words.meaning),
                   .state = State::Unknown,
                   .sentence = phrase("%1 steps have not been looked at yet; the command show "
                                      "violations looks at them")
                                   .arg(unseen),
                   .claim = q(words.claim)});
  }
  if (report) add_others(*report, out);
  return out;
}

}  // namespace orrery::gui
