// Claims that compare members are shown to fail: one member's disk is changed by one bit while it is down.
#include <string>

#include <gtest/gtest.h>

#include "check/world_checks.h"
#include "datadir/archive.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using testing::caught_up;
using testing::elected;
using testing::put;

constexpr const char* kDb = "member/snap/db";

// What a crash would leave of the store, when nothing of it waits for its fsync.
Bytes store_of(const World& world, std::uint32_t no) {
  const disk::Disk& disk = world.member(no).disk();
  for (const auto& [path, pieces] : disk.unsynced()) {
    if (path == kDb) return {};
  }
  return disk.read_all(kDb).value_or(Bytes());
}

// One bit of the byte `distance` behind the beginning of each such place in n3's store.
Install damaged(const World& world, std::string_view place, std::size_t distance) {
  disk::Disk disk = world.member(3).disk();
  const Bytes store = store_of(world, 3);
  EXPECT_NE(store.find(place), Bytes::npos);
  for (std::size_t at = store.find(place); at != Bytes::npos; at = store.find(place, at + 1)) {
    EXPECT_TRUE(disk.flip_bit(kDb, at + distance, 0));
  }
  return {.member = 3, .archive = Blob(datadir::pack(disk))};
}

// n3 stops, finds its store changed, and comes back.
class DamagedMember : public ::testing::Test {
 protected:
  void perform(const Action& action) {
    const World before = world_;
    ASSERT_TRUE(world_.perform(action));
    const Violations more = checks_.observe(before, world_);
    found_.insert(found_.end(), more.begin(), more.end());
  }

  // Until what was asked is in the stores of all members.
  void settle(std::string_view place) {
    for (int i = 0; i < 400'000 && !is_stored(place); ++i) perform(*world_.next());
    ASSERT_TRUE(is_stored(place));
  }

  bool is_stored(std::string_view place) const {
    for (std::uint32_t no = 1; no <= 3; ++no) {
      if (store_of(world_, no).find(place) == Bytes::npos) return false;
    }
    return caught_up(world_);
  }

  void come_back_changed(std::string_view place, std::size_t distance) {
    perform(Crash{3, {}});
    perform(damaged(world_, place, distance));
    perform(Restart{3});
    for (int i = 0; i < 20'000 && !(world_.member(3).up() && caught_up(world_)); ++i) {
      perform(*world_.next());
    }
    ASSERT_TRUE(world_.member(3).up());
  }

  bool has(const Violations& violations, std::string_view claim) const {
    for (const Violation& one : violations) {
      if (one.claim == claim && one.sentence.find("n3") != std::string::npos) return true;
    }
    return false;
  }

  World world_ = elected();
  checks::WorldChecks checks_;
  Violations found_;
};

TEST_F(DamagedMember, AChangedValueIsFoundByItsHash) {
  perform(put("k", "a-value-worth-keeping"));
  settle("a-value-worth-keeping");
  EXPECT_TRUE(checks::state_violations(world_).empty());

  come_back_changed("a-value-worth-keeping", 2);

  EXPECT_TRUE(has(checks::state_violations(world_), "HashesAgree"));
}

TEST_F(DamagedMember, AChangedAuthRevisionIsFoundAtItsIndex) {
  rpc::AuthUserAddRequest request;
  request.name = "carol-of-the-test";
  request.options = rpc::UserAddOptions{.no_password = true};
  perform(Submit{1, client::BeginCall{.line = "user add carol-of-the-test",
                                      .via = 0,
                                      .request = rpc::Request(rpc::AuthRequest(request))}});
  settle("carol-of-the-test");
  EXPECT_FALSE(has(found_, "AuthRevEq"));

  come_back_changed("authRevision", 12 + 7);

  EXPECT_TRUE(has(found_, "AuthRevEq"));
}

}  // namespace
}  // namespace orrery::sim
