#include "gui/main_window.h"

#include <algorithm>
#include <array>

#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QStatusBar>
#include <QTableView>

#include "gui/checks_model.h"
#include "gui/checks_panel.h"
#include "gui/console_panel.h"
#include "gui/describe.h"
#include "gui/inspector_panel.h"
#include "gui/lab_panel.h"
#include "gui/next_steps_panel.h"
#include "gui/picture_panel.h"
#include "gui/source_panel.h"
#include "gui/words.h"
#include "source_dir.h"

namespace orrery::gui {

using namespace Qt::Literals::StringLiterals;

namespace {

// How fast the crank turns by itself.
struct Speed {
  int millis;  // between slices
  std::uint64_t steps;
};

constexpr std::array<Speed, 3> kSpeeds{{{250, 1}, {40, 4}, {40, 60}}};

}  // namespace

MainWindow::MainWindow(Session* session, const Theme& theme) : session_(session), theme_(theme) {
  setWindowTitle(u"Orrery"_s);
  setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  make_panels();
  make_menus();
  make_tool_bar();
  make_status();
  set_speed(1);
  connect(&run_timer_, &QTimer::timeout, this, &MainWindow::run_slice);
  connect(session_, &Session::cursor_moved, this, &MainWindow::refresh_status);
  connect(session_, &Session::lab_changed, this, &MainWindow::refresh_status);
  connect(session_, &Session::door_changed, this, &MainWindow::refresh_status);
  qApp->installEventFilter(this);
  set_layout(Layout::Start);
  refresh_status();
}

void MainWindow::add_panel(const QString& name, const char* title, QWidget* widget) {
  auto* dock = new QDockWidget(phrase(title), this);
  dock->setObjectName(name);
  dock->setWidget(widget);
  widget->setObjectName(name + u"-panel"_s);
  docks_.emplace(name, dock);
}

void MainWindow::add_picture(const QString& name, const char* title, Picture (*draw)(const Scene&),
                             int follow) {
  add_picture(
      name, title, [draw](const Session&, const Scene& scene) { return draw(scene); }, follow);
}

void MainWindow::add_picture(const QString& name, const char* title, Draw draw, int follow) {
  auto* panel = new PicturePanel(session_, &theme_, std::move(draw),
                                 static_cast<PicturePanel::Follow>(follow), this);
  panel->setAccessibleName(phrase(title));
  add_panel(name, title, panel);
}

void MainWindow::make_panels() {
  canvas_ = new PicturePanel(
      session_, &theme_, [](const Session&, const Scene& scene) { return draw_cluster(scene); },
      PicturePanel::Follow::Nothing, this);
  canvas_->setAccessibleName(phrase("cluster"));
  canvas_->setObjectName(u"cluster-panel"_s);
  setCentralWidget(canvas_);
  constexpr int kBottom = static_cast<int>(PicturePanel::Follow::Bottom);
  constexpr int kRight = static_cast<int>(PicturePanel::Follow::Right);
  add_picture(u"raft-logs"_s, "Raft logs", draw_raft_logs, kBottom);
  add_picture(u"revisions"_s, "Revisions", draw_revisions, kRight);
  add_picture(u"watchers"_s, "Watchers", draw_watchers, 0);
  add_picture(u"interval-tree"_s, "Interval tree", draw_interval_tree, 0);
  add_picture(u"key-index"_s, "Key index", draw_key_index, 0);
  add_picture(u"frames"_s, "Frames", draw_frames, 0);
  add_picture(u"old-watch"_s, "Old watch", draw_old_watch, 0);
  add_picture(u"members"_s, "Members", [](const Session& session, const Scene& scene) {
    return draw_members_table(scene, session.series());
  });
  add_picture(u"leases"_s, "Leases", draw_leases, 0);
  add_picture(u"auth"_s, "Auth", draw_auth, 0);
  add_picture(u"clients"_s, "Clients", draw_clients, kBottom);
  add_picture(u"evidence"_s, "Evidence", [](const Session& session, const Scene& scene) {
    return draw_evidence(scene, session.checks());
  });
  add_picture(u"disk"_s, "Disk and WAL", draw_disk, kBottom);
  add_picture(u"pages"_s, "Pages", draw_pages, 0);
  add_picture(u"partition"_s, "Partition", draw_partition, 0);
  add_panel(u"timeline"_s, "Timeline", new TimelinePanel(session_, &theme_, this));
  add_panel(u"next-steps"_s, "Next steps",
            next_steps_ = new NextStepsPanel(session_, &theme_, this));
  add_panel(u"console"_s, "Console", console_ = new ConsolePanel(session_, &theme_, this));
  add_panel(u"lab"_s, "Lab", lab_ = new LabPanel(session_, &theme_, this));
  add_panel(u"inspector"_s, "Inspector", inspector_ = new InspectorPanel(session_, &theme_, this));
  add_panel(u"source"_s, "Source", new SourcePanel(session_, &theme_, this));
  add_panel(u"checks"_s, "Checks", new ChecksPanel(session_, &theme_, this));
}

QWidget* MainWindow::panel(const QString& name) const {
  if (name == u"cluster"_s) return canvas_;
  const auto at = docks_.find(name);
  return at == docks_.end() ? nullptr : at->second->widget();
}

QStringList MainWindow::panel_names() const {
  QStringList out{u"cluster"_s};
  for (const auto& [name, dock] : docks_) out << name;
  return out;
}

void MainWindow::raise_panel(const QString& name) {
  const auto at = docks_.find(name);
  if (at == docks_.end()) return;
  give_a_place(at->second);
  at->second->show();
  at->second->raise();
}

void MainWindow::make_status() {
  status_ = new QLabel(this);
  lights_ = new QLabel(this);
  statusBar()->addPermanentWidget(status_, 1);
  statusBar()->addPermanentWidget(lights_);
  statusBar()->setSizeGripEnabled(false);
}

void MainWindow::refresh_status() {
  const auto& timeline = session_->timeline();
  const QString compared =
      session_->has_pinned_base()
          ? phrase("changes since the pinned step ") + q(session_->base().steps())
          : phrase("changes since step ") + q(session_->base().steps());
  status_->setText(u" %1 %2   %3   %4   %5"_s.arg(
      phrase("step"), q(session_->position()), time_words(session_->world().now()),
      phrase("branch ") + q(timeline.branches()[timeline.branch()].name), compared));
  const QStringList door = session_->door_endpoints();
  if (!door.isEmpty()) {
    status_->setText(status_->text() + u"   "_s + phrase("door ") + door.join(u","_s));
  }
  const auto count = [this](CheckLight::State state) {
    return std::ranges::count(session_->checks(), state, &CheckLight::state);
  };
  const auto broken = count(CheckLight::State::Broken);
  const auto mended = count(CheckLight::State::Mended);
  lights_->setText(broken > 0   ? phrase("\u2717 checks broken: %1 ").arg(broken)
                   : mended > 0 ? phrase("! every check holds; once broken: %1 ").arg(mended)
                                : phrase("\u2713 every check holds "));
  const QString lab = session_->lab().title;
  setWindowTitle(lab.isEmpty() ? u"Orrery"_s : QString(lab + u" \u2014 Orrery"_s));
}

// Running advances in slices, so that the window stays live; Escape and Space stop it.
void MainWindow::toggle_run() {
  if (!run_timer_.isActive()) {
    run_steps_ = 0;
    run_timer_.start();
    return;
  }
  run_timer_.stop();
  session_->note_performed(u"step "_s + q(run_steps_));
}

void MainWindow::set_speed(int speed) {
  const Speed& chosen = kSpeeds[static_cast<std::size_t>(speed)];
  run_timer_.setInterval(chosen.millis);
  slice_steps_ = chosen.steps;
}

void MainWindow::run_slice() {
  if (session_->execute_quietly(u"step "_s + q(slice_steps_))) {
    run_steps_ += slice_steps_;
  } else {
    toggle_run();
  }
}

void MainWindow::set_theme(const Theme& theme) {
  theme_ = theme;
  apply_theme(theme_);
  for (QWidget* widget : findChildren<QWidget*>()) widget->update();
}

void MainWindow::open_lab_dialog() {
  const QString folder = QFileDialog::getExistingDirectory(
      this, phrase("Open lab"), QStringLiteral(ORRERY_SOURCE_DIR "/labs"));
  if (folder.isEmpty()) return;
  if (const auto opened = session_->open_lab(folder); !opened) {
    QMessageBox::warning(this, phrase("Open lab"), q(opened.error().detail));
  }
}

void MainWindow::export_picture() {
  const QString file = QFileDialog::getSaveFileName(this, phrase("Save picture"), u"orrery.png"_s,
                                                    phrase("Pictures (*.png)"));
  if (file.isEmpty() || grab().save(file)) return;
  QMessageBox::warning(this, phrase("Save picture"),
                       phrase("The picture could not be written to ") + file);
}

void MainWindow::remember_settings() {
  remembers_ = true;
  const QSettings settings(u"orrery"_s, u"orrery-gui"_s);
  const bool dark = settings.value(u"dark"_s, theme_.mode() == Theme::Mode::Dark).toBool();
  set_theme(Theme(dark ? Theme::Mode::Dark : Theme::Mode::Light,
                  settings.value(u"scale"_s, theme_.scale()).toInt()));
  detail_->setCurrentIndex(settings.value(u"detail"_s, detail_->currentIndex()).toInt());
  restoreGeometry(settings.value(u"geometry"_s).toByteArray());
  restoreState(settings.value(u"state"_s).toByteArray());
}

void MainWindow::closeEvent(QCloseEvent* event) {
  run_timer_.stop();
  if (remembers_) {
    QSettings settings(u"orrery"_s, u"orrery-gui"_s);
    settings.setValue(u"geometry"_s, saveGeometry());
    settings.setValue(u"state"_s, saveState());
    settings.setValue(u"dark"_s, theme_.mode() == Theme::Mode::Dark);
    settings.setValue(u"scale"_s, theme_.scale());
    settings.setValue(u"detail"_s, detail_->currentIndex());
  }
  QMainWindow::closeEvent(event);
}

}  // namespace orrery::gui
