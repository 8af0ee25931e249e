#include "door/traffic.h"

#include <atomic>

namespace orrery::door {

Ticket new_ticket() {
  static std::atomic<Ticket> next{1};
  return next.fetch_add(1);
}

}  // namespace orrery::door
