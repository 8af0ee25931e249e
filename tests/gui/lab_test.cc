// The labs played in the window from their first words to their last, by keyboard alone.
#include <algorithm>

#include <QtTest>
#include <gtest/gtest.h>

#include "gui/console_panel.h"
#include "gui/lab_panel.h"
#include "gui/main_window.h"
#include "gui/next_steps_panel.h"
#include "tests/gui/application.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

class LabTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { testing::application(); }
};

QString errors_of(const Session& session) {
  QString out;
  for (const ConsoleLine& line : session.console()) {
    if (line.kind == ConsoleLine::Kind::Error) out = out + line.text + u"\n"_s;
  }
  return out;
}

TEST_P(LabTest, IsPlayedToItsEndByKeys) {
  Session session;
  ASSERT_TRUE(session.open_lab(testing::lab_path(GetParam())));
  MainWindow window(&session, Theme());
  window.resize(1280, 800);
  window.show();
  window.next_steps()->view()->setFocus();
  for (int presses = 0; presses < 200 && !session.lab().is_over(); ++presses) {
    const bool asks = session.lab().waits_for_answer();
    const std::uint32_t right = asks ? session.lab().question->right : 0;
    const int code = asks ? Qt::Key_A + static_cast<int>(right) - 1 : static_cast<int>(Qt::Key_L);
    QTest::keyClick(window.next_steps()->view(), static_cast<Qt::Key>(code));
    QCoreApplication::processEvents();
    ASSERT_NE(session.lab().said, u"The scenario stopped: the console says why."_s)
        << errors_of(session).toStdString();
  }
  EXPECT_TRUE(session.lab().is_over());
  EXPECT_EQ(session.lab().asked, session.lab().right);
  EXPECT_GE(session.lab().asked, 3U);
  EXPECT_FALSE(window.lab()->words()->text().isEmpty());
  for (const CheckLight& light : session.checks()) {
    EXPECT_NE(light.state, CheckLight::State::Broken) << light.name.toStdString();
  }
}

class AnyLabTest : public LabTest {};

TEST_P(AnyLabTest, AQuestionStopsTheScenarioUntilItIsAnswered) {
  Session session;
  ASSERT_TRUE(session.open_lab(testing::lab_path(GetParam())));
  while (!session.lab().waits_for_answer()) ASSERT_TRUE(session.continue_lab());
  const std::size_t before = session.position();
  EXPECT_FALSE(session.continue_lab());
  EXPECT_EQ(session.position(), before);
  session.answer_lab(1);
  EXPECT_TRUE(session.continue_lab());
}

std::ptrdiff_t choices_shown(const LabPanel& panel) {
  const auto buttons = panel.findChildren<QPushButton*>();
  return std::ranges::count_if(buttons, [&](const QPushButton* button) {
    return button->isVisibleTo(&panel) && button->accessibleName().contains(u")  "_s);
  });
}

// Also where nothing that is to be deleted later is deleted yet, as between two pictures of a lab.
TEST_P(AnyLabTest, TheChoicesOfTheQuestionAtHandAreShownAndNoOthers) {
  Session session;
  ASSERT_TRUE(session.open_lab(testing::lab_path(GetParam())));
  MainWindow window(&session, Theme());
  window.show();
  for (int asked = 0; asked < 3;) {
    if (!session.lab().waits_for_answer()) {
      ASSERT_TRUE(session.continue_lab());
      continue;
    }
    const auto choices = static_cast<std::ptrdiff_t>(session.lab().question->choices.size());
    QCoreApplication::processEvents();
    EXPECT_EQ(choices_shown(*window.lab()), choices);
    session.answer_lab(1);
    QCoreApplication::processEvents();
    EXPECT_EQ(choices_shown(*window.lab()), choices);
    ++asked;
  }
}

// Somebody at a window who has a keyboard and nothing else.
class Typist {
 public:
  Typist() {
    testing::application();
    EXPECT_TRUE(session_.open_lab(testing::lab_path("02-crash-and-cut")));
    window_ = std::make_unique<MainWindow>(&session_, Theme());
    window_->resize(1280, 800);
    window_->show();
    QCoreApplication::processEvents();
    window_->next_steps()->view()->setFocus();
  }

  void press(Qt::Key code, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QTest::keyClick(QApplication::focusWidget(), code, modifiers);
    QCoreApplication::processEvents();
  }

  // A line for the console: G leads there, Escape back.
  void type(const QString& line) {
    press(Qt::Key_G);
    ASSERT_EQ(QApplication::focusWidget(), window_->console()->line());
    press(Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), line);
    press(Qt::Key_Return);
    press(Qt::Key_Escape);
    EXPECT_EQ(session_.typed().back(), line);
  }

  // F6 to the canvas, then from card to card.
  void choose(std::uint32_t member) {
    for (int i = 0; i < 20 && QApplication::focusWidget() != window_->panel(u"cluster"_s); ++i) {
      press(Qt::Key_F6);
    }
    const auto chosen = [&] {
      return session_.selected().kind == Ref::Kind::Member && session_.selected().member == member;
    };
    for (int i = 0; i < 50 && !chosen(); ++i) press(Qt::Key_Right);
    EXPECT_TRUE(chosen());
  }

  void expect(const QString& claim) {
    const QString before = errors_of(session_);
    type(u"expect "_s + claim);
    EXPECT_EQ(errors_of(session_), before);
  }

  Session& session() { return session_; }

 private:
  Session session_;
  std::unique_ptr<MainWindow> window_;
};

TEST(LabByHand, TheCutAndTheCrashAreMadeByKeysAndNothingAcknowledgedIsLost) {
  Typist hands;
  hands.type(u"cluster 3 --seed 1 --as v3.6.0"_s);
  hands.type(u"until leader != none within 5s"_s);
  hands.type(u"put account alice"_s);
  hands.press(Qt::Key_S);
  hands.expect(u"leader == n3"_s);

  hands.choose(3);
  hands.press(Qt::Key_I);
  hands.type(u"put account mallory --via=n3 --client=c2 &"_s);
  hands.type(u"until any m in [n1, n2]: m.role == leader within 5s"_s);
  hands.expect(u"leader != n3 and n3.role == leader and n3.last > n3.commit"_s);
  hands.type(u"put account bob --via=n1"_s);
  hands.expect(u"c1.error == \"\""_s);
  hands.press(Qt::Key_M);
  hands.type(u"until all m: m.value(\"account\") == \"bob\" within 5s"_s);
  hands.type(u"put balance 100"_s);

  hands.choose(1);
  hands.press(Qt::Key_X);
  EXPECT_FALSE(hands.session().world().member(1).up());
  hands.type(u"until leader != none and leader != n1 within 9s"_s);
  hands.expect(u"leader.value(\"balance\") == \"100\""_s);
  hands.choose(1);
  hands.press(Qt::Key_R);
  hands.press(Qt::Key_S);

  hands.expect(u"all m: m.value(\"balance\") == \"100\" and m.value(\"account\") == \"bob\""_s);
  hands.expect(u"hashkv(n1) == hashkv(n2) and hashkv(n2) == hashkv(n3)"_s);
  for (const CheckLight& light : hands.session().checks()) {
    EXPECT_NE(light.state, CheckLight::State::Broken) << light.name.toStdString();
  }
}

INSTANTIATE_TEST_SUITE_P(Labs, LabTest,
                         ::testing::Values("01-first-watch", "02-crash-and-cut",
                                           "08-ring-and-stream", "09-watcher-groups",
                                           "10-interval-tree", "11-agent"));

INSTANTIATE_TEST_SUITE_P(Labs, AnyLabTest,
                         ::testing::Values("01-first-watch", "02-crash-and-cut",
                                           "08-ring-and-stream", "09-watcher-groups", "11-agent",
                                           "17-lost-delete", "18-three-years",
                                           "19-mixed-versions"));

}  // namespace
}  // namespace orrery::gui
