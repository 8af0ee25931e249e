// What the tables of members, leases, users, clients and evidence say, from worlds made by commands.
#include <algorithm>

#include <gtest/gtest.h>

#include "gui/checks.h"
#include "gui/picture_panel.h"
#include "gui/session.h"
#include "gui/views.h"
#include "tests/gui/application.h"
#include "tests/gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

class ServiceViews : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { gui::testing::application(); }

  void type(const QStringList& lines) {
    for (const QString& line : lines) ASSERT_TRUE(session_.execute(line)) << line.toStdString();
  }

  void elect() { type({u"cluster 3"_s, u"until leader != none"_s, u"settle"_s}); }

  Picture drawn(Picture (*draw)(const Scene&), std::uint32_t member = 1) {
    const QSizeF room(1200, 800);
    Scene scene = scene_of(session_, theme_, room, QRectF(QPointF(), room));
    scene.member = member;
    return draw(scene);
  }

  Picture members() {
    const QSizeF room(1200, 800);
    return draw_members_table(scene_of(session_, theme_, room, QRectF(QPointF(), room)),
                              session_.series());
  }

  static QString row_of(const Picture& picture, const QString& beginning) {
    for (const QString& line : picture.text_twin().split(u'\n')) {
      if (line.startsWith(beginning)) return line;
    }
    return {};
  }

  std::uint32_t leader() {
    for (std::uint32_t no = 1; no <= 3; ++no) {
      if (session_.world().member(no).running().raft.is_leader()) return no;
    }
    return 0;
  }

  Session session_;
  Theme theme_;
};

TEST_F(ServiceViews, SamplesTellWhenMembersWereApart) {
  elect();
  const QString behind = u"n%1"_s.arg(leader() % 3 + 1);
  type({u"hold %1 apply"_s.arg(behind)});
  for (int i = 0; i < 6; ++i) type({u"put key%1 v"_s.arg(i)});
  type({u"run 2s"_s, u"release %1 apply"_s.arg(behind), u"run 1s"_s});

  const Series& series = session_.series();

  const auto alarmed = alerts(series, &Figures::keys);
  ASSERT_FALSE(alarmed.empty());
  EXPECT_NE(std::ranges::find(alarmed, true), alarmed.end());
  EXPECT_FALSE(alarmed.back());
  EXPECT_EQ(spread(series.samples.back(), &Figures::keys), 0U);
  EXPECT_LE(series.samples.size(), kMostSamples);
  EXPECT_TRUE(members().text_twin().contains(u"alert"_s));

  Sampler anew;
  EXPECT_EQ(anew.update(session_.timeline()).samples, series.samples);
  type({u"jump 20"_s});
  Sampler early;
  EXPECT_EQ(early.update(session_.timeline()).samples.back().position,
            session_.series().samples.back().position);
}

TEST_F(ServiceViews, ACallShowsWhenItTookEffect) {
  elect();
  type({u"put hello world1"_s, u"get hello"_s});

  const QString said = drawn(draw_clients).text_twin();

  EXPECT_EQ(said.count(u"took effect at"_s), 2) << said.toStdString();
  EXPECT_FALSE(said.contains(u"not linearizable"_s));
}

TEST_F(ServiceViews, MembersAreComparedAndWhatDiffersIsMarked) {
  elect();
  EXPECT_FALSE(row_of(members(), u"n n1"_s).contains(u'\u2260'));
  const QString behind = u"n%1"_s.arg(leader() % 3 + 1);

  type({u"hold %1 apply"_s.arg(behind), u"put hello world1"_s, u"run 500ms"_s});

  const Picture picture = members();
  const QString row = row_of(picture, u"n "_s + behind);
  EXPECT_TRUE(row.contains(u"revision \u2260 "_s)) << picture.text_twin().toStdString();
  EXPECT_FALSE(row.contains(u"term \u2260 "_s));
}

TEST_F(ServiceViews, LeasesShowTheirTimeTheirKeysAndWhoMayEndThem) {
  elect();
  EXPECT_TRUE(names(drawn(draw_leases), u"No lease yet"_s));
  type({u"lease grant 30"_s});
  const auto id = session_.world().member(leader()).running().lessor.leases().first()->first;
  type({u"put k v --lease=%1"_s.arg(id.value(), 0, 16), u"settle"_s});

  const Picture primary = drawn(draw_leases, leader());
  const Picture other = drawn(draw_leases, leader() % 3 + 1);

  EXPECT_TRUE(names(primary, u"is the primary lessor"_s));
  EXPECT_TRUE(names(primary, u"granted 30 s"_s));
  EXPECT_TRUE(names(primary, u"keys k"_s));
  EXPECT_TRUE(names(other, u"for ever here"_s));
}

TEST_F(ServiceViews, AuthShowsRevisionsRolesAndTheRangesTheyComeTo) {
  elect();
  EXPECT_TRUE(names(drawn(draw_auth), u"No user and no role yet"_s));
  type({u"user add root:secret"_s, u"user add alice:wonder"_s, u"role add root"_s,
        u"role add app"_s, u"role grant-permission app readwrite a c"_s,
        u"role grant-permission app read c e"_s, u"user grant-role root root"_s,
        u"user grant-role alice app"_s, u"auth enable"_s, u"settle"_s});

  const Picture picture = drawn(draw_auth);

  EXPECT_TRUE(names(picture, u"auth enabled"_s));
  EXPECT_TRUE(row_of(picture, u"user alice"_s).contains(u"may write [a, c)"_s))
      << picture.text_twin().toStdString();
  EXPECT_TRUE(row_of(picture, u"user root"_s).contains(u"may write everything"_s));
  EXPECT_TRUE(row_of(picture, u"role app"_s).contains(u"read [c, e)"_s));
  EXPECT_FALSE(names(picture, u"\u2260"_s));
}

TEST_F(ServiceViews, ClientsShowCallsFromInvocationToReturn) {
  elect();
  EXPECT_TRUE(names(drawn(draw_clients), u"Nobody has called yet"_s));
  type({u"put hello world1"_s, u"watch hello --name=w1"_s, u"put hello world2 &"_s});

  const Picture picture = drawn(draw_clients);

  EXPECT_TRUE(names(picture, u"put hello world1  \u2192 ok, rev 2"_s))
      << picture.text_twin().toStdString();
  EXPECT_TRUE(names(picture, u"put hello world2  \u2192 waits"_s));
  EXPECT_TRUE(names(picture, u"w1"_s));
}

TEST_F(ServiceViews, HashesOfPasswordsAreNotForReading) {
  elect();
  type({u"user add root:secret"_s, u"role list"_s});

  const Picture picture = drawn(draw_clients);

  EXPECT_TRUE(names(picture, u"\u2022\u2022\u2022"_s)) << picture.text_twin().toStdString();
  EXPECT_FALSE(names(picture, u"$2a$"_s));
}

TEST_F(ServiceViews, AMemberThatWasRemovedIsNoFailure) {
  elect();
  const std::uint32_t out = leader() % 3 + 1;
  const auto id = session_.world().member(out).id();
  type({u"run 6s"_s,
        u"member remove %1 --endpoints=n%2"_s.arg(QString::number(id.value(), 16)).arg(leader()),
        u"run 3s"_s});
  ASSERT_EQ(session_.world().member(out).status(), server::Status::Panicked);

  EXPECT_TRUE(row_of(members(), u"n n%1"_s.arg(out)).contains(u"removed"_s));
  HashCache hashes;
  for (const CheckLight& light : check_lights(session_.world(), hashes)) {
    EXPECT_EQ(light.state, CheckLight::State::Holds) << light.name.toStdString();
  }
}

TEST_F(ServiceViews, EvidenceTellsWhoHasAWrite) {
  elect();
  const std::uint32_t behind = leader() % 3 + 1;
  type({u"hold n%1 apply"_s.arg(behind), u"put hello world1 --via=n%1"_s.arg(leader()),
        u"run 500ms"_s});

  const Picture picture = drawn(draw_evidence);

  const QString row = row_of(picture, u"revision 2"_s);
  EXPECT_TRUE(row.contains(u"n%1 not yet"_s.arg(behind))) << picture.text_twin().toStdString();
  EXPECT_EQ(row.count(u'\u2713'), 2);
  EXPECT_TRUE(names(picture, u"A reader that moves from member to member asks for hello"_s));
  EXPECT_TRUE(row_of(picture, u"hypothesis The members agreed on different entries"_s)
                  .contains(u"now equal"_s));
}

TEST_F(ServiceViews, EvidenceOfACompactedWriteSaysSo) {
  elect();
  type({u"put hello world1"_s, u"put hello world2"_s, u"settle"_s});
  EXPECT_EQ(row_of(drawn(draw_evidence), u"revision 2"_s).count(u'\u2713'), 3);

  type({u"compact 3"_s, u"settle"_s});

  EXPECT_EQ(row_of(drawn(draw_evidence), u"revision 2"_s).count(u"compacted"_s), 3);
  EXPECT_EQ(row_of(drawn(draw_evidence), u"revision 3"_s).count(u'\u2713'), 3);
}

}  // namespace
}  // namespace orrery::gui
