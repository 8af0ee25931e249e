#include "check/acknowledged.h"

#include <algorithm>
#include <cstdint>

namespace orrery::checks {
namespace {

using Events = std::vector<mvccpb::Event>;

void add_put(const rpc::PutRequest& put, std::int64_t revision, Events& out) {
  if (put.ignore_value || put.ignore_lease) return;
  mvccpb::Event event;
  event.kv.key = put.key;
  event.kv.value = put.value;
  event.kv.lease = put.lease;
  event.kv.mod_revision = revision;
  out.push_back(event);
}

void add_delete(const rpc::DeleteRangeRequest& request, std::int64_t deleted, std::int64_t revision,
                Events& out) {
  if (!request.range_end.empty() || deleted == 0) return;
  mvccpb::Event event;
  event.type = mvccpb::EventType::Delete;
  event.kv.key = request.key;
  event.kv.mod_revision = revision;
  out.push_back(event);
}

// An inner transaction's header is not filled: all of it happens at the outer one's revision.
void add_txn(const rpc::TxnRequest& txn, const rpc::TxnResponse& response, std::int64_t revision,
             Events& out) {
  const auto& asked = response.succeeded ? txn.success : txn.failure;
  const std::size_t known = std::min(asked.size(), response.responses.size());
  for (std::size_t i = 0; i < known; ++i) {
    const auto& request = asked[i].request;
    const auto& answer = response.responses[i].response;
    if (const auto* put = std::get_if<rpc::PutRequest>(&request)) add_put(*put, revision, out);
    const auto* erase = std::get_if<rpc::DeleteRangeRequest>(&request);
    const auto* erased = std::get_if<rpc::DeleteRangeResponse>(&answer);
    if (erase != nullptr && erased != nullptr) add_delete(*erase, erased->deleted, revision, out);
    const auto* inner = std::get_if<rpc::TxnRequest>(&request);
    const auto* told = std::get_if<rpc::TxnResponse>(&answer);
    if (inner != nullptr && told != nullptr) add_txn(*inner, *told, revision, out);
  }
}

}  // namespace

Events events_told_of(const rpc::Request& request, const rpc::Response& response) {
  Events out;
  const rpc::ResponseHeader* header = rpc::header_of(response);
  if (header == nullptr) return out;
  const std::int64_t revision = header->revision;
  if (const auto* put = std::get_if<rpc::PutRequest>(&request)) add_put(*put, revision, out);
  const auto* erase = std::get_if<rpc::DeleteRangeRequest>(&request);
  const auto* erased = std::get_if<rpc::DeleteRangeResponse>(&response);
  if (erase != nullptr && erased != nullptr) add_delete(*erase, erased->deleted, revision, out);
  const auto* txn = std::get_if<rpc::TxnRequest>(&request);
  const auto* told = std::get_if<rpc::TxnResponse>(&response);
  if (txn != nullptr && told != nullptr) add_txn(*txn, *told, revision, out);
  return out;
}

}  // namespace orrery::checks
