// etcdctl -w simple.
#include <variant>

#include "base/text.h"
#include "lang/etcdctl.h"
#include "lang/go_text.h"

namespace orrery::lang {

namespace {

class Simple {
 public:
  explicit Simple(const PrintStyle& style) : style_(style) {}

  std::string operator()(std::monostate) const { return {}; }

  std::string operator()(const rpc::PutResponse& response) const {
    return "OK\n" + (response.prev_kv ? pair(*response.prev_kv) : "");
  }

  std::string operator()(const rpc::RangeResponse& response) const { return pairs(response.kvs); }

  std::string operator()(const rpc::DeleteRangeResponse& response) const {
    return text("{}\n", response.deleted) + pairs(response.prev_kvs);
  }

  std::string operator()(const rpc::TxnResponse& response) const {
    std::string out = response.succeeded ? "SUCCESS\n" : "FAILURE\n";
    for (const rpc::ResponseOp& op : response.responses) {
      out += "\n" + std::visit(*this, op.response);
    }
    return out;
  }

  std::string operator()(const rpc::CompactionResponse&) const { return {}; }

  // What the services answer is printed by print_services.cc.
  template <class... Held>
  std::string operator()(const std::variant<Held...>&) const {
    return {};
  }

  std::string operator()(const rpc::WatchResponse& response) const {
    std::string out;
    for (const rpc::Event& event : response.events) {
      out += event.type == mvccpb::EventType::Put ? "PUT\n" : "DELETE\n";
      if (event.prev_kv) out += pair(*event.prev_kv);
      out += pair(event.kv);
    }
    return out;
  }

 private:
  std::string bytes(const Blob& blob) const {
    return style_.hex ? hex_escaped(blob.view()) : std::string(blob.view());
  }

  std::string pair(const rpc::KeyValue& kv) const {
    return (style_.value_only ? "" : bytes(kv.key) + "\n") + bytes(kv.value) + "\n";
  }

  std::string pairs(const std::vector<rpc::KeyValue>& kvs) const {
    std::string out;
    for (const rpc::KeyValue& kv : kvs) out += pair(kv);
    return out;
  }

  PrintStyle style_;
};

}  // namespace

std::string simple_text(const rpc::Response& response, const PrintStyle& style) {
  return std::visit(Simple(style), response);
}

std::string simple_text(const rpc::WatchResponse& response, const PrintStyle& style) {
  return Simple(style)(response);
}

}  // namespace orrery::lang
