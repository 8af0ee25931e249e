#include "legacy/messages.h"

#include "base/text.h"

namespace orrery::legacy {

namespace {

std::string json_string(BytesView bytes) {
  std::string out = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += text("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string node_text(BytesView key, BytesView value, std::int64_t modified, std::int64_t created) {
  return text(R"({{"key":{},"value":{},"modifiedIndex":{},"createdIndex":{}}})",
              json_string(text("/{}", key)), json_string(value), modified, created);
}

std::string event_text(const OldEvent& event) {
  if (!event.deleted) {
    return text(R"({{"action":"set","node":{}}})",
                node_text(event.key, event.value, event.index, event.created_index));
  }
  return text(R"({{"action":"{}","node":{{"key":{},"modifiedIndex":{}}}}})", "delete",
              json_string(text("/{}", event.key.view())), event.index);
}

std::string cleared_text(const Cleared& cleared, std::int64_t index) {
  return text(
      R"({{"errorCode":401,"message":"The event in requested index is outdated and cleared",)"
      R"("cause":"the requested history has been cleared [{}/{}]","index":{}}})",
      cleared.start, cleared.asked, index);
}

std::string list_text(const std::vector<mvccpb::KeyValue>& nodes) {
  std::string out = R"({"action":"get","node":{"dir":true,"nodes":[)";
  for (const mvccpb::KeyValue& kv : nodes) {
    if (out.back() != '[') out += ',';
    out += node_text(kv.key, kv.value, kv.mod_revision, kv.create_revision);
  }
  return out + "]}}";
}

}  // namespace

std::string http_text(const OldRequest& request) {
  if (request.verb == OldVerb::Close) return "";
  const bool wait = request.verb == OldVerb::Wait;
  std::string query = wait ? "?wait=true" : "";
  if (request.recursive) query += query.empty() ? "?recursive=true" : "&recursive=true";
  if (wait && request.index != 0) query += text("&waitIndex={}", request.index);
  return text(
      "GET /v2/keys/{}{} HTTP/1.1\r\nHost: 127.0.0.1:2379\r\nUser-Agent: Go-http-client/1.1\r\n"
      "Accept-Encoding: gzip\r\n\r\n",
      request.key.view(), query);
}

std::string body_text(const OldAnswer& answer) {
  if (answer.cleared) return cleared_text(*answer.cleared, answer.etcd_index);
  if (answer.event) return event_text(*answer.event);
  return list_text(answer.nodes);
}

std::string http_text(const OldAnswer& answer) {
  const std::string body = body_text(answer);
  return text(
      "HTTP/1.1 {}\r\nContent-Type: application/json\r\nX-Etcd-Index: {}\r\n"
      "Content-Length: {}\r\n\r\n{}\n",
      answer.cleared ? "400 Bad Request" : "200 OK", answer.etcd_index, body.size() + 1, body);
}

}  // namespace orrery::legacy
