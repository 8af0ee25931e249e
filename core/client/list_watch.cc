// List, then watch: the agent of the lecture, and an informer as Kubernetes has them.
// from: facts A.1 items 32 to 34 (the agent and its faults); client-go tools/cache reflector.go (ListAndWatch)
#include "base/text.h"
#include "client/hands.h"

namespace orrery::client {
namespace {

using Kind = ListWatch::Kind;

Blob end_of(const Blob& prefix) {
  std::string end(prefix.view());
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xffU) end.pop_back();
  if (end.empty()) return Blob(BytesView("\0", 1));
  end.back() = static_cast<char>(end.back() + 1);
  return Blob(end);
}

void list(Hands& hands, ListWatch& work) {
  work.listing = true;
  ++work.lists;
  rpc::RangeRequest range;
  range.key = work.prefix;
  range.range_end = end_of(work.prefix);
  hands.ask(range);
}

void show(Hands& hands, const ListWatch& work, std::string_view what,
          const mvccpb::KeyValue& pair) {
  if (work.kind == Kind::Agent) {
    if (what != "DELETED") hands.say(text("task {}: {}", pair.key.view(), pair.value.view()));
    return;
  }
  const std::string value = what == "DELETED" ? "" : " " + std::string(pair.value.view());
  hands.say(text("{} {}{}", what, pair.key.view(), value));
}

void take_put(Hands& hands, ListWatch& work, const mvccpb::KeyValue& pair) {
  const mvccpb::KeyValue* known = work.known.find(pair.key);
  const bool is_news = known == nullptr || known->mod_revision < pair.mod_revision;
  const bool is_new = known == nullptr || known->create_revision != pair.create_revision;
  work.known.put(pair.key, pair);
  if (is_news) show(hands, work, is_new ? "ADDED" : "MODIFIED", pair);
}

void take_delete(Hands& hands, ListWatch& work, const Blob& key) {
  const mvccpb::KeyValue* known = work.known.find(key);
  if (known == nullptr) return;
  const mvccpb::KeyValue pair = *known;
  work.known.erase(key);
  show(hands, work, "DELETED", pair);
}

// What is listed is the truth: keys that are known and not listed have been deleted meanwhile.
void take_list(Hands& hands, ListWatch& work, const rpc::RangeResponse& found) {
  OrderedMap<Blob, bool> listed;
  for (const mvccpb::KeyValue& pair : found.kvs) listed.put(pair.key, true);
  std::vector<Blob> gone;
  for (const auto& [key, pair] : work.known) {
    if (!listed.contains(key)) gone.push_back(key);
  }
  for (const Blob& key : gone) take_delete(hands, work, key);
  for (const mvccpb::KeyValue& pair : found.kvs) take_put(hands, work, pair);
  work.revision = found.header.revision;
}

// From 0: from whatever revision the server has when the request arrives; what was written before is never heard of.
void begin_watch(Hands& hands, ListWatch& work, std::int64_t from) {
  work.listing = false;
  rpc::WatchCreateRequest request;
  request.key = work.prefix;
  request.range_end = end_of(work.prefix);
  request.start_revision = from;
  work.watch = hands.watch(std::move(request));
}

}  // namespace

void start(Hands& hands, ListWatch& work) {
  list(hands, work);
}

void answered(Hands& hands, ListWatch& work, const Notice& notice) {
  if (notice.call != hands.program().asked || !work.listing) return;
  if (notice.answer.error) return hands.fail_with(notice.answer.error->detail);
  take_list(hands, work, std::get<rpc::RangeResponse>(notice.answer.response));
  begin_watch(hands, work, work.faults.no_revision ? 0 : work.revision + 1);
}

void told(Hands& hands, ListWatch& work, const Notice& notice) {
  const rpc::WatchResponse& response = notice.response;
  if (notice.watch != work.watch) return;
  if (response.canceled && !hands.program().stopping) {
    const std::string why = response.compact_revision > 0
                                ? text("compacted at {}", response.compact_revision)
                                : response.cancel_reason;
    if (work.faults.no_retry) return hands.fail_with("the watch ended: " + why);
    if (work.faults.no_relist) {
      hands.say(text("the watch ended ({}): watches from now on", why));
      return begin_watch(hands, work, 0);
    }
    hands.say(text("the watch ended ({}): lists anew", why));
    return list(hands, work);
  }
  for (const mvccpb::Event& event : response.events) {
    if (event.type == mvccpb::EventType::Put) take_put(hands, work, event.kv);
    if (event.type == mvccpb::EventType::Delete) take_delete(hands, work, event.kv.key);
    work.revision = event.kv.mod_revision;
  }
}

bool forgets_its_place(const ListWatch& work, std::uint64_t watch) {
  return work.faults.no_resume && work.watch == watch;
}

void watch_lost(Hands& hands, ListWatch& work) {
  hands.say("the connection broke: watches from now on");
  begin_watch(hands, work, 0);
}

void stop(Hands& hands, ListWatch& work) {
  if (work.watch != 0) hands.unwatch(work.watch);
  hands.end(0);
}

}  // namespace orrery::client
