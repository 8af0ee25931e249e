// The timeline: a lane per member, a pip per step, what was typed, what was down, and where the branches part.
#include <algorithm>
#include <array>
#include <cmath>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr double kNarrowest = 0.02;  // pixels a step: 50,000 steps on 1,000 pixels
constexpr double kWidest = 14;

Ink pip_ink(StepKind kind) {
  switch (kind) {
    case StepKind::Message: return Ink::Accent;
    case StepKind::Lane: return Ink::Text;
    case StepKind::Tick: return Ink::Frame;
    case StepKind::Client: return Ink::Text;
    case StepKind::Fault: return Ink::Bad;
    case StepKind::Order: return Ink::Warn;
  }
  return Ink::Text;
}

// At a coarser level the lanes' own work is left out, so that messages and faults stand out.
bool is_shown(StepKind kind, Detail detail) {
  if (kind == StepKind::Tick) return detail == Detail::Engineer;
  return kind != StepKind::Lane || detail != Detail::Student;
}

struct LegendRow {
  StepKind kind;
  const char* words;
};

constexpr std::array<LegendRow, 5> kLegend{{{StepKind::Message, "message"},
                                            {StepKind::Lane, "work of a lane"},
                                            {StepKind::Tick, "tick"},
                                            {StepKind::Client, "client"},
                                            {StepKind::Fault, "fault"}}};

// Told by height too: a fault is the tallest, a tick the lowest.
double pip_height(StepKind kind) {
  switch (kind) {
    case StepKind::Message: return 0.8;
    case StepKind::Lane: return 0.55;
    case StepKind::Tick: return 0.25;
    case StepKind::Client: return 0.9;
    case StepKind::Fault: return 1.0;
    case StepKind::Order: return 0.6;
  }
  return 0.5;
}

class TimelinePainter {
 public:
  TimelinePainter(const sim::Timeline& timeline, const StepIndex& steps, const Scene& scene,
                  Picture& picture)
      : timeline_(timeline), steps_(steps), scene_(scene), picture_(picture) {
    const Metrics& m = scene.metrics;
    geometry_ = lay_out_timeline(steps.marks().size(), timeline.position(), scene.room, m);
    commands_ = m.small + 2;
    const double others = static_cast<double>(timeline.branches().size() - 1);
    branches_ = others > 0 ? std::min(others, 3.0) * m.small + 2 : 0;
    lanes_ = scene.now.member_count() + 1;
    lane_ = std::clamp((scene.room.height() - commands_ - branches_ - m.small - 6) / lanes_, 8.0,
                       m.line + 4);
    picture.size = scene.room;
  }

  void draw() {
    draw_lanes();
    draw_down();
    draw_pips();
    draw_commands();
    draw_branches();
    draw_cursor();
  }

 private:
  double lane_top(std::uint32_t lane) const { return commands_ + lane_ * lane; }
  double lanes_bottom() const { return commands_ + lane_ * lanes_; }

  void draw_lanes() {
    for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
      const QRectF label(2, lane_top(lane), geometry_.left - 8, lane_);
      const QString name = lane == 0 ? phrase("clients") : q(scene_.now.member(lane).name());
      picture_.words(label, name, lane == 0 ? Ink::Muted : Ink::Text, Face::Small, Qt::AlignRight);
      const double y = lane_top(lane) + lane_ - 1;
      picture_.line({geometry_.left, y}, {geometry_.left + geometry_.width, y}, Ink::Faint);
    }
  }

  void draw_down() {
    for (const DownSpan& span : steps_.down_spans()) {
      if (span.to < geometry_.first || span.from > geometry_.last) continue;
      const double from = std::max(geometry_.left, geometry_.x_of(span.from));
      const double to = std::max(from + 2, geometry_.x_of(span.to));
      const QRectF at(from, lane_top(span.member), to - from, lane_ - 1);
      picture_.add({.kind = Shape::Kind::Box, .at = at, .fill = Ink::RemovedTint, .hatched = true});
      picture_.item(
          {.area = at,
           .name = u"n%1 %2, %3 %4 %5 %6"_s.arg(q(span.member), phrase("was down"), phrase("steps"),
                                                q(span.from), phrase("to"), q(span.to))});
    }
  }

  // At most one pip a pixel and lane: where steps are narrower, the tallest of them stands for all.
  void draw_pips() {
    const auto& marks = steps_.marks();
    std::vector<double> next_free(lanes_, -1);
    const double wide = std::max(1.0, std::min(3.0, geometry_.x_of(geometry_.first + 1) -
                                                        geometry_.x_of(geometry_.first) - 1));
    const auto stride = std::max<std::size_t>(1, (geometry_.last - geometry_.first) / 20'000);
    for (std::size_t i = geometry_.first; i < std::min(marks.size(), geometry_.last); i += stride) {
      const std::uint32_t lane = marks[i].owner < lanes_ ? marks[i].owner : 0;
      const double x = geometry_.x_of(i + 1);
      const bool fault = marks[i].kind == StepKind::Fault;
      if (!is_shown(marks[i].kind, scene_.detail)) continue;
      if (x < next_free[lane] && !fault) continue;
      next_free[lane] = x + wide;
      const double high = (lane_ - 3) * pip_height(marks[i].kind);
      picture_.box(QRectF(x - wide, lane_top(lane) + lane_ - 2 - high, wide, high),
                   pip_ink(marks[i].kind));
    }
  }

  // Labels stand where there is room for their beginning, and reach to the next one.
  void draw_commands() {
    const Metrics& m = scene_.metrics;
    std::vector<const sim::CommandMark*> shown;
    double free_from = geometry_.left;
    for (const sim::CommandMark& mark : timeline_.branches()[timeline_.branch()].commands) {
      if (mark.at < geometry_.first || mark.at > geometry_.last) continue;
      if (mark.line.starts_with("step") || geometry_.x_of(mark.at) < free_from) continue;
      shown.push_back(&mark);
      free_from = geometry_.x_of(mark.at) + m.ch * 9;
    }
    const double end = std::max(geometry_.left + geometry_.width, scene_.room.width() - m.gap);
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const double right = i + 1 < shown.size() ? geometry_.x_of(shown[i + 1]->at) - m.ch : end;
      draw_command(*shown[i], right);
    }
  }

  void draw_command(const sim::CommandMark& mark, double right) {
    const double x = geometry_.x_of(mark.at);
    const QRectF at(x, 0, right - x, commands_);
    picture_.line({x, 2}, {x, lanes_bottom()}, Ink::Faint);
    if (at.width() < scene_.metrics.ch * 3) return;
    picture_.words(at.adjusted(2, 0, 0, 0), command_words(mark.line), Ink::Muted, Face::Small);
    picture_.item(
        {.area = at,
         .name = phrase("typed at step ") + q(mark.at) + u": "_s + command_words(mark.line)});
  }

  // The other branches, each from where it leaves its parent: a name and a count of steps.
  void draw_branches() {
    const Metrics& m = scene_.metrics;
    const auto& branches = timeline_.branches();
    double y = lanes_bottom() + 2;
    int shown = 0;
    for (std::size_t no = branches.size(); no > 0 && shown < 3; --no) {
      if (no - 1 == timeline_.branch()) continue;
      const sim::Branch& branch = branches[no - 1];
      const double x = std::clamp(geometry_.x_of(branch.fork), geometry_.left,
                                  geometry_.left + geometry_.width * 0.7);
      const double to = std::clamp(geometry_.x_of(branch.length()), x + 20,
                                   geometry_.left + geometry_.width - m.ch * 28);
      picture_.line({x, lanes_bottom()}, {x, y + m.small / 2}, Ink::Frame, 1.4);
      picture_.line({x, y + m.small / 2}, {to, y + m.small / 2}, Ink::Frame, 1.4);
      const QString words =
          u"%1 (%2 %3)"_s.arg(q(branch.name), q(branch.actions.size()), phrase("steps"));
      const QRectF at(to + 4, y, m.ch * 28, m.small);
      picture_.words(at, words, Ink::Accent, Face::Small);
      picture_.item(
          {.area = at,
           .name = phrase("branch ") + words + phrase(", begins at step ") + q(branch.fork),
           .command = u"switch "_s + q(branch.name)});
      y += m.small;
      ++shown;
    }
    const std::size_t others = branches.size() - 1;
    if (others <= 3) return;
    picture_.words(QRectF(geometry_.left - m.ch * 7.5, y - m.small, m.ch * 7, m.small),
                   u"+%1 \u2442"_s.arg(others - 3), Ink::Muted, Face::Small, Qt::AlignRight);
  }

  void draw_cursor() {
    const Metrics& m = scene_.metrics;
    const double x = geometry_.x_of(timeline_.position());
    const double bottom = scene_.room.height();
    picture_.line({x, 0}, {x, bottom - m.small}, Ink::Accent, 2);
    const QString words = u"%1 / %2   %3   %4"_s.arg(
        q(timeline_.position()), q(steps_.marks().size()), time_words(scene_.now.now()),
        q(timeline_.branches()[timeline_.branch()].name));
    const double wide = m.ch * static_cast<double>(words.size() + 2);
    const double left = std::clamp(x - wide / 2, 0.0, std::max(0.0, scene_.room.width() - wide));
    const QRectF handle(left, bottom - m.small - 2, wide, m.small + 2);
    picture_.round(handle, Ink::SelectedTint, Ink::Accent, 1.2);
    picture_.words(handle, words, Ink::Text, Face::Small, Qt::AlignHCenter);
    picture_.item({.area = handle,
                   .name = phrase("cursor at step ") + q(timeline_.position()) + phrase(" of ") +
                           q(steps_.marks().size()),
                   .ref = {.kind = Ref::Kind::Step, .number = timeline_.position()}});
    draw_legend(handle);
  }

  // On the side of the handle that is free.
  void draw_legend(const QRectF& handle) {
    const Metrics& m = scene_.metrics;
    if (lanes_bottom() + branches_ > handle.top() + 2) return;
    double wide = 0;
    for (const LegendRow& row : kLegend) wide += legend_width(row);
    const bool left = handle.left() > geometry_.left + wide;
    double x = left ? geometry_.left : handle.right() + m.ch * 2;
    if (x + wide > scene_.room.width()) return;
    for (const LegendRow& row : kLegend) {
      if (!is_shown(row.kind, scene_.detail)) continue;
      const double high = (m.small - 3) * pip_height(row.kind);
      picture_.box(QRectF(x, handle.bottom() - 3 - high, 3, high), pip_ink(row.kind));
      picture_.words(QRectF(x + 7, handle.top(), legend_width(row) - 7, handle.height()),
                     phrase(row.words), Ink::Muted, Face::Small);
      x += legend_width(row);
    }
  }

  double legend_width(const LegendRow& row) const {
    return scene_.metrics.ch * static_cast<double>(phrase(row.words).size() + 4);
  }

  const sim::Timeline& timeline_;
  const StepIndex& steps_;
  const Scene& scene_;
  Picture& picture_;
  TimelineGeometry geometry_;
  std::uint32_t lanes_ = 1;
  double commands_ = 0;
  double branches_ = 0;
  double lane_ = 0;
};

}  // namespace

double TimelineGeometry::x_of(std::size_t position) const {
  const double offset = static_cast<double>(position) - static_cast<double>(first);
  return left + width * offset / static_cast<double>(last - first);
}

std::size_t TimelineGeometry::position_at(double x) const {
  const double share = std::clamp((x - left) / width, 0.0, 1.0);
  return first + static_cast<std::size_t>(std::lround(share * static_cast<double>(last - first)));
}

TimelineGeometry lay_out_timeline(std::size_t length, std::size_t cursor, QSizeF room,
                                  const Metrics& metrics) {
  TimelineGeometry out;
  out.left = metrics.ch * 8;
  const double track = std::max(50.0, room.width() - out.left - metrics.ch * 2);
  const auto most = static_cast<std::size_t>(track / kNarrowest);
  const std::size_t shown = std::clamp<std::size_t>(length, 1, most);
  out.width = std::min(track, static_cast<double>(shown) * kWidest);
  if (length > most && cursor > shown / 2) out.first = std::min(cursor - shown / 2, length - shown);
  out.last = out.first + shown;
  return out;
}

Picture draw_timeline(const sim::Timeline& timeline, const StepIndex& steps, const Scene& scene) {
  Picture picture;
  TimelinePainter(timeline, steps, scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
