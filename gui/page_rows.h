// Page rows: the store's file as its pages and its trees, as the Pages panel shows them.
//   used by: pages_view.cc, inspect_disk.cc, tests    uses: disk, backend's inspect()
//   ideas:   what is shown is the file as a restart would read it now, not the member's memory: pages that a commit has
//            written are free until the meta page that leads to them is there.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "backend/inspect.h"
#include "disk/disk.h"

namespace orrery::gui {

// A line of the trees, in their order.
struct TreeRow {
  enum class Kind : std::uint8_t {
    Bucket,
    Branch,
    Leaf,
    Empty,  // all buckets without a row, in one line at the end
  };
  Kind kind = Kind::Bucket;
  std::string bucket;       // Empty: their names, with commas
  backend::PageId page;     // Bucket: its root; inline: where it lies
  std::uint32_t depth = 0;  // of the line, for indenting
  std::uint32_t rows = 0;   // Bucket: of its whole tree; else of the page
  bool is_inline = false;
};

struct PageFileRows {
  Sequence<Blob> blocks;
  backend::Inspection found;
  std::array<Result<backend::Meta>, 2> metas;
  std::vector<TreeRow> tree;  // empty when the file cannot be read

  bool readable() const;
  // The number of the meta page that is in force.
  std::uint64_t meta_in_force() const;
};

PageFileRows read_pages(const disk::File& file);

// How much of a page and its overflow its elements take, in percent. requires: a branch or a leaf of a readable file
std::uint32_t fill_percent(const PageFileRows& rows, backend::PageId page);
// The rows of a bucket's whole tree; 0 also where there is no such bucket.
std::uint32_t rows_of(const PageFileRows& rows, const std::string& bucket);
// The bucket that a page belongs to, as the tree names it; "" = the root bucket.
std::string bucket_of(const PageFileRows& rows, backend::PageId page);

}  // namespace orrery::gui
