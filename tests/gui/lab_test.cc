// The labs played in the window from their first words to their last, by keyboard alone.
#include <QtTest>
#include <gtest/gtest.h>

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

TEST_P(LabTest, AQuestionStopsTheScenarioUntilItIsAnswered) {
  Session session;
  ASSERT_TRUE(session.open_lab(testing::lab_path(GetParam())));
  while (!session.lab().waits_for_answer()) ASSERT_TRUE(session.continue_lab());
  const std::size_t before = session.position();
  EXPECT_FALSE(session.continue_lab());
  EXPECT_EQ(session.position(), before);
  session.answer_lab(1);
  EXPECT_TRUE(session.continue_lab());
}

INSTANTIATE_TEST_SUITE_P(Labs, LabTest, ::testing::Values("01-first-watch", "02-crash-and-cut"));

}  // namespace
}  // namespace orrery::gui
