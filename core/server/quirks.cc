#include "server/quirks.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <utility>

#include "base/text.h"

namespace orrery::server {
namespace {

using enum Severity;
using enum Version;

constexpr std::array<std::string_view, 9> kPresets{"v3.4.3", "v3.4.20",       "v3.4.23",
                                                   "v3.5.0", "v3.5.5",        "v3.5.16",
                                                   "v3.6.0", "mixed-3.2-3.3", "fixed"};

constexpr std::array kLines{V3_6, V3_5, V3_4};  // newest first

// How many letters must be put in, left out or changed to make one word of the other.
std::size_t letters_apart(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

std::string_view nearest(std::string_view word) {
  const auto best = std::ranges::min_element(
      quirk_table(), {}, [&](const QuirkRow& row) { return letters_apart(word, row.name); });
  return best->name;
}

bool has_line(const QuirkRow& row, Version version) {
  return std::ranges::any_of(row.lines, [&](const Releases& one) { return one.line == version; });
}

std::string lines_text(const QuirkRow& row) {
  std::string out;
  for (const Releases& one : row.lines)
    out += (out.empty() ? "" : ", ") + std::string(to_text(one.line));
  return out;
}

struct PatchRelease {
  Version line = V3_6;
  int patch = 0;
};

// "v3.4.23". None = it is no release.
std::optional<PatchRelease> release_in(std::string_view word) {
  if (word.starts_with('v')) word.remove_prefix(1);
  const std::size_t dot = word.find('.', 2);
  if (dot == std::string_view::npos) return std::nullopt;
  const auto line = parse_release(word);
  PatchRelease out;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data() + dot + 1, end, out.patch);
  if (!line || read.ec != std::errc() || read.ptr != end || out.patch < 0) return std::nullopt;
  out.line = *line;
  return out;
}

QuirkSet defects_of(const PatchRelease& release) {
  QuirkSet out;
  for (const QuirkRow& row : quirk_table()) {
    for (const Releases& had : row.lines) {
      const bool in = had.line == release.line && had.from <= release.patch;
      if (in && release.patch < had.until) out.add(row.quirk);
    }
  }
  return out;
}

// The last member is of 3.3, the others of 3.2.
Preset mixed(std::uint32_t members) {
  const QuirkSet both{Quirk::AuthOpsSkipCiSave, Quirk::CompactDropsTombstoneAtRev,
                      Quirk::RestoreIgnoresScheduledCompact};
  Preset out{.version = V3_4, .members = std::vector<QuirkSet>(members, both)};
  for (std::uint32_t i = 0; i < members; ++i) {
    out.members[i].add(i + 1 == members ? Quirk::ApplyChecksLeasePerm
                                        : Quirk::LeaseRevokeWithoutRootToken);
  }
  return out;
}

}  // namespace

std::vector<Quirk> QuirkSet::list() const {
  std::vector<Quirk> out;
  for (const QuirkRow& row : quirk_table()) {
    if (has(row.quirk)) out.push_back(row.quirk);
  }
  return out;
}

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Critical: return "critical";
    case High: return "high";
    case Medium: return "medium";
  }
  return "";
}

std::string_view to_text(Quirk quirk) {
  return row_of(quirk).name;
}

std::string to_text(const QuirkSet& quirks) {
  std::string out;
  for (const Quirk one : quirks.list()) out += (out.empty() ? "" : ",") + std::string(to_text(one));
  return out;
}

Result<QuirkSet> parse_quirks(std::string_view names) {
  QuirkSet out;
  if (names == "none") return out;
  const auto table = quirk_table();
  while (true) {
    const std::size_t comma = names.find(',');
    const std::string_view name = names.substr(0, comma);
    const auto row = std::ranges::find(table, name, &QuirkRow::name);
    if (row == table.end()) {
      return fail(Errc::WrongUse, text("there is no quirk {}; the nearest is {} (`orrery quirks` "
                                       "lists all)",
                                       quoted(name), nearest(name)));
    }
    out.add(row->quirk);
    if (comma == std::string_view::npos) return out;
    names.remove_prefix(comma + 1);
  }
}

Result<QuirkSet> with_needs(QuirkSet quirks) {
  for (const Quirk one : quirks.list()) quirks.add(row_of(one).needs);
  for (const Quirk one : quirks.list()) {
    for (const Quirk other : row_of(one).bars.list()) {
      if (!quirks.has(other)) continue;
      return fail(Errc::WrongUse, text("{} and {} cannot stand together: no release had both",
                                       to_text(one), to_text(other)));
    }
  }
  return quirks;
}

Result<void> check_fits(const QuirkSet& quirks, Version version) {
  for (const Quirk one : quirks.list()) {
    if (has_line(row_of(one), version)) continue;
    return fail(Errc::WrongUse, text("{} is a defect of {}, not of {}", to_text(one),
                                     lines_text(row_of(one)), to_text(version)));
  }
  return {};
}

Result<Version> fitting_version(const QuirkSet& quirks) {
  for (const Version version : kLines) {
    if (check_fits(quirks, version)) return version;
  }
  return fail(Errc::WrongUse, text("no release line can have all of {}", to_text(quirks)));
}

Result<Preset> preset_of(std::string_view name, std::uint32_t members) {
  if (name == "fixed") return Preset{.version = V3_6, .members = std::vector<QuirkSet>(members)};
  if (name == "mixed-3.2-3.3") return mixed(members);
  if (const auto release = release_in(name)) {
    return Preset{.version = release->line,
                  .members = std::vector<QuirkSet>(members, defects_of(*release))};
  }
  std::string known;
  for (const std::string_view one : kPresets)
    known += (known.empty() ? "" : ", ") + std::string(one);
  return fail(Errc::WrongUse,
              text("there is no preset {}; there are {}, and any other release of 3.4, 3.5 or 3.6",
                   quoted(name), known));
}

std::span<const std::string_view> preset_names() {
  return kPresets;
}

Result<Version> parse_release(std::string_view word) {
  std::string_view name = word;
  if (name.starts_with('v')) name.remove_prefix(1);
  const std::string_view line = name.substr(0, name.find('.', 2));
  if (line == "3.4") return V3_4;
  if (line == "3.5") return V3_5;
  if (line == "3.6") return V3_6;
  return fail(Errc::WrongUse,
              text("expected a release of 3.4, 3.5 or 3.6 (v3.6.0), found {}", quoted(word)));
}

mvcc::Rules store_rules(const QuirkSet& quirks) {
  return {.compact_drops_tombstone_at_rev = quirks.has(Quirk::CompactDropsTombstoneAtRev),
          .restore_ignores_lone_tombstone = quirks.has(Quirk::RestoreIgnoresLoneTombstone),
          .restore_ignores_scheduled_compact = quirks.has(Quirk::RestoreIgnoresScheduledCompact),
          .compact_stops_at_generation_ending_at_rev =
              quirks.has(Quirk::CompactStopsAtGenerationEndingAtRev),
          .store_hash_after_interrupted_compaction =
              quirks.has(Quirk::StoreHashAfterInterruptedCompaction)};
}

watch::WatchQuirks watch_quirks(const QuirkSet& quirks) {
  return {.min_revision_stale_when_synced = quirks.has(Quirk::WatchMinrevStaleWhenSynced),
          .restore_lowers_min_revision = quirks.has(Quirk::WatchRestoreLowersMinrev),
          .progress_for_future_watch = quirks.has(Quirk::ProgressForFutureWatch),
          .sync_marks_uncancelled_compacted = quirks.has(Quirk::WatchSyncMarksUncancelledCompacted),
          .progress_bypasses_event_channel = quirks.has(Quirk::ProgressBypassesEventChannel),
          .progress_deferred_to_next_event = quirks.has(Quirk::ProgressDeferredToNextEvent),
          .accepts_negative_start = quirks.has(Quirk::WatchAcceptsRevMinusOne)};
}

}  // namespace orrery::server
