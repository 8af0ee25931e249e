#include "raft/read_only.h"

#include <algorithm>
#include <iterator>

namespace orrery::raft {

void ReadOnly::add(const raftpb::Message& request, Index committed) {
  const Blob& context = request.entries.front().data;
  if (std::ranges::find(queue_, context, &PendingRead::context) != queue_.end()) return;
  queue_.push_back({request, committed, {}});
}

const Votes* ReadOnly::acknowledge(NodeId from, const Blob& context) {
  const auto read = std::ranges::find(queue_, context, &PendingRead::context);
  if (read == queue_.end()) return nullptr;
  read->acks.add(from, true);
  return &read->acks;
}

std::vector<PendingRead> ReadOnly::release(const Blob& context) {
  const auto read = std::ranges::find(queue_, context, &PendingRead::context);
  if (read == queue_.end()) return {};
  const auto end = std::next(read);
  std::vector<PendingRead> out(std::make_move_iterator(queue_.begin()),
                               std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return out;
}

}  // namespace orrery::raft
