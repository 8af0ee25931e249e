// etcdctl -w fields: one line per field, names without blanks, bytes in Go's quotes.
#include <variant>

#include "base/text.h"
#include "lang/etcdctl.h"
#include "lang/go_text.h"

namespace orrery::lang {

namespace {

std::string header_fields(const rpc::ResponseHeader& header) {
  return text("\"ClusterID\" : {}\n\"MemberID\" : {}\n\"Revision\" : {}\n\"RaftTerm\" : {}\n",
              header.cluster_id, header.member_id, header.revision, header.raft_term);
}

// `prefix` is "Prev" for the pair as it was before.
std::string key_value(std::string_view prefix, const rpc::KeyValue& kv) {
  return text("\"{}Key\" : {}\n", prefix, go_quoted(kv.key.view())) +
         text("\"{}CreateRevision\" : {}\n", prefix, kv.create_revision) +
         text("\"{}ModRevision\" : {}\n", prefix, kv.mod_revision) +
         text("\"{}Version\" : {}\n", prefix, kv.version) +
         text("\"{}Value\" : {}\n", prefix, go_quoted(kv.value.view())) +
         text("\"{}Lease\" : {}\n", prefix, kv.lease.value());
}

struct Fields {
  std::string operator()(std::monostate) const { return {}; }

  std::string operator()(const rpc::PutResponse& response) const {
    return header_fields(response.header) +
           (response.prev_kv ? key_value("Prev", *response.prev_kv) : "");
  }

  std::string operator()(const rpc::RangeResponse& response) const {
    std::string out = header_fields(response.header);
    for (const rpc::KeyValue& kv : response.kvs) out += key_value("", kv);
    return out + text("\"More\" : {}\n\"Count\" : {}\n", response.more, response.count);
  }

  std::string operator()(const rpc::DeleteRangeResponse& response) const {
    std::string out = header_fields(response.header) + text("\"Deleted\" : {}\n", response.deleted);
    for (const rpc::KeyValue& kv : response.prev_kvs) out += key_value("Prev", kv);
    return out;
  }

  std::string operator()(const rpc::TxnResponse& response) const {
    std::string out =
        header_fields(response.header) + text("\"Succeeded\" : {}\n", response.succeeded);
    for (const rpc::ResponseOp& op : response.responses) out += std::visit(*this, op.response);
    return out;
  }

  std::string operator()(const rpc::CompactionResponse& response) const {
    return header_fields(response.header);
  }

  // What the services answer is printed by print_services.cc.
  template <class... Held>
  std::string operator()(const std::variant<Held...>&) const {
    return {};
  }
};

}  // namespace

std::string fields_text(const rpc::Response& response) {
  return std::visit(Fields{}, response);
}

std::string fields_text(const rpc::WatchResponse& response) {
  std::string out =
      header_fields(is_refused_create(response) ? rpc::ResponseHeader{} : response.header);
  for (const rpc::Event& event : response.events) {
    out += text("\"Type\" : {}\n", event.type == mvccpb::EventType::Put ? "PUT" : "DELETE");
    if (event.prev_kv) out += key_value("Prev", *event.prev_kv);
    out += key_value("", event.kv);
  }
  return out;
}

}  // namespace orrery::lang
