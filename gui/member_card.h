// A member's card on the canvas: role, term, gauges, lanes.
//   used by: cluster_view    uses: scene.h
#pragma once

#include "gui/scene.h"

namespace orrery::gui {

void draw_member_card(Picture& picture, const Scene& scene, std::uint32_t member,
                      const QRectF& card);

}  // namespace orrery::gui
