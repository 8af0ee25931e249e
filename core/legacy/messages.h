// What goes over a v2 connection: a long poll or a read, and the one answer it gets.
//   used by: hub.h, client, server's packets    uses: event_history.h
//   ideas:   HTTP/1.1: one request at a time on a connection, so each watcher has a connection of its own, and asks
//            again after every event. The texts below are what the bytes are counted on.
//   from: etcd v2 API (GET /v2/keys/...?wait=true&waitIndex=N)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "legacy/event_history.h"

namespace orrery::legacy {

enum class OldVerb : std::uint8_t {
  Wait,   // the first event at or behind an index
  Read,   // everything there is now
  Close,  // no request: the client has closed the connection
};

struct OldRequest {
  std::uint64_t poll = 0;  // the client's number for the watcher, and so for its connection
  OldVerb verb = OldVerb::Wait;
  Blob key;
  bool recursive = false;
  std::int64_t index = 0;  // Wait: the first index wanted; 0 = whatever comes next

  template <class F>
  void fields(F&& f) const {
    f("poll", poll), f("verb", verb), f("key", key), f("recursive", recursive);
    f("index", index);
  }
  friend bool operator==(const OldRequest&, const OldRequest&) = default;
};

struct OldAnswer {
  std::uint64_t poll = 0;
  std::int64_t etcd_index = 0;  // X-Etcd-Index: the newest index when the answer was made
  std::optional<OldEvent> event;
  std::optional<Cleared> cleared;
  std::vector<mvccpb::KeyValue> nodes;  // of a read

  template <class F>
  void fields(F&& f) const {
    f("poll", poll), f("etcd_index", etcd_index), f("event", event), f("cleared", cleared);
    f("nodes", nodes);
  }
  friend bool operator==(const OldAnswer&, const OldAnswer&) = default;
};

// As on the wire, head and body.
std::string http_text(const OldRequest& request);
std::string http_text(const OldAnswer& answer);
// The body alone, one line.
std::string body_text(const OldAnswer& answer);

}  // namespace orrery::legacy
