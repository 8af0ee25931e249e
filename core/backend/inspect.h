// inspect(): walks a whole file and says what each page is and what is wrong.
//   used by: Backend::open (refuses files with faults), check-db, the Pages panel, tests
//   ideas:   one walk serves the free list, the check and the page map. It trusts nothing: a file of
//            random bytes gives a list of faults.
//   from: bbolt tx_check.go; db.go (loadFreelist)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/page.h"
#include "backend/page_file.h"
#include "base/blob.h"
#include "base/result.h"
#include "base/sequence.h"

namespace orrery::backend {

enum class PageKind : std::uint8_t { Meta, Freelist, Branch, Leaf, Overflow, Free };

std::string_view to_text(PageKind kind);

// One page of the map.
struct PageInfo {
  PageId id;
  PageKind kind = PageKind::Free;
  std::uint32_t overflow = 0;  // pages that follow and belong to it
  std::uint32_t count = 0;     // elements; for an Overflow page 0
  std::uint32_t depth = 0;     // branch and leaf: 0 = root of its bucket
  std::string bucket;          // owner's name; "" = the root bucket or none

  friend bool operator==(const PageInfo&, const PageInfo&) = default;
};

struct Fault {
  PageId page;
  std::string text;  // begins with "page N" or "bucket NAME"
  // Reading would be wrong or unsafe (false: pages are merely lost to both tree and freelist).
  bool fatal = true;
  bool torn = false;  // bytes are missing at the end of the file

  friend bool operator==(const Fault&, const Fault&) = default;
};

struct Inspection {
  std::vector<Fault> faults;    // in the order met
  std::vector<PageInfo> pages;  // one for each page below the high water mark
  PageFile file;                // usable when no fault is fatal
};

// The blocks of a file: 4096 bytes each; an empty Blob is a block of zeros, a short last one a torn
// file.
Inspection inspect(const Sequence<Blob>& blocks);

// Just the faults, as lines.
std::vector<std::string> check_file(const Sequence<Blob>& blocks);

}  // namespace orrery::backend
