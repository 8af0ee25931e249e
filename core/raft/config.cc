#include "raft/config.h"

namespace orrery::raft {

Result<void> validate(const Config& config) {
  const auto wrong = [](const char* why) { return fail(Errc::WrongUse, why); };
  if (config.id == kNobody) return wrong("cannot use none as id");
  if (is_storage_thread(config.id)) return wrong("cannot use local target as id");
  if (config.heartbeat_ticks <= 0) return wrong("heartbeat tick must be greater than 0");
  if (config.election_ticks <= config.heartbeat_ticks) {
    return wrong("election tick must be greater than heartbeat tick");
  }
  if (config.max_inflight_msgs == 0) return wrong("max inflight messages must be greater than 0");
  if (config.max_inflight_bytes < config.max_size_per_msg) {
    return wrong("max inflight bytes must be >= max message size");
  }
  if (config.read_only == ReadOnlyOption::LeaseBased && !config.check_quorum) {
    return wrong("CheckQuorum must be enabled when ReadOnlyOption is ReadOnlyLeaseBased");
  }
  return {};
}

}  // namespace orrery::raft
