#include "proto/raftpb.h"

#include <array>

namespace orrery::raftpb {

std::string_view to_text(MessageType type) {
  static constexpr std::array<std::string_view, 24> kNames{"MsgHup",
                                                           "MsgBeat",
                                                           "MsgProp",
                                                           "MsgApp",
                                                           "MsgAppResp",
                                                           "MsgVote",
                                                           "MsgVoteResp",
                                                           "MsgSnap",
                                                           "MsgHeartbeat",
                                                           "MsgHeartbeatResp",
                                                           "MsgUnreachable",
                                                           "MsgSnapStatus",
                                                           "MsgCheckQuorum",
                                                           "MsgTransferLeader",
                                                           "MsgTimeoutNow",
                                                           "MsgReadIndex",
                                                           "MsgReadIndexResp",
                                                           "MsgPreVote",
                                                           "MsgPreVoteResp",
                                                           "MsgStorageAppend",
                                                           "MsgStorageAppendResp",
                                                           "MsgStorageApply",
                                                           "MsgStorageApplyResp",
                                                           "MsgForgetLeader"};
  return kNames.at(static_cast<std::size_t>(type));
}

}  // namespace orrery::raftpb
