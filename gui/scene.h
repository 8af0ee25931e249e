// Scene: all that a draw_ function may look at.
//   used by: every view's draw_ function    uses: sim, picture.h
//   ideas:   plain values, so that a test can make one from any two worlds.
#pragma once

#include <vector>

#include "gui/detail.h"
#include "gui/picture.h"
#include "sim/world.h"

namespace orrery::gui {

struct Scene {
  const sim::World& now;
  const sim::World& before;  // to compare with
  Ref selected = {};
  std::uint32_t member = 1;  // for views of one member
  Detail detail = Detail::Engineer;
  std::vector<QString> badges = {};  // hash of each member's keys, n1 first; may be empty
  Metrics metrics = {};
  QSizeF room = {};     // the viewport
  QRectF visible = {};  // the part of the picture that is seen

  // Null while the member is down.
  const server::Running* running(std::uint32_t no) const {
    return now.member(no).up() ? &now.member(no).running() : nullptr;
  }

  const server::Running* running_before(std::uint32_t no) const {
    return no <= before.member_count() && before.member(no).up() ? &before.member(no).running()
                                                                 : nullptr;
  }
};

}  // namespace orrery::gui
