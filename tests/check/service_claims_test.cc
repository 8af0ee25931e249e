// Claims about leases, users and locks: each is shown to fail on a fault of its kind, and to hold without it.
#include "check/service_claims.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"

namespace orrery::checks {
namespace {

constexpr LeaseId kLease(0x70cc);

LeasePromise promise(Nanos asked, std::int64_t ttl) {
  return {.call = "`lease grant 60` of c1", .lease = kLease, .asked = asked, .ttl = ttl};
}

TEST(LeaseNeverEarly, AnEndBeforeThePromisedTimeIsNamed) {
  const std::vector<LeasePromise> promises{promise(seconds(1), 60)};

  const Violations found = early_end_violations(kLease, seconds(60), promises);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].claim, "LeaseNeverEarly");
  EXPECT_EQ(found[0].sentence,
            "lease 70cc is gone at 60000 ms, but `lease grant 60` of c1 was asked at 1000 ms and "
            "promised 60 s");
}

TEST(LeaseNeverEarly, AtThePromisedTimeItMayGo) {
  const std::vector<LeasePromise> promises{promise(seconds(1), 60)};
  EXPECT_TRUE(early_end_violations(kLease, seconds(61), promises).empty());
}

TEST(LeaseNeverEarly, TheLatestPromiseCounts) {
  const std::vector<LeasePromise> promises{promise(seconds(1), 60), promise(seconds(30), 60)};
  EXPECT_EQ(early_end_violations(kLease, seconds(80), promises).size(), 1U);
}

TEST(LeaseNeverEarly, OtherLeasesPromiseNothing) {
  const std::vector<LeasePromise> promises{promise(seconds(1), 60)};
  EXPECT_TRUE(early_end_violations(LeaseId(1), seconds(2), promises).empty());
}

AttachedKey attached(bool lease_exists, LeaseId in_store) {
  return {
      .key = Blob("a"), .lease = kLease, .lease_exists = lease_exists, .lease_in_store = in_store};
}

TEST(LeaseKeysGone, AKeyThatOutlivesItsLeaseIsNamed) {
  const std::vector<AttachedKey> keys{attached(false, kLease)};

  const Violations found = attachment_violations("n2", keys);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].sentence, "n2: key \"a\" hangs on lease 70cc, which has ended");
}

TEST(LeaseKeysGone, LessorAndStoreMustTellTheSame) {
  const std::vector<AttachedKey> keys{attached(true, LeaseId(0))};
  EXPECT_EQ(attachment_violations("n2", keys).size(), 1U);
  const std::vector<AttachedKey> well{attached(true, kLease)};
  EXPECT_TRUE(attachment_violations("n2", well).empty());
}

class Roles {
 public:
  Roles(rpc::PermissionType type, std::string_view key, std::string_view end) {
    rpc::RoleRow role;
    role.name = Blob("r");
    role.permissions = {rpc::Permission{type, Blob(key), Blob(end)}};
    roles.put("r", role);
    rpc::UserRow user;
    user.name = Blob("u");
    user.roles = {"r"};
    users.put("u", user);
  }

  bool may(const rpc::Request& request, const std::string& user = "u") const {
    return is_permitted(users, roles, user, request);
  }

  OrderedMap<std::string, rpc::UserRow> users;
  OrderedMap<std::string, rpc::RoleRow> roles;
};

rpc::Request put(std::string_view key, bool prev_kv = false) {
  rpc::PutRequest out;
  out.key = Blob(key);
  out.prev_kv = prev_kv;
  return out;
}

rpc::Request range(std::string_view key, std::string_view end = "") {
  rpc::RangeRequest out;
  out.key = Blob(key);
  out.range_end = Blob(end);
  return out;
}

TEST(NothingWithoutPermission, AWriterMayNotRead) {
  const Roles roles(rpc::PermissionType::Write, "k", "");

  EXPECT_TRUE(roles.may(put("k")));
  EXPECT_FALSE(roles.may(put("k", true))) << "the pair as it was before is read";
  EXPECT_FALSE(roles.may(range("k")));
  EXPECT_FALSE(roles.may(put("l")));
  EXPECT_FALSE(roles.may(put("k"), "nobody"));
}

TEST(NothingWithoutPermission, ARangeMustBeCoveredToItsEnd) {
  const Roles roles(rpc::PermissionType::ReadWrite, "d/", "d0");

  EXPECT_TRUE(roles.may(range("d/", "d0")));
  EXPECT_TRUE(roles.may(range("d/a", "d/b")));
  EXPECT_FALSE(roles.may(range("d", "e")));
  EXPECT_FALSE(roles.may(range("d/a", "d1"))) << "it begins inside and ends outside";
  EXPECT_FALSE(roles.may(range("d/", std::string_view("\0", 1))));
  EXPECT_TRUE(roles.may(put("d/x")));
  EXPECT_FALSE(roles.may(put("d0")));
}

TEST(NothingWithoutPermission, ATransactionIsAllItsPartsOfBothBranches) {
  const Roles roles(rpc::PermissionType::ReadWrite, "k", "");
  rpc::TxnRequest txn;
  txn.success = {{.request = std::get<rpc::PutRequest>(put("k"))}};
  EXPECT_TRUE(roles.may(txn));
  txn.failure = {{.request = std::get<rpc::PutRequest>(put("l"))}};
  EXPECT_FALSE(roles.may(txn));
  txn.failure.clear();
  rpc::Compare compare;
  compare.key = Blob("l");
  txn.compare = {compare};
  EXPECT_FALSE(roles.may(txn));
}

LockHolder holder(std::string program, std::int64_t token, bool has_key) {
  return {.program = std::move(program), .lock = "m", .token = token, .key_is_there = has_key};
}

TEST(OneHolder, TwoWhoseKeysAreBothThereAreNamed) {
  const std::vector<LockHolder> holders{holder("a of c1", 4, true), holder("b of c2", 6, true)};

  const Violations found = holder_violations(9, holders);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].sentence,
            "a of c1 (key of revision 4) and b of c2 (key of revision 6) both hold the lock m at "
            "revision 9");
}

TEST(OneHolder, ASleeperWhoseKeyIsGoneIsNoHolder) {
  const std::vector<LockHolder> holders{holder("a of c1", 4, false), holder("b of c2", 6, true)};
  EXPECT_TRUE(holder_violations(9, holders).empty());
}

}  // namespace
}  // namespace orrery::checks
