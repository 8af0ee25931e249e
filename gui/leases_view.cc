// The leases of one member: the time each has left, the keys that end with it, and who may end it.
#include <algorithm>

#include "base/text.h"
#include "gui/describe.h"
#include "gui/sheet.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using lease::Lease;
using lease::Lessor;

constexpr int kBar = 12;  // characters

// Filled blocks for what is left of the granted time.
QString bar_words(double share) {
  const int filled = std::clamp(static_cast<int>(share * kBar + 0.5), 0, kBar);
  return QString(filled, QChar(0x2588)) + QString(kBar - filled, QChar(0x2591));
}

QString left_words(const Lease& lease, Nanos now) {
  if (!lease.expiry) return phrase("for ever here");
  if (*lease.expiry <= now) return phrase("over, not yet revoked");
  return q(text("{:.1f} s", static_cast<double>((*lease.expiry - now.value()).value()) / 1e9));
}

double share_left(const Lease& lease, Nanos now) {
  if (!lease.expiry || lease.ttl <= 0) return 1;
  const double left = static_cast<double>((*lease.expiry - now.value()).value()) / 1e9;
  return left / static_cast<double>(lease.ttl);
}

QString keys_words(const Lease& lease) {
  QStringList out;
  for (const auto& [key, on] : lease.keys) {
    if (out.size() == 6) {
      out << u"\u2026 %1"_s.arg(lease.keys.size());
      break;
    }
    out << bytes_words(key, 20);
  }
  return out.join(u", "_s);
}

// In the order in which they end; without an end: by id.
std::vector<std::pair<LeaseId, const Lease*>> by_expiry(const Lessor& lessor) {
  std::vector<std::pair<LeaseId, const Lease*>> out;
  for (const auto& [id, lease] : lessor.leases()) out.emplace_back(id, &lease);
  std::ranges::stable_sort(
      out, {}, [](const auto& one) { return one.second->expiry.value_or(Nanos(INT64_MAX)); });
  return out;
}

void draw_rows(const Scene& scene, const server::Running& run, Sheet& sheet) {
  sheet.head({{phrase("lease"), 21},
              {phrase("granted"), 9, true},
              {phrase("left"), 20, true},
              {QString(), kBar + 1.0},
              {phrase("checkpoint"), 11, true},
              {phrase("keys"), 44}});
  const auto* before = scene.running_before(scene.member);
  for (const auto& [id, lease] : by_expiry(run.lessor)) {
    const Lease* old = before == nullptr ? lease : before->lessor.find(id);
    const Change change = change_of(old, lease);
    const QString mark = change == Change::Same ? QString() : QString(glyph(change) + u" "_s);
    const Nanos now = scene.now.clock_of(scene.member);
    const bool over = lease->expiry && *lease->expiry <= now;
    sheet.row({{.words = mark + q(text("{:x}", id.value())),
                .fill = change == Change::Same ? Ink::None : tint(change),
                .face = Face::Mono},
               {.words = q(text("{} s", lease->ttl))},
               {.words = left_words(*lease, now), .ink = over ? Ink::Bad : Ink::Text},
               {.words = bar_words(share_left(*lease, now)),
                .ink = over ? Ink::Bad : Ink::Accent,
                .face = Face::MonoSmall},
               {.words = lease->remaining == 0 ? u"-"_s : q(text("{} s", lease->remaining))},
               {.words = keys_words(*lease), .face = Face::Mono}});
  }
}

}  // namespace

Picture draw_leases(const Scene& scene) {
  Picture picture;
  Sheet sheet(scene, picture, scene.metrics.gap);
  const auto* run = scene.running(scene.member);
  if (run == nullptr) {
    sheet.line(u"n%1 %2"_s.arg(q(scene.member), phrase("is down: its leases stand in its file")),
               Ink::Bad, Face::Bold);
  } else {
    const QString who = run->lessor.is_primary()
                            ? phrase("is the primary lessor: what ends here is revoked for all")
                            : phrase("is not the primary: nothing ends here by itself");
    sheet.line(u"n%1 %2. %3 %4"_s.arg(q(scene.member), who, q(run->lessor.leases().size()),
                                      phrase("leases")),
               Ink::Text, Face::Bold);
    if (run->lessor.leases().empty()) {
      sheet.hint(phrase("No lease yet. Try: lease grant 30, then put k v --lease=ID"));
    } else {
      draw_rows(scene, *run, sheet);
    }
  }
  sheet.finish();
  return picture;
}

}  // namespace orrery::gui
