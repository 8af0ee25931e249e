// stream lanes: a watch stream's receive loop and send loop.
// from: etcd server/etcdserver/api/v3rpc/watch.go (serverWatchStream); facts D.8
#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

constexpr std::uint8_t kEvent = 0;
constexpr std::uint8_t kControl = 1;

watch::StreamContext stream_context(const Context& context) {
  return {.header = header(context, context.run.store.current_revision())};
}

// A watch may be opened by whoever may read its keys; looked at when it is opened, and then no more.
std::string permission_error(Context& context, const StreamLane& lane) {
  auth::AuthStore& auth = context.run.auth;
  const auto* create = std::get_if<rpc::WatchCreateRequest>(&lane.inbox.front());
  if (!auth.enabled() || create == nullptr) return {};
  const auto who = lane.token.empty() ? std::optional(auth::AuthInfo{})
                                      : auth.info_of(lane.token, context.step.now());
  const Guards& guards = context.step.guards();
  if (!guards(who.has_value(), "the token is known")) {
    return text("rpc error: code = Unauthenticated desc = {}", wire_text(Errc::InvalidAuthToken));
  }
  const auto allowed = auth.may_read(*who, create->key, create->range_end, guards);
  if (allowed) return {};
  if (allowed.error().code == Errc::UserEmpty) {
    return text("rpc error: code = InvalidArgument desc = {}", wire_text(Errc::UserEmpty));
  }
  return text("rpc error: code = PermissionDenied desc = {}", wire_text(Errc::PermissionDenied));
}

void send_response(Context& context, StreamLane& lane) {
  write_response(context, lane.client, lane.client_stream, watch::take_response(lane.stream));
}

}  // namespace

void arm_watch_loops(Context& context) {
  Running& run = context.run;
  const Nanos now = context.step.now();
  if (!run.watches.unsynced().empty() && run.sync.next <= now) {
    run.sync.next = next_tick_after(now, context.step.timing().watch_sync_interval);
  }
  if (run.watches.has_victims() && run.victims.next <= now) {
    run.victims.next = next_tick_after(now, context.step.timing().victim_interval);
  }
}

void touch_stream_of(Context& context, watch::StreamId stream) {
  context.member.touch_stream(stream.value());
}

Readiness stream_recv_readiness(const Look& look, const StreamLane& lane) {
  if (lane.closing) {
    return is_free(look, look.run.watch_mutex, "the watch store's mutex is free") ? kReady
                                                                                  : kBlocked;
  }
  if (lane.stream.unsent) {
    return look.guards(
               !lane.stream.control.full(), "the control channel has a free slot",
               {{"used", lane.stream.control.used()}, {"slots", lane.stream.control.slots()}})
               ? kReady
               : kBlocked;
  }
  if (!look.guards(!lane.inbox.empty(), "a request has arrived on the stream")) return kBlocked;
  return is_free(look, look.run.watch_mutex, "the watch store's mutex is free") ? kReady : kBlocked;
}

void run_stream_recv(Context& context, std::uint64_t no) {
  Running& run = context.run;
  StreamLane* lane = run.streams.edit(no);
  check(lane != nullptr, "the stream is open");
  context.member.touch_stream(no);
  if (lane->closing) return close_stream(context, no);
  if (lane->stream.unsent) {
    watch::push_control(lane->stream);
    return;
  }
  watch::StreamContext what = stream_context(context);
  what.permission_error = permission_error(context, *lane);
  const auto received = watch::on_request(lane->stream, run.watches, lane->inbox.front(), what,
                                          context.step.guards());
  if (received == watch::Received::Done) lane->inbox.drop_front(1);
  if (lane->inbox.empty()) run.waiting_streams.erase(no);
  arm_watch_loops(context);
}

Readiness stream_send_readiness(const Look& look, std::uint64_t no, const StreamLane& lane,
                                std::uint8_t choice) {
  if (!look.guards(!lane.closing, "the client has not closed the stream")) return kBlocked;
  const bool sending = !lane.stream.outbox.empty();
  if (choice != kEvent && choice != kControl) {
    if (!look.guards(sending, "a response is ready to go out")) return kBlocked;
    const Connection* connection = look.run.connections.find(lane.client.no);
    const bool room =
        connection == nullptr || connection->has_room(lane.client_stream, look.guards);
    return room ? kReady : kBlocked;
  }
  if (!look.guards(!sending, "the last response has gone out")) return kBlocked;
  if (choice == kEvent) {
    return look.guards(look.run.watches.has_event(watch::StreamId(no)),
                       "the event channel has a batch")
               ? kReady
               : kBlocked;
  }
  return look.guards(!lane.stream.control.empty(), "the control channel has a response") ? kReady
                                                                                         : kBlocked;
}

void run_stream_send(Context& context, std::uint64_t no, std::uint8_t choice) {
  Running& run = context.run;
  StreamLane* lane = run.streams.edit(no);
  check(lane != nullptr, "the stream is open");
  context.member.touch_stream(no);
  if (choice == kEvent) {
    const auto previous = [&](const Blob& key, std::int64_t revision) {
      const auto found = run.store.find(run.backend, backend::View::Read, key, revision);
      return found ? *found : std::nullopt;
    };
    watch::take_event(lane->stream, run.watches, stream_context(context), previous,
                      context.step.guards());
  } else if (choice == kControl) {
    watch::take_control(lane->stream, context.step.guards());
  } else {
    send_response(context, *lane);
  }
}

}  // namespace orrery::server
