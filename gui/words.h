// Words: from the core's texts to Qt's, and the door to translations.
//   used by: everything in gui    uses: Qt Core
#pragma once

#include <string>
#include <string_view>

#include <QCoreApplication>
#include <QString>

namespace orrery::gui {

inline QString q(std::string_view words) {
  return QString::fromUtf8(words.data(), static_cast<qsizetype>(words.size()));
}

template <class Number>
  requires std::is_integral_v<Number>
QString q(Number number) {
  return QString::number(number);
}

// A sentence or label for people; the literal is what translators see.
inline QString phrase(const char* words) {
  return QCoreApplication::translate("orrery", words);
}

}  // namespace orrery::gui
