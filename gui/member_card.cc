#include "gui/member_card.h"

#include <algorithm>
#include <array>

#include <QStringList>

#include "base/text.h"
#include "gui/describe.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

struct Gauge {
  const char* label;
  const char* brief;  // where the label does not fit
  const char* name;
  std::uint64_t value = 0;
  std::uint64_t before = 0;
  double weight = 5;  // of the card's width: as the label needs it
};

using Gauges = std::array<Gauge, 5>;

Gauges gauges_of(const server::Running& run, const server::Running* before) {
  const auto value = [&](auto&& of) {
    return std::pair<std::uint64_t, std::uint64_t>(of(run),
                                                   before == nullptr ? of(run) : of(*before));
  };
  const auto last = value([](const auto& r) { return r.raft.log().last_index().value(); });
  const auto commit = value([](const auto& r) { return r.raft.log().committed().value(); });
  const auto applied = value([](const auto& r) { return r.applied.value(); });
  const auto memory = value([](const auto& r) { return r.consistent.value(); });
  const auto disk = value([](const auto& r) { return r.consistent_on_disk.value(); });
  return {{{"log", "log", "last log index", last.first, last.second, 5},
           {"commit", "com", "commit index", commit.first, commit.second, 6.8},
           {"applied", "app", "applied index", applied.first, applied.second, 7.2},
           {"mem", "mem", "consistent index in memory", memory.first, memory.second, 5.2},
           {"disk", "disk", "consistent index on disk", disk.first, disk.second, 5}}};
}

// The bars show the last few indexes of the longest log: differences of one must be seen.
constexpr std::uint64_t kGaugeSpan = 8;

std::uint64_t gauge_floor(const sim::World& world) {
  std::uint64_t top = 0;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) continue;
    top = std::max(top, world.member(no).running().raft.log().last_index().value());
  }
  return top > kGaugeSpan ? top - kGaugeSpan : 0;
}

void draw_gauge(Picture& picture, const Scene& scene, const Gauge& gauge, const QRectF& cell,
                bool fits) {
  const Metrics& m = scene.metrics;
  const std::uint64_t floor = gauge_floor(scene.now);
  const double share = gauge.value <= floor
                           ? 0.0
                           : std::min(1.0, static_cast<double>(gauge.value - floor) / kGaugeSpan);
  const QRectF number(cell.left(), cell.top(), cell.width(), m.small);
  const QRectF label(cell.left() - 3, cell.bottom() - m.small, cell.width() + 6, m.small);
  const QRectF bar(cell.center().x() - m.ch, number.bottom(), 2 * m.ch,
                   std::max(4.0, label.top() - number.bottom()));
  const bool changed = gauge.value != gauge.before;
  if (changed) picture.box(number, Ink::ChangedTint);
  // Where it is narrow the tint alone says that it has changed.
  const bool marked =
      changed && static_cast<double>(q(gauge.value).size() + 2) * m.ch < cell.width();
  picture.words(number, (marked ? u"~"_s : QString()) + q(gauge.value), Ink::Text, Face::Small,
                Qt::AlignHCenter);
  picture.box(bar, Ink::Faint);
  picture.box(
      QRectF(bar.left(), bar.bottom() - bar.height() * share, bar.width(), bar.height() * share),
      Ink::Muted);
  picture.words(label, phrase(fits ? gauge.label : gauge.brief), Ink::Muted, Face::Small,
                Qt::AlignHCenter);
}

// -- the role, told by its shape

void ring(Picture& picture, const QRectF& at, Ink pen, double width, bool dashed = false) {
  picture.add(
      {.kind = Shape::Kind::Ellipse, .at = at, .pen = pen, .width = width, .dashed = dashed});
}

void draw_role(Picture& picture, const server::Member& member, const QRectF& at) {
  if (!member.up()) {
    ring(picture, at, Ink::Bad, 1.5);
    picture.line(at.topLeft(), at.bottomRight(), Ink::Bad, 2);
    return;
  }
  const raft::Raft& raft = member.running().raft;
  picture.add({.kind = Shape::Kind::Ellipse,
               .at = at.adjusted(3, 3, -3, -3),
               .fill = term_ink(raft.term().value())});
  switch (raft.role()) {
    case raft::RoleName::Leader:
      ring(picture, at, Ink::Text, 2);
      ring(picture, at.adjusted(3.5, 3.5, -3.5, -3.5), Ink::Text, 1.5);
      break;
    case raft::RoleName::PreCandidate:
    case raft::RoleName::Candidate: ring(picture, at, Ink::Text, 2, true); break;
    case raft::RoleName::Follower: ring(picture, at, Ink::Frame, 1.5); break;
  }
  if (raft.role() == raft::RoleName::Leader) return;
  const auto& state = raft.state();
  const double left = 1 - static_cast<double>(state.election_elapsed) /
                              std::max(1, state.randomized_election_timeout);
  picture.add({.kind = Shape::Kind::Arc,
               .at = at,
               .pen = Ink::Accent,
               .width = std::clamp(left, 0.0, 1.0)});
}

QString role_words(const server::Member& member) {
  if (was_removed(member)) return phrase("removed");
  if (member.status() == server::Status::Panicked) return phrase("panicked");
  if (!member.up()) return phrase("down");
  switch (member.running().raft.role()) {
    case raft::RoleName::Leader: return phrase("leader");
    case raft::RoleName::PreCandidate: return phrase("pre-candidate");
    case raft::RoleName::Candidate: return phrase("candidate");
    case raft::RoleName::Follower: return phrase("follower");
  }
  return {};
}

QString votes_words(const raft::Raft& raft) {
  const raft::Votes* votes = raft.votes();
  if (votes == nullptr) return {};
  QString out = u"  "_s;
  for (const auto& [id, granted] : *votes) out = out + (granted ? u"\u25cf"_s : u"\u25cb"_s);
  return out;
}

// -- lanes

struct LaneRow {
  QString name;
  QString position;
  bool ready = false;  // now, not only when a timer fires
  bool changed = false;
  QString due;
  server::LaneId id;
};

bool is_quiet(const server::Member& member, const server::LaneId& lane) {
  const auto ready = server::readiness(member, lane, Guards());
  if (lane.kind == server::LaneKind::Node) return true;
  if (is_only_deadline(member, lane)) return false;
  if (!ready.enabled) {
    const auto& run = member.running();
    switch (lane.kind) {
      case server::LaneKind::Apply: return run.apply.jobs.empty();
      case server::LaneKind::Compact: return run.compact.jobs.empty();
      case server::LaneKind::Raft: return run.raft_lane.phase == server::RaftLane::Phase::TakeReady;
      case server::LaneKind::Commit: return !run.commit.commit;
      case server::LaneKind::Read: return run.read.round.empty() && run.read.waiting.empty();
      case server::LaneKind::SyncWatchers: return run.sync.phase == server::SyncLane::Phase::Choose;
      case server::LaneKind::SyncVictims:
        return run.victims.phase == server::VictimLane::Phase::Take;
      case server::LaneKind::Lease: return run.lease_lane.expired.empty();
      case server::LaneKind::Snapshot: return run.snapshot.jobs.empty();
      case server::LaneKind::SnapReceive: return run.snap_receive.queue.empty();
      case server::LaneKind::Tokens:
      case server::LaneKind::SnapSend:
      case server::LaneKind::Purge:
      case server::LaneKind::Versions:
      case server::LaneKind::Corruption:
      case server::LaneKind::Compactor: return true;
      case server::LaneKind::Handler: return false;
      case server::LaneKind::StreamRecv:
      case server::LaneKind::StreamSend:
      case server::LaneKind::Transport:
      case server::LaneKind::Node: return true;
    }
  }
  return false;
}

std::vector<LaneRow> busy_lanes(const Scene& scene, std::uint32_t no) {
  const server::Member& member = scene.now.member(no);
  const bool compare = scene.running_before(no) != nullptr;
  std::vector<LaneRow> out;
  for (const server::LaneId& lane : server::lanes(member)) {
    if (is_quiet(member, lane)) continue;
    const auto ready = server::readiness(member, lane, Guards());
    const server::Slot* slot = member.find_slot(lane);
    const bool later = slot != nullptr && slot->due > scene.now.now();
    LaneRow row{.name = q(server::to_text(lane)),
                .position = position_words(member, lane),
                .ready = ready.enabled && !later,
                .due = ready.enabled && later ? due_words(scene.now.now(), slot->due) : QString(),
                .id = lane};
    row.changed = compare && row.position != position_words(scene.before.member(no), lane);
    out.push_back(std::move(row));
  }
  return out;
}

void draw_lanes(Picture& picture, const Scene& scene, std::uint32_t no, const QRectF& room) {
  const Metrics& m = scene.metrics;
  const std::vector<LaneRow> rows = busy_lanes(scene, no);
  const auto fitting = static_cast<std::size_t>(std::max(0.0, room.height() / m.small));
  const std::size_t shown =
      rows.size() <= fitting ? rows.size() : std::max<std::size_t>(fitting, 1) - 1;
  for (std::size_t i = 0; i < shown; ++i) {
    const LaneRow& row = rows[i];
    const QRectF at(room.left(), room.top() + static_cast<double>(i) * m.small, room.width(),
                    m.small);
    if (row.changed) picture.box(at, Ink::ChangedTint);
    const QString mark = row.changed ? u"~ "_s : (row.ready ? u"\u25b8 "_s : u"\u00b7 "_s);
    const double due = row.due.isEmpty() ? 0 : m.ch * static_cast<double>(row.due.size() + 1);
    picture.words(at.adjusted(0, 0, -due, 0), mark + row.name + u": "_s + row.position,
                  row.ready ? Ink::Accent : Ink::Muted, Face::Small);
    picture.words(at, row.due, Ink::Muted, Face::Small, Qt::AlignRight);
    picture.item(
        {.area = at,
         .name = u"n%1 %2: %3, %4"_s.arg(q(no), row.name, row.position,
                                         row.ready ? phrase("can go on") : phrase("waits")),
         .ref = {.kind = Ref::Kind::Lane, .member = no, .text = row.name}});
  }
  const QRectF rest(room.left(), room.top() + static_cast<double>(shown) * m.small, room.width(),
                    m.small);
  if (rest.bottom() > room.bottom() + 1) return;
  const QString folded = rows.empty() ? phrase("all lanes idle")
                         : shown < rows.size()
                             ? u"+%1 %2"_s.arg(q(rows.size() - shown), phrase("lanes"))
                             : QString();
  picture.words(rest, folded, Ink::Muted, Face::Small);
}

// -- the card

void draw_head(Picture& picture, const Scene& scene, std::uint32_t no, const QRectF& card) {
  const Metrics& m = scene.metrics;
  const server::Member& member = scene.now.member(no);
  const QRectF head(card.left() + m.gap, card.top() + 3, card.width() - 2 * m.gap, m.line + 2);
  draw_role(picture, member, QRectF(head.left(), head.top() + 1, m.line, m.line));
  const QRectF name(head.left() + m.line + m.gap, head.top(), m.ch * 3.4, head.height());
  picture.words(name, q(member.name()), Ink::Text, Face::Bold);
  const QRectF role(name.right(), head.top(), m.ch * 13, head.height());
  if (!member.up()) {
    picture.words(role, role_words(member), was_removed(member) ? Ink::Muted : Ink::Bad,
                  Face::Bold);
    return;
  }
  const server::Running& run = member.running();
  picture.words(role, role_words(member) + votes_words(run.raft));
  const QRectF term(head.right() - m.ch * 7.4, head.top() + 2, m.ch * 7.4, m.line - 1);
  picture.round(term, term_ink(run.raft.term().value()), Ink::Frame);
  picture.words(term, phrase("term ") + q(run.raft.term().value()), Ink::OnTerm, Face::Small,
                Qt::AlignHCenter);
}

void draw_store_line(Picture& picture, const Scene& scene, std::uint32_t no, const QRectF& line) {
  const server::Running& run = scene.now.member(no).running();
  const auto* before = scene.running_before(no);
  const bool changed =
      before != nullptr && before->store.current_revision() != run.store.current_revision();
  const QString badge = no <= scene.badges.size() ? scene.badges[no - 1] : QString();
  if (changed) picture.box(line, Ink::ChangedTint);
  picture.words(
      line, (changed ? u"~ "_s : QString()) + phrase("revision ") + q(run.store.current_revision()),
      Ink::Text, Face::Small);
  if (!badge.isEmpty()) {
    picture.words(line, u"# "_s + badge, Ink::Muted, Face::MonoSmall, Qt::AlignRight);
  }
}

QString card_name(const Scene& scene, std::uint32_t no) {
  const server::Member& member = scene.now.member(no);
  QString out = q(member.name()) + u", "_s + role_words(member);
  if (!member.up()) {
    return out + (member.panic_text().empty() ? QString() : u": "_s + q(member.panic_text()));
  }
  const server::Running& run = member.running();
  out = out + phrase(", term ") + q(run.raft.term().value()) + phrase(", revision ") +
        q(run.store.current_revision());
  if (no <= scene.badges.size() && !scene.badges[no - 1].isEmpty()) {
    out = out + phrase(", hash of its keys ") + scene.badges[no - 1];
  }
  for (const Gauge& gauge : gauges_of(run, nullptr)) {
    out = out + u", "_s + phrase(gauge.name) + u" "_s + q(gauge.value);
  }
  return out;
}

// Lines of at most so many characters, broken between words; the last of a few takes the rest.
QStringList broken(const QString& text, qsizetype characters) {
  constexpr qsizetype kLines = 5;
  QStringList out;
  for (const QString& word : text.split(u' ')) {
    const bool fits = !out.isEmpty() && out.back().size() + 1 + word.size() <= characters;
    if (fits || out.size() == kLines) {
      out.back() += u' ' + word;
    } else {
      out << word;
    }
  }
  return out;
}

void draw_down(Picture& picture, const Scene& scene, std::uint32_t no, const QRectF& card) {
  const Metrics& m = scene.metrics;
  const server::Member& member = scene.now.member(no);
  picture.add({.kind = Shape::Kind::Box,
               .at = card.adjusted(1, m.line + 8, -1, -1),
               .fill = Ink::None,
               .hatched = true});
  const QString text = member.panic_text().empty() ? phrase("memory lost; the disk is kept")
                                                   : q(member.panic_text());
  const double wide = card.width() - 2 * m.gap;
  const QStringList lines =
      broken(text, std::max<qsizetype>(8, static_cast<qsizetype>(wide / m.ch)));
  const double high = m.line * static_cast<double>(lines.size());
  QRectF line(card.left() + m.gap, card.center().y() - high / 2, wide, m.line);
  picture.box(line.adjusted(0, -1, 0, high - m.line + 1), Ink::Card);
  for (const QString& words : lines) {
    picture.words(line, words, Ink::Text, Face::Normal, Qt::AlignHCenter);
    line.translate(0, m.line);
  }
}

constexpr double kLaneRows = 4.5;  // kept free below the gauges

void draw_inside(Picture& picture, const Scene& scene, std::uint32_t no, const QRectF& card) {
  const Metrics& m = scene.metrics;
  const QRectF inner = card.adjusted(m.gap, m.line + 7, -m.gap, -4);
  draw_store_line(picture, scene, no, QRectF(inner.left(), inner.top(), inner.width(), m.small));
  const double gauges_high =
      std::min(std::clamp(inner.height() - m.small * (1 + kLaneRows), m.line * 3.2, m.line * 5.5),
               inner.height() - m.small * 2);
  const QRectF band(inner.left(), inner.top() + m.small + 1, inner.width(), gauges_high);
  const Gauges gauges = gauges_of(scene.now.member(no).running(), scene.running_before(no));
  // The whole labels, or on a narrow card all of them brief.
  const bool fits = band.width() > m.ch * 27;
  double weights = 0;
  for (const Gauge& gauge : gauges) weights += fits ? gauge.weight : 1;
  double left = band.left();
  for (const Gauge& gauge : gauges) {
    const double wide = band.width() * (fits ? gauge.weight : 1) / weights;
    draw_gauge(picture, scene, gauge,
               QRectF(left, band.top(), wide, band.height()).adjusted(2, 0, -2, 0), fits);
    left += wide;
  }
  draw_lanes(
      picture, scene, no,
      QRectF(inner.left(), band.bottom() + 2, inner.width(), inner.bottom() - band.bottom() - 2));
}

}  // namespace

void draw_member_card(Picture& picture, const Scene& scene, std::uint32_t member,
                      const QRectF& card) {
  const bool chosen = scene.selected.member == member;
  const bool flipped = member <= scene.before.member_count() &&
                       scene.before.member(member).up() != scene.now.member(member).up();
  picture.round(card, flipped ? Ink::ChangedTint : Ink::Card, chosen ? Ink::Accent : Ink::Frame,
                chosen ? 2.5 : 1.2);
  picture.item({.area = card,
                .name = card_name(scene, member),
                .ref = {.kind = Ref::Kind::Member, .member = member}});
  draw_head(picture, scene, member, card);
  if (scene.now.member(member).up()) {
    draw_inside(picture, scene, member, card);
  } else {
    draw_down(picture, scene, member, card);
  }
}

}  // namespace orrery::gui
