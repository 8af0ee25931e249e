// Sizes follow protobuf's proto3 rules: a zero field takes nothing, an absent sub-message neither.
#include "watch/fragment.h"

#include <utility>

namespace orrery::watch {

namespace {

std::uint64_t varint_size(std::uint64_t value) {
  std::uint64_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

// All field numbers here are below 16: one byte of tag.
std::uint64_t number_size(std::uint64_t value) {
  return value == 0 ? 0 : 1 + varint_size(value);
}

std::uint64_t number_size(std::int64_t value) {
  return number_size(static_cast<std::uint64_t>(value));
}

std::uint64_t message_size(std::uint64_t size) {
  return 1 + varint_size(size) + size;
}

std::uint64_t bytes_size(BytesView bytes) {
  return bytes.empty() ? 0 : message_size(bytes.size());
}

std::uint64_t header_size(const rpc::ResponseHeader& header) {
  return number_size(header.cluster_id) + number_size(header.member_id) +
         number_size(header.revision) + number_size(header.raft_term);
}

std::uint64_t kv_size(const mvccpb::KeyValue& kv) {
  return bytes_size(kv.key) + number_size(kv.create_revision) + number_size(kv.mod_revision) +
         number_size(kv.version) + bytes_size(kv.value) + number_size(kv.lease.value());
}

// With its tag and length, as it stands in a response.
std::uint64_t event_size(const mvccpb::Event& event) {
  std::uint64_t size = event.type == mvccpb::EventType::Put ? 0 : 2;
  size += message_size(kv_size(event.kv));
  if (event.prev_kv) size += message_size(kv_size(*event.prev_kv));
  return message_size(size);
}

std::uint64_t size_without_events(const rpc::WatchResponse& response) {
  const std::uint64_t flags = static_cast<std::uint64_t>(response.created) +
                              static_cast<std::uint64_t>(response.canceled) +
                              static_cast<std::uint64_t>(response.fragment);
  return message_size(header_size(response.header)) + number_size(response.watch_id) + 2 * flags +
         number_size(response.compact_revision) + bytes_size(response.cancel_reason);
}

}  // namespace

std::uint64_t wire_size(const rpc::WatchResponse& response) {
  std::uint64_t size = size_without_events(response);
  for (const mvccpb::Event& event : response.events) size += event_size(event);
  return size;
}

std::vector<rpc::WatchResponse> fragments(rpc::WatchResponse response, std::uint64_t limit_bytes) {
  if (response.events.size() < 2 || wire_size(response) < limit_bytes) return {std::move(response)};
  const std::vector<mvccpb::Event> events = std::exchange(response.events, {});
  response.fragment = true;
  const std::uint64_t empty_size = size_without_events(response);
  std::vector<rpc::WatchResponse> out;
  std::uint64_t size = limit_bytes;
  for (const mvccpb::Event& event : events) {
    size += event_size(event);
    if (out.empty() || size >= limit_bytes) {
      out.push_back(response);
      size = empty_size + event_size(event);
    }
    out.back().events.push_back(event);
  }
  out.back().fragment = false;
  return out;
}

}  // namespace orrery::watch
