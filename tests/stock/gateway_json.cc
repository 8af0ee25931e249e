#include "tests/stock/gateway_json.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/overloaded.h"
#include "base/text.h"

namespace orrery::stock {
namespace {

// ---- requests

Json number(std::int64_t value) {
  return text("{}", value);
}

Json bytes(const Blob& blob) {
  return base64(blob.view());
}

Json json_of(const rpc::RangeRequest& range) {
  return {{"key", bytes(range.key)},
          {"range_end", bytes(range.range_end)},
          {"limit", number(range.limit)},
          {"revision", number(range.revision)},
          {"sort_order", static_cast<int>(range.sort_order)},
          {"sort_target", static_cast<int>(range.sort_target)},
          {"serializable", range.serializable},
          {"keys_only", range.keys_only},
          {"count_only", range.count_only},
          {"min_mod_revision", number(range.min_mod_revision)},
          {"max_mod_revision", number(range.max_mod_revision)},
          {"min_create_revision", number(range.min_create_revision)},
          {"max_create_revision", number(range.max_create_revision)}};
}

Json json_of(const rpc::PutRequest& put) {
  return {{"key", bytes(put.key)},
          {"value", bytes(put.value)},
          {"lease", number(put.lease.value())},
          {"prev_kv", put.prev_kv},
          {"ignore_value", put.ignore_value},
          {"ignore_lease", put.ignore_lease}};
}

Json json_of(const rpc::DeleteRangeRequest& erase) {
  return {
      {"key", bytes(erase.key)}, {"range_end", bytes(erase.range_end)}, {"prev_kv", erase.prev_kv}};
}

Json json_of(const rpc::Compare& compare) {
  Json out = {{"result", static_cast<int>(compare.result)},
              {"target", static_cast<int>(compare.target)},
              {"key", bytes(compare.key)},
              {"range_end", bytes(compare.range_end)}};
  switch (compare.target) {
    case rpc::CompareTarget::Version: out["version"] = number(compare.number); break;
    case rpc::CompareTarget::Create: out["create_revision"] = number(compare.number); break;
    case rpc::CompareTarget::Mod: out["mod_revision"] = number(compare.number); break;
    case rpc::CompareTarget::Lease: out["lease"] = number(compare.number); break;
    case rpc::CompareTarget::Value: out["value"] = bytes(compare.value); break;
  }
  return out;
}

Json json_of(const rpc::TxnRequest& txn);

Json json_of(const std::vector<rpc::RequestOp>& branch) {
  Json out = Json::array();
  for (const rpc::RequestOp& op : branch) {
    out.push_back(std::visit(
        Overloaded{
            [](std::monostate) { return Json::object(); },
            [](const rpc::RangeRequest& range) { return Json{{"request_range", json_of(range)}}; },
            [](const rpc::PutRequest& put) { return Json{{"request_put", json_of(put)}}; },
            [](const rpc::DeleteRangeRequest& erase) {
              return Json{{"request_delete_range", json_of(erase)}};
            },
            [](const rpc::TxnRequest& inner) { return Json{{"request_txn", json_of(inner)}}; },
        },
        op.request));
  }
  return out;
}

Json json_of(const rpc::TxnRequest& txn) {
  Json compares = Json::array();
  for (const rpc::Compare& compare : txn.compare) compares.push_back(json_of(compare));
  return {
      {"compare", compares}, {"success", json_of(txn.success)}, {"failure", json_of(txn.failure)}};
}

Json json_of(const rpc::CompactionRequest& compaction) {
  return {{"revision", number(compaction.revision)}, {"physical", compaction.physical}};
}

// ---- answers

std::int64_t number_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return 0;
  return found->is_string() ? std::strtoll(found->get<std::string>().c_str(), nullptr, 10)
                            : found->get<std::int64_t>();
}

Blob bytes_in(const Json& json, const char* name) {
  return Blob(from_base64(json.value(name, std::string())).value_or("not base64"));
}

rpc::ResponseHeader header_in(const Json& json) {
  rpc::ResponseHeader out;
  if (json.contains("header")) out.revision = number_in(json["header"], "revision");
  return out;
}

rpc::KeyValue key_value(const Json& json) {
  rpc::KeyValue out;
  out.key = bytes_in(json, "key");
  out.value = bytes_in(json, "value");
  out.create_revision = number_in(json, "create_revision");
  out.mod_revision = number_in(json, "mod_revision");
  out.version = number_in(json, "version");
  out.lease = LeaseId(number_in(json, "lease"));
  return out;
}

std::vector<rpc::KeyValue> key_values_in(const Json& json, const char* name) {
  std::vector<rpc::KeyValue> out;
  if (json.contains(name)) {
    for (const Json& each : json[name]) out.push_back(key_value(each));
  }
  return out;
}

rpc::RangeResponse range_answer(const Json& json) {
  return {.header = header_in(json),
          .kvs = key_values_in(json, "kvs"),
          .more = json.value("more", false),
          .count = number_in(json, "count")};
}

rpc::PutResponse put_answer(const Json& json) {
  rpc::PutResponse out;
  out.header = header_in(json);
  if (json.contains("prev_kv")) out.prev_kv = key_value(json["prev_kv"]);
  return out;
}

rpc::DeleteRangeResponse delete_answer(const Json& json) {
  return {.header = header_in(json),
          .deleted = number_in(json, "deleted"),
          .prev_kvs = key_values_in(json, "prev_kvs")};
}

rpc::TxnResponse txn_answer(const Json& json) {
  rpc::TxnResponse out;
  out.header = header_in(json);
  out.succeeded = json.value("succeeded", false);
  if (!json.contains("responses")) return out;
  for (const Json& each : json["responses"]) {
    rpc::ResponseOp& op = out.responses.emplace_back();
    if (each.contains("response_range")) op.response = range_answer(each["response_range"]);
    if (each.contains("response_put")) op.response = put_answer(each["response_put"]);
    if (each.contains("response_delete_range")) {
      op.response = delete_answer(each["response_delete_range"]);
    }
    if (each.contains("response_txn")) op.response = txn_answer(each["response_txn"]);
  }
  return out;
}

}  // namespace

Json to_json(const rpc::Request& request) {
  return std::visit(
      [](const auto& each) -> Json {
        if constexpr (requires { json_of(each); }) return json_of(each);
        return {};
      },
      request);
}

rpc::Response response_from(const rpc::Request& request, const Json& json) {
  return std::visit(
      Overloaded{
          [&](const rpc::RangeRequest&) -> rpc::Response { return range_answer(json); },
          [&](const rpc::PutRequest&) -> rpc::Response { return put_answer(json); },
          [&](const rpc::DeleteRangeRequest&) -> rpc::Response { return delete_answer(json); },
          [&](const rpc::TxnRequest&) -> rpc::Response { return txn_answer(json); },
          [&](const auto& /*compaction*/) -> rpc::Response {
            return rpc::CompactionResponse{.header = header_in(json)};
          },
      },
      request);
}

}  // namespace orrery::stock
