// Trees print as text and as JSON; any message is read by its table, and no bytes make the reader fall over.
#include "datadir/tree.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "datadir/archive.h"
#include "datadir/identity.h"
#include "datadir/v2_store.h"
#include "datadir/wire_tree.h"

namespace orrery::datadir {
namespace {

TEST(Tree, IsALineOfNamesAndValuesOrAJsonObject) {
  Tree row = object("key");
  row.add(words("revision", "4.1")).add(bytes("value", "a\n")).add(boolean("tombstone", true));
  row.add(integer("version", -1)).add(id("lease", 0xabc));
  Tree inner = list("voters");
  inner.add(id("", 1)).add(id("", 2));
  row.add(std::move(inner));

  EXPECT_EQ(to_text(row),
            "key revision=4.1 value=\"a\\n\" tombstone=true version=-1 lease=abc voters=[1 2]");
  EXPECT_EQ(to_json(row),
            "{\"kind\":\"key\",\"revision\":\"4.1\",\"value\":\"YQo=\",\"tombstone\":true,"
            "\"version\":-1,\"lease\":\"abc\",\"voters\":[\"1\",\"2\"]}");
}

TEST(Tree, JsonInsideStaysJsonOnlyWhenItIsOne) {
  Tree row = object("members");
  row.add(json("value", "{\"id\":1}")).add(json("other", "{broken"));

  EXPECT_EQ(to_json(row), "{\"kind\":\"members\",\"value\":{\"id\":1},\"other\":\"e2Jyb2tlbg==\"}");
}

TEST(WireTree, NamesFieldsOfNestedMessages) {
  // InternalRaftRequest{header{ID 7}, lease_grant{TTL 5, ID 0x10}}
  const Bytes request("\xa2\x06\x02\x08\x07\x42\x04\x08\x05\x10\x10", 11);

  const auto tree = decode_wire("request", request, Schema::Internal);

  ASSERT_TRUE(tree) << tree.error().detail;
  EXPECT_EQ(to_text(*tree), "request header={ID=7} lease_grant={TTL=5 ID=10}");
}

TEST(WireTree, ShowsWhatItDoesNotKnowByNumber) {
  const auto tree = decode_wire("lease", BytesView("\x08\x01\x78\x05", 4), Schema::Lease);

  ASSERT_TRUE(tree);
  EXPECT_EQ(to_text(*tree), "lease ID=1 field 15=5");
}

TEST(WireTree, EveryPrefixAndEveryFlippedBitIsReadOrRefused) {
  const Bytes request("\xa2\x06\x02\x08\x07\x32\x0a\x12\x08\x12\x06\x0a\x01\x61\x12\x01\x62", 17);
  for (std::size_t size = 0; size <= request.size(); ++size) {
    (void)decode_wire("request", BytesView(request).substr(0, size), Schema::Internal);
    for (unsigned bit = 0; size < request.size() && bit < 8; ++bit) {
      Bytes flipped = request;
      flipped[size] = static_cast<char>(flipped[size] ^ static_cast<char>(1U << bit));
      const auto tree = decode_wire("request", flipped, Schema::Internal);
      if (!tree) {
        EXPECT_NE(tree.error().detail.find("at byte"), std::string::npos);
      }
    }
  }
}

TEST(WireTree, NestingHasAnEnd) {
  Bytes request;
  for (int depth = 0; depth < 200; ++depth) {
    Bytes outer = depth % 2 == 0 ? "\x22" : "\x12";
    Bytes size;
    std::size_t rest = request.size();
    for (; rest >= 0x80; rest >>= 7U) size.push_back(static_cast<char>(rest | 0x80U));
    size.push_back(static_cast<char>(rest));
    request = outer + size + request;
  }

  EXPECT_FALSE(decode_wire("txn", request, Schema::Txn));
}

TEST(V2Store, GivesBackTheMembersItWasMadeOf) {
  const std::vector<MemberInfo> members = {
      {.id = NodeId(0x10), .name = "a", .peer_urls = {"http://a:1"}, .client_urls = {"http://a:2"}},
      {.id = NodeId(0xff),
       .name = "",
       .peer_urls = {"http://b:1"},
       .client_urls = {},
       .is_learner = true}};

  const auto read = read_v2_members(encode_v2_store(members, "3.4.0"));

  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(*read, members);
  EXPECT_TRUE(read_v2_members(encode_v2_store({}, ""))->empty());
  EXPECT_FALSE(read_v2_members("{}"));
  EXPECT_FALSE(read_v2_members("no json"));
}

TEST(Identity, IdsAreThoseEtcdDerives) {
  // As a running etcd 3.4.23 chose them.
  const NodeId member = member_id({"http://127.0.0.1:41380"}, "etcd-cluster");
  EXPECT_EQ(member, NodeId(17010963214147749224U));
  EXPECT_EQ(cluster_id({member}), 16128400632968936350U);
}

TEST(Archive, ADiskComesOutAsItWentIn) {
  disk::Disk disk;
  disk.install("member/snap/db", Bytes(5000, 'x'));
  ASSERT_TRUE(disk.create("member/wal/a.wal"));
  ASSERT_TRUE(disk.preallocate("member/wal/a.wal", 64'000'000));
  ASSERT_TRUE(disk.write("member/wal/a.wal", 9000, "in the middle"));

  const Bytes archive = pack(disk);
  const auto again = unpack(archive);

  EXPECT_LT(archive.size(), 7000U);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->paths(), disk.paths());
  for (const std::string& path : disk.paths()) {
    EXPECT_EQ(again->size(path), disk.size(path));
    EXPECT_EQ(again->stored_size(path), disk.stored_size(path));
    EXPECT_EQ(again->read(path, 0, 20000), disk.read(path, 0, 20000));
  }
  EXPECT_EQ(unbase64(base64(archive)), archive);
}

TEST(Archive, EveryPrefixIsRefused) {
  disk::Disk disk;
  disk.install("a", "some bytes");
  disk.install("b", "more");
  const Bytes archive = pack(disk);
  const Bytes one = archive.substr(0, archive.size() / 2);

  for (std::size_t size = 1; size < archive.size(); ++size) {
    const auto cut = unpack(BytesView(archive).substr(0, size));
    if (cut) {
      EXPECT_EQ(cut->paths(), std::vector<std::string>{"a"});
    }
  }
  EXPECT_FALSE(unbase64("a b"));
}

}  // namespace
}  // namespace orrery::datadir
