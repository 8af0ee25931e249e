#include "raft/config.h"

namespace orrery::raft {

Result<void> validate(const Config& config) {
  const auto wrong = [](const char* why) { return fail(Errc::WrongUse, why); };
  if (config.id == kNobody) return wrong("raft: a member's id cannot be 0");
  if (is_storage_thread(config.id)) return wrong("raft: this id belongs to a storage thread");
  if (config.heartbeat_ticks <= 0) return wrong("raft: heartbeat ticks must be at least 1");
  if (config.election_ticks <= config.heartbeat_ticks) {
    return wrong("raft: election ticks must exceed heartbeat ticks");
  }
  if (config.max_inflight_msgs == 0) return wrong("raft: at least one message must be in flight");
  if (config.max_inflight_bytes < config.max_size_per_msg) {
    return wrong("raft: the bytes in flight must admit one full message");
  }
  if (config.read_only == ReadOnlyOption::LeaseBased && !config.check_quorum) {
    return wrong("raft: lease based reads need check quorum");
  }
  return {};
}

}  // namespace orrery::raft
