// Result<T>: a value or an Error. Expected outcomes only; a broken promise of ours is check.h's.
//   used by: everything            uses: tl::expected (replaceable by std::expected in C++23)
//   ideas:   Errc follows etcd's client error list, so that an answer's text and gRPC code follow from
//            it alone; the rest of Errc are Orrery's own kinds of bad input.
//   from: etcd api/v3rpc/rpctypes/error.go
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace orrery {

// The first block arises on every replica alike (decided by the log and the state), the second depends on
// the member that answers, the third is Orrery's own.
enum class Errc : std::uint8_t {
  // -- the same on every replica
  EmptyKey,
  KeyNotFound,
  ValueProvided,
  LeaseProvided,
  TooManyOps,
  DuplicateKey,
  InvalidSortOption,
  Compacted,
  FutureRev,
  LeaseNotFound,
  LeaseExist,
  LeaseTtlTooLarge,
  NoSpace,
  UserEmpty,
  RoleEmpty,
  AuthFailed,
  PermissionNotGiven,
  InvalidAuthMgmt,
  AuthOldRevision,
  RootUserNotExist,
  RootRoleNotExist,
  UserAlreadyExist,
  UserNotFound,
  RoleAlreadyExist,
  RoleNotFound,
  RoleNotGranted,
  PermissionNotGranted,
  AuthNotEnabled,
  PermissionDenied,
  CorruptCluster,
  MemberUrlsInvalid,
  MemberNotFound,
  MemberExists,
  PeerUrlExists,
  MemberNotLearner,
  TooManyLearners,
  // -- of the answering member and moment
  InvalidAuthToken,
  NotEnoughStarted,
  LearnerNotReady,
  UnhealthyCluster,
  BadLeaderTransferee,
  LeaderTransferTimeout,
  NotCapable,
  NotForLearner,
  DowngradeTargetFormat,
  DowngradeTargetInvalid,
  DowngradeInProcess,
  NoInflightDowngrade,
  RequestTooLarge,
  TooManyRequests,
  NoLeader,
  LeaderChanged,
  NotLeader,
  Timeout,
  TimeoutLeaderFail,
  TimeoutConnectionLost,
  TimeoutWaitApplied,
  Stopped,
  ProposalDropped,
  Unavailable,
  Canceled,
  Unmapped,  // an inner error that etcd lets out as it is
  // -- Orrery's own
  Corrupt,      // bytes that are not what their format says
  Torn,         // bytes that end too early: an unexpected end of file
  OutOfRange,   // a position that does not exist
  Io,           // the disk refused: full, failed fsync, missing file
  Syntax,       // a command or script that cannot be read
  WrongUse,     // readable, but not possible here
  Expectation,  // an `expect` that did not hold
  Budget,       // no answer within the steps allowed
};

struct Error {
  Errc code = Errc::WrongUse;
  std::string detail;  // the full text for a person; for the first two blocks etcd's own words

  template <class F>
  void fields(F&& f) const {
    f("code", code), f("detail", detail);
  }
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

// etcd's wording as it stands on the wire, e.g. "etcdserver: key is not provided"; empty for our own codes.
std::string_view wire_text(Errc code);
// The gRPC status code etcd gives it (google.rpc.Code numbers); 2 (Unknown) where etcd maps none.
int grpc_code(Errc code);

// An error with etcd's own words (first two blocks).
inline tl::unexpected<Error> fail(Errc code) {
  return tl::unexpected<Error>(Error{code, std::string(wire_text(code))});
}

inline tl::unexpected<Error> fail(Errc code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace orrery
