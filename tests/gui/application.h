// One QApplication on the offscreen platform for all tests of a program, and where the labs stand.
//   used by: tests/gui
#pragma once

#include <array>
#include <string>

#include <QApplication>
#include <QString>
#include <QTextStream>

#include "gui/theme.h"
#include "source_dir.h"

namespace orrery::gui::testing {

inline QApplication& application() {
  static int count = 1;
  static std::string name = "gui_test";
  static std::array<char*, 2> arguments{name.data(), nullptr};
  static QApplication* app = [] {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    // That platform complains about every window that it has no window manager to tell.
    qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString& words) {
      if (words.contains(QLatin1String("propagateSizeHints"))) return;
      QTextStream(stderr) << words << "\n";
    });
    auto* made = new QApplication(count, arguments.data());
    apply_theme(Theme());
    return made;
  }();
  return *app;
}

inline QString lab_path(const char* name) {
  return QStringLiteral(ORRERY_SOURCE_DIR "/labs/") + QString::fromLatin1(name);
}

}  // namespace orrery::gui::testing
