// Layout arithmetic, without a window.
#include <gtest/gtest.h>

#include "gui/cluster_geometry.h"
#include "gui/views.h"

namespace orrery::gui {
namespace {

TEST(ClusterGeometry, MembersStandApartInsideTheRoom) {
  for (const QSizeF room :
       {QSizeF(380, 400), QSizeF(640, 360), QSizeF(1000, 700), QSizeF(1800, 1100)}) {
    for (std::size_t members = 1; members <= 7; ++members) {
      const auto geometry = lay_out_cluster(members, 2, room, Metrics{});
      ASSERT_EQ(geometry.members.size(), members);
      for (std::size_t a = 0; a < members; ++a) {
        EXPECT_TRUE(geometry.room.contains(geometry.members[a])) << members << " members";
        for (std::size_t b = a + 1; b < members; ++b) {
          EXPECT_FALSE(geometry.members[a].intersects(geometry.members[b]))
              << members << " members in " << room.width();
        }
      }
    }
  }
}

TEST(ClusterGeometry, InRowsClientsCoverNobody) {
  const auto geometry = lay_out_cluster(5, 2, QSizeF(400, 400), Metrics{});
  ASSERT_EQ(geometry.clients.size(), 2U);
  EXPECT_FALSE(geometry.clients[0].intersects(geometry.clients[1]));
  for (const QRectF& client : geometry.clients) {
    EXPECT_TRUE(geometry.room.contains(client));
    for (const QRectF& member : geometry.members) EXPECT_FALSE(client.intersects(member));
  }
}

TEST(ClusterGeometry, TheTwoDirectionsOfALinkDoNotMeet) {
  const auto geometry = lay_out_cluster(3, 0, QSizeF(900, 500), Metrics{});
  for (std::size_t a = 0; a < 3; ++a) {
    const QRectF& one = geometry.members[a];
    const QRectF& two = geometry.members[(a + 1) % 3];
    for (const QRectF& there : geometry.chips(geometry.link(one, two), 3)) {
      for (const QRectF& back : geometry.chips(geometry.link(two, one), 3)) {
        EXPECT_FALSE(there.intersects(back));
      }
    }
  }
}

TEST(ClusterGeometry, ChipsOfOneQueueDoNotOverlapAndFoldBeyondSix) {
  const auto geometry = lay_out_cluster(3, 0, QSizeF(1600, 900), Metrics{});
  const auto chips = geometry.chips(geometry.link(geometry.members[1], geometry.members[2]), 40);
  EXPECT_LE(chips.size(), 6U);
  EXPECT_GE(chips.size(), 2U);
  for (std::size_t i = 1; i < chips.size(); ++i) EXPECT_FALSE(chips[i].intersects(chips[i - 1]));
}

TEST(ClusterGeometry, TheNextToArriveStandsNearestToItsAddressee) {
  const auto geometry = lay_out_cluster(2, 0, QSizeF(1200, 400), Metrics{});
  const QLineF link = geometry.link(geometry.members[0], geometry.members[1]);
  const auto chips = geometry.chips(link, 3);
  ASSERT_EQ(chips.size(), 3U);
  EXPECT_GT(chips[0].center().x(), chips[1].center().x());
}

TEST(TimelineGeometry, PositionsAndPixelsAreInverse) {
  for (const std::size_t length : {1U, 40U, 399U, 5'000U}) {
    const auto geometry = lay_out_timeline(length, length / 2, QSizeF(1200, 100), Metrics{});
    for (std::size_t at = geometry.first; at <= geometry.last; at += 1 + length / 37) {
      const std::size_t found = geometry.position_at(geometry.x_of(at));
      EXPECT_EQ(found, at);
    }
  }
}

TEST(TimelineGeometry, FarTooManyStepsShowTheCursorsSurroundings) {
  const auto geometry = lay_out_timeline(10'000'000, 7'000'000, QSizeF(1200, 100), Metrics{});
  EXPECT_LT(geometry.first, 7'000'000U);
  EXPECT_GT(geometry.last, 7'000'000U);
  EXPECT_LT(geometry.last - geometry.first, 100'000U);
}

TEST(TimelineGeometry, OutsideTheTrackIsItsEnd) {
  const auto geometry = lay_out_timeline(100, 0, QSizeF(1200, 100), Metrics{});
  EXPECT_EQ(geometry.position_at(-500), 0U);
  EXPECT_EQ(geometry.position_at(99'999), 100U);
}

}  // namespace
}  // namespace orrery::gui
