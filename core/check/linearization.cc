#include "check/linearization.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/overloaded.h"

namespace orrery::checks {
namespace {

bool wrote(const rpc::TxnResponse& response) {
  return std::ranges::any_of(response.responses, [](const rpc::ResponseOp& op) {
    return std::visit(
        Overloaded{[](const rpc::PutResponse&) { return true; },
                   [](const rpc::DeleteRangeResponse& erased) { return erased.deleted > 0; },
                   [](const rpc::TxnResponse& inner) { return wrote(inner); },
                   [](const auto&) { return false; }},
        op.response);
  });
}

bool wrote(const rpc::Response& response) {
  return std::visit(
      Overloaded{[](const rpc::PutResponse&) { return true; },
                 [](const rpc::DeleteRangeResponse& erased) { return erased.deleted > 0; },
                 [](const rpc::TxnResponse& txn) { return wrote(txn); },
                 [](const auto&) { return false; }},
      response);
}

// A transaction of reads is one read: serializable when all of them are.
bool is_serializable(const rpc::TxnRequest& txn) {
  const auto lax = [](const rpc::RequestOp& op) {
    const auto* range = std::get_if<rpc::RangeRequest>(&op.request);
    return range != nullptr && range->serializable;
  };
  return (!txn.success.empty() || !txn.failure.empty()) && std::ranges::all_of(txn.success, lax) &&
         std::ranges::all_of(txn.failure, lax);
}

bool promises_order(const rpc::Request& request) {
  return std::visit(Overloaded{[](const rpc::RangeRequest& range) { return !range.serializable; },
                               [](const rpc::TxnRequest& txn) { return !is_serializable(txn); },
                               [](const rpc::PutRequest&) { return true; },
                               [](const rpc::DeleteRangeRequest&) { return true; },
                               [](const auto&) { return false; }},
                    request);
}

}  // namespace

std::optional<Effect> effect_of(const rpc::Request& request, const rpc::Response& response,
                                Nanos invoked, Nanos returned) {
  const rpc::ResponseHeader* header = rpc::header_of(response);
  if (header == nullptr || !promises_order(request)) return std::nullopt;
  return Effect{.invoked = invoked,
                .returned = returned,
                .revision = header->revision,
                .writes = wrote(response)};
}

std::vector<std::optional<Nanos>> linearization_points(std::span<const Effect> effects) {
  std::vector<std::size_t> order(effects.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) {
    return std::tuple(effects[i].revision, !effects[i].writes, effects[i].invoked);
  });
  std::vector<std::optional<Nanos>> out(effects.size());
  Nanos last;
  for (const std::size_t i : order) {
    const Nanos at = std::max(last, effects[i].invoked);
    if (at > effects[i].returned) continue;
    out[i] = at;
    last = at;
  }
  return out;
}

}  // namespace orrery::checks
