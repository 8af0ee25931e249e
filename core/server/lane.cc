#include "server/lane.h"

#include <array>

#include "base/text.h"

namespace orrery::server {

std::string_view to_text(LaneKind kind) {
  switch (kind) {
    case LaneKind::Node: return "node";
    case LaneKind::Raft: return "raft";
    case LaneKind::Apply: return "apply";
    case LaneKind::Commit: return "commit";
    case LaneKind::Compact: return "compact";
    case LaneKind::SyncWatchers: return "sync-watchers";
    case LaneKind::SyncVictims: return "sync-victims";
    case LaneKind::Read: return "read";
    case LaneKind::Lease: return "lease";
    case LaneKind::Tokens: return "tokens";
    case LaneKind::Compactor: return "compactor";
    case LaneKind::Snapshot: return "snapshot";
    case LaneKind::SnapSend: return "snap-send";
    case LaneKind::SnapReceive: return "snap-receive";
    case LaneKind::Purge: return "purge";
    case LaneKind::Versions: return "versions";
    case LaneKind::Corruption: return "corruption";
    case LaneKind::Handler: return "handler";
    case LaneKind::StreamRecv: return "stream-recv";
    case LaneKind::StreamSend: return "stream-send";
    case LaneKind::Transport: return "transport";
  }
  return "";
}

std::string to_text(const LaneId& lane) {
  std::string out(to_text(lane.kind));
  if (lane.no != 0) out += text("#{}", lane.no);
  if (lane.kind == LaneKind::StreamSend) {
    static constexpr auto kChoices =
        std::to_array<std::string_view>({".event", ".control", ".response"});
    out += kChoices[lane.choice % 3];
  }
  return out;
}

}  // namespace orrery::server
