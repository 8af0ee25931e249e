// TreeWriter: one commit's work on the page trees: changes in, new pages out.
//   used by: Backend::begin_commit        uses: node.h, page_file.h, free_list.h
//   ideas:   the committed state is only read; what changes is taken apart into Nodes along the paths to
//            the changed rows (apply), small nodes are merged with a neighbour (rebalance), then nodes are
//            split and written to new pages bottom up (spill). Old pages become pending in the free list.
//   invariant: no page of the committed state is written.
//   from: bbolt node.go (rebalance, spill), bucket.go (spill, inlineable), tx.go (Commit)
//   differs: buckets spill in name order (bbolt: in Go's map order, so its page ids vary from run to run).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "backend/free_list.h"
#include "backend/node.h"
#include "backend/page_file.h"

namespace orrery::backend {

// One row's change; nothing = erased.
struct Change {
  BytesView key;
  std::optional<BytesView> value;
  std::uint32_t flags = 0;  // kBucketElement for a row of the root bucket
};

// A page as it goes to the file, with its overflow.
struct WrittenPage {
  PageId page;
  Blob bytes;
};

class TreeWriter {
 public:
  // `committed` must outlive this and the views in changes too.
  TreeWriter(const PageFile& committed, FreeList free);

  // Applies changes (ascending, unique keys) to a bucket, which is created if it is absent.
  void change_bucket(Bucket bucket, std::span<const Change> changes, std::size_t fill);
  // Writes the root bucket and drops a stored freelist; afterwards file() and free() are complete but for
  // the meta page.
  void finish();

  PageFile& file() { return file_; }

  FreeList& free() { return free_; }

  // In the order of pages, once finish() is through.
  const std::vector<WrittenPage>& written() const { return written_; }

 private:
  std::unique_ptr<Node> take(PageId page);
  void apply(Node& node, std::span<const Change> changes);
  void apply_to_child(Element& child, std::span<const Change> changes);
  void apply_to_leaf(Node& leaf, std::span<const Change> changes);
  void rebalance(Node& node);
  void merge_child(Node& parent, std::size_t i);
  Node& changing_child(Node& parent, std::size_t i);
  void collapse_root(std::unique_ptr<Node>& root);
  std::unique_ptr<Node> rebuild(const BucketRoot& root, std::span<const Change> changes);
  std::vector<Element> spill(Node& node, std::size_t fill);
  PageId spill_root(std::unique_ptr<Node> root, std::size_t fill);
  PageId write_image();
  PageId allocate(std::uint64_t count);
  void release_page(PageId page);

  const PageFile& committed_;
  PageFile file_;
  FreeList free_;
  std::vector<WrittenPage> written_;
  Bytes image_;  // of the page being written; one buffer for all of them
  std::map<BytesView, Bytes> bucket_values_;  // by name: new rows of the root bucket
};

}  // namespace orrery::backend
