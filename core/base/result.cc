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
    Row{Errc::UserEmpty, 3, "etcdserver: user name is empty"},
    Row{Errc::RoleEmpty, 3, "etcdserver: role name is empty"},
    Row{Errc::AuthFailed, 3, "etcdserver: authentication failed, invalid user ID or password"},
    Row{Errc::PermissionNotGiven, 3, "etcdserver: permission not given"},
    Row{Errc::InvalidAuthMgmt, 3, "etcdserver: invalid auth management"},
    Row{Errc::AuthOldRevision, 3, "etcdserver: revision of auth store is old"},
    Row{Errc::RootUserNotExist, 9, "etcdserver: root user does not exist"},
    Row{Errc::RootRoleNotExist, 9, "etcdserver: root user does not have root role"},
    Row{Errc::UserAlreadyExist, 9, "etcdserver: user name already exists"},
    Row{Errc::UserNotFound, 9, "etcdserver: user name not found"},
    Row{Errc::RoleAlreadyExist, 9, "etcdserver: role name already exists"},
    Row{Errc::RoleNotFound, 9, "etcdserver: role name not found"},
    Row{Errc::RoleNotGranted, 9, "etcdserver: role is not granted to the user"},
    Row{Errc::PermissionNotGranted, 9, "etcdserver: permission is not granted to the role"},
    Row{Errc::AuthNotEnabled, 9, "etcdserver: authentication is not enabled"},
    Row{Errc::PermissionDenied, 7, "etcdserver: permission denied"},
    Row{Errc::CorruptCluster, 15, "etcdserver: corrupt cluster"},
    Row{Errc::MemberUrlsInvalid, 3, "etcdserver: given member URLs are invalid"},
    Row{Errc::MemberNotFound, 5, "etcdserver: member not found"},
    Row{Errc::MemberExists, 9, "etcdserver: member ID already exist"},
    Row{Errc::PeerUrlExists, 9, "etcdserver: Peer URLs already exists"},
    Row{Errc::MemberNotLearner, 9, "etcdserver: can only promote a learner member"},
    Row{Errc::TooManyLearners, 9, "etcdserver: too many learner members in cluster"},
    Row{Errc::InvalidAuthToken, 16, "etcdserver: invalid auth token"},
    Row{Errc::NotEnoughStarted, 2,
        "etcdserver: re-configuration failed due to not enough started members"},
    Row{Errc::LearnerNotReady, 9,
        "etcdserver: can only promote a learner member which is in sync with leader"},
    Row{Errc::UnhealthyCluster, 14, "etcdserver: unhealthy cluster"},
    Row{Errc::BadLeaderTransferee, 9, "etcdserver: bad leader transferee"},
    Row{Errc::LeaderTransferTimeout, 2,
        "etcdserver: request timed out, leader transfer took too long"},
    Row{Errc::NotCapable, 9, "etcdserver: not capable"},
    Row{Errc::NotForLearner, 9, "etcdserver: rpc not supported for learner"},
    Row{Errc::DowngradeTargetFormat, 3, "etcdserver: wrong downgrade target version format"},
    Row{Errc::DowngradeTargetInvalid, 3, "etcdserver: invalid downgrade target version"},
    Row{Errc::DowngradeInProcess, 9, "etcdserver: cluster has a downgrade job in progress"},
    Row{Errc::NoInflightDowngrade, 9, "etcdserver: no inflight downgrade job"},
    Row{Errc::TimeoutConnectionLost, 14,
        "etcdserver: request timed out, possibly due to connection lost"},
    Row{Errc::TimeoutWaitApplied, 14,
        "etcdserver: request timed out, waiting for the applied index took too long"},
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
