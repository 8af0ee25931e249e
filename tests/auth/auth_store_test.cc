// Users, roles, and the rules of root: what etcd allows, refuses, and counts as a change.
#include "auth/auth_store.h"

#include <gtest/gtest.h>

#include "auth/bcrypt.h"

namespace orrery::auth {
namespace {

class AuthStoreTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_TRUE(violations(store, backend).empty()); }

  void add_user(const std::string& name, const std::string& password) {
    const auto hash = hash_password(password, 4, 1);
    ASSERT_TRUE(hash);
    ASSERT_TRUE(store.add_user(backend, {name, password, std::nullopt, ""}, *hash));
  }

  void make_root() {
    add_user("root", "root");
    ASSERT_TRUE(store.grant_role(backend, "root", "root"));
    ASSERT_TRUE(store.enable(backend));
  }

  void grant(const std::string& role, rpc::PermissionType type, BytesView key, BytesView end = {}) {
    ASSERT_TRUE(
        store.grant_permission(backend, {role, rpc::Permission{type, Blob(key), Blob(end)}}));
  }

  AuthInfo now(const std::string& user) const { return {user, store.revision()}; }

  Backend backend = Backend::create();
  AuthStore store;
};

TEST_F(AuthStoreTest, EachChangeRaisesTheRevisionByOne) {
  EXPECT_EQ(store.revision(), 1U);
  add_user("u", "pw");
  EXPECT_EQ(store.revision(), 2U);
  ASSERT_TRUE(store.add_role(backend, "r"));
  ASSERT_TRUE(store.grant_role(backend, "u", "r"));
  EXPECT_EQ(store.revision(), 4U);
  ASSERT_TRUE(store.grant_role(backend, "u", "r")) << "granting again succeeds";
  EXPECT_EQ(store.revision(), 4U) << "and changes nothing";
  grant("r", rpc::PermissionType::Read, "k");
  grant("r", rpc::PermissionType::Read, "k");
  EXPECT_EQ(store.revision(), 6U) << "the same permission again is counted";
  ASSERT_TRUE(store.delete_role(backend, "r"));
  EXPECT_EQ(store.revision(), 7U);
  EXPECT_TRUE(store.get_user("u")->roles.empty());
}

TEST_F(AuthStoreTest, EnablingNeedsRootInItsRole) {
  EXPECT_EQ(store.enable(backend).error().code, Errc::RootUserNotExist);
  add_user("root", "root");
  EXPECT_EQ(store.enable(backend).error().code, Errc::RootRoleNotExist);
  ASSERT_TRUE(store.grant_role(backend, "root", "root"));
  const std::uint64_t before = store.revision();
  ASSERT_TRUE(store.enable(backend));
  EXPECT_EQ(store.revision(), before) << "enabling is no change of permissions";
  store.disable(backend);
  EXPECT_EQ(store.revision(), before + 1);
}

TEST_F(AuthStoreTest, RootCannotBeTakenApartWhileAuthIsOn) {
  make_root();
  EXPECT_EQ(store.delete_user(backend, "root").error().code, Errc::InvalidAuthMgmt);
  EXPECT_EQ(store.delete_role(backend, "root").error().code, Errc::InvalidAuthMgmt);
  EXPECT_EQ(store.revoke_role(backend, "root", "root").error().code, Errc::InvalidAuthMgmt);
  store.disable(backend);
  EXPECT_TRUE(store.delete_user(backend, "root"));
}

TEST_F(AuthStoreTest, WhatIsNotThereIsNamed) {
  EXPECT_EQ(store.delete_user(backend, "u").error().code, Errc::UserNotFound);
  EXPECT_EQ(store.get_role("r").error().code, Errc::RoleNotFound);
  EXPECT_EQ(store.add_role(backend, "").error().code, Errc::RoleEmpty);
  EXPECT_EQ(store.add_user(backend, {}, "").error().code, Errc::UserEmpty);
  add_user("u", "pw");
  EXPECT_EQ(store.add_user(backend, {"u", "", std::nullopt, ""}, "").error().code,
            Errc::UserAlreadyExist);
  EXPECT_EQ(store.grant_role(backend, "u", "r").error().code, Errc::RoleNotFound);
  EXPECT_EQ(store.revoke_role(backend, "u", "r").error().code, Errc::RoleNotGranted);
  ASSERT_TRUE(store.add_role(backend, "r"));
  EXPECT_EQ(store.add_role(backend, "r").error().code, Errc::RoleAlreadyExist);
  EXPECT_EQ(store.revoke_permission(backend, {"r", Blob("k"), Blob()}).error().code,
            Errc::PermissionNotGranted);
  EXPECT_EQ(store.grant_permission(backend, {"r", std::nullopt}).error().code,
            Errc::PermissionNotGiven);
}

TEST_F(AuthStoreTest, PermissionsOfSeveralRolesJoin) {
  make_root();
  add_user("u", "pw");
  for (const char* role : {"low", "high"}) {
    ASSERT_TRUE(store.add_role(backend, role));
    ASSERT_TRUE(store.grant_role(backend, "u", role));
  }
  grant("low", rpc::PermissionType::Read, "a", "m");
  grant("high", rpc::PermissionType::ReadWrite, "m", "z");
  EXPECT_TRUE(store.may_read(now("u"), "c", "q"));
  EXPECT_EQ(store.may_write(now("u"), "c", "q").error().code, Errc::PermissionDenied);
  EXPECT_TRUE(store.may_write(now("u"), "n", ""));
  ASSERT_TRUE(store.delete_role(backend, "high"));
  EXPECT_EQ(store.may_read(now("u"), "c", "q").error().code, Errc::PermissionDenied);
  EXPECT_TRUE(store.may_read(now("u"), "c", ""));
}

TEST_F(AuthStoreTest, AnOldAuthRevisionIsRefusedForDataAndNotForUsers) {
  make_root();
  const AuthInfo root = now("root");
  add_user("u", "pw");
  EXPECT_EQ(store.may_write(root, "k", "").error().code, Errc::AuthOldRevision);
  EXPECT_TRUE(store.may_administer(root));
  EXPECT_TRUE(store.may_write(now("root"), "k", ""));
  EXPECT_EQ(store.may_write({}, "k", "").error().code, Errc::UserEmpty);
  EXPECT_EQ(store.may_administer({}).error().code, Errc::UserEmpty);
  EXPECT_EQ(store.may_administer(now("u")).error().code, Errc::PermissionDenied);
  EXPECT_EQ(store.may_administer(now("nobody")).error().code, Errc::PermissionDenied);
}

TEST_F(AuthStoreTest, ATransactionNeedsBothItsBranches) {
  make_root();
  add_user("u", "pw");
  ASSERT_TRUE(store.add_role(backend, "r"));
  ASSERT_TRUE(store.grant_role(backend, "u", "r"));
  grant("r", rpc::PermissionType::Write, "w");
  rpc::TxnRequest txn;
  rpc::PutRequest put;
  put.key = Blob("w");
  txn.success.push_back({put});
  EXPECT_TRUE(store.may_txn(now("u"), txn));
  rpc::RangeRequest range;
  range.key = Blob("w");
  txn.failure.push_back({range});
  EXPECT_EQ(store.may_txn(now("u"), txn).error().code, Errc::PermissionDenied);
  txn.failure.clear();
  rpc::Compare compare;
  compare.key = Blob("w");
  txn.compare.push_back(compare);
  EXPECT_EQ(store.may_txn(now("u"), txn).error().code, Errc::PermissionDenied);
  txn.compare.clear();
  std::get<rpc::PutRequest>(txn.success[0].request).prev_kv = true;
  EXPECT_EQ(store.may_txn(now("u"), txn).error().code, Errc::PermissionDenied);
}

TEST_F(AuthStoreTest, InvertedRangesAreRefusedFromVersion35On) {
  ASSERT_TRUE(store.add_role(backend, "r"));
  const rpc::AuthRoleGrantPermissionRequest inverted{
      "r", rpc::Permission{rpc::PermissionType::Read, Blob("b"), Blob("a")}};
  EXPECT_EQ(store.grant_permission(backend, inverted).error().code, Errc::InvalidAuthMgmt);
  grant("r", rpc::PermissionType::Read, "b", BytesView("\0", 1));
  Rules rules;
  rules.checks_ranges = false;
  AuthStore old(rules);
  ASSERT_TRUE(old.restore(backend));
  EXPECT_TRUE(old.grant_permission(backend, inverted));
  store = old;
}

TEST_F(AuthStoreTest, PasswordsAreChecked) {
  EXPECT_EQ(store.check_password("root", "root").error().code, Errc::AuthNotEnabled);
  make_root();
  EXPECT_EQ(store.check_password("root", "root"), store.revision());
  EXPECT_EQ(store.check_password("root", "wrong").error().code, Errc::AuthFailed);
  EXPECT_EQ(store.check_password("nobody", "pw").error().code, Errc::AuthFailed);
}

TEST_F(AuthStoreTest, TokensEndWithTheUserThePasswordAndAuthItself) {
  make_root();
  add_user("u", "pw");
  const auto token = store.assign_token("u", "abcdefghijklmnop", 7, Nanos(0));
  ASSERT_EQ(token, "abcdefghijklmnop.7");
  EXPECT_EQ(store.info_of(*token, seconds(1)), now("u"));
  ASSERT_TRUE(store.change_password(backend, "u", "x"));
  EXPECT_FALSE(store.info_of(*token, seconds(1)));
  ASSERT_TRUE(store.assign_token("u", "b", 8, Nanos(0)));
  ASSERT_TRUE(store.delete_user(backend, "u"));
  EXPECT_EQ(store.tokens().size(), 0U);
  ASSERT_TRUE(store.assign_token("root", "c", 9, Nanos(0)));
  store.disable(backend);
  EXPECT_EQ(store.tokens().size(), 0U);
}

TEST_F(AuthStoreTest, RestartFindsEverythingButTheTokens) {
  make_root();
  ASSERT_TRUE(store.add_role(backend, "r"));
  grant("r", rpc::PermissionType::ReadWrite, "k");
  ASSERT_TRUE(store.assign_token("root", "c", 9, Nanos(0)));
  AuthStore again;
  ASSERT_TRUE(again.restore(backend));
  EXPECT_TRUE(again.enabled());
  EXPECT_EQ(again.revision(), store.revision());
  EXPECT_EQ(again.get_role("r")->permissions, store.get_role("r")->permissions);
  EXPECT_EQ(again.tokens().size(), 0U);
}

TEST_F(AuthStoreTest, ABentRowIsNamed) {
  Backend bent = Backend::create();
  bent.put(backend::Bucket::AuthUsers, "u", Blob("\x0a"));
  AuthStore other;
  EXPECT_EQ(other.restore(bent).error().detail, "user \"u\": 1 bytes are no message");
}

}  // namespace
}  // namespace orrery::auth
