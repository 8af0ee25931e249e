// Render: the picture of the window, or of one panel, at a step of a scenario, without a screen; or one a part.
//   used by: main.cc, tests    uses: MainWindow
#pragma once

#include <optional>

#include <QImage>
#include <QSize>
#include <QString>

#include "base/result.h"
#include "gui/main_window.h"

namespace orrery::gui {

struct RenderOrder {
  QString out;                      // a *.png
  QString scenario;                 // a lab's name or folder, or a *.crank file
  std::optional<std::size_t> at;    // a step; unset = the end of the scenario
  std::optional<std::size_t> stop;  // play only so many of the lab's parts; unset = all
  QString panel;                    // empty = the window
  QSize size{1600, 1000};
  Theme::Mode mode = Theme::Mode::Light;
  int scale = 100;
  Layout layout = Layout::Start;
  QString select;  // "n2": what is selected; empty = nothing
};

Result<QImage> render(const RenderOrder& order);

// A picture of the window after each part of the order's scenario: "01.png", "02.png", ... in an existing folder.
// Gives how many there are.
Result<std::size_t> render_parts(const RenderOrder& order, const QString& folder);

}  // namespace orrery::gui
