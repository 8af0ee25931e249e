// Labs of the museum played in the window from the list of labs to the diagnosis and beyond: once by keys alone, once
// by clicks alone. Clicks go to places of the window, so that what is clipped or covered cannot be clicked.
#include <set>

#include <QMenuBar>
#include <QScrollBar>
#include <QTabBar>
#include <QTableView>
#include <QWindow>
#include <QtTest>
#include <gtest/gtest.h>

#include "gui/console_panel.h"
#include "gui/lab_panel.h"
#include "gui/main_window.h"
#include "gui/next_steps_panel.h"
#include "gui/picture_panel.h"
#include "tests/gui/application.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using Claims = std::set<QString>;

struct MuseumLab {
  const char* title;      // in the list of labs
  const char* diagnosis;  // begins the question at which the violation stands
  std::set<const char*> broken;
  std::set<const char*> mended;  // at the end
};

void PrintTo(const MuseumLab& lab, std::ostream* out) {
  *out << lab.title;
}

Claims claims_of(const std::set<const char*>& names) {
  Claims out;
  for (const char* name : names) out.insert(QString::fromLatin1(name));
  return out;
}

Claims in_state(const Session& session, CheckLight::State state) {
  Claims out;
  for (const CheckLight& light : session.checks()) {
    if (light.state == state) out.insert(light.claim.isEmpty() ? light.name : light.claim);
  }
  return out;
}

class LabByHands : public ::testing::TestWithParam<MuseumLab> {
 protected:
  void SetUp() override {
    testing::application();
    session_ = std::make_unique<Session>();
    window_ = std::make_unique<MainWindow>(session_.get(), Theme());
    window_->resize(1280, 800);
    window_->set_layout(Layout::Start);
    window_->show();
    window_->activateWindow();
    settle_window();
    window_->set_layout(Layout::Start);
    settle_window();
  }

  static void settle_window() {
    for (int i = 0; i < 4; ++i) QCoreApplication::processEvents();
  }

  Session& session() { return *session_; }
  MainWindow& window() { return *window_; }

  // -- keys

  void press(Qt::Key code, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus != nullptr ? focus : window_.get(), code, modifiers);
    settle_window();
  }

  // -- clicks

  void click_at(QPoint place) {
    ASSERT_TRUE(window_->rect().contains(place)) << place.x() << "," << place.y();
    QTest::mouseClick(window_->windowHandle(), Qt::LeftButton, Qt::NoModifier, place);
    settle_window();
  }

  void click(const QWidget* widget) {
    const QPoint place = widget->mapTo(window_.get(), widget->rect().center());
    const QWidget* hit = window_->childAt(place);
    ASSERT_TRUE(hit != nullptr && (hit == widget || widget->isAncestorOf(hit)))
        << widget->accessibleName().toStdString() << " is covered or clipped";
    click_at(place);
  }

  void click_menu(const QString& menu, const QString& entry) {
    QMenuBar* bar = window_->menuBar();
    QAction* chosen = nullptr;
    for (QAction* action : bar->actions()) {
      if (action->text().remove(u'&') == menu) chosen = action;
    }
    ASSERT_NE(chosen, nullptr);
    click_at(bar->mapTo(window_.get(), bar->actionGeometry(chosen).center()));
    auto* popup = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    ASSERT_NE(popup, nullptr);
    for (QAction* action : popup->actions()) {
      if (!action->text().remove(u'&').startsWith(entry)) continue;
      QTest::mouseClick(popup, Qt::LeftButton, Qt::NoModifier,
                        popup->actionGeometry(action).center());
      settle_window();
      return;
    }
    FAIL() << entry.toStdString() << " is not in the menu";
  }

  void click_tab(const QString& title) {
    for (QTabBar* bar : window_->findChildren<QTabBar*>()) {
      for (int i = 0; bar->isVisible() && i < bar->count(); ++i) {
        if (bar->tabText(i) != title) continue;
        click_at(bar->mapTo(window_.get(), bar->tabRect(i).center()));
        return;
      }
    }
    FAIL() << "no tab " << title.toStdString();
  }

  // -- what is seen

  bool is_seen(const QString& panel) {
    const QWidget* widget = window_->panel(panel);
    const QWidget* hit = window_->childAt(widget->mapTo(window_.get(), widget->rect().center()));
    return hit != nullptr && (hit == widget || widget->isAncestorOf(hit));
  }

  // What the Checks panel says, row by row, of what is in sight.
  QString checks_say() {
    const auto* table = qobject_cast<const QTableView*>(window_->panel(u"checks"_s));
    QString out;
    for (int row = 0; row < table->model()->rowCount(); ++row) {
      out = out + table->model()->index(row, 0).data().toString() + u" "_s +
            table->model()->index(row, 1).data().toString() + u"\n"_s;
    }
    return out;
  }

  // From its top to its end, page by page.
  QString evidence_says() {
    auto* panel = qobject_cast<PicturePanel*>(window_->panel(u"evidence"_s));
    QScrollBar* bar = panel->verticalScrollBar();
    QString out;
    for (int at = 0; at == 0 || at < bar->maximum() + bar->pageStep(); at += bar->pageStep()) {
      bar->setValue(at);
      settle_window();
      out = out + panel->picture().text_twin() + u"\n"_s;
    }
    bar->setValue(0);
    settle_window();
    return out;
  }

  bool stands_at_diagnosis() {
    const Lab& lab = session_->lab();
    return lab.waits_for_answer() && QString::fromStdString(lab.question->question)
                                         .startsWith(QString::fromLatin1(GetParam().diagnosis));
  }

  void expect_the_violation() {
    EXPECT_EQ(in_state(*session_, CheckLight::State::Broken), claims_of(GetParam().broken));
    EXPECT_TRUE(is_seen(u"checks"_s) && is_seen(u"evidence"_s));
    EXPECT_TRUE(evidence_says().contains(u"Claims that broke"_s));
    for (const CheckLight& light : session_->checks()) {
      if (light.state != CheckLight::State::Broken) continue;
      EXPECT_FALSE(light.sentence.isEmpty());
      EXPECT_TRUE(checks_say().contains(u"\u2717 "_s + light.name + u": "_s + light.sentence));
      EXPECT_TRUE(evidence_says().contains(light.name));
      EXPECT_TRUE(evidence_says().contains(light.sentence));
    }
  }

  void expect_the_repair() {
    EXPECT_TRUE(session_->lab().is_over());
    EXPECT_EQ(session_->lab().asked, session_->lab().right);
    EXPECT_EQ(in_state(*session_, CheckLight::State::Broken), Claims{});
    EXPECT_EQ(in_state(*session_, CheckLight::State::Mended), claims_of(GetParam().mended));
    EXPECT_FALSE(checks_say().contains(u'\u2717')) << checks_say().toStdString();
    EXPECT_FALSE(evidence_says().contains(u'\u2717')) << evidence_says().toStdString();
  }

  std::string said() { return session_->lab().said.toStdString(); }

 private:
  std::unique_ptr<Session> session_;
  std::unique_ptr<MainWindow> window_;
};

TEST_P(LabByHands, FromTheListToTheDiagnosisByKeys) {
  press(Qt::Key_L, Qt::ShiftModifier);
  QListWidget* list = window().lab()->labs()->list();
  ASSERT_EQ(QApplication::focusWidget(), list);
  const QString title = QString::fromLatin1(GetParam().title);
  for (int i = 0; i < 30 && !list->currentItem()->text().startsWith(title); ++i) {
    press(Qt::Key_Down);
  }
  press(Qt::Key_Return);
  ASSERT_TRUE(session().lab().is_open());

  bool diagnosed = false;
  for (int presses = 0; presses < 200 && !session().lab().is_over(); ++presses) {
    if (stands_at_diagnosis()) {
      press(Qt::Key_6, Qt::ControlModifier);
      expect_the_violation();
      diagnosed = true;
    }
    const bool asks = session().lab().waits_for_answer();
    const std::uint32_t right = asks ? session().lab().question->right : 0;
    press(static_cast<Qt::Key>(asks ? Qt::Key_A + static_cast<int>(right) - 1
                                    : static_cast<int>(Qt::Key_L)));
    ASSERT_NE(said(), "The scenario stopped: the console says why.");
  }
  EXPECT_TRUE(diagnosed);
  expect_the_repair();
}

TEST_P(LabByHands, FromTheListToTheDiagnosisByClicks) {
  ASSERT_TRUE(is_seen(u"lab"_s));
  LabPanel& panel = *window().lab();
  QListWidget* list = panel.labs()->list();
  const auto found = list->findItems(QString::fromLatin1(GetParam().title), Qt::MatchStartsWith);
  ASSERT_EQ(found.size(), 1);
  click_at(list->viewport()->mapTo(&window(), list->visualItemRect(found[0]).center()));
  click(panel.labs()->open_button());
  ASSERT_TRUE(session().lab().is_open());

  bool diagnosed = false;
  for (int clicks = 0; clicks < 200 && !session().lab().is_over(); ++clicks) {
    if (stands_at_diagnosis()) {
      click_menu(u"View"_s, u"Layout Bug hunt"_s);
      expect_the_violation();
      click_menu(u"View"_s, u"Layout Start"_s);
      diagnosed = true;
    }
    const bool asks = session().lab().waits_for_answer();
    const std::uint32_t right = asks ? session().lab().question->right : 0;
    click(asks ? panel.choices()[right - 1] : panel.continue_button());
    if (HasFatalFailure()) return;
    ASSERT_NE(said(), "The scenario stopped: the console says why.");
  }
  EXPECT_TRUE(diagnosed);
  click_menu(u"View"_s, u"Layout Bug hunt"_s);
  expect_the_repair();
  click_tab(u"Lab"_s);
  EXPECT_TRUE(is_seen(u"lab"_s));
  click(panel.labs_button());
  EXPECT_TRUE(is_seen(u"lab"_s) && list->isVisible());
}

INSTANTIATE_TEST_SUITE_P(
    Museum, LabByHands,
    ::testing::Values(MuseumLab{.title = "Lab 17",
                                .diagnosis = "No error, no event, for ever.",
                                .broken = {"WatchResumable"},
                                .mended = {}},
                      MuseumLab{.title = "Lab 18",
                                .diagnosis = "Both reads were linearizable",
                                .broken = {"CiCoupled", "AuthRevEq", "StateEq", "MembersAgree",
                                           "AcknowledgedWriteSurvives"},
                                .mended = {"CiCoupled", "AuthRevEq", "StateEq",
                                           "AcknowledgedWriteSurvives"}},
                      MuseumLab{.title = "Lab 19",
                                .diagnosis = "Equal logs, equal applied indexes",
                                .broken = {"StateEq", "MembersAgree", "AcknowledgedWriteSurvives",
                                           "LinearizableReads", "ReadsTellTheTruth"},
                                .mended = {}}));

}  // namespace
}  // namespace orrery::gui
