// Layouts: where the docks stand for a purpose.
#include <QApplication>

#include "gui/main_window.h"
#include "gui/next_steps_panel.h"

namespace orrery::gui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kLowWindow = 1000;

}  // namespace

void MainWindow::place(const QString& name, Qt::DockWidgetArea area) {
  QDockWidget* dock = docks_.at(name);
  addDockWidget(area, dock);
  dock->show();
}

void MainWindow::below(const QString& first, const QString& second) {
  splitDockWidget(docks_.at(first), docks_.at(second), Qt::Vertical);
  docks_.at(second)->show();
}

void MainWindow::beside(const QString& first, const QString& second) {
  splitDockWidget(docks_.at(first), docks_.at(second), Qt::Horizontal);
  docks_.at(second)->show();
}

// Tabs; the first is the one on top.
void MainWindow::stack(const QStringList& names) {
  for (qsizetype i = 1; i < names.size(); ++i) {
    tabifyDockWidget(docks_.at(names[i - 1]), docks_.at(names[i]));
    docks_.at(names[i])->show();
  }
  docks_.at(names.front())->raise();
}

void MainWindow::set_layout(Layout layout) {
  const QWidget* focus = QApplication::focusWidget();
  for (const auto& [name, dock] : docks_) {
    dock->setFloating(false);
    removeDockWidget(dock);
  }
  switch (layout) {
    case Layout::Start: arrange_start(); break;
    case Layout::Raft: arrange_raft(); break;
    case Layout::Watch: arrange_watch(); break;
    case Layout::Storage: arrange_storage(); break;
    case Layout::Services: arrange_services(); break;
    case Layout::Hunt: arrange_hunt(); break;
  }
  hide_titles_of_stacks();
  // Who had not been typing shall not find the cursor in a text field now.
  if (focus != nullptr && QApplication::focusWidget() != focus) next_steps_->view()->setFocus();
}

// A tab says what a title bar above it would say again.
void MainWindow::hide_titles_of_stacks() {
  for (const auto& [name, dock] : docks_) {
    const bool hide = !stack_titles_ && !tabifiedDockWidgets(dock).isEmpty();
    QWidget* old = dock->titleBarWidget();
    if (hide == (old != nullptr)) continue;
    dock->setTitleBarWidget(hide ? new QWidget(dock) : nullptr);
    if (old != nullptr) old->deleteLater();
  }
}

void MainWindow::give_a_place(QDockWidget* dock) {
  if (dock->isFloating() || dockWidgetArea(dock) != Qt::NoDockWidgetArea) return;
  QDockWidget* host = docks_.at(host_);
  if (dockWidgetArea(host) == Qt::NoDockWidgetArea || host->isHidden()) {
    addDockWidget(Qt::RightDockWidgetArea, dock);
    return;
  }
  tabifyDockWidget(host, dock);
  hide_titles_of_stacks();
}

void MainWindow::arrange_start() {
  host_ = u"raft-logs"_s;
  place(u"next-steps"_s, Qt::LeftDockWidgetArea);
  place(u"lab"_s, Qt::RightDockWidgetArea);
  // Where it is low, the lab's text gets the whole column, and the others are tabs behind it.
  const bool low = height() < kLowWindow;
  if (low) {
    stack({u"lab"_s, u"inspector"_s, u"checks"_s, u"partition"_s});
  } else {
    below(u"lab"_s, u"inspector"_s);
    stack({u"inspector"_s, u"checks"_s, u"partition"_s});
  }
  place(u"timeline"_s, Qt::BottomDockWidgetArea);
  below(u"timeline"_s, u"raft-logs"_s);
  beside(u"raft-logs"_s, u"console"_s);
  stack({u"raft-logs"_s, u"revisions"_s, u"key-index"_s, u"watchers"_s, u"interval-tree"_s,
         u"disk"_s, u"pages"_s});
  stack({u"console"_s, u"source"_s});
  const int w = width();
  const int h = height();
  resizeDocks({docks_.at(u"next-steps"_s), docks_.at(u"lab"_s)}, {w * 23 / 100, w * 25 / 100},
              Qt::Horizontal);
  if (!low) {
    resizeDocks({docks_.at(u"lab"_s), docks_.at(u"inspector"_s)}, {h * 32 / 100, h * 18 / 100},
                Qt::Vertical);
  }
  resizeDocks({docks_.at(u"timeline"_s), docks_.at(u"raft-logs"_s)}, {h * 14 / 100, h * 26 / 100},
              Qt::Vertical);
  resizeDocks({docks_.at(u"raft-logs"_s), docks_.at(u"console"_s)}, {w * 58 / 100, w * 42 / 100},
              Qt::Horizontal);
}

void MainWindow::arrange_raft() {
  host_ = u"raft-logs"_s;
  place(u"next-steps"_s, Qt::LeftDockWidgetArea);
  place(u"raft-logs"_s, Qt::RightDockWidgetArea);
  // Where a lab is open its words come first, else what is selected.
  const bool reads = session_->lab().is_open();
  const QString first = reads ? u"lab"_s : u"inspector"_s;
  below(u"raft-logs"_s, first);
  stack({first, reads ? u"inspector"_s : u"lab"_s, u"checks"_s});
  place(u"timeline"_s, Qt::BottomDockWidgetArea);
  below(u"timeline"_s, u"console"_s);
  beside(u"console"_s, u"source"_s);
  beside(u"source"_s, u"partition"_s);
  const int w = width();
  const int h = height();
  resizeDocks({docks_.at(u"next-steps"_s), docks_.at(u"raft-logs"_s)}, {w * 21 / 100, w * 38 / 100},
              Qt::Horizontal);
  resizeDocks({docks_.at(u"raft-logs"_s), docks_.at(first)}, {h * 30 / 100, h * 24 / 100},
              Qt::Vertical);
  resizeDocks({docks_.at(u"timeline"_s), docks_.at(u"console"_s)}, {h * 14 / 100, h * 21 / 100},
              Qt::Vertical);
}

void MainWindow::arrange_watch() {
  host_ = u"watchers"_s;
  place(u"next-steps"_s, Qt::LeftDockWidgetArea);
  place(u"watchers"_s, Qt::RightDockWidgetArea);
  below(u"watchers"_s, u"revisions"_s);
  below(u"revisions"_s, u"interval-tree"_s);
  stack({u"revisions"_s, u"key-index"_s});
  stack({u"interval-tree"_s, u"frames"_s, u"old-watch"_s});
  place(u"timeline"_s, Qt::BottomDockWidgetArea);
  below(u"timeline"_s, u"console"_s);
  beside(u"console"_s, u"lab"_s);
  stack({u"console"_s, u"source"_s});
  stack({u"lab"_s, u"inspector"_s, u"checks"_s});
  const int w = width();
  const int h = height();
  resizeDocks({docks_.at(u"next-steps"_s), docks_.at(u"watchers"_s)}, {w * 21 / 100, w * 38 / 100},
              Qt::Horizontal);
  resizeDocks({docks_.at(u"watchers"_s), docks_.at(u"revisions"_s), docks_.at(u"interval-tree"_s)},
              {h * 20 / 100, h * 18 / 100, h * 18 / 100}, Qt::Vertical);
  resizeDocks({docks_.at(u"timeline"_s), docks_.at(u"console"_s)}, {h * 14 / 100, h * 22 / 100},
              Qt::Vertical);
}

// Two panels fill the right; the console stands below, and beside it what else one looks at, as tabs.
void MainWindow::arrange_desk(const Desk& desk) {
  host_ = desk.upper;
  place(u"next-steps"_s, Qt::LeftDockWidgetArea);
  place(desk.upper, Qt::RightDockWidgetArea);
  below(desk.upper, desk.lower);
  place(u"timeline"_s, Qt::BottomDockWidgetArea);
  below(u"timeline"_s, u"console"_s);
  beside(u"console"_s, desk.tabs.front());
  stack({u"console"_s, u"source"_s});
  stack(desk.tabs);
  const int w = width();
  const int h = height();
  resizeDocks({docks_.at(u"next-steps"_s), docks_.at(desk.upper)},
              {w * desk.left / 100, w * desk.right / 100}, Qt::Horizontal);
  resizeDocks({docks_.at(desk.upper), docks_.at(desk.lower)},
              {h * desk.upper_height / 100, h * desk.lower_height / 100}, Qt::Vertical);
  resizeDocks({docks_.at(u"timeline"_s), docks_.at(u"console"_s)},
              {h * desk.timeline / 100, h * desk.console / 100}, Qt::Vertical);
}

// What a member keeps: the log's files above, the store's pages below.
void MainWindow::arrange_storage() {
  arrange_desk({.upper = u"disk"_s,
                .lower = u"pages"_s,
                .tabs = {u"inspector"_s, u"lab"_s, u"checks"_s, u"revisions"_s},
                .left = 18,
                .right = 52,
                .upper_height = 27,
                .lower_height = 36,
                .timeline = 12,
                .console = 19});
}

// Who may do what, and for how long: users and leases, the callers below.
void MainWindow::arrange_services() {
  arrange_desk({.upper = u"auth"_s,
                .lower = u"leases"_s,
                .tabs = {u"clients"_s, u"lab"_s, u"inspector"_s, u"checks"_s},
                .left = 18,
                .right = 46,
                .upper_height = 34,
                .lower_height = 22,
                .timeline = 13,
                .console = 26});
}

// The members side by side, and what their answers and artefacts say: for an investigation.
void MainWindow::arrange_hunt() {
  arrange_desk({.upper = u"evidence"_s,
                .lower = u"members"_s,
                .tabs = {u"checks"_s, u"inspector"_s, u"lab"_s, u"clients"_s},
                .left = 16,
                .right = 50,
                .upper_height = 36,
                .lower_height = 22,
                .timeline = 11,
                .console = 24});
  // Where it is low, one stack fills the column.
  const QStringList stores{u"revisions"_s, u"key-index"_s, u"pages"_s, u"watchers"_s};
  if (height() < kLowWindow) {
    stack(QStringList{u"evidence"_s, u"members"_s, u"auth"_s} + stores);
  } else {
    stack({u"evidence"_s, u"auth"_s});
    stack(QStringList{u"members"_s} + stores);
  }
}

}  // namespace orrery::gui
