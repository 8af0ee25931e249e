// The debugger's front door, with a stock etcdctl before it: the call hangs until it is cranked through.
// ORRERY_PICTURES names a folder that keeps the window as it was at each stage.
#include <cstdlib>
#include <functional>
#include <string>

#include <QElapsedTimer>
#include <QProcess>
#include <QProcessEnvironment>
#include <QtTest>
#include <gtest/gtest.h>

#include "gui/main_window.h"
#include "gui/picture_panel.h"
#include "tests/gui/application.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr int kPatience = 20'000;  // units: milliseconds

class DoorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::application();
    QProcess fetch;
    fetch.start(QStringLiteral(ORRERY_SOURCE_DIR "/tests/stock/fetch"),
                {QStringLiteral(ORRERY_STOCK_FOLDER)});
    if (!fetch.waitForFinished(-1) || fetch.exitCode() != 0) {
      GTEST_SKIP() << "no stock etcdctl: " << fetch.readAllStandardError().toStdString();
    }
    session_ = std::make_unique<Session>();
    window_ = std::make_unique<MainWindow>(session_.get(), Theme());
    window_->resize(1600, 1000);
    window_->show();
    QCoreApplication::processEvents();
  }

  // etcdctl before the debugger's door.
  std::unique_ptr<QProcess> ctl(const QStringList& arguments) {
    auto out = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"ETCDCTL_API"_s, u"3"_s);
    out->setProcessEnvironment(environment);
    out->setProcessChannelMode(QProcess::MergedChannels);
    QStringList all{u"--endpoints"_s, session_->door_endpoints().join(u","_s),
                    u"--command-timeout=10m"_s};
    out->start(QStringLiteral(ORRERY_STOCK_FOLDER "/usr/bin/etcdctl"), all + arguments);
    return out;
  }

  static bool wait_until(const std::function<bool()>& condition, int patience = kPatience) {
    return QTest::qWaitFor(condition, patience);
  }

  static bool has_ended(const QProcess& process) { return process.state() == QProcess::NotRunning; }

  bool has_said(const QString& words) const {
    return std::ranges::any_of(session_->console(),
                               [&](const ConsoleLine& line) { return line.text.contains(words); });
  }

  void take_picture(const char* name) {
    window_->set_layout(Layout::Start);
    QCoreApplication::processEvents();
    const QPixmap picture = window_->grab();
    EXPECT_FALSE(picture.isNull());
    const char* folder = std::getenv("ORRERY_PICTURES");
    if (folder == nullptr) return;
    EXPECT_TRUE(picture.save(
        u"%1/door-%2.png"_s.arg(QString::fromLocal8Bit(folder), QString::fromLatin1(name))));
  }

  const Item* find(const QString& panel, const QString& words) {
    window_->raise_panel(panel);
    QCoreApplication::processEvents();
    for (const Item& item : qobject_cast<PicturePanel*>(window_->panel(panel))->picture().items) {
      if (item.name.contains(words)) return &item;
    }
    return nullptr;
  }

  QAction* menu_entry(const QString& words) {
    for (QAction* action : window_->findChildren<QAction*>()) {
      if (action->text() == words) return action;
    }
    return nullptr;
  }

  std::unique_ptr<Session> session_;
  std::unique_ptr<MainWindow> window_;
};

TEST_F(DoorTest, ARealPutHangsUntilItIsCrankedAndThePastStaysOpen) {
  ASSERT_TRUE(session_->execute(u"settle"_s));
  ASSERT_NE(menu_entry(u"Open front door"_s), nullptr);
  menu_entry(u"Open front door"_s)->trigger();
  ASSERT_EQ(session_->door_endpoints().size(), 3);
  take_picture("1-open");

  // It comes in by itself, and is a step of the timeline.
  const std::size_t before = session_->position();
  const auto put = ctl({u"put"_s, u"hello"_s, u"world1"_s});
  ASSERT_TRUE(wait_until([&] { return session_->position() == before + 1; }));
  EXPECT_TRUE(has_said(u"put \"hello\" \"world1\""_s));
  EXPECT_NE(find(u"clients"_s, u"put \"hello\" \"world1\", waits"_s), nullptr);
  EXPECT_NE(find(u"cluster"_s, u"put \"hello\""_s), nullptr);
  take_picture("2-hangs");
  EXPECT_FALSE(wait_until([&] { return has_ended(*put); }, 300));

  int steps = 0;
  while (!has_said(u"has its answer, revision 2"_s) && steps < 500) {
    EXPECT_FALSE(has_ended(*put));
    ASSERT_TRUE(session_->step());
    if (++steps == 8) take_picture("3-half-way");
  }
  EXPECT_GT(steps, 10);
  ASSERT_TRUE(wait_until([&] { return has_ended(*put); }));
  EXPECT_EQ(put->readAll(), "OK\n");
  take_picture("4-answered");

  // Back to where it hung: it has its answer for good, and the next caller waits at the tip.
  ASSERT_TRUE(session_->execute(u"jump %1"_s.arg(before + 1)));
  EXPECT_NE(find(u"clients"_s, u"put \"hello\" \"world1\", waits"_s), nullptr);
  const auto get = ctl({u"get"_s, u"hello"_s});
  ASSERT_TRUE(wait_until([&] { return has_said(u"get \"hello\""_s); }));
  EXPECT_EQ(session_->position(), before + 1);
  take_picture("5-in-the-past");

  // What is done here makes a branch, on which the put is a ghost.
  ASSERT_TRUE(session_->execute(u"partition n1 | n2 n3"_s));
  ASSERT_TRUE(session_->execute(u"run 3s"_s));
  EXPECT_EQ(session_->timeline().branches().size(), 2U);
  EXPECT_FALSE(wait_until([&] { return has_ended(*get); }, 300));
  take_picture("6-a-branch-without-a-door");

  ASSERT_TRUE(session_->execute(u"switch main"_s));
  ASSERT_TRUE(session_->execute(u"settle"_s));
  ASSERT_TRUE(wait_until([&] { return has_ended(*get); }));
  EXPECT_EQ(get->readAll(), "hello\nworld1\n");
  take_picture("7-back-on-the-live-line");
}

TEST_F(DoorTest, ACallerWhoGoesIsAStepAndANewWorldClosesTheDoor) {
  ASSERT_TRUE(session_->execute(u"settle"_s));
  ASSERT_TRUE(session_->execute(u"door open"_s));
  EXPECT_FALSE(session_->execute(u"door open"_s));
  const auto watch = ctl({u"watch"_s, u"a"_s});
  ASSERT_TRUE(wait_until([&] { return has_said(u"watch \"a\""_s); }));
  ASSERT_TRUE(session_->execute(u"settle"_s));
  EXPECT_NE(find(u"clients"_s, u"watch of guest"_s), nullptr);
  ASSERT_TRUE(session_->execute(u"put a 1"_s));
  ASSERT_TRUE(session_->execute(u"settle"_s));
  QByteArray said;
  EXPECT_TRUE(wait_until([&] {
    said += watch->readAll();
    return said.contains("PUT\na\n1\n");
  })) << said.toStdString();

  watch->terminate();
  EXPECT_TRUE(wait_until([&] { return has_said(u"waits no longer"_s); }));

  const auto put = ctl({u"put"_s, u"b"_s, u"2"_s});
  ASSERT_TRUE(wait_until([&] { return has_said(u"put \"b\" \"2\""_s); }));
  ASSERT_TRUE(session_->execute(u"cluster 1"_s));
  EXPECT_TRUE(session_->door_endpoints().isEmpty());
  EXPECT_TRUE(wait_until([&] { return has_ended(*put); }));
  EXPECT_NE(put->exitCode(), 0);
}

}  // namespace
}  // namespace orrery::gui
