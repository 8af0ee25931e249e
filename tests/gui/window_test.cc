// The real window, offscreen, driven as a person would, with world and widgets looked at after each act.
#include <QFontMetrics>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QtTest>
#include <gtest/gtest.h>

#include "gui/console_panel.h"
#include "gui/inspector_panel.h"
#include "gui/lab_panel.h"
#include "gui/main_window.h"
#include "gui/next_steps_panel.h"
#include "gui/picture_panel.h"
#include "gui/render.h"
#include "tests/gui/application.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

class WindowTest : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::application();
    session_ = std::make_unique<Session>();
    window_ = std::make_unique<MainWindow>(session_.get(), Theme());
    window_->resize(1280, 800);
    window_->show();
    QCoreApplication::processEvents();
    window_->next_steps()->view()->setFocus();
  }

  void key(Qt::Key code, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus != nullptr ? focus : window_.get(), code, modifiers);
    QCoreApplication::processEvents();
  }

  PicturePanel& picture(const QString& name) {
    window_->raise_panel(name);
    QCoreApplication::processEvents();
    return *qobject_cast<PicturePanel*>(window_->panel(name));
  }

  const Item* find(PicturePanel& panel, const QString& words) {
    for (const Item& item : panel.picture().items) {
      if (item.name.contains(words)) return &item;
    }
    return nullptr;
  }

  std::unique_ptr<Session> session_;
  std::unique_ptr<MainWindow> window_;
};

// The last line's bottom stands inside the panel.
bool shows_its_end(const QPlainTextEdit& log) {
  const QTextCursor end(log.document()->lastBlock());
  return log.viewport()->rect().contains(log.cursorRect(end).bottomLeft());
}

TEST_F(WindowTest, TheConsolesLastLineStaysWholeInEveryLayout) {
  ASSERT_TRUE(session_->open_lab(testing::lab_path("01-first-watch")));
  while (session_->continue_lab()) {
    if (session_->lab().waits_for_answer()) session_->answer_lab(session_->lab().question->right);
    for (const Layout layout : {Layout::Start, Layout::Raft, Layout::Watch, Layout::Storage,
                                Layout::Services, Layout::Hunt}) {
      window_->set_layout(layout);
      for (int i = 0; i < 4; ++i) QCoreApplication::processEvents();
      EXPECT_TRUE(shows_its_end(*window_->console()->log())) << static_cast<int>(layout);
    }
  }
}

TEST_F(WindowTest, HasAFont) {
  EXPECT_TRUE(QFontMetrics(Theme().font(Face::Normal)).inFont(u'A'));
}

TEST_F(WindowTest, ADoubleClickPerformsANextStepAndASingleClickDoesNot) {
  QTreeView* view = window_->next_steps()->view();
  QModelIndex row;
  for (int g = 0; g < view->model()->rowCount() && !row.isValid(); ++g) {
    const QModelIndex group = view->model()->index(g, 0);
    if (view->isExpanded(group) && view->model()->rowCount(group) > 0) {
      row = view->model()->index(0, 1, group);
    }
  }
  ASSERT_TRUE(row.isValid());
  const QString command = row.data(NextStepsModel::CommandRole).toString();
  const QPoint at = view->visualRect(row).center();
  QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, at);
  EXPECT_EQ(session_->position(), 0U);
  QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, at);
  EXPECT_EQ(session_->position(), 1U);
  EXPECT_EQ(session_->typed().back(), command);
}

TEST_F(WindowTest, NAndPStepAndGoBack) {
  key(Qt::Key_N);
  key(Qt::Key_N);
  EXPECT_EQ(session_->position(), 2U);
  key(Qt::Key_P);
  EXPECT_EQ(session_->position(), 1U);
  key(Qt::Key_N);
  EXPECT_EQ(session_->timeline().branches().size(), 1U) << "going forward again is no branch";
}

TEST_F(WindowTest, ADigitPerformsTheNumberedRow) {
  const NextRow* row = window_->next_steps()->model()->numbered(2);
  ASSERT_NE(row, nullptr);
  const QString command = row->command;
  key(Qt::Key_2);
  EXPECT_EQ(session_->position(), 1U);
  EXPECT_EQ(session_->typed().back(), command);
}

TEST_F(WindowTest, XCrashesTheSelectedMemberAndRBringsItBack) {
  session_->execute(u"until leader != none within 5s"_s);
  PicturePanel& canvas = *qobject_cast<PicturePanel*>(window_->panel(u"cluster"_s));
  const Item* n2 = find(canvas, u"n2, "_s);
  ASSERT_NE(n2, nullptr);
  QTest::mouseClick(canvas.viewport(), Qt::LeftButton, {},
                    n2->area.topLeft().toPoint() + QPoint(30, 6));
  EXPECT_EQ(session_->selected().member, 2U);
  key(Qt::Key_X);
  EXPECT_FALSE(session_->world().member(2).up());
  EXPECT_NE(find(canvas, u"n2, down"_s), nullptr);
  key(Qt::Key_R);
  EXPECT_TRUE(session_->world().member(2).up());
  EXPECT_EQ(find(canvas, u"n2, down"_s), nullptr);
}

TEST_F(WindowTest, APartitionIsPaintedByDragging) {
  PicturePanel& matrix = picture(u"partition"_s);
  const Item* first = find(matrix, u"n1->n2"_s);
  const Item* second = find(matrix, u"n1->n3"_s);
  ASSERT_TRUE(first != nullptr && second != nullptr);
  const QPoint from = first->area.center().toPoint();
  const QPoint to = second->area.center().toPoint();
  QTest::mousePress(matrix.viewport(), Qt::LeftButton, {}, from);
  QMouseEvent drag(QEvent::MouseMove, QPointF(to), matrix.viewport()->mapToGlobal(QPointF(to)),
                   Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(matrix.viewport(), &drag);
  QTest::mouseRelease(matrix.viewport(), Qt::LeftButton, {}, to);
  const auto& network = session_->world().network();
  const auto n = [](std::uint32_t no) { return server::member_address(no); };
  EXPECT_TRUE(network.is_cut(n(1), n(2)));
  EXPECT_TRUE(network.is_cut(n(1), n(3)));
  EXPECT_FALSE(network.is_cut(n(2), n(1)));
  key(Qt::Key_M);
  EXPECT_FALSE(session_->world().network().is_cut(n(1), n(2)));
}

TEST_F(WindowTest, TheConsoleTakesLinesAndLettersAreLettersThere) {
  CommandLine* line = window_->console()->line();
  line->setFocus();
  QTest::keyClicks(line, u"step 7"_s);
  EXPECT_EQ(session_->position(), 0U) << "no letter acted";
  QTest::keyClick(line, Qt::Key_Return);
  EXPECT_EQ(session_->position(), 7U);
  EXPECT_TRUE(window_->console()->log()->toPlainText().contains(u"> step 7"_s));
  QTest::keyClick(line, Qt::Key_Up);
  EXPECT_EQ(line->text(), u"step 7"_s);
}

TEST_F(WindowTest, TabCompletesInTheConsole) {
  CommandLine* line = window_->console()->line();
  line->setFocus();
  QTest::keyClicks(line, u"part"_s);
  QTest::keyClick(line, Qt::Key_Tab);
  EXPECT_EQ(line->text(), u"partition "_s);
}

TEST_F(WindowTest, WShowsWhyAndTheSourceOpensAtTheGuard) {
  session_->execute(u"until leader != none within 5s"_s);
  key(Qt::Key_W);
  QCoreApplication::processEvents();
  EXPECT_TRUE(window_->inspector()->why_label()->text().contains(u"decided by"_s));
  EXPECT_GT(window_->inspector()->guards()->count(), 0);
}

TEST_F(WindowTest, TheTimelineIsDragged) {
  session_->execute(u"step 100"_s);
  auto* timeline = qobject_cast<PicturePanel*>(window_->panel(u"timeline"_s));
  const QPoint at(timeline->viewport()->width() / 2, 40);
  QTest::mouseClick(timeline->viewport(), Qt::LeftButton, {}, at);
  EXPECT_LT(session_->position(), 100U);
  EXPECT_GT(session_->position(), 0U);
  EXPECT_EQ(session_->timeline().branches().size(), 1U);
}

TEST_F(WindowTest, SpaceRunsAndStops) {
  key(Qt::Key_Space);
  EXPECT_TRUE(window_->is_running());
  QTest::qWait(300);
  key(Qt::Key_Space);
  EXPECT_FALSE(window_->is_running());
  EXPECT_GT(session_->position(), 3U);
}

TEST_F(WindowTest, EveryLayoutShowsItsPanels) {
  for (const Layout layout : {Layout::Raft, Layout::Watch, Layout::Storage, Layout::Services,
                              Layout::Hunt, Layout::Start}) {
    window_->set_layout(layout);
    QCoreApplication::processEvents();
    EXPECT_TRUE(window_->panel(u"next-steps"_s)->isVisible());
    EXPECT_TRUE(window_->panel(u"timeline"_s)->isVisible());
    EXPECT_GT(window_->panel(u"cluster"_s)->width(), 300);
  }
  EXPECT_TRUE(window_->panel(u"raft-logs"_s)->isVisible());
}

TEST_F(WindowTest, ShiftPaintsBothWays) {
  PicturePanel& matrix = picture(u"partition"_s);
  const Item* cell = find(matrix, u"n1->n2"_s);
  ASSERT_NE(cell, nullptr);
  QTest::mouseClick(matrix.viewport(), Qt::LeftButton, Qt::ShiftModifier,
                    cell->area.center().toPoint());
  const auto& network = session_->world().network();
  EXPECT_TRUE(network.is_cut(server::member_address(1), server::member_address(2)));
  EXPECT_TRUE(network.is_cut(server::member_address(2), server::member_address(1)));
  EXPECT_EQ(session_->typed().back(), u"cut n1<->n2"_s);
}

TEST_F(WindowTest, ActingInThePastSaysSoAndCtrlZReturns) {
  session_->execute(u"step 9"_s);
  key(Qt::Key_P);
  key(Qt::Key_X);
  EXPECT_EQ(session_->timeline().branches().size(), 2U);
  EXPECT_EQ(session_->timeline().branch(), 1U);
  EXPECT_TRUE(window_->console()->log()->toPlainText().contains(u"Ctrl+Z returns"_s));
  key(Qt::Key_Z, Qt::ControlModifier);
  EXPECT_EQ(session_->timeline().branch(), 0U);
  EXPECT_EQ(session_->position(), 8U);
  EXPECT_EQ(session_->timeline().branches().size(), 2U) << "nothing is discarded";
}

TEST_F(WindowTest, ACoarserStepIsSeveralPhasesAndIsEchoedAsThem) {
  session_->execute(u"until leader != none within 5s"_s);
  session_->execute(u"put hello world1 &"_s);
  const std::size_t start = session_->position();
  key(Qt::Key_BracketLeft);
  EXPECT_EQ(session_->detail(), Detail::Storage);
  key(Qt::Key_BracketLeft);
  EXPECT_EQ(session_->detail(), Detail::Student);
  for (int i = 0; i < 5; ++i) key(Qt::Key_N);
  const std::size_t there = session_->position();
  EXPECT_GT(there, start + 5);
  EXPECT_TRUE(session_->typed().back().startsWith(u"step "_s));
  for (int i = 0; i < 5; ++i) key(Qt::Key_P);
  EXPECT_LE(session_->position(), start + 1);
  for (int i = 0; i < 5; ++i) key(Qt::Key_N);
  EXPECT_EQ(session_->position(), there) << "the same stops in both directions";
}

TEST_F(WindowTest, ShiftXCrashesWhoWouldTakeTheChosenStep) {
  session_->execute(u"until leader != none within 5s"_s);
  NextStepsModel* model = window_->next_steps()->model();
  QModelIndex chosen;
  for (int g = 0; g < model->rowCount({}); ++g) {
    const QModelIndex row = model->index(0, NextStepsModel::What, model->index(g, 0, {}));
    const NextRow* next = model->row_at(row);
    if (next != nullptr && next->ref.member != 0) chosen = row;
  }
  ASSERT_TRUE(chosen.isValid());
  const std::uint32_t member = model->row_at(chosen)->ref.member;
  window_->next_steps()->view()->setCurrentIndex(chosen);
  key(Qt::Key_X, Qt::ShiftModifier);
  EXPECT_FALSE(session_->world().member(member).up());
}

TEST_F(WindowTest, ABreakpointIsListedWithItsHits) {
  session_->execute(u"break leader != none"_s);
  session_->execute(u"run 5s"_s);
  bool listed = false;
  for (const CheckLight& light : session_->checks()) {
    listed = listed || light.name.contains(u"leader != none  met 1 times"_s);
  }
  EXPECT_TRUE(listed);
}

TEST_F(WindowTest, AnotherThemeWritesTheConsoleAnew) {
  session_->execute(u"step 3"_s);
  const QString text = window_->console()->log()->toPlainText();
  const auto ink = [this] {
    const QTextBlock first = window_->console()->log()->document()->firstBlock();
    return first.begin().fragment().charFormat().foreground().color();
  };
  const QColor light = ink();
  window_->set_theme(Theme(Theme::Mode::Dark));
  QCoreApplication::processEvents();
  EXPECT_EQ(window_->console()->log()->toPlainText(), text);
  EXPECT_NE(ink(), light);
  window_->set_theme(Theme());
}

TEST_F(WindowTest, ALabHasAPicturePerPart) {
  const QTemporaryDir folder;
  const RenderOrder order{.out = {},
                          .scenario = testing::lab_path("01-first-watch"),
                          .at = {},
                          .stop = {},
                          .panel = {},
                          .size = QSize(640, 400),
                          .select = {}};
  const auto count = render_parts(order, folder.path());
  ASSERT_TRUE(count);
  EXPECT_EQ(QDir(folder.path()).entryList({u"*.png"_s}).size(), static_cast<qsizetype>(*count));
  EXPECT_GE(*count, 10U);
}

TEST_F(WindowTest, RendersWindowAndEveryPanelInBothThemes) {
  for (const Theme::Mode mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
    for (const QString& name : window_->panel_names() + QStringList{QString()}) {
      RenderOrder order{.out = {},
                        .scenario = testing::lab_path("01-first-watch"),
                        .at = 200,
                        .stop = {},
                        .panel = name,
                        .size = QSize(640, 400),
                        .mode = mode,
                        .select = {}};
      if (name.isEmpty()) order.size = QSize(1280, 800);
      const auto image = render(order);
      ASSERT_TRUE(image) << image.error().detail;
      EXPECT_EQ(image->size(), order.size) << name.toStdString();
    }
  }
}

TEST_F(WindowTest, AnUnknownPanelIsAnErrorThatListsThePanels) {
  const auto image =
      render({.out = {}, .scenario = {}, .at = {}, .stop = {}, .panel = u"nope"_s, .select = {}});
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().detail.find("raft-logs"), std::string::npos);
}

// The panel is seen, and has room for what it shows.
TEST_F(WindowTest, APanelThatTheLayoutLeavesOutOpensBesideTheLargest) {
  for (const Layout layout : {Layout::Start, Layout::Raft, Layout::Watch, Layout::Storage,
                              Layout::Services, Layout::Hunt}) {
    for (const QString& name : window_->panel_names()) {
      if (name == u"cluster"_s) continue;
      window_->set_layout(layout);
      window_->raise_panel(name);
      for (int i = 0; i < 4; ++i) QCoreApplication::processEvents();
      QWidget* panel = window_->panel(name);
      const QWidget* hit = window_->childAt(panel->mapTo(window_.get(), panel->rect().center()));
      EXPECT_TRUE(hit != nullptr && (hit == panel || panel->isAncestorOf(hit)))
          << name.toStdString() << static_cast<int>(layout);
      const QWidget* dock = panel->parentWidget();
      EXPECT_FALSE(dock->isWindow()) << name.toStdString();
      EXPECT_GE(panel->width(), 200) << name.toStdString() << static_cast<int>(layout);
      EXPECT_GE(panel->height(), 80) << name.toStdString() << static_cast<int>(layout);
    }
  }
}

TEST_F(WindowTest, ALayoutChosenByKeysLeavesTheCursorOutOfTextFields) {
  for (int code = Qt::Key_1; code <= Qt::Key_6; ++code) {
    key(static_cast<Qt::Key>(code), Qt::ControlModifier);
    const std::size_t before = session_->position();
    key(Qt::Key_N);
    EXPECT_GT(session_->position(), before) << code - Qt::Key_0;
  }
}

TEST_F(WindowTest, TheListOfLabsIsShownUntilOneIsOpen) {
  EXPECT_TRUE(window_->lab()->labs()->isVisible());
  EXPECT_GE(window_->lab()->labs()->list()->count(), 9);
  ASSERT_TRUE(session_->open_lab(testing::lab_path("17-lost-delete")));
  EXPECT_FALSE(window_->lab()->labs()->isVisible());
  key(Qt::Key_L, Qt::ShiftModifier);
  EXPECT_TRUE(window_->lab()->labs()->isVisible());
}

TEST_F(WindowTest, ALabIsFoundByNameAndNumber) {
  for (const QString& name : {u"lost-delete"_s, u"17"_s, u"17-lost-delete"_s}) {
    ASSERT_TRUE(session_->open_lab(name)) << name.toStdString();
    EXPECT_EQ(session_->lab().title, u"17-lost-delete"_s);
  }
  const auto none = session_->open_lab(u"lost-update"_s);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("the labs are 01-first-watch"), std::string::npos);
  EXPECT_EQ(session_->lab().title, u"17-lost-delete"_s);
}

}  // namespace
}  // namespace orrery::gui
