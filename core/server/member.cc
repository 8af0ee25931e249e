// Member: the agenda's slots, dispatch to the lanes, arrivals.
#include "server/member.h"

#include <array>

#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {

std::string_view to_text(Version version) {
  switch (version) {
    case Version::V3_4: return "v3.4";
    case Version::V3_5: return "v3.5";
    case Version::V3_6: return "v3.6";
  }
  return "";
}

std::string release_of(Version version) {
  switch (version) {
    case Version::V3_4: return "3.4.23";
    case Version::V3_5: return "3.5.21";
    case Version::V3_6: return "3.6.4";
  }
  return "";
}

std::string cluster_version_of(Version version) {
  const std::string release = release_of(version);
  return release.substr(0, release.rfind('.')) + ".0";
}

std::string_view to_text(Status status) {
  switch (status) {
    case Status::Down: return "down";
    case Status::Running: return "running";
    case Status::Panicked: return "panicked";
  }
  return "";
}

void Member::set_status(Status status, std::string panic_text) {
  status_ = status;
  panic_text_ = std::move(panic_text);
}

const Slot* Member::find_slot(const LaneId& lane) const {
  const auto kind = static_cast<std::size_t>(lane.kind);
  return kind < kFixedLanes ? &fixed_slots_.at(kind) : slots_.find(lane);
}

Slot& Member::edit_slot(const LaneId& lane) {
  const auto kind = static_cast<std::size_t>(lane.kind);
  return kind < kFixedLanes ? fixed_slots_.at(kind) : slots_.at_or_new(lane);
}

void Member::drop_slot(const LaneId& lane) {
  const auto kind = static_cast<std::size_t>(lane.kind);
  if (kind < kFixedLanes) {
    fixed_slots_.at(kind) = Slot{};
  } else {
    slots_.erase(lane);
  }
}

void Member::clear_slots() {
  fixed_slots_ = {};
  slots_.clear();
  touched_.clear();
}

std::vector<std::pair<LaneId, Slot>> Member::slots() const {
  std::vector<std::pair<LaneId, Slot>> out;
  for (std::size_t kind = 0; kind < kFixedLanes; ++kind) {
    if (!fixed_slots_.at(kind).scheduled) continue;
    out.emplace_back(LaneId{.kind = static_cast<LaneKind>(kind)}, fixed_slots_.at(kind));
  }
  for (const auto& [lane, slot] : slots_) out.emplace_back(lane, slot);
  return out;
}

void Member::touch_stream(std::uint64_t stream) {
  touch({.kind = LaneKind::StreamRecv, .no = stream, .choice = 0});
  for (std::uint8_t choice = 0; choice < 3; ++choice) {
    touch({.kind = LaneKind::StreamSend, .no = stream, .choice = choice});
  }
}

std::vector<LaneId> lanes(const Member& member) {
  std::vector<LaneId> out;
  out.reserve(kFixedLanes);
  for (std::size_t kind = 0; kind < kFixedLanes; ++kind) {
    out.push_back({.kind = static_cast<LaneKind>(kind)});
  }
  for (const auto& [no, handler] : member.running().handlers) {
    out.push_back({.kind = LaneKind::Handler, .no = no, .choice = 0});
  }
  for (const auto& [no, stream] : member.running().streams) {
    out.push_back({.kind = LaneKind::StreamRecv, .no = no, .choice = 0});
    for (std::uint8_t choice = 0; choice < 3; ++choice) {
      out.push_back({.kind = LaneKind::StreamSend, .no = no, .choice = choice});
    }
  }
  for (const auto& [client, connection] : member.running().connections) {
    out.push_back({.kind = LaneKind::Transport, .no = client, .choice = 0});
  }
  return out;
}

namespace {

Readiness stream_readiness(const Look& look, const LaneId& lane) {
  const StreamLane* stream = look.run.streams.find(lane.no);
  if (!look.guards(stream != nullptr, "the stream is open", {{"stream", lane.no}})) {
    return kBlocked;
  }
  if (lane.kind == LaneKind::StreamRecv) return stream_recv_readiness(look, *stream);
  return stream_send_readiness(look, lane.no, *stream, lane.choice);
}

void run_lane(Context& context, const LaneId& lane) {
  switch (lane.kind) {
    case LaneKind::Node: return run_node(context);
    case LaneKind::Raft: return run_raft(context);
    case LaneKind::Apply: return run_apply(context);
    case LaneKind::Commit: return run_commit(context);
    case LaneKind::Compact: return run_compact(context);
    case LaneKind::SyncWatchers: return run_sync(context);
    case LaneKind::SyncVictims: return run_victims(context);
    case LaneKind::Read: return run_read(context);
    case LaneKind::Lease: return run_lease(context);
    case LaneKind::Tokens: return run_tokens(context);
    case LaneKind::Compactor: return run_compactor(context);
    case LaneKind::Snapshot: return run_snapshot(context);
    case LaneKind::SnapSend: return run_snap_send(context);
    case LaneKind::SnapReceive: return run_snap_receive(context);
    case LaneKind::Purge: return run_purge(context);
    case LaneKind::Versions: return run_versions(context);
    case LaneKind::Corruption: return run_corruption(context);
    case LaneKind::Handler: return run_handler(context, lane.no);
    case LaneKind::StreamRecv: return run_stream_recv(context, lane.no);
    case LaneKind::StreamSend: return run_stream_send(context, lane.no, lane.choice);
    case LaneKind::Transport: return run_transport(context, lane.no);
  }
}

void on_call(Context& context, const Packet& packet, const CallRequest& request) {
  const std::uint64_t no = context.run.next_handler++;
  HandlerLane handler;
  handler.client = packet.from;
  handler.call = request.call;
  handler.request = request.request;
  handler.token = request.token;
  const auto told_of = auth::token_index(request.token);
  if (told_of && Index(*told_of) > context.run.applied) context.run.waiting_tokens.push_back(no);
  context.run.handlers.put(no, std::move(handler));
  context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
}

// The first stream of a client opens its connection.
void open_connection(Context& context, std::uint32_t client, const WatchCall& call) {
  if (context.run.connections.contains(client)) return;
  Http2Settings settings;
  if (call.window != 0) settings.window = call.window;
  if (call.frame != 0) settings.frame = call.frame;
  context.run.connections.put(client, Connection(settings));
}

void on_watch_call(Context& context, const Packet& packet, const WatchCall& call) {
  Running& run = context.run;
  open_connection(context, packet.from.no, call);
  const std::pair key{packet.from, call.stream};
  const std::uint64_t* known = run.stream_numbers.find(key);
  std::uint64_t no = known == nullptr ? 0 : *known;
  if (known == nullptr) {
    no = run.next_stream++;
    run.stream_numbers.put(key, no);
    StreamLane lane;
    lane.client = packet.from;
    lane.client_stream = call.stream;
    lane.token = call.token;
    lane.stream.id = watch::StreamId(no);
    run.streams.put(no, std::move(lane));
    run.watches.open_stream(watch::StreamId(no));
    run.connections.edit(packet.from.no)->open(call.stream);
  }
  if (run.streams.find(no)->closing) return;
  run.streams.edit(no)->inbox.push_back(call.request);
  run.waiting_streams.put(no, true);
  context.member.touch_stream(no);
}

void receive(Context& context, const Packet& packet) {
  if (const auto* message = std::get_if<raftpb::Message>(&packet.payload)) {
    receive_raft(context, packet.from.no, *message);
  } else if (const auto* request = std::get_if<CallRequest>(&packet.payload)) {
    on_call(context, packet, *request);
  } else if (const auto* call = std::get_if<WatchCall>(&packet.payload)) {
    on_watch_call(context, packet, *call);
  } else if (const auto* answer = std::get_if<CallAnswer>(&packet.payload)) {
    receive_peer_answer(context, packet.from, *answer);
  } else if (const auto* reset = std::get_if<CallReset>(&packet.payload)) {
    receive_reset(context, packet.from, *reset);
  } else if (const auto* update = std::get_if<WindowUpdate>(&packet.payload)) {
    receive_credit(context, packet.from, *update);
  } else if (const auto* post = std::get_if<Shared<SnapshotPost>>(&packet.payload)) {
    receive_snapshot(context, packet.from, *post);
  } else if (const auto* reply = std::get_if<SnapshotReply>(&packet.payload)) {
    receive_snapshot_reply(context, *reply);
  } else if (const auto* poll = std::get_if<legacy::OldRequest>(&packet.payload)) {
    receive_old(context, packet.from, *poll);
  } else if (const auto* notice = std::get_if<RemovedNotice>(&packet.payload)) {
    receive_removed(context, *notice);
  }
}

}  // namespace

Readiness readiness(const Member& member, const LaneId& lane, const Guards& guards) {
  const Look look(member, guards);
  const bool waits = awaits_initial_check(look.run) && lane.kind != LaneKind::Corruption;
  if (waits && !guards(false, "the corruption check of the start is over")) return kBlocked;
  switch (lane.kind) {
    case LaneKind::Node: return node_readiness(look);
    case LaneKind::Raft: return raft_readiness(look);
    case LaneKind::Apply: return apply_readiness(look);
    case LaneKind::Commit: return commit_readiness(look);
    case LaneKind::Compact: return compact_readiness(look);
    case LaneKind::SyncWatchers: return sync_readiness(look);
    case LaneKind::SyncVictims: return victim_readiness(look);
    case LaneKind::Read: return read_readiness(look);
    case LaneKind::Lease: return lease_readiness(look);
    case LaneKind::Tokens: return token_readiness(look);
    case LaneKind::Compactor: return compactor_readiness(look);
    case LaneKind::Snapshot: return snapshot_readiness(look);
    case LaneKind::SnapSend: return snap_send_readiness(look);
    case LaneKind::SnapReceive: return snap_receive_readiness(look);
    case LaneKind::Purge: return purge_readiness(look);
    case LaneKind::Versions: return versions_readiness(look);
    case LaneKind::Corruption: return corruption_readiness(look);
    case LaneKind::Handler: {
      const HandlerLane* handler = look.run.handlers.find(lane.no);
      if (!guards(handler != nullptr, "the call is in flight", {{"handler", lane.no}})) {
        return kBlocked;
      }
      return handler_readiness(look, *handler);
    }
    case LaneKind::StreamRecv:
    case LaneKind::StreamSend: return stream_readiness(look, lane);
    case LaneKind::Transport: return transport_readiness(look, lane.no);
  }
  return kBlocked;
}

void run(Step& step, Member& member, const LaneId& lane) {
  Context context(step, member);
  try {
    run_lane(context, lane);
  } catch (const raft::Panic& panic) {
    step.panic(panic.text);
  }
}

void deliver(Step& step, Member& member, const Packet& packet) {
  Context context(step, member);
  try {
    receive(context, packet);
  } catch (const raft::Panic& panic) {
    step.panic(panic.text);
  }
}

rpc::ResponseHeader header(const Context& context, std::int64_t revision) {
  return {.cluster_id = context.member.plan().cluster_id,
          .member_id = context.member.id().value(),
          .revision = revision,
          .raft_term = context.run.raft.term().value()};
}

void fill_header(const Context& context, rpc::Response& response) {
  rpc::ResponseHeader* top = rpc::edit_header(response);
  if (top != nullptr) *top = header(context, top->revision);
}

std::string position_of(const Member& member, const LaneId& lane) {
  const Running& run = member.running();
  const auto inside = [](std::string_view phase, const std::optional<CommitFrame>& frame) {
    return frame ? text("commit: {}", to_text(frame->phase)) : std::string(phase);
  };
  switch (lane.kind) {
    case LaneKind::Node: return "tick";
    case LaneKind::Raft: return std::string(to_text(run.raft_lane.phase));
    case LaneKind::Apply:
      if (run.apply.install) return text("install: {}", to_text(run.apply.install->phase));
      return inside(to_text(run.apply.phase), run.apply.commit);
    case LaneKind::Commit: return inside("idle", run.commit.commit);
    case LaneKind::Compact: return inside(to_text(run.compact.phase), run.compact.commit);
    case LaneKind::SyncWatchers: return std::string(to_text(run.sync.phase));
    case LaneKind::SyncVictims: return std::string(to_text(run.victims.phase));
    case LaneKind::Read: return std::string(to_text(run.read.phase));
    case LaneKind::Lease: return run.lease_lane.expired.empty() ? "find" : "revoke";
    case LaneKind::Tokens: return "expire";
    case LaneKind::Compactor: return "sample";
    case LaneKind::Snapshot: return std::string(to_text(run.snapshot.phase));
    case LaneKind::SnapSend: return "settle";
    case LaneKind::SnapReceive: return std::string(to_text(run.snap_receive.phase));
    case LaneKind::Purge: return "purge";
    case LaneKind::Versions: return std::string(to_text(run.versions.phase));
    case LaneKind::Corruption: return std::string(to_text(run.corruption.phase));
    case LaneKind::Handler: {
      const HandlerLane* handler = run.handlers.find(lane.no);
      if (handler == nullptr) return "gone";
      if (handler->snapshot && handler->snapshot->commit) {
        return inside("snapshot-commit", handler->snapshot->commit);
      }
      if (!handler->defrag) return std::string(to_text(handler->phase));
      if (handler->defrag->commit) return inside("defrag: commit", handler->defrag->commit);
      return text("defrag: {}", to_text(handler->defrag->phase));
    }
    case LaneKind::StreamRecv: return "request";
    case LaneKind::StreamSend: {
      static constexpr auto kChoices =
          std::to_array<std::string_view>({"event", "control", "response"});
      return std::string(kChoices[lane.choice % 3]);
    }
    case LaneKind::Transport: return "frame";
  }
  return "";
}

}  // namespace orrery::server
