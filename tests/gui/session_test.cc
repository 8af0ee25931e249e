// The session: one cursor, one door for acts, and what it works out once.
#include "gui/session.h"

#include <QSignalSpy>
#include <gtest/gtest.h>

#include "tests/gui/application.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override { testing::application(); }

  Session session_;
};

TEST_F(SessionTest, EveryActIsEchoed) {
  session_.step();
  ASSERT_FALSE(session_.console().empty());
  EXPECT_EQ(session_.console().front().kind, ConsoleLine::Kind::Command);
  EXPECT_EQ(session_.console().front().text, u"step phase"_s);
}

TEST_F(SessionTest, ALineThatCannotBeReadIsAnErrorAndChangesNothing) {
  const auto before = session_.world();
  EXPECT_FALSE(session_.execute(u"stop it"_s));
  EXPECT_EQ(session_.console().back().kind, ConsoleLine::Kind::Error);
  EXPECT_EQ(session_.world(), before);
}

TEST_F(SessionTest, TheBaseIsTheWorldBeforeTheLastStep) {
  session_.execute(u"step 5"_s);
  const auto before = session_.world();
  session_.step();
  EXPECT_EQ(session_.base(), before);
  session_.step();
  session_.back();
  EXPECT_EQ(session_.base(), before);
}

TEST_F(SessionTest, SignalsTellOfCursorAndHistory) {
  QSignalSpy cursor(&session_, &Session::cursor_moved);
  QSignalSpy history(&session_, &Session::history_changed);
  session_.step();
  session_.back();
  EXPECT_EQ(cursor.count(), 2);
  EXPECT_EQ(history.count(), 1);
}

TEST_F(SessionTest, ActingInThePastBeginsABranchAndKeepsTheOldLine) {
  session_.execute(u"step 30"_s);
  session_.execute(u"jump 10"_s);
  session_.execute(u"crash n2"_s);
  EXPECT_EQ(session_.timeline().branches().size(), 2U);
  EXPECT_EQ(session_.timeline().branches()[0].length(), 30U);
  EXPECT_EQ(session_.steps().marks().size(), 11U);
  session_.execute(u"switch main"_s);
  EXPECT_EQ(session_.steps().marks().size(), 30U);
}

TEST_F(SessionTest, WhyNamesTheDecidingGuardAndItsPlace) {
  session_.execute(u"until leader != none within 5s"_s);
  const Why& why = session_.why();
  ASSERT_GE(why.deciding, 0);
  const GuardRecord& guard = why.guards[static_cast<std::size_t>(why.deciding)];
  EXPECT_FALSE(guard.claim.empty());
  EXPECT_TRUE(guard.file.starts_with("core/"));
  EXPECT_GT(guard.line, 0U);
}

TEST_F(SessionTest, DownSpansCoverCrashToRestart) {
  session_.execute(u"step 12"_s);
  session_.execute(u"crash n2"_s);
  session_.execute(u"step 3"_s);
  session_.execute(u"restart n2"_s);
  const auto spans = session_.steps().down_spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0], (DownSpan{2, 12, 16}));
}

TEST_F(SessionTest, APartOfALabIsOneActForTheBase) {
  ASSERT_TRUE(session_.open_lab(testing::lab_path("02-crash-and-cut")));
  for (int part = 0; part < 6 && !session_.lab().is_over(); ++part) {
    if (session_.lab().waits_for_answer()) session_.answer_lab(1);
    const auto before = session_.world();
    const std::size_t from = session_.position();
    ASSERT_TRUE(session_.continue_lab());
    if (session_.position() <= from) continue;
    EXPECT_EQ(session_.base(), before);
  }
  EXPECT_GT(session_.position(), 0U);
}

TEST_F(SessionTest, APinnedBaseStays) {
  session_.execute(u"step 5"_s);
  session_.pin_base();
  const auto pinned = session_.base();
  session_.execute(u"step 20"_s);
  EXPECT_EQ(session_.base(), pinned);
  session_.unpin_base();
  EXPECT_NE(session_.base(), pinned);
}

TEST_F(SessionTest, ALabThatIsNotThereIsAnErrorWithItsPath) {
  const auto opened = session_.open_lab(u"/nowhere/at-all"_s);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("/nowhere/at-all"), std::string::npos);
}

}  // namespace
}  // namespace orrery::gui
