#include "check/member_claims.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "mvcc/revision.h"

namespace orrery::checks {
namespace {

using server::ApplyLane;
using server::CompactLane;
using server::Member;
using server::Running;

// Between two entries, with nobody inside the store.
bool is_at_rest(const Running& run) {
  return run.apply.phase == ApplyLane::Phase::Begin && run.batch_tx.free();
}

// The rows of one revision, as the batch has them.
std::vector<Bytes> rows_at(const Running& run, std::int64_t revision) {
  std::vector<Bytes> out;
  run.backend.range(backend::View::Batch, backend::Bucket::Key, mvcc::BucketKeyBytes({revision, 0}),
                    mvcc::BucketKeyBytes({revision + 1, 0}), 0,
                    [&](BytesView key, BytesView /*value*/) { out.emplace_back(key); });
  return out;
}

std::string change_text(const mvccpb::Event& event) {
  const bool deletes = event.type == mvccpb::EventType::Delete;
  return text("{} {} at revision {}", deletes ? "the deletion of" : "the put of",
              quoted(event.kv.key.view()), event.kv.mod_revision);
}

}  // namespace

bool was_removed(const Member& member) {
  return member.status() == server::Status::Panicked &&
         member.panic_text() == "the member has been permanently removed from the cluster";
}

void MemberRecord::found(const Member& now, Lasting what, Violations& out) {
  out.push_back(what.what);
  what.installs = now.installs();
  const std::pair key(now.no(), what.what.claim);
  lasting_.put(key, std::move(what));
}

void MemberRecord::forget_what_is_over(const Member& now) {
  if (lasting_.empty()) return;
  const Running& run = now.running();
  std::vector<std::pair<std::uint32_t, std::string>> over;
  for (const auto& [key, one] : lasting_) {
    if (key.first != now.no()) continue;
    if (one.installs != now.installs() || (one.counted && run.consistent_on_disk >= *one.counted) ||
        (one.compacted && run.store.compact_revision() > *one.compacted)) {
      over.push_back(key);
    }
  }
  for (const auto& key : over) lasting_.erase(key);
}

// A watch may begin at the compaction's own revision: whatever happened there must stay.
void MemberRecord::judge_batch(const Member& then, const Member& now, Violations& out) {
  const CompactLane& lane = then.running().compact;
  const bool is_batch = lane.phase == CompactLane::Phase::Batch && !lane.jobs.empty() &&
                        then.running().batch_tx.free() &&
                        now.running().compact.phase != CompactLane::Phase::Batch;
  if (!is_batch) return;
  const std::int64_t at = lane.jobs.front().revision;
  const std::vector<Bytes> before = rows_at(then.running(), at);
  const std::vector<Bytes> after = rows_at(now.running(), at);
  if (before.size() == after.size()) return;
  const auto events = then.running().store.events_in(then.running().backend, at, at + 1);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (std::ranges::find(after, before[i]) != after.end()) continue;
    const std::string what =
        events && i < events->size() ? change_text((*events)[i]) : text("a row of revision {}", at);
    found(now,
          {.compacted = at,
           .what = {"WatchResumable",
                    text("n{}: the compaction at {} removed {}; a watch may begin at {}, and would "
                         "never hear of it",
                         now.no(), at, what, at)}},
          out);
  }
}

void MemberRecord::compare_revisions(const Member& now, Violations& out) {
  const Running& run = now.running();
  const std::int64_t revision = run.store.current_revision();
  const Reached* known = revisions_.find(run.applied);
  if (known == nullptr) {
    revisions_.put(run.applied, {now.no(), revision});
  } else if (known->member != now.no() && known->revision != revision) {
    out.push_back(
        {"StateEq", text("n{} and n{} have applied the same entries, up to {}, but n{} came to "
                         "revision {} and n{} to {}",
                         known->member, now.no(), run.applied.value(), known->member,
                         known->revision, now.no(), revision)});
  }
}

// What was applied before a crash is applied again from the log; once it is, the revision must be back.
void MemberRecord::compare_with_last(const Member& now, Violations& out) {
  const Running& run = now.running();
  const Rest rest{now.restarts(), now.installs(), run.applied, run.store.current_revision()};
  const Rest* last = last_.find(now.no());
  const bool same_disk = last != nullptr && last->installs == rest.installs;
  const bool is_new_life = same_disk && last->restarts != rest.restarts;
  if (is_new_life && rest.applied < last->applied) return;
  if (is_new_life && rest.revision < last->revision) {
    found(now,
          {.what = {"RevMonotone",
                    text("n{}: its revision was {} before the restart and is {} now, with the same "
                         "entries applied: revisions will be given out a second time",
                         now.no(), last->revision, rest.revision)}},
          out);
  }
  last_.put(now.no(), rest);
}

// Rows and consistent index reach the file in commits: none may bring the one without the other.
void MemberRecord::follow_changes(const Member& then, const Member& now, Violations& out) {
  const Running& before = then.running();
  const Running& after = now.running();
  const bool users = after.auth.revision() > before.auth.revision();
  const bool keys = after.store.current_revision() > before.store.current_revision();
  const bool applies = before.apply.phase == ApplyLane::Phase::Change ||
                       before.apply.phase == ApplyLane::Phase::End ||
                       before.apply.phase == ApplyLane::Phase::Notify;
  if (applies && (users || keys)) {
    changes_.put(now.no(), {now.restarts(), after.applying, users});
  }
  const bool has_committed = before.backend.is_committing() && !after.backend.is_committing();
  const LastChange* change = has_committed ? changes_.find(now.no()) : nullptr;
  if (change == nullptr) return;
  if (change->restarts == now.restarts() && change->entry > after.consistent_on_disk) {
    const std::string what = change->of_users
                                 ? text("users and roles (auth revision {})", after.auth.revision())
                                 : text("keys (revision {})", after.store.current_revision());
    found(
        now,
        {.counted = change->entry,
         .what = {"CiCoupled",
                  text("n{}: its file now holds what entry {} did to {}, but its consistent index "
                       "is {}: a restart will go through entry {} again",
                       now.no(), change->entry.value(), what, after.consistent_on_disk.value(),
                       change->entry.value())}},
        out);
  }
  changes_.erase(now.no());
}

Violations MemberRecord::observe(const Member* then, const Member& now) {
  Violations out;
  const bool same_life = then != nullptr && then->up() && then->restarts() == now.restarts();
  if (same_life) {
    follow_changes(*then, now, out);
    judge_batch(*then, now, out);
  }
  forget_what_is_over(now);
  const Running& run = now.running();
  // After a restart the store is ahead of what has been gone through again.
  if (!is_at_rest(run) || run.applied < run.consistent) return out;
  if (same_life && then->running().applied == run.applied && is_at_rest(then->running())) {
    return out;  // nothing has been applied
  }
  compare_revisions(now, out);
  compare_with_last(now, out);
  return out;
}

Violations MemberRecord::standing(const sim::World& world) const {
  Violations out;
  for (const auto& [key, one] : lasting_) {
    const bool there = key.first <= world.member_count() && !was_removed(world.member(key.first));
    if (there) out.push_back(one.what);
  }
  for (const auto& [no, rest] : last_) {
    if (no > world.member_count() || !world.member(no).up()) continue;
    const Reached* known = revisions_.find(rest.applied);
    if (known == nullptr || known->member == no || known->revision == rest.revision) continue;
    if (known->member > world.member_count() || was_removed(world.member(known->member))) continue;
    out.push_back({"StateEq",
                   text("n{} and n{} have applied the same entries, up to {}; n{} came to revision "
                        "{} and n{} to {}",
                        known->member, no, rest.applied.value(), known->member, known->revision, no,
                        rest.revision)});
  }
  return out;
}

}  // namespace orrery::checks
