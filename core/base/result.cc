#include "base/result.h"

#include <array>

namespace orrery {
namespace {

struct Row {
  Errc code;
  int grpc;
  std::string_view text;
};

// from: etcd api/v3rpc/rpctypes/error.go
constexpr std::array kRows{
    Row{Errc::EmptyKey, 3, "etcdserver: key is not provided"},
    Row{Errc::KeyNotFound, 3, "etcdserver: key not found"},
    Row{Errc::ValueProvided, 3, "etcdserver: value is provided"},
    Row{Errc::LeaseProvided, 3, "etcdserver: lease is provided"},
    Row{Errc::TooManyOps, 3, "etcdserver: too many operations in txn request"},
    Row{Errc::DuplicateKey, 3, "etcdserver: duplicate key given in txn request"},
    Row{Errc::InvalidSortOption, 3, "etcdserver: invalid sort option"},
    Row{Errc::Compacted, 11, "etcdserver: mvcc: required revision has been compacted"},
    Row{Errc::FutureRev, 11, "etcdserver: mvcc: required revision is a future revision"},
    Row{Errc::LeaseNotFound, 5, "etcdserver: requested lease not found"},
    Row{Errc::LeaseExist, 9, "etcdserver: lease already exists"},
    Row{Errc::LeaseTtlTooLarge, 11, "etcdserver: too large lease TTL"},
    Row{Errc::NoSpace, 8, "etcdserver: mvcc: database space exceeded"},
    Row{Errc::RequestTooLarge, 3, "etcdserver: request is too large"},
    Row{Errc::TooManyRequests, 2, "etcdserver: too many requests"},
    Row{Errc::NoLeader, 14, "etcdserver: no leader"},
    Row{Errc::LeaderChanged, 14, "etcdserver: leader changed"},
    Row{Errc::NotLeader, 9, "etcdserver: not leader"},
    Row{Errc::Timeout, 14, "etcdserver: request timed out"},
    Row{Errc::TimeoutLeaderFail, 14,
        "etcdserver: request timed out, possibly due to previous leader failure"},
    Row{Errc::Stopped, 14, "etcdserver: server stopped"},
    Row{Errc::ProposalDropped, 2, "raft proposal dropped"},
    Row{Errc::Unavailable, 14, "transport is closing"},
    Row{Errc::Canceled, 1, "etcdserver: request canceled"},
};

}  // namespace

std::string_view wire_text(Errc code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row.text;
  }
  return "";
}

int grpc_code(Errc code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row.grpc;
  }
  return 2;
}

}  // namespace orrery
