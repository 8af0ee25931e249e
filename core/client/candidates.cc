#include "client/candidates.h"

#include <string>

namespace orrery::client {

Blob below(const Blob& name) {
  return Blob(std::string(name.view()) + "/");
}

// '/' is the last byte of every such prefix, so its end is the same with '0'.
Blob end_below(const Blob& name) {
  return Blob(std::string(name.view()) + "0");
}

rpc::RangeRequest range_of(const Blob& key) {
  rpc::RangeRequest range;
  range.key = key;
  return range;
}

rpc::RangeRequest oldest_below(const Blob& name) {
  rpc::RangeRequest range;
  range.key = below(name);
  range.range_end = end_below(name);
  range.limit = 1;
  range.sort_target = rpc::SortTarget::Create;
  range.sort_order = rpc::SortOrder::Ascend;
  return range;
}

rpc::RangeRequest newest_below_before(const Blob& name, std::int64_t revision) {
  rpc::RangeRequest range = oldest_below(name);
  range.max_create_revision = revision - 1;
  range.sort_order = rpc::SortOrder::Descend;
  return range;
}

rpc::TxnRequest stand_for(const Blob& name, const Blob& key, const Blob& value, LeaseId lease) {
  rpc::Compare absent;
  absent.target = rpc::CompareTarget::Create;
  absent.key = key;
  rpc::PutRequest put;
  put.key = key;
  put.value = value;
  put.lease = lease;
  rpc::TxnRequest txn;
  txn.compare = {absent};
  txn.success = {{.request = put}, {.request = oldest_below(name)}};
  txn.failure = {{.request = range_of(key)}, {.request = oldest_below(name)}};
  return txn;
}

}  // namespace orrery::client
