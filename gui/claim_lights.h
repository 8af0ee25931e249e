// Claim lights: what the claims about a whole run say at the cursor, each as a light with a sentence.
//   used by: Session    uses: lang (Report), checks.h, writes.h
//   ideas:   a claim that a step broke stays broken while what it speaks of is still so; after that its light says that
//            it holds again, and since when it had not. Claims about a world at rest are looked at when it rests.
#pragma once

#include <optional>
#include <vector>

#include "gui/checks.h"
#include "lang/ledger.h"

namespace orrery::gui {

// `report` unset = too much has happened since anybody looked: so many steps.
std::vector<CheckLight> claim_lights(const std::optional<lang::Report>& report, std::size_t unseen,
                                     const sim::World& world);

}  // namespace orrery::gui
