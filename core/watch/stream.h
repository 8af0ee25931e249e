// Stream: one Watch stream as its two loops see it: requests come in, responses go out.
//   used by: server (the stream lanes: recvLoop, sendLoop)     uses: store.h, fragment.h
//   ideas:   the receive loop takes one request at a time and answers through the control channel; the send
//            loop chooses between event channel, control channel and progress ticker. Which of them goes
//            first is the scheduler's choice, so a watch's events may overtake its `created`; they then
//            wait in `pending`.
//   phases:  receive loop: on_request · push_control (waits while the channel is full)
//            send loop: take_event | take_control | tick_progress · take_response, until outbox is empty
//   invariant: outbox is empty whenever the send loop chooses; unsent is empty whenever a request is read.
//   from: etcd server/etcdserver/api/v3rpc/watch.go (serverWatchStream)
//   note: as in etcd, events of a cancelled watch that were still in the channel wait in `pending`, and
//         come out if the client asks for the same id again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/guards.h"
#include "base/ordered_map.h"
#include "base/sequence.h"
#include "watch/channel.h"
#include "watch/store.h"

namespace orrery::watch {

// units: bytes. max-request-bytes + 512 KiB, beyond which a response is cut if the client asked for it.
inline constexpr std::uint64_t kFragmentBytes = 1'572'864 + 524'288;

// What a client wished beside the events, per watch id; entries only for those who wished something.
struct WatchOptions {
  bool progress_notify = false;
  bool progress_due = false;  // nothing was sent for it since the last tick
  bool prev_kv = false;
  bool fragment = false;

  template <class F>
  void fields(F&& f) const {
    f("progress_notify", progress_notify), f("progress_due", progress_due);
    f("prev_kv", prev_kv), f("fragment", fragment);
  }

  friend bool operator==(const WatchOptions&, const WatchOptions&) = default;
};

struct Stream {
  StreamId id{};
  ControlChannel control{};
  std::uint64_t fragment_bytes = kFragmentBytes;

  std::optional<rpc::WatchResponse> unsent{};  // the receive loop waits to push this
  OrderedMap<WatchId, WatchOptions> options{};
  bool progress_deferred = false;  // only with the quirk progress_deferred_to_next_event

  OrderedMap<WatchId, Present> announced{};  // `created` went out, `canceled` did not
  OrderedMap<WatchId, Sequence<rpc::WatchResponse>> pending{};  // came before their `created`
  Sequence<rpc::WatchResponse> outbox{};                        // chosen, going out one by one

  template <class F>
  void fields(F&& f) const {
    f("id", id), f("control", control), f("fragment_bytes", fragment_bytes);
    f("unsent", unsent), f("options", options), f("progress_deferred", progress_deferred);
    f("announced", announced), f("pending", pending), f("outbox", outbox);
  }

  friend bool operator==(const Stream&, const Stream&) = default;
};

// What the loops must know of the member at this moment.
struct StreamContext {
  rpc::ResponseHeader header{};  // cluster, member, term; its revision = the store's current one
  std::string permission_error = {};  // non-empty = access refused; the text goes out as the reason
};

// A create request's key and range as the store wants them: the empty key is "\0". The permission check
// takes range_end as it came (it is not touched here).
rpc::WatchCreateRequest normalized(rpc::WatchCreateRequest request);

// -- receive loop

enum class Received : std::uint8_t {
  Done,  // the request is dealt with; push_control if `unsent` holds an answer
  Busy,  // cancel of a watcher that is being retried as a victim: offer the same request again later
};

// requires: !stream.unsent
Received on_request(Stream& stream, WatchStore& store, const rpc::WatchRequest& request,
                    const StreamContext& context, const Guards& guards);
// False = the control channel is full. requires: stream.unsent
bool push_control(Stream& stream);

// -- send loop

// An event batch whose previous values are still to be looked up: for each event with
// wants_prev_kv(stream, batch, event), set prev_kv to the key's state at mod_revision - 1, if it is there.
bool wants_prev_kv(const Stream& stream, const WatchBatch& batch, const Event& event);
// Deals with a batch from the event channel: to the outbox, or to `pending` if its id is not announced.
void accept_batch(Stream& stream, WatchStore& store, const WatchBatch& batch,
                  const StreamContext& context, const Guards& guards);

// previous(key, revision) -> std::optional<mvccpb::KeyValue>, the key's state at that revision.
// False = the event channel is empty. requires: stream.outbox is empty
template <class Previous>
bool take_event(Stream& stream, WatchStore& store, const StreamContext& context,
                Previous&& previous, const Guards& guards) {
  std::optional<WatchBatch> batch = store.receive(stream.id);
  if (!batch) return false;
  const auto wants = [&](const Event& event) { return wants_prev_kv(stream, *batch, event); };
  if (std::ranges::any_of(*batch->events, wants)) {
    for (Event& event : batch->events.edit()) {
      if (wants(event)) event.prev_kv = previous(event.kv.key, event.kv.mod_revision - 1);
    }
  }
  accept_batch(stream, store, *batch, context, guards);
  return true;
}

// False = the control channel is empty. requires: stream.outbox is empty
bool take_control(Stream& stream, const Guards& guards);
// The progress ticker fired: asks for progress for each id that was idle a whole interval.
void tick_progress(Stream& stream, WatchStore& store, const StreamContext& context,
                   const Guards& guards);
// Removes the response to be sent now. requires: !stream.outbox.empty()
rpc::WatchResponse take_response(Stream& stream);

// The time between two ticks: `base` (etcd: 10 minutes, at least 100 ms) and up to a tenth of it more,
// as the draw says; sampled once per stream.
Nanos progress_interval(Nanos base, std::uint64_t random);

}  // namespace orrery::watch
