// One QApplication on the offscreen platform for all tests of a program, and where the labs stand.
//   used by: tests/gui
#pragma once

#include <QApplication>
#include <QString>

#include "gui/theme.h"

namespace orrery::gui::testing {

inline QApplication& application() {
  static int count = 1;
  static char name[] = "gui_test";
  static char* arguments[] = {name, nullptr};
  static QApplication* app = [] {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    auto* made = new QApplication(count, arguments);
    apply_theme(Theme());
    return made;
  }();
  return *app;
}

inline QString lab_path(const char* name) {
  return QStringLiteral(ORRERY_SOURCE_DIR "/labs/") + QString::fromLatin1(name);
}

}  // namespace orrery::gui::testing
