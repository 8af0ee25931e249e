#include "gui/writes.h"

#include <algorithm>
#include <optional>

#include "check/acknowledged.h"

namespace orrery::gui {
namespace {

using server::Running;

constexpr std::int64_t kSearched = 2'000;  // revisions

bool is_same(const mvccpb::Event& one, const mvccpb::Event& other) {
  return one.type == other.type && one.kv.key == other.kv.key && one.kv.value == other.kv.value;
}

std::vector<mvccpb::Event> events_between(const Running& run, std::int64_t from, std::int64_t end) {
  const auto events = run.store.events_in(run.backend, from, end);
  return events ? *events : std::vector<mvccpb::Event>{};
}

// Somebody who has applied no more has it.
bool is_refused(const sim::World& world, const Running& run, std::uint32_t via) {
  return via >= 1 && via <= world.member_count() && world.member(via).up() &&
         run.applied >= world.member(via).running().applied;
}

std::optional<std::int64_t> elsewhere(const Running& run, const mvccpb::Event& event) {
  const std::int64_t last = run.store.current_revision();
  const std::int64_t first = std::max<std::int64_t>(run.store.compact_revision(), 1);
  if (last - first > kSearched) return std::nullopt;
  for (const mvccpb::Event& one : events_between(run, first, last + 1)) {
    if (is_same(one, event)) return one.kv.mod_revision;
  }
  return std::nullopt;
}

// Still the key's value, so that no compaction took it away.
bool is_live(const Running& run, const Write& write) {
  const mvccpb::KeyValue& kv = write.event.kv;
  const auto found =
      run.store.find(run.backend, backend::View::Read, kv.key.view(), run.store.compact_revision());
  return found && found->has_value() && (*found)->mod_revision == kv.mod_revision;
}

KeptAt absent(const sim::World& world, const Running& run, const Write& write) {
  if (const auto at = elsewhere(run, write.event)) return {Kept::Elsewhere, *at};
  const bool behind = write.event.kv.mod_revision > run.store.current_revision();
  if (behind && !is_refused(world, run, write.via)) return {Kept::NotYet};
  return {Kept::Missing};
}

}  // namespace

std::vector<Write> newest_writes(const sim::World& world, std::size_t most) {
  std::vector<Write> out;
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, call] : client->calls()) {
      if (!call.answer || call.answer->error) continue;
      for (auto& event : checks::events_told_of(call.request, call.answer->response)) {
        out.push_back({std::move(event), call.via, no});
      }
    }
  }
  std::ranges::stable_sort(out, {}, [](const Write& one) { return one.event.kv.mod_revision; });
  if (out.size() > most) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(most));
  return out;
}

KeptAt find_write(const sim::World& world, std::uint32_t member, const Write& write) {
  if (!world.member(member).up()) return {Kept::Down};
  const Running& run = world.member(member).running();
  const std::int64_t at = write.event.kv.mod_revision;
  if (at > run.store.current_revision()) return absent(world, run, write);
  if (at < run.store.compact_revision())
    return {is_live(run, write) ? Kept::There : Kept::Compacted};
  for (const mvccpb::Event& one : events_between(run, at, at + 1)) {
    if (is_same(one, write.event)) return {Kept::There};
  }
  return absent(world, run, write);
}

bool every_write_is_kept(const sim::World& world) {
  const std::vector<Write> writes = newest_writes(world, static_cast<std::size_t>(kSearched));
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const bool lost = std::ranges::any_of(writes, [&](const Write& write) {
      const Kept kept = find_write(world, no, write).kept;
      return kept == Kept::Missing || kept == Kept::NotYet;
    });
    if (lost) return false;
  }
  return true;
}

}  // namespace orrery::gui
