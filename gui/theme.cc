#include "gui/theme.h"

#include <array>
#include <cstddef>

#include <QApplication>
#include <QFontMetricsF>
#include <QStyleFactory>

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::size_t kInks = static_cast<std::size_t>(Ink::Term5) + 1;
constexpr int kBasePixels = 13;

struct InkRow {
  QRgb light;
  QRgb dark;
};

// In the order of Ink.
constexpr std::array<InkRow, kInks> kInkTable{{
    {0x00000000, 0x00000000},  // None
    {0xfff4f4f2, 0xff1d1f22},  // Page
    {0xffffffff, 0xff282b2f},  // Card
    {0xff8a8d91, 0xff70757b},  // Frame
    {0xffe2e3e1, 0xff3a3e43},  // Faint
    {0xff16181a, 0xffececea},  // Text
    {0xff5a5e63, 0xffabb0b6},  // Muted
    {0xff0072b2, 0xff56b4e9},  // Accent
    {0xffb34700, 0xffe69f00},  // Warn
    {0xff007a5a, 0xff2fc99b},  // Good
    {0xffc03d00, 0xffff8a4c},  // Bad
    {0xffd3efe4, 0xff1d4638},  // AddedTint
    {0xfffff1c2, 0xff4d4214},  // ChangedTint
    {0xfffbdccb, 0xff55301c},  // RemovedTint
    {0xffcfe6f5, 0xff23435a},  // SelectedTint
    {0xff101214, 0xff101214},  // OnTerm
    {0xffd9d9d6, 0xffa9a9a6},  // Term0
    {0xff9fd4f3, 0xff56b4e9},  // Term1
    {0xfff5c45c, 0xffe69f00},  // Term2
    {0xff7fd1b4, 0xff3dbb91},  // Term3
    {0xffe9b3d1, 0xffd98fbb},  // Term4
    {0xfff3ea7d, 0xffe3d83c},  // Term5
}};

QPalette::ColorRole role_of(std::size_t index) {
  return static_cast<QPalette::ColorRole>(index);
}

struct RoleInk {
  QPalette::ColorRole role;
  Ink ink;
};

constexpr std::array<RoleInk, 16> kRoles{{
    {QPalette::Window, Ink::Page},
    {QPalette::WindowText, Ink::Text},
    {QPalette::Base, Ink::Card},
    {QPalette::AlternateBase, Ink::Page},
    {QPalette::Text, Ink::Text},
    {QPalette::Button, Ink::Card},
    {QPalette::ButtonText, Ink::Text},
    {QPalette::BrightText, Ink::Bad},
    {QPalette::ToolTipBase, Ink::Card},
    {QPalette::ToolTipText, Ink::Text},
    {QPalette::PlaceholderText, Ink::Muted},
    {QPalette::Link, Ink::Accent},
    {QPalette::LinkVisited, Ink::Accent},
    {QPalette::Highlight, Ink::SelectedTint},
    {QPalette::HighlightedText, Ink::Text},
    {QPalette::Mid, Ink::Frame},
}};

}  // namespace

Theme::Theme(Mode mode, int scale_percent) : mode_(mode), scale_(qBound(80, scale_percent, 200)) {}

QColor Theme::color(Ink ink) const {
  const InkRow& row = kInkTable[static_cast<std::size_t>(ink)];
  return QColor::fromRgba(mode_ == Mode::Light ? row.light : row.dark);
}

QFont Theme::font(Face face) const {
  const bool mono = face == Face::Mono || face == Face::MonoSmall;
  QFont font(mono ? u"DejaVu Sans Mono"_s : u"DejaVu Sans"_s);
  font.setStyleHint(mono ? QFont::Monospace : QFont::SansSerif);
  int pixels = kBasePixels;
  if (face == Face::Small || face == Face::MonoSmall) pixels = kBasePixels - 2;
  if (face == Face::Title) pixels = kBasePixels + 3;
  font.setPixelSize(pixels * scale_ / 100);
  font.setBold(face == Face::Bold || face == Face::Title);
  return font;
}

Metrics Theme::metrics() const {
  const QFontMetricsF normal(font(Face::Normal));
  const QFontMetricsF small(font(Face::Small));
  return {.line = normal.height() + 2,
          .small = small.height() + 1,
          .ch = normal.averageCharWidth(),
          .gap = 6.0 * scale_ / 100};
}

QPalette Theme::palette() const {
  QPalette out;
  for (const RoleInk& row : kRoles) out.setColor(row.role, color(row.ink));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    out.setColor(QPalette::Disabled, role, color(Ink::Frame));
  }
  const QColor card = color(Ink::Card);
  out.setColor(role_of(QPalette::Light), card.lighter(115));
  out.setColor(role_of(QPalette::Midlight), color(Ink::Faint));
  out.setColor(role_of(QPalette::Dark), color(Ink::Frame));
  out.setColor(role_of(QPalette::Shadow), card.darker(200));
  return out;
}

void apply_theme(const Theme& theme) {
  QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
  QApplication::setPalette(theme.palette());
  QApplication::setFont(theme.font(Face::Normal));
}

}  // namespace orrery::gui
