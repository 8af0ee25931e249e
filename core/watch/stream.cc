// The receive loop's and the send loop's steps.
#include "watch/stream.h"

#include <utility>

#include "base/check.h"
#include "base/draws.h"
#include "base/overloaded.h"
#include "watch/fragment.h"

namespace orrery::watch {

namespace {

rpc::WatchResponse response_for(WatchId id, const rpc::ResponseHeader& header) {
  rpc::WatchResponse out;
  out.header = header;
  out.watch_id = id;
  return out;
}

// Why the create request is not even offered to the store; empty = no reason.
std::string refusal(const WatchStore& store, const rpc::WatchCreateRequest& request,
                    const StreamContext& context, const Guards& guards) {
  if (!store.quirks().accepts_negative_start &&
      !guards(request.start_revision >= 0, "the start revision is not negative",
              {{"start revision", request.start_revision}})) {
    return std::string(wire_text(Errc::Compacted));
  }
  guards(context.permission_error.empty(), "the user may read the watched range");
  return context.permission_error;
}

void on_create(Stream& stream, WatchStore& store, const rpc::WatchCreateRequest& asked,
               const StreamContext& context, const Guards& guards) {
  const rpc::WatchCreateRequest request = normalized(asked);
  rpc::WatchResponse answer = response_for(kInvalidWatchId, context.header);
  answer.created = true;
  answer.cancel_reason = refusal(store, request, context, guards);
  if (answer.cancel_reason.empty()) {
    const Result<WatchId> id = store.watch(stream.id, request, context.header.revision, guards);
    if (id) {
      answer.watch_id = *id;
    } else {
      answer.cancel_reason = id.error().detail;
    }
  }
  answer.canceled = !answer.cancel_reason.empty();
  const bool wishes = request.progress_notify || request.prev_kv || request.fragment;
  if (wishes && !answer.canceled) {
    stream.options.put(answer.watch_id, WatchOptions{.progress_notify = request.progress_notify,
                                                     .progress_due = request.progress_notify,
                                                     .prev_kv = request.prev_kv,
                                                     .fragment = request.fragment});
  }
  stream.unsent = std::move(answer);
}

Received on_cancel(Stream& stream, WatchStore& store, const rpc::WatchCancelRequest& request,
                   const StreamContext& context, const Guards& guards) {
  const Canceled outcome = store.cancel({stream.id, request.watch_id}, guards);
  if (outcome == Canceled::Busy) return Received::Busy;
  if (outcome == Canceled::Unknown) return Received::Done;
  stream.options.erase(request.watch_id);
  stream.unsent = response_for(request.watch_id, context.header);
  stream.unsent->canceled = true;
  return Received::Done;
}

void on_progress(Stream& stream, WatchStore& store, const StreamContext& context,
                 const Guards& guards) {
  // The defect answered for the store, not for what the stream had been sent (#15220).
  if (store.quirks().progress_bypasses_event_channel) {
    stream.unsent = response_for(kInvalidWatchId, context.header);
    return;
  }
  if (stream.progress_deferred) return;
  const bool given = store.progress_all(stream.id, context.header.revision, guards);
  // Not given is forgotten: the client asks again. The defect kept it for an event that may never come
  // (#17507).
  if (!given) stream.progress_deferred = store.quirks().progress_deferred_to_next_event;
}

void append(Sequence<rpc::WatchResponse>& outbox, std::vector<rpc::WatchResponse> responses) {
  for (rpc::WatchResponse& response : responses) outbox.push_back(std::move(response));
}

}  // namespace

rpc::WatchCreateRequest normalized(rpc::WatchCreateRequest request) {
  if (request.key.empty()) request.key = Blob(BytesView("\0", 1));
  return request;
}

Received on_request(Stream& stream, WatchStore& store, const rpc::WatchRequest& request,
                    const StreamContext& context, const Guards& guards) {
  check(!stream.unsent, "the answer to the request before has been pushed");
  return std::visit(Overloaded{
                        [&](const rpc::WatchCreateRequest& create) {
                          on_create(stream, store, create, context, guards);
                          return Received::Done;
                        },
                        [&](const rpc::WatchCancelRequest& cancel) {
                          return on_cancel(stream, store, cancel, context, guards);
                        },
                        [&](const rpc::WatchProgressRequest&) {
                          on_progress(stream, store, context, guards);
                          return Received::Done;
                        },
                    },
                    request);
}

bool push_control(Stream& stream) {
  check(stream.unsent.has_value(), "the receive loop has something to push");
  if (!stream.control.push(*stream.unsent)) return false;
  stream.unsent.reset();
  return true;
}

// A creation has no value before it: create_revision == mod_revision.
bool wants_prev_kv(const Stream& stream, const WatchBatch& batch, const Event& event) {
  const WatchOptions* options = stream.options.find(batch.watch_id);
  if (options == nullptr || !options->prev_kv) return false;
  return event.type == EventType::Delete || event.kv.create_revision != event.kv.mod_revision;
}

void accept_batch(Stream& stream, WatchStore& store, const WatchBatch& batch,
                  const StreamContext& context, const Guards& guards) {
  check(stream.outbox.empty(), "the send loop chooses when all is sent");
  rpc::WatchResponse response = response_for(batch.watch_id, context.header);
  response.header.revision = batch.revision;
  response.canceled = batch.compact_revision != 0;
  response.compact_revision = batch.compact_revision;
  response.events = *batch.events;
  const bool announced =
      batch.watch_id == kInvalidWatchId || stream.announced.contains(batch.watch_id);
  if (!guards(announced, "the client has been told that the watch exists",
              {{"watch id", batch.watch_id}})) {
    stream.pending.at_or_new(batch.watch_id).push_back(std::move(response));
    return;
  }
  WatchOptions* options = stream.options.edit(batch.watch_id);
  if (options != nullptr && options->fragment) {
    append(stream.outbox, fragments(std::move(response), stream.fragment_bytes));
  } else {
    stream.outbox.push_back(std::move(response));
  }
  if (options != nullptr && !batch.events->empty()) options->progress_due = false;
  if (stream.progress_deferred && store.progress_all(stream.id, context.header.revision, guards)) {
    stream.progress_deferred = false;
  }
}

bool take_control(Stream& stream, const Guards& guards) {
  check(stream.outbox.empty(), "the send loop chooses when all is sent");
  const std::optional<rpc::WatchResponse> response = stream.control.pop();
  if (!response) return false;
  const WatchId id = response->watch_id;
  stream.outbox.push_back(*response);
  if (response->canceled) {
    if (!response->created) stream.announced.erase(id);
    return true;
  }
  if (!response->created) return true;
  stream.announced.put(id, Present{});
  const Sequence<rpc::WatchResponse>* early = stream.pending.find(id);
  if (guards(early != nullptr, "events of the watch came before its creation was announced",
             {{"watch id", id}})) {
    for (const rpc::WatchResponse& held : *early) stream.outbox.push_back(held);
    stream.pending.erase(id);
  }
  return true;
}

void tick_progress(Stream& stream, WatchStore& store, const StreamContext& context,
                   const Guards& guards) {
  std::vector<WatchId> ids;
  for (const auto& [id, options] : stream.options) {
    if (options.progress_notify) ids.push_back(id);
  }
  for (const WatchId id : ids) {
    WatchOptions* options = stream.options.edit(id);
    if (guards(options->progress_due, "the watch was idle for a whole interval",
               {{"watch id", id}})) {
      store.progress({stream.id, id}, context.header.revision, guards);
    }
    options->progress_due = true;
  }
}

rpc::WatchResponse take_response(Stream& stream) {
  check(!stream.outbox.empty(), "a response is waiting to be sent");
  rpc::WatchResponse out = stream.outbox.front();
  stream.outbox.drop_front(1);
  return out;
}

Nanos progress_interval(Nanos base, std::uint64_t random) {
  const Nanos at_least = std::max(base, millis(100));
  const std::int64_t tenth = at_least.value() / 10;
  return at_least + static_cast<std::int64_t>(below(random, static_cast<std::uint64_t>(tenth)));
}

}  // namespace orrery::watch
