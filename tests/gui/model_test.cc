// Item models under Qt's own tester, and what they say.
#include <QAbstractItemModelTester>
#include <gtest/gtest.h>

#include "gui/checks_model.h"
#include "gui/inspector_model.h"
#include "gui/next_steps_model.h"
#include "tests/gui/application.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;
using Mode = QAbstractItemModelTester::FailureReportingMode;

class Models : public ::testing::Test {
 protected:
  void SetUp() override { testing::application(); }

  Session session_;
  Theme theme_;
};

TEST_F(Models, NextStepsPassTheTesterAtManySteps) {
  NextStepsModel model(&session_, &theme_, nullptr);
  const QAbstractItemModelTester tester(&model, Mode::Fatal);
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(session_.execute(u"step 3"_s));
    model.rebuild();
    ASSERT_GT(model.rowCount({}), 0);
  }
}

TEST_F(Models, TheDefaultStepIsMarkedAndOnlyEnabledRowsHaveCommands) {
  ASSERT_TRUE(session_.execute(u"until leader != none within 5s"_s));
  NextStepsModel model(&session_, &theme_, nullptr);
  int defaults = 0;
  for (const NextGroup& group : model.groups()) {
    for (const NextRow& row : group.rows) {
      defaults += row.is_default ? 1 : 0;
      EXPECT_EQ(row.command.isEmpty(), row.due.isEmpty()) << row.words.toStdString();
    }
  }
  EXPECT_EQ(defaults, 1);
}

TEST_F(Models, BlockedRowsSayWhy) {
  NextStepsModel model(&session_, &theme_, nullptr);
  const NextGroup& blocked = model.groups().back();
  ASSERT_FALSE(blocked.rows.empty());
  for (const NextRow& row : blocked.rows) {
    EXPECT_FALSE(row.reason.isEmpty()) << row.words.toStdString();
  }
}

TEST_F(Models, AStudentSeesFewerRowsThanAnEngineer) {
  ASSERT_TRUE(session_.execute(u"put a 1"_s) ||
              session_.execute(u"until leader != none within 5s"_s));
  const auto open_rows = [&](Detail detail) {
    std::size_t rows = 0;
    for (const NextGroup& group : next_groups(session_.world(), session_.base(), detail)) {
      if (!group.folded) rows += group.rows.size();
    }
    return rows;
  };
  EXPECT_LE(open_rows(Detail::Student), open_rows(Detail::Engineer));
}

TEST_F(Models, TheInspectorPassesTheTester) {
  ASSERT_TRUE(session_.execute(u"until leader != none within 5s"_s));
  InspectorModel model(&theme_, nullptr);
  const QAbstractItemModelTester tester(&model, Mode::Fatal);
  for (std::uint32_t no = 1; no <= 3; ++no) {
    Node root;
    root.children.push_back(inspect(session_.world(), {.kind = Ref::Kind::Member, .member = no}));
    model.show(std::move(root));
    EXPECT_EQ(model.rowCount({}), 1);
    EXPECT_GT(model.rowCount(model.index(0, 0, {})), 3);
  }
}

TEST_F(Models, ChecksPassTheTester) {
  ChecksModel model(&session_, &theme_, nullptr);
  const QAbstractItemModelTester tester(&model, Mode::Fatal);
  ASSERT_TRUE(session_.execute(u"step 40"_s));
  model.rebuild();
  EXPECT_GE(model.rowCount({}), 6);
}

}  // namespace
}  // namespace orrery::gui
