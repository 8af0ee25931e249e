// The members' figures side by side, as `endpoint status` and the articles' metric server show them; what differs is
// marked.
#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "gui/describe.h"
#include "gui/sheet.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using server::Running;

struct Figure {
  const char* title;
  std::uint64_t (*of)(const Running& run);
};

constexpr std::array<Figure, 7> kFigures{{
    {"term", [](const Running& run) { return run.raft.term().value(); }},
    {"raft index", [](const Running& run) { return run.raft.log().committed().value(); }},
    {"applied", [](const Running& run) { return run.applied.value(); }},
    {"revision",
     [](const Running& run) { return static_cast<std::uint64_t>(run.store.current_revision()); }},
    {"keys", key_count},
    {"auth rev", [](const Running& run) { return run.auth.revision(); }},
    {"db bytes", [](const Running& run) { return std::uint64_t{run.backend.size()}; }},
}};

// Do the members that are up have different ones?
bool differs(const Scene& scene, const Figure& figure) {
  std::optional<std::uint64_t> first;
  for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
    const Running* run = scene.running(no);
    if (run == nullptr) continue;
    const std::uint64_t value = figure.of(*run);
    if (first && *first != value) return true;
    first = value;
  }
  return false;
}

bool hashes_differ(const Scene& scene) {
  QString first;
  for (const QString& badge : scene.badges) {
    if (badge.isEmpty()) continue;
    if (!first.isEmpty() && first != badge) return true;
    first = badge;
  }
  return false;
}

QString role_of(const Running& run, NodeId id) {
  if (run.raft.is_leader()) return phrase("leader");
  return run.membership.is_learner(id) ? phrase("learner") : phrase("follower");
}

QString marked(bool marked, const QString& words) {
  return marked ? QString(u"\u2260 "_s + words) : words;
}

QString alarm_words(const Running& run) {
  QStringList out;
  for (const auto& alarm : run.alarms.list(rpc::AlarmType::None)) out << q(server::to_text(alarm));
  return out.join(u"; "_s);
}

std::vector<Cell> cells_of(const Scene& scene, std::uint32_t no, const Running& run) {
  const NodeId id = scene.now.member(no).id();
  const std::uint32_t leader = scene.now.number_of(run.raft.leader());
  std::vector<Cell> out{{.words = u"n%1"_s.arg(no), .face = Face::Bold},
                        {.words = role_of(run, id)},
                        {.words = leader == 0 ? u"-"_s : u"n%1"_s.arg(leader)}};
  const Running* before = scene.running_before(no);
  for (const Figure& figure : kFigures) {
    const std::uint64_t value = figure.of(run);
    Cell cell = gauge_cell(value, before == nullptr ? value : figure.of(*before));
    if (differs(scene, figure)) {
      cell.words = marked(true, cell.words);
      cell.ink = Ink::Bad;
    }
    out.push_back(cell);
  }
  const QString badge = no <= scene.badges.size() ? scene.badges[no - 1] : QString();
  const bool odd = hashes_differ(scene);
  out.push_back(
      {.words = marked(odd, badge), .ink = odd ? Ink::Bad : Ink::Text, .face = Face::Mono});
  out.push_back({.words = q(text("{:x}", id.value())), .face = Face::Mono});
  out.push_back({.words = alarm_words(run), .ink = Ink::Warn});
  return out;
}

QString down_words(const server::Member& member) {
  if (was_removed(member)) return phrase("removed");
  return member.status() == server::Status::Panicked
             ? QString(phrase("panicked: ") + q(member.panic_text()))
             : phrase("down");
}

}  // namespace

Picture draw_members_table(const Scene& scene, const Series& series) {
  Picture picture;
  Sheet sheet(scene, picture, scene.metrics.gap);
  std::vector<Column> columns{{u"n"_s, 4}, {phrase("role"), 9}, {phrase("leader"), 6}};
  for (const Figure& figure : kFigures) columns.push_back({phrase(figure.title), 8, true});
  columns.push_back({phrase("hash"), 8});
  columns.push_back({phrase("id"), 20});
  columns.push_back({phrase("alarms"), 24});
  sheet.head(std::move(columns));
  for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
    const Running* run = scene.running(no);
    const Ref ref{.kind = Ref::Kind::Member, .member = no};
    if (run != nullptr) {
      sheet.row(cells_of(scene, no, *run), {.area = {}, .ref = ref});
      continue;
    }
    sheet.row({{.words = u"n%1"_s.arg(no), .face = Face::Bold},
               {.words = down_words(scene.now.member(no)),
                .ink = was_removed(scene.now.member(no)) ? Ink::Muted : Ink::Bad}},
              {.area = {}, .ref = ref});
  }
  sheet.gap();
  sheet.hint(
      phrase("\u2260: the members do not have the same. Indexes and revisions differ while a "
             "write is on its way; at equal applied indexes all else must be equal."));
  sheet.gap();
  sheet.line(phrase("Sampled each ") + time_words(series.distance), Ink::Text, Face::Bold);
  sheet.hint(phrase("Tolerance ") + q(kTolerance) + phrase(": a greater difference counts; in ") +
             q(kAlertAfter) +
             phrase(" samples in a row it is an alert. A double click goes there."));
  const double top = sheet.y();
  sheet.finish();
  draw_series(scene, series, picture, top);
  return picture;
}

}  // namespace orrery::gui
