// Layouts: where the docks stand for a purpose.
#include "gui/main_window.h"

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

void MainWindow::arrange_start() {
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

// What a member keeps fills the right: the log's files above, the store's pages below.
void MainWindow::arrange_storage() {
  place(u"next-steps"_s, Qt::LeftDockWidgetArea);
  place(u"disk"_s, Qt::RightDockWidgetArea);
  below(u"disk"_s, u"pages"_s);
  place(u"timeline"_s, Qt::BottomDockWidgetArea);
  below(u"timeline"_s, u"console"_s);
  beside(u"console"_s, u"inspector"_s);
  stack({u"console"_s, u"source"_s});
  stack({u"inspector"_s, u"lab"_s, u"checks"_s, u"revisions"_s});
  const int w = width();
  const int h = height();
  resizeDocks({docks_.at(u"next-steps"_s), docks_.at(u"disk"_s)}, {w * 18 / 100, w * 52 / 100},
              Qt::Horizontal);
  resizeDocks({docks_.at(u"disk"_s), docks_.at(u"pages"_s)}, {h * 27 / 100, h * 36 / 100},
              Qt::Vertical);
  resizeDocks({docks_.at(u"timeline"_s), docks_.at(u"console"_s)}, {h * 12 / 100, h * 19 / 100},
              Qt::Vertical);
}

// Who may do what, and for how long: users and leases on the right, the callers below.
void MainWindow::arrange_services() {
  place(u"next-steps"_s, Qt::LeftDockWidgetArea);
  place(u"auth"_s, Qt::RightDockWidgetArea);
  below(u"auth"_s, u"leases"_s);
  place(u"timeline"_s, Qt::BottomDockWidgetArea);
  below(u"timeline"_s, u"console"_s);
  beside(u"console"_s, u"clients"_s);
  stack({u"console"_s, u"source"_s});
  stack({u"clients"_s, u"lab"_s, u"inspector"_s, u"checks"_s});
  const int w = width();
  const int h = height();
  resizeDocks({docks_.at(u"next-steps"_s), docks_.at(u"auth"_s)}, {w * 18 / 100, w * 46 / 100},
              Qt::Horizontal);
  resizeDocks({docks_.at(u"auth"_s), docks_.at(u"leases"_s)}, {h * 34 / 100, h * 22 / 100},
              Qt::Vertical);
  resizeDocks({docks_.at(u"timeline"_s), docks_.at(u"console"_s)}, {h * 13 / 100, h * 26 / 100},
              Qt::Vertical);
}

// The members side by side, and what their answers and artefacts say: the desk of an investigation.
void MainWindow::arrange_hunt() {
  place(u"next-steps"_s, Qt::LeftDockWidgetArea);
  place(u"evidence"_s, Qt::RightDockWidgetArea);
  below(u"evidence"_s, u"members"_s);
  place(u"timeline"_s, Qt::BottomDockWidgetArea);
  below(u"timeline"_s, u"console"_s);
  beside(u"console"_s, u"checks"_s);
  stack({u"console"_s, u"source"_s});
  stack({u"checks"_s, u"inspector"_s, u"lab"_s, u"clients"_s});
  const int w = width();
  const int h = height();
  resizeDocks({docks_.at(u"next-steps"_s), docks_.at(u"evidence"_s)}, {w * 16 / 100, w * 50 / 100},
              Qt::Horizontal);
  resizeDocks({docks_.at(u"evidence"_s), docks_.at(u"members"_s)}, {h * 36 / 100, h * 22 / 100},
              Qt::Vertical);
  resizeDocks({docks_.at(u"timeline"_s), docks_.at(u"console"_s)}, {h * 13 / 100, h * 24 / 100},
              Qt::Vertical);
}

}  // namespace orrery::gui
