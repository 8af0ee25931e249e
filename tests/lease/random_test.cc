// Random grants, renewals, attachments, revocations and changes of the primary beside a plain model.
#include <map>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "base/text.h"
#include "lease/lessor.h"

namespace orrery::lease {
namespace {

struct Plain {
  std::int64_t ttl = 0;
  std::int64_t ends = 0;  // seconds; meaningless without a primary
};

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : seed_(seed) {}

  void step() {
    switch (pick(8)) {
      case 0: return grant();
      case 1: return renew();
      case 2: return revoke();
      case 3:
      case 4: return attach();
      case 5: now_ += static_cast<std::int64_t>(pick(4)); return;
      case 6: return change_primary();
      default: return expire();
    }
  }

  void agree() {
    ASSERT_TRUE(violations(lessor_).empty()) << violations(lessor_).front().sentence;
    ASSERT_EQ(lessor_.leases().size(), plain_.size());
    for (const auto& [key, id] : keys_) EXPECT_EQ(lessor_.lease_of(Blob(key)), id) << key;
    ASSERT_EQ(lessor_.items().size(), keys_.size());
    const Lessor copy = lessor_;
    EXPECT_EQ(digest_of(copy), digest_of(lessor_));
  }

  void agree_with_rows() {
    std::vector<std::pair<Blob, LeaseId>> attached;
    for (const auto& [key, id] : keys_) attached.emplace_back(Blob(key), id);
    Lessor again;
    ASSERT_TRUE(again.restore(backend_, attached));
    lessor_.demote();
    EXPECT_EQ(again, lessor_);
  }

 private:
  std::uint64_t pick(std::uint64_t bound) {
    return below(draw(seed_, Purpose::TestData, 0, ++counter_), bound);
  }

  LeaseId any_id() { return LeaseId(static_cast<std::int64_t>(1 + pick(8))); }

  void grant() {
    const LeaseId id = any_id();
    const auto ttl = static_cast<std::int64_t>(pick(20));
    const bool expected = !plain_.contains(id);
    ASSERT_EQ(lessor_.may_grant(id, ttl).has_value(), expected);
    if (!expected) return;
    const std::int64_t got = lessor_.grant(backend_, id, ttl, seconds(now_));
    EXPECT_EQ(got, std::max<std::int64_t>(2, ttl));
    plain_[id] = {.ttl = got, .ends = now_ + got};
  }

  void renew() {
    const LeaseId id = any_id();
    const bool expected = primary_ && plain_.contains(id);
    ASSERT_EQ(lessor_.finish_renew(id, seconds(now_)).has_value(), expected);
    if (expected) plain_[id].ends = now_ + plain_[id].ttl;
  }

  void revoke() {
    const LeaseId id = any_id();
    if (!plain_.contains(id)) return;
    std::vector<Blob> expected;
    for (const auto& [key, holder] : keys_) {
      if (holder == id) expected.emplace_back(key);
    }
    EXPECT_EQ(lessor_.keys_of(id), expected);
    lessor_.erase(backend_, id);
    plain_.erase(id);
    std::erase_if(keys_, [&](const auto& item) { return item.second == id; });
  }

  void attach() {
    const std::string key(1, static_cast<char>('a' + pick(6)));
    const LeaseId id = any_id();
    const bool known = plain_.contains(id);
    lessor_.attach(Blob(key), known ? id : LeaseId(0));
    if (known) {
      keys_[key] = id;
    } else {
      keys_.erase(key);
    }
  }

  void change_primary() {
    primary_ = pick(2) == 0;
    if (!primary_) return lessor_.demote();
    lessor_.promote(seconds(now_), seconds(1));
    for (auto& [id, lease] : plain_) lease.ends = now_ + lease.ttl + 1;
  }

  void expire() {
    for (const LeaseId id : lessor_.take_expired(seconds(now_))) {
      ASSERT_TRUE(primary_);
      EXPECT_LE(plain_.at(id).ends, now_) << "lease " << id.value() << " ends early";
    }
  }

  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
  std::int64_t now_ = 0;
  bool primary_ = false;
  Backend backend_ = Backend::create();
  Lessor lessor_;
  std::map<LeaseId, Plain> plain_;
  std::map<std::string, LeaseId> keys_;
};

TEST(RandomLeases, AgreeWithAPlainModel) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Walk walk(seed);
    for (int i = 0; i < 300; ++i) {
      walk.step();
      ASSERT_NO_FATAL_FAILURE(walk.agree()) << text("seed {} step {}", seed, i);
    }
    walk.agree_with_rows();
  }
}

}  // namespace
}  // namespace orrery::lease
