// The members' counts over time, as the articles' metric server drew them: a strip a figure, with a line a member, how
// far the members are apart, and where that would have raised an alert.
#include <algorithm>
#include <array>

#include "gui/describe.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

struct Strip {
  const char* title;
  std::uint64_t Figures::* figure;
};

constexpr std::array<Strip, 3> kStrips{{
    {"keys", &Figures::keys},
    {"revision", &Figures::revision},
    {"auth rev", &Figures::auth_revision},
}};

// Members by colour; each is named beside the strip, and every sample in words.
constexpr std::array kMemberInks{Ink::Accent, Ink::Good, Ink::Warn, Ink::Text, Ink::Muted};

QString value_words(const Sample& sample, std::uint64_t Figures::* figure) {
  QStringList out;
  for (std::size_t i = 0; i < sample.members.size(); ++i) {
    const auto& member = sample.members[i];
    out << u"n%1 %2"_s.arg(i + 1).arg(member ? q((*member).*figure) : phrase("down"));
  }
  return out.join(u", "_s);
}

class SeriesPainter {
 public:
  SeriesPainter(const Scene& scene, const Series& series, Picture& picture, double top)
      : scene_(scene), series_(series), picture_(picture), y_(top) {
    const Metrics& m = scene.metrics;
    left_ = m.gap + 12 * m.ch;
    wide_ = std::max(60 * m.ch, std::min(scene.room.width(), 110 * m.ch) - left_ - 14 * m.ch);
    high_ = 2.5 * m.line;
  }

  void draw() {
    for (const Strip& strip : kStrips) draw_strip(strip);
    draw_times();
    const double right = left_ + wide_ + 14 * scene_.metrics.ch;
    picture_.size = QSizeF(std::max(picture_.size.width(), right), y_ + scene_.metrics.gap);
  }

 private:
  double step() const { return wide_ / static_cast<double>(series_.samples.size()); }

  double x_of(std::size_t sample) const { return left_ + step() * static_cast<double>(sample); }

  void draw_strip(const Strip& strip) {
    const Metrics& m = scene_.metrics;
    std::uint64_t most = 0;
    for (const Sample& sample : series_.samples) {
      for (const auto& member : sample.members) {
        if (member) most = std::max(most, (*member).*strip.figure);
      }
    }
    picture_.words(QRectF(m.gap, y_, left_ - 2 * m.gap, m.line), phrase(strip.title));
    picture_.words(QRectF(left_ + wide_ + m.gap, y_, 12 * m.ch, m.small), phrase("most ") + q(most),
                   Ink::Muted, Face::Small);
    picture_.box(QRectF(left_, y_, wide_, high_), Ink::Card, Ink::Frame);
    draw_differences(strip);
    const double scale = (high_ - 6) / static_cast<double>(std::max<std::uint64_t>(most, 1));
    const std::size_t members = series_.samples.back().members.size();
    for (std::size_t no = 0; no < members; ++no) draw_member(strip, no, scale);
    y_ += high_ + m.gap;
  }

  // A tint where the members are apart, a strong one where that is an alert.
  void draw_differences(const Strip& strip) {
    const std::vector<bool> alarmed = alerts(series_, strip.figure);
    for (std::size_t i = 0; i < series_.samples.size(); ++i) {
      const Sample& sample = series_.samples[i];
      const std::uint64_t apart = spread(sample, strip.figure);
      const QRectF at(x_of(i), y_ + 1, step(), high_ - 2);
      if (apart > 0) picture_.box(at, apart > kTolerance ? Ink::RemovedTint : Ink::ChangedTint);
      if (alarmed[i]) {
        picture_.line(at.bottomLeft() + QPointF(0, 3), at.bottomRight() + QPointF(0, 3), Ink::Bad,
                      3);
      }
      const QString state = alarmed[i]           ? phrase("alert")
                            : apart > kTolerance ? phrase("above the tolerance")
                            : apart > 0          ? phrase("within the tolerance")
                                                 : phrase("all equal");
      picture_.item({.area = at,
                     .name = u"%1 %2: %3; %4 %5, %6"_s.arg(
                         phrase(strip.title), time_words(sample.at),
                         value_words(sample, strip.figure), phrase("apart by"), q(apart), state),
                     .ref = {.kind = Ref::Kind::Step, .number = sample.position},
                     .command = u"jump "_s + q(sample.position)});
    }
  }

  // A step a sample; a gap while the member is down. Members are set off by a little, so that equal ones stay visible.
  void draw_member(const Strip& strip, std::size_t no, double scale) {
    const Ink ink = kMemberInks.at(no % kMemberInks.size());
    const double offset = 1.5 * static_cast<double>(no);
    double last = 0;
    bool was_up = false;
    for (std::size_t i = 0; i < series_.samples.size(); ++i) {
      const auto& members = series_.samples[i].members;
      if (no >= members.size() || !members[no]) {
        was_up = false;
        continue;
      }
      const auto value = static_cast<double>((*members[no]).*strip.figure);
      const double y = y_ + high_ - 3 - value * scale - offset;
      if (was_up && last != y) picture_.line({x_of(i), last}, {x_of(i), y}, ink, 2);
      picture_.line({x_of(i), y}, {x_of(i) + step(), y}, ink, 2);
      last = y;
      was_up = true;
    }
    if (!was_up) return;
    const Metrics& m = scene_.metrics;
    const double x = left_ + wide_ + m.gap + static_cast<double>(no) * 4 * m.ch;
    picture_.words(QRectF(x, y_ + m.line, 4 * m.ch, m.line), u"n%1"_s.arg(no + 1), ink,
                   Face::Small);
  }

  void draw_times() {
    const Metrics& m = scene_.metrics;
    const QRectF at(left_, y_ - m.gap + 2, wide_, m.small);
    picture_.words(at, time_words(series_.samples.front().at), Ink::Muted, Face::Small);
    picture_.words(at, time_words(series_.samples.back().at), Ink::Muted, Face::Small,
                   Qt::AlignRight | Qt::AlignVCenter);
    y_ += m.small;
  }

  const Scene& scene_;
  const Series& series_;
  Picture& picture_;
  double y_ = 0;
  double left_ = 0;
  double wide_ = 1;
  double high_ = 1;
};

}  // namespace

double draw_series(const Scene& scene, const Series& series, Picture& picture, double top) {
  if (series.samples.empty()) return top;
  SeriesPainter(scene, series, picture, top).draw();
  return picture.size.height();
}

}  // namespace orrery::gui
