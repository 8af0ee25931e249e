// What a picture says in words.
//   used by: tests/gui    uses: gui/picture.h
#pragma once

#include <QString>

#include "gui/picture.h"

namespace orrery::gui {

inline bool names(const Picture& picture, const QString& words) {
  return picture.text_twin().contains(words);
}

}  // namespace orrery::gui
