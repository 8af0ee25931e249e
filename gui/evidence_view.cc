// Evidence: which write is seen on which member, what a reader that moves between members is told, and what the
// members'
// artefacts say about each hypothesis.
#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"
#include "gui/describe.h"
#include "gui/sheet.h"
#include "gui/views.h"
#include "gui/words.h"
#include "gui/writes.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using server::Running;

constexpr std::size_t kWrites = 24;  // the newest

Cell seen_on(const sim::World& world, std::uint32_t member, const Write& write) {
  const KeptAt found = find_write(world, member, write);
  const bool deleted = write.event.type == mvccpb::EventType::Delete;
  switch (found.kept) {
    case Kept::There: return {.words = u"\u2713"_s, .ink = Ink::Good};
    case Kept::Elsewhere: return {.words = phrase("! at %1").arg(found.revision), .ink = Ink::Warn};
    case Kept::Missing:
      return {.words = u"\u2717 "_s + (deleted ? phrase("no trace") : phrase("missing")),
              .ink = Ink::Bad};
    case Kept::NotYet: return {.words = phrase("not yet"), .ink = Ink::Warn};
    case Kept::Compacted: return {.words = phrase("compacted"), .ink = Ink::Muted};
    case Kept::Down: return {.words = phrase("down"), .ink = Ink::Muted};
  }
  return {};
}

void draw_matrix(const Scene& scene, Sheet& sheet) {
  sheet.line(phrase("Acknowledged writes, and who has them"), Ink::Text, Face::Bold);
  const std::vector<Write> writes = newest_writes(scene.now, kWrites);
  if (writes.empty()) {
    sheet.hint(phrase("No write has been acknowledged yet. Try: put hello world1 --via n1"));
    return;
  }
  std::vector<Column> columns{
      {phrase("revision"), 8, true}, {phrase("write"), 30}, {phrase("via"), 5}};
  for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
    columns.push_back({u"n%1"_s.arg(no), 11});
  }
  sheet.head(std::move(columns));
  for (auto at = writes.rbegin(); at != writes.rend(); ++at) {
    const auto& kv = at->event.kv;
    const bool deleted = at->event.type == mvccpb::EventType::Delete;
    const QString what =
        deleted ? QString(phrase("delete ") + bytes_words(kv.key.view(), 24))
                : bytes_words(kv.key.view(), 14) + u" = "_s + bytes_words(kv.value.view(), 12);
    std::vector<Cell> cells{{.words = q(kv.mod_revision)},
                            {.words = what, .face = Face::Mono},
                            {.words = u"n%1"_s.arg(at->via)}};
    for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
      cells.push_back(seen_on(scene.now, no, *at));
    }
    sheet.row(cells, {.area = {},
                      .ref = {.kind = Ref::Kind::Revision,
                              .member = at->via,
                              .number = static_cast<std::uint64_t>(kv.mod_revision),
                              .text = bytes_words(kv.key.view())}});
  }
}

// The key that is selected, else the one written last.
std::optional<Blob> reader_key(const Scene& scene) {
  const std::vector<Write> writes = newest_writes(scene.now, kWrites);
  if (scene.selected.kind == Ref::Kind::Revision) {
    for (const Write& write : writes) {
      if (bytes_words(write.event.kv.key.view()) == scene.selected.text) return write.event.kv.key;
    }
  }
  if (writes.empty()) return std::nullopt;
  return writes.back().event.kv.key;
}

// What a serializable read is answered by each member now.
void draw_reader(const Scene& scene, Sheet& sheet) {
  const auto key = reader_key(scene);
  if (!key) return;
  sheet.gap();
  sheet.line(
      phrase("A reader that moves from member to member asks for ") + bytes_words(key->view(), 30),
      Ink::Text, Face::Bold);
  sheet.head({{phrase("member"), 7},
              {phrase("value"), 24},
              {phrase("changed at"), 11, true},
              {phrase("version"), 8, true},
              {phrase("header revision"), 15, true}});
  for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
    const Running* run = scene.running(no);
    if (run == nullptr) {
      sheet.row({{.words = u"n%1"_s.arg(no)}, {.words = phrase("down"), .ink = Ink::Muted}});
      continue;
    }
    const std::int64_t now = run->store.current_revision();
    const auto found = run->store.find(run->backend, backend::View::Read, key->view(), now);
    const bool there = found && *found;
    sheet.row({{.words = u"n%1"_s.arg(no), .face = Face::Bold},
               {.words = there ? bytes_words((*found)->value.view(), 24) : phrase("no such key"),
                .ink = there ? Ink::Text : Ink::Muted,
                .face = Face::Mono},
               {.words = there ? q((*found)->mod_revision) : QString()},
               {.words = there ? q((*found)->version) : QString()},
               {.words = q(now)}});
  }
}

// -- hypotheses: each with the artefact that settles it

std::vector<const Running*> up(const Scene& scene) {
  std::vector<const Running*> out;
  for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
    if (const Running* run = scene.running(no)) out.push_back(run);
  }
  return out;
}

// The first committed index at which two logs differ; 0 = none that both still hold.
std::uint64_t first_log_difference(const Running& a, const Running& b) {
  const raft::Log& one = a.raft.log();
  const raft::Log& two = b.raft.log();
  const Index last = std::min(one.committed(), two.committed());
  for (Index at = std::max(one.first_index(), two.first_index()); at <= last; ++at) {
    const auto& left = one.at(at);
    const auto& right = two.at(at);
    if (left.term != right.term || !(left.data == right.data)) return at.value();
  }
  return 0;
}

Cell verdict(bool suspicious, const QString& words) {
  return {.words = words, .ink = suspicious ? Ink::Bad : Ink::Good};
}

Cell logs_verdict(const std::vector<const Running*>& members) {
  for (const Running* one : members) {
    const std::uint64_t at = first_log_difference(*members.front(), *one);
    if (at != 0) return verdict(true, phrase("they differ at index ") + q(at));
  }
  return verdict(false, phrase("equal as far as both are committed"));
}

// At equal applied indexes, do all have the same?
template <class Of>
Cell state_verdict(const std::vector<const Running*>& members, const char* what, Of&& of) {
  bool compared = false;
  for (const Running* one : members) {
    for (const Running* two : members) {
      if (one == two || one->applied != two->applied) continue;
      compared = true;
      if (of(*one) == of(*two)) continue;
      return verdict(
          true, u"%1: %2, %3 %4 %5"_s.arg(phrase(what), q(of(*one)), q(of(*two)),
                                          phrase("at applied index"), q(one->applied.value())));
    }
  }
  if (!compared) {
    return {.words = phrase("no two members stand at one applied index now"), .ink = Ink::Muted};
  }
  return verdict(false, phrase("equal at equal applied indexes"));
}

Cell replay_verdict(const std::vector<const Running*>& members) {
  for (const Running* one : members) {
    if (one->consistent_on_disk < one->consistent) continue;
    if (one->consistent_on_disk > one->applied) {
      return verdict(true, phrase("a file is ahead of what is applied: the log will be skipped"));
    }
  }
  return verdict(false, phrase("no file is ahead of its log"));
}

void draw_hypotheses(const Scene& scene, Sheet& sheet) {
  const std::vector<const Running*> members = up(scene);
  if (members.empty()) return;
  sheet.gap();
  sheet.line(phrase("Hypotheses, and the artefact that settles each"), Ink::Text, Face::Bold);
  sheet.head({{phrase("hypothesis"), 45}, {phrase("now"), 38}});
  const auto row = [&](const char* claim, const char* artefact, const Cell& now) {
    sheet.row({{.words = phrase(claim)}, now});
    sheet.paragraph(phrase("settled by ") + phrase(artefact), Ink::Muted, 3);
  };
  row("The members agreed on different entries", "the logs: orrery dump-logs",
      logs_verdict(members));
  row("One applied what another refused", "revisions at one applied index",
      state_verdict(members, "revision",
                    [](const Running& run) { return run.store.current_revision(); }));
  row("An auth change is on one member alone", "auth revisions: endpoint status",
      state_verdict(members, "auth revision",
                    [](const Running& run) { return run.auth.revision(); }));
  row("The rows differ at one revision", "bucket diff: orrery diff-db, endpoint hashkv",
      state_verdict(members, "keys", [](const Running& run) {
        const auto all = mvcc::Interval::of({}, BytesView("\0", 1));
        return run.store.index().count(all, run.store.current_revision());
      }));
  row("Entries were skipped after a restart", "the consistent index: orrery dump-db",
      replay_verdict(members));
}

// -- claims: what broke, in the order in which it did

void draw_claims(Sheet& sheet, std::vector<CheckLight> lights) {
  std::erase_if(lights, [](const CheckLight& light) {
    return light.state != CheckLight::State::Broken && light.state != CheckLight::State::Mended;
  });
  if (lights.empty()) return;
  // What only a world at rest shows has no first step, and comes last.
  std::ranges::stable_sort(lights, {}, [](const CheckLight& light) {
    return light.since.value_or(std::numeric_limits<std::size_t>::max());
  });
  sheet.line(phrase("Claims that broke, the first one first"), Ink::Text, Face::Bold);
  sheet.head({{phrase("step"), 6, true}, {phrase("now"), 15}, {phrase("claim"), 34}});
  for (const CheckLight& light : lights) {
    const bool broken = light.state == CheckLight::State::Broken;
    sheet.row(
        {{.words = light.since ? q(*light.since) : phrase("now")},
         {.words = broken ? u"\u2717 "_s + phrase("broken") : u"! "_s + phrase("holds again"),
          .ink = broken ? Ink::Bad : Ink::Warn},
         {.words = light.name, .face = Face::Bold}},
        {.area = {}, .command = light.since ? QString(u"jump "_s + q(*light.since)) : QString()});
    sheet.paragraph(light.sentence, Ink::Muted, 3);
  }
  sheet.gap();
}

}  // namespace

Picture draw_evidence(const Scene& scene) {
  return draw_evidence(scene, {});
}

Picture draw_evidence(const Scene& scene, const std::vector<CheckLight>& lights) {
  Picture picture;
  Sheet sheet(scene, picture, scene.metrics.gap);
  draw_claims(sheet, lights);
  draw_matrix(scene, sheet);
  draw_reader(scene, sheet);
  draw_hypotheses(scene, sheet);
  sheet.finish();
  return picture;
}

}  // namespace orrery::gui
