#include "base/memory.h"

#ifdef ORRERY_MIMALLOC
#include <mimalloc.h>
#endif

namespace orrery {

void ask_for_large_pages() {
#ifdef ORRERY_MIMALLOC
  mi_option_enable(mi_option_large_os_pages);
#endif
}

}  // namespace orrery
