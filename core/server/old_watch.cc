// The v2 side of a member: long polls arrive, events of ended transactions answer those that wait.
// from: etcd v2store watcher_hub.go; facts D.16
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

void answer_old(Context& context, std::uint32_t client, legacy::OldAnswer answer) {
  context.step.send(Packet{member_address(context.member.no()), client_address(client),
                           Channel::Calls, std::move(answer)});
}

// Everything that has the key, or lies below it, read from the one store there is.
legacy::OldAnswer read_all(const Context& context, const legacy::OldRequest& request) {
  const Running& run = context.run;
  rpc::RangeRequest range;
  range.key = request.key;
  if (request.recursive) {
    range.key = request.key.empty() ? Blob(BytesView("\0", 1)) : request.key;
    range.range_end = Blob(BytesView("\0", 1));
  }
  legacy::OldAnswer out{.poll = request.poll,
                        .etcd_index = run.old_watches.open()
                                          ? run.old_watches.history().last_index()
                                          : run.store.current_revision(),
                        .event = {},
                        .cleared = {},
                        .nodes = {}};
  const auto found = run.store.range(run.backend, range);
  if (!found) return out;
  for (const mvccpb::KeyValue& kv : found->kvs) {
    if (legacy::concerns(request.key, request.recursive, kv.key)) out.nodes.push_back(kv);
  }
  return out;
}

}  // namespace

void receive_old(Context& context, const Address& client, const legacy::OldRequest& request) {
  legacy::Hub& hub = context.run.old_watches;
  switch (request.verb) {
    case legacy::OldVerb::Close: return hub.forget({client.no, request.poll});
    case legacy::OldVerb::Read:
      hub.count_read();
      return answer_old(context, client.no, read_all(context, request));
    case legacy::OldVerb::Wait: break;
  }
  auto answer = hub.poll({client.no, request.poll}, request, context.run.store.current_revision());
  if (answer) answer_old(context, client.no, *std::move(answer));
}

void tell_old_watches(Context& context, const std::vector<mvccpb::Event>& events) {
  if (!context.run.old_watches.open()) return;
  for (auto& [who, answer] : context.run.old_watches.notify(events)) {
    if (context.step.noting()) {
      context.step.note(
          text("n{} answers the long poll {} of c{}", context.member.no(), who.poll, who.client));
    }
    answer_old(context, who.client, std::move(answer));
  }
}

}  // namespace orrery::server
