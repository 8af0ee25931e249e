// etcdctl -w json: Go's encoding/json over etcd's structs.
#include <cstdint>
#include <variant>

#include "base/text.h"
#include "lang/etcdctl.h"

namespace orrery::lang {

namespace {

// An object under construction; fields at zero are left out unless they are asked for by always().
class Object {
 public:
  void number(std::string_view name, std::uint64_t value) {
    if (value != 0) always(name, text("{}", value));
  }

  void number(std::string_view name, std::int64_t value) {
    if (value != 0) always(name, text("{}", value));
  }

  void truth(std::string_view name, bool value) {
    if (value) always(name, "true");
  }

  void bytes(std::string_view name, const Blob& value) {
    if (!value.empty()) always(name, text("\"{}\"", base64(value.view())));
  }

  void always(std::string_view name, std::string_view json) {
    body_ += text("{}\"{}\":{}", body_.empty() ? "" : ",", name, json);
  }

  std::string take() const { return text("{{{}}}", body_); }

 private:
  std::string body_;
};

template <class Items, class Print>
std::string array(const Items& items, const Print& print) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + print(item);
  return text("[{}]", out);
}

std::string header(const rpc::ResponseHeader& header) {
  Object out;
  out.number("cluster_id", header.cluster_id);
  out.number("member_id", header.member_id);
  out.number("revision", header.revision);
  out.number("raft_term", header.raft_term);
  return out.take();
}

std::string key_value(const rpc::KeyValue& kv) {
  Object out;
  out.bytes("key", kv.key);
  out.number("create_revision", kv.create_revision);
  out.number("mod_revision", kv.mod_revision);
  out.number("version", kv.version);
  out.bytes("value", kv.value);
  out.number("lease", kv.lease.value());
  return out.take();
}

std::string event(const rpc::Event& event) {
  Object out;
  if (event.type == mvccpb::EventType::Delete) out.always("type", "1");
  out.always("kv", key_value(event.kv));
  if (event.prev_kv) out.always("prev_kv", key_value(*event.prev_kv));
  return out.take();
}

// The object of each kind of response, and inside a transaction the name Go gives its field.
struct Json {
  std::string operator()(std::monostate) const { return "null"; }

  std::string operator()(const rpc::PutResponse& response) const {
    Object out;
    out.always("header", header(response.header));
    if (response.prev_kv) out.always("prev_kv", key_value(*response.prev_kv));
    return out.take();
  }

  std::string operator()(const rpc::RangeResponse& response) const {
    Object out;
    out.always("header", header(response.header));
    if (!response.kvs.empty()) out.always("kvs", array(response.kvs, key_value));
    out.truth("more", response.more);
    out.number("count", response.count);
    return out.take();
  }

  std::string operator()(const rpc::DeleteRangeResponse& response) const {
    Object out;
    out.always("header", header(response.header));
    out.number("deleted", response.deleted);
    if (!response.prev_kvs.empty()) out.always("prev_kvs", array(response.prev_kvs, key_value));
    return out.take();
  }

  std::string operator()(const rpc::TxnResponse& response) const;

  std::string operator()(const rpc::CompactionResponse& response) const {
    Object out;
    out.always("header", header(response.header));
    return out.take();
  }

  // What the services answer is printed by print_services.cc.
  template <class... Held>
  std::string operator()(const std::variant<Held...>&) const {
    return {};
  }
};

struct FieldName {
  std::string_view operator()(std::monostate) const { return {}; }

  std::string_view operator()(const rpc::RangeResponse&) const { return "ResponseRange"; }

  std::string_view operator()(const rpc::PutResponse&) const { return "ResponsePut"; }

  std::string_view operator()(const rpc::DeleteRangeResponse&) const {
    return "ResponseDeleteRange";
  }

  std::string_view operator()(const rpc::TxnResponse&) const { return "ResponseTxn"; }
};

std::string response_op(const rpc::ResponseOp& op) {
  if (std::holds_alternative<std::monostate>(op.response)) return R"({"Response":null})";
  Object inner;
  inner.always(std::visit(FieldName{}, op.response), std::visit(Json{}, op.response));
  Object out;
  out.always("Response", inner.take());
  return out.take();
}

std::string Json::operator()(const rpc::TxnResponse& response) const {
  Object out;
  out.always("header", header(response.header));
  out.truth("succeeded", response.succeeded);
  if (!response.responses.empty()) out.always("responses", array(response.responses, response_op));
  return out.take();
}

}  // namespace

std::string json_text(const rpc::Response& response) {
  return std::visit(Json{}, response) + "\n";
}

std::string json_text(const rpc::WatchResponse& response) {
  const bool refused = is_refused_create(response);
  Object out;
  out.always("Header", refused ? "{}" : header(response.header));
  out.always("Events", refused ? "null" : array(response.events, event));
  out.always("CompactRevision", text("{}", response.compact_revision));
  out.always("Canceled", response.canceled ? "true" : "false");
  out.always("Created", !refused && response.created ? "true" : "false");
  return out.take() + "\n";
}

}  // namespace orrery::lang
