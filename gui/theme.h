// Theme: every colour and every size of the debugger, light and dark, in one place.
//   used by: whatever draws    uses: Qt Gui
//   ideas:   pictures name inks, never colours; the theme turns an ink into a colour when it is painted. Hues are
//            Okabe and Ito's, which the colour-blind can tell apart; no meaning rests on a hue alone.
//   from: gui: Okabe and Ito, Color Universal Design; Qt's Fusion style
#pragma once

#include <cstdint>

#include <QColor>
#include <QFont>
#include <QPalette>

namespace orrery::gui {

enum class Ink : std::uint8_t {
  None,
  Page,    // behind everything
  Card,    // behind things
  Frame,   // around things
  Faint,   // grids, gauge grounds
  Text,    // words and strong lines
  Muted,   // words that matter less, 4.5:1 all the same
  Accent,  // what can be acted on
  Warn,
  Good,
  Bad,
  AddedTint,
  ChangedTint,
  RemovedTint,
  SelectedTint,
  OnTerm,  // words on a term's fill
  Term0,   // then one a term, round and round
  Term1,
  Term2,
  Term3,
  Term4,
  Term5,
};

constexpr std::uint64_t kTermInks = 6;

// Hue means term in Raft views; the number is always printed beside it.
constexpr Ink term_ink(std::uint64_t term) {
  return static_cast<Ink>(static_cast<std::uint64_t>(Ink::Term0) + term % kTermInks);
}

enum class Face : std::uint8_t { Normal, Small, Bold, Title, Mono, MonoSmall };

// Sizes that pictures are laid out with, in pixels; plain numbers, so that tests need no font.
struct Metrics {
  double line = 17;   // of normal words
  double small = 14;  // of small words
  double ch = 7;      // an average character
  double gap = 6;
};

class Theme {
 public:
  enum class Mode : std::uint8_t { Light, Dark };

  explicit Theme(Mode mode = Mode::Light, int scale_percent = 100);

  Mode mode() const { return mode_; }

  int scale() const { return scale_; }

  QColor color(Ink ink) const;
  QFont font(Face face) const;
  Metrics metrics() const;
  QPalette palette() const;

 private:
  Mode mode_;
  int scale_;  // percent of the text size, 80 to 200
};

// The whole application: Fusion, the palette, the font.
void apply_theme(const Theme& theme);

}  // namespace orrery::gui
