// A software transaction: reads remember what they saw, the write asks that it is still so.
// from: etcd clientv3/concurrency/stm.go (stmSerializable, stmReadCommitted; cmps, commit)
#include <charconv>

#include "base/text.h"
#include "client/hands.h"

namespace orrery::client {
namespace {

using Isolation = Transfer::Isolation;
using TransferPhase = Transfer::Phase;

std::int64_t number_in(BytesView value) {
  std::int64_t out = 0;
  std::from_chars(value.data(), value.data() + value.size(), out);
  return out;
}

Transfer::Read read_of(const rpc::RangeResponse& found) {
  if (found.kvs.empty()) return {};
  return {.number = number_in(found.kvs.front().value.view()),
          .mod_revision = found.kvs.front().mod_revision};
}

bool is_pinned(Isolation isolation) {
  return isolation == Isolation::SerializableSnapshot || isolation == Isolation::Serializable;
}

rpc::Compare modified(const Blob& key, rpc::CompareResult result, std::int64_t revision) {
  rpc::Compare out;
  out.target = rpc::CompareTarget::Mod;
  out.result = result;
  out.key = key;
  out.number = revision;
  return out;
}

std::vector<rpc::Compare> compares_of(const Transfer& work) {
  std::vector<rpc::Compare> out;
  if (work.isolation == Isolation::ReadCommitted) return out;
  out.push_back(modified(work.from, rpc::CompareResult::Equal, work.from_read.mod_revision));
  out.push_back(modified(work.to, rpc::CompareResult::Equal, work.to_read.mod_revision));
  if (work.isolation != Isolation::SerializableSnapshot) return out;
  // What is written must not have been written since the first read either.
  out.push_back(modified(work.from, rpc::CompareResult::Less, work.first_revision + 1));
  out.push_back(modified(work.to, rpc::CompareResult::Less, work.first_revision + 1));
  return out;
}

rpc::RequestOp put(const Blob& key, std::int64_t number) {
  rpc::PutRequest out;
  out.key = key;
  out.value = Blob(std::to_string(number));
  return {.request = out};
}

rpc::RequestOp get(const Blob& key) {
  rpc::RangeRequest out;
  out.key = key;
  return {.request = out};
}

void read(Hands& hands, Transfer& work, TransferPhase phase) {
  work.phase = phase;
  rpc::RangeRequest range;
  range.key = phase == TransferPhase::ReadFrom ? work.from : work.to;
  if (is_pinned(work.isolation)) range.revision = work.first_revision;
  hands.ask(range);
}

void start_over(Hands& hands, Transfer& work) {
  ++work.attempts;
  work.first_revision = 0;
  read(hands, work, TransferPhase::ReadFrom);
}

void commit(Hands& hands, Transfer& work) {
  work.phase = TransferPhase::Commit;
  rpc::TxnRequest txn;
  txn.compare = compares_of(work);
  txn.success = {put(work.from, work.from_read.number - work.amount),
                 put(work.to, work.to_read.number + work.amount)};
  if (is_pinned(work.isolation)) txn.failure = {get(work.from), get(work.to)};
  hands.ask(txn);
}

// The branch that failed has read both anew: nothing more to ask before the next try.
void committed(Hands& hands, Transfer& work, const rpc::TxnResponse& txn) {
  if (txn.succeeded) {
    hands.say(text("{} of {} moved to {} at revision {}, attempt {}", work.amount, work.from.view(),
                   work.to.view(), txn.header.revision, work.attempts));
    return hands.end(0);
  }
  if (!is_pinned(work.isolation)) return start_over(hands, work);
  ++work.attempts;
  work.first_revision = txn.header.revision;
  work.from_read = read_of(std::get<rpc::RangeResponse>(txn.responses.at(0).response));
  work.to_read = read_of(std::get<rpc::RangeResponse>(txn.responses.at(1).response));
  commit(hands, work);
}

}  // namespace

void start(Hands& hands, Transfer& work) {
  read(hands, work, TransferPhase::ReadFrom);
}

void answered(Hands& hands, Transfer& work, const Notice& notice) {
  const server::CallAnswer& answer = notice.answer;
  if (answer.error) {
    // A commit without an answer may have happened: it must not be made twice.
    const bool unknown =
        work.phase == TransferPhase::Commit && answer.error->code != Errc::PermissionDenied;
    return hands.fail_with(unknown ? answer.error->detail + " (the transfer may have been made)"
                                   : answer.error->detail);
  }
  if (work.phase == TransferPhase::Commit) {
    return committed(hands, work, std::get<rpc::TxnResponse>(answer.response));
  }
  const auto& found = std::get<rpc::RangeResponse>(answer.response);
  if (work.phase == TransferPhase::ReadTo) {
    work.to_read = read_of(found);
    return commit(hands, work);
  }
  work.from_read = read_of(found);
  work.first_revision = found.header.revision;
  read(hands, work, TransferPhase::ReadTo);
}

}  // namespace orrery::client
