#include "server/packet.h"

#include <array>

#include "base/text.h"

namespace orrery::server {
namespace {

std::string describe_watch(const rpc::WatchRequest& request) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"watch create", "watch cancel", "watch progress"});
  return std::string(kNames[request.index()]);
}

std::string describe_watch(const rpc::WatchResponse& response) {
  if (response.created && response.canceled) return "watch refused";
  if (response.created) return text("watch created, id {}", response.watch_id);
  if (response.canceled) return text("watch canceled, id {}", response.watch_id);
  if (response.events.empty()) return text("watch progress {}", response.header.revision);
  return text("watch {} event(s), last revision {}", response.events.size(),
              response.events.back().kv.mod_revision);
}

std::string describe_old(const legacy::OldRequest& request) {
  switch (request.verb) {
    case legacy::OldVerb::Wait:
      return text("long poll {} of {} from index {}", request.poll, quoted(request.key.view()),
                  request.index);
    case legacy::OldVerb::Read:
      return text("read of {} for poll {}", quoted(request.key.view()), request.poll);
    case legacy::OldVerb::Close: return text("connection of poll {} closed", request.poll);
  }
  return "";
}

std::string describe_old(const legacy::OldAnswer& answer) {
  if (answer.cleared) return text("error 401 to poll {}", answer.poll);
  if (answer.event) return text("event {} to poll {}", answer.event->index, answer.poll);
  return text("{} key(s) to poll {}", answer.nodes.size(), answer.poll);
}

std::string describe_raft(const raftpb::Message& message) {
  std::string out = text("{} term {}", raftpb::to_text(message.type), message.term.value());
  if (message.type == raftpb::MessageType::App) {
    out += text(" after {}@{}", message.index.value(), message.log_term.value());
    if (!message.entries.empty()) {
      out += text(" entries {}..{}", message.entries.front().index.value(),
                  message.entries.back().index.value());
    }
    out += text(" commit {}", message.commit.value());
  } else if (message.type == raftpb::MessageType::AppResp) {
    out += text("{} index {}", message.reject ? " rejected" : "", message.index.value());
  } else if (message.type == raftpb::MessageType::Vote ||
             message.type == raftpb::MessageType::PreVote) {
    out += text(" last {}@{}", message.index.value(), message.log_term.value());
  } else if (message.reject) {
    out += " rejected";
  }
  return out;
}

constexpr auto kKvNames =
    std::to_array<std::string_view>({"range", "put", "delete range", "txn", "compaction"});
constexpr auto kLeaseNames =
    std::to_array<std::string_view>({"lease grant", "lease revoke", "lease keep-alive",
                                     "lease time to live", "lease list", "lease checkpoint"});
constexpr auto kAuthNames = std::to_array<std::string_view>(
    {"auth enable", "auth disable", "auth status", "authenticate", "authenticate", "user add",
     "user get", "user list", "user delete", "user passwd", "user grant-role", "user revoke-role",
     "role add", "role get", "role list", "role delete", "role grant-permission",
     "role revoke-permission"});
constexpr auto kClusterNames = std::to_array<std::string_view>(
    {"member add", "member remove", "member update", "member promote", "member list",
     "cluster version set", "member attributes", "downgrade info set"});
constexpr auto kMaintenanceNames = std::to_array<std::string_view>(
    {"alarm", "status", "defragment", "hash", "hash KV", "snapshot", "move leader", "downgrade"});

}  // namespace

std::string_view name_of(const rpc::Request& request) {
  if (const auto* lease = std::get_if<rpc::LeaseRequest>(&request)) {
    return kLeaseNames[lease->index()];
  }
  if (const auto* auth = std::get_if<rpc::AuthRequest>(&request)) return kAuthNames[auth->index()];
  if (const auto* cluster = std::get_if<rpc::ClusterRequest>(&request)) {
    return kClusterNames[cluster->index()];
  }
  if (const auto* maintenance = std::get_if<rpc::MaintenanceRequest>(&request)) {
    return kMaintenanceNames[maintenance->index()];
  }
  return kKvNames[request.index()];
}

std::string to_text(const Address& address) {
  return text("{}{}", address.kind == Address::Kind::Member ? "n" : "c", address.no);
}

std::string_view to_text(Channel channel) {
  switch (channel) {
    case Channel::Append: return "append";
    case Channel::General: return "general";
    case Channel::Snapshot: return "snapshot";
    case Channel::Calls: return "calls";
  }
  return "";
}

std::string describe(const Payload& payload) {
  if (const auto* message = std::get_if<raftpb::Message>(&payload)) {
    return describe_raft(*message);
  }
  if (const auto* request = std::get_if<CallRequest>(&payload)) {
    return text("{} request, call {}", name_of(request->request), request->call);
  }
  if (const auto* answer = std::get_if<CallAnswer>(&payload)) {
    return text("answer to call {}{}", answer->call,
                answer->error ? ": " + answer->error->detail : "");
  }
  if (const auto* call = std::get_if<WatchCall>(&payload)) return describe_watch(call->request);
  if (const auto* answer = std::get_if<WatchAnswer>(&payload)) {
    return describe_watch(answer->response);
  }
  if (const auto* frame = std::get_if<DataFrame>(&payload)) {
    return text("frame of {} bytes, stream {}", frame->bytes, frame->stream);
  }
  if (const auto* update = std::get_if<WindowUpdate>(&payload)) {
    return text("window update {} bytes, stream {}", update->bytes, update->stream);
  }
  if (const auto* post = std::get_if<Shared<SnapshotPost>>(&payload)) {
    return text("snapshot at {} and {} blocks of the db", (*post)->message.snapshot.index.value(),
                (*post)->db.size());
  }
  if (const auto* chunk = std::get_if<SnapshotChunk>(&payload)) {
    return text("{} bytes of a snapshot, {} remain", chunk->response.blob.size(),
                chunk->response.remaining_bytes);
  }
  if (const auto* reply = std::get_if<SnapshotReply>(&payload)) {
    return reply->ok ? "snapshot received" : "snapshot not received";
  }
  if (const auto* poll = std::get_if<legacy::OldRequest>(&payload)) return describe_old(*poll);
  if (const auto* reset = std::get_if<CallReset>(&payload)) {
    return text("end of {} {}", reset->is_watch ? "stream" : "call", reset->number);
  }
  if (const auto* answer = std::get_if<legacy::OldAnswer>(&payload)) return describe_old(*answer);
  if (std::holds_alternative<RemovedNotice>(payload)) return "gone: removed from the cluster";
  return "connection reset";
}

}  // namespace orrery::server
