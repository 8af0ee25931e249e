// Menus and tool bar: every act is a line for the session.
#include <algorithm>

#include <QActionGroup>
#include <QApplication>
#include <QComboBox>
#include <QMenuBar>
#include <QToolBar>
#include <QToolButton>

#include "gui/lab_panel.h"
#include "gui/main_window.h"
#include "gui/words.h"

namespace orrery::gui {

using namespace Qt::Literals::StringLiterals;

namespace {

// The key is told, not bound: letters act through window_keys.cc, never inside a text field.
QString with_key(const QString& words, const QString& key) {
  return key.isEmpty() ? words : QString(words + u"\t"_s + key);
}

template <class Of>
std::int64_t most_of(const sim::World& world, Of&& of) {
  std::int64_t most = 0;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (world.member(no).up()) most = std::max(most, of(world.member(no).running()));
  }
  return most;
}

std::uint64_t events_told(const sim::World& world) {
  std::uint64_t most = 0;
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [stream, watch] : client->watches()) most = std::max(most, watch.events);
  }
  return most;
}

}  // namespace

QString MainWindow::member_name() const {
  return u"n"_s + q(session_->shown_member());
}

QAction* MainWindow::command_action(QMenu* menu, const QString& words, const QString& key_hint,
                                    std::function<QString()> line) {
  QAction* action = menu->addAction(with_key(words, key_hint));
  connect(action, &QAction::triggered, this, [this, line] { session_->execute(line()); });
  return action;
}

void MainWindow::until(const QString& goal) {
  session_->execute(u"until %1 within 10s"_s.arg(goal));
}

void MainWindow::make_menus() {
  QMenu* file = menuBar()->addMenu(phrase("&File"));
  file->addAction(with_key(phrase("&Labs"), u"Shift+L"_s), this, [this] {
    raise_panel(u"lab"_s);
    lab_->show_labs();
  });
  file->addAction(phrase("&Open lab from a folder\u2026"), this, &MainWindow::open_lab_dialog);
  file->addAction(phrase("Save &picture\u2026"), this, [this] { export_picture(); });
  file->addSeparator();
  file->addAction(phrase("&Quit"), QKeySequence::Quit, this, &QWidget::close);
  make_time_menu();
  make_fault_menu();
  make_door_menu();
  make_view_menu();
  QMenu* help = menuBar()->addMenu(phrase("&Help"));
  help->addAction(with_key(phrase("&Keys"), u"?"_s), this, &MainWindow::show_keys);
  help->addAction(phrase("&Commands"), this, [this] {
    raise_panel(u"console"_s);
    session_->execute(u"help"_s);
  });
}

void MainWindow::make_time_menu() {
  QMenu* time = menuBar()->addMenu(phrase("&Time"));
  time->addAction(with_key(phrase("Step"), u"N"_s), this, [this] { session_->step(); });
  time->addAction(with_key(phrase("Back"), u"P"_s), this, [this] { session_->back(); });
  command_action(time, phrase("Step a phase"), {}, [] { return u"step phase"_s; });
  command_action(time, phrase("Step an event"), {}, [] { return u"step event"_s; });
  command_action(time, phrase("Step a round"), {}, [] { return u"step round"_s; });
  command_action(time, phrase("Settle"), u"S"_s, [] { return u"settle"_s; });
  command_action(time, phrase("To the beginning"), u"Home"_s, [] { return u"jump 0"_s; });
  command_action(time, phrase("To the end"), u"End"_s,
                 [this] { return QString(u"jump "_s + q(session_->steps().marks().size())); });
  make_goals();
  time->addMenu(goals_);
  time->addAction(with_key(phrase("Undo the last act"), u"Ctrl+Z"_s), this,
                  [this] { session_->undo(); });
  time->addSeparator();
  command_action(time, phrase("Branch here"), u"F"_s, [] { return u"branch"_s; });
  time->addAction(phrase("Pin this step as the base of comparison"), this,
                  [this] { session_->pin_base(); });
  time->addAction(phrase("Compare with the step before again"), this,
                  [this] { session_->unpin_base(); });
}

// What a run can wait for, as the expressions of the command language that they are.
void MainWindow::make_goals() {
  goals_ = new QMenu(phrase("Run until"), this);
  const auto goal = [this](const char* words, auto&& expression) {
    goals_->addAction(phrase(words), this, [this, expression] { until(expression()); });
  };
  const auto world = [this]() -> const sim::World& { return session_->world(); };
  goal("somebody leads", [] { return u"leader != none"_s; });
  goal("the next election", [world] {
    const auto term = most_of(world(), [](const server::Running& run) {
      return static_cast<std::int64_t>(run.raft.term().value());
    });
    return QString(u"leader != none and leader.term > "_s + q(term));
  });
  goal("the next commit", [world] {
    const auto commit = most_of(world(), [](const server::Running& run) {
      return static_cast<std::int64_t>(run.raft.log().committed().value());
    });
    return QString(u"any m: m.commit > "_s + q(commit));
  });
  goal("the next apply on the selected member", [this] {
    const auto& member = session_->world().member(session_->shown_member());
    const std::uint64_t applied = member.up() ? member.running().applied.value() : 0;
    return u"%1.applied > %2"_s.arg(member_name(), q(applied));
  });
  goal("the next watch event",
       [world] { return QString(u"any w in watches: w.events > "_s + q(events_told(world()))); });
  goal("a watcher whose channel is full", [] { return u"any w in watches: w.pool == victim"_s; });
  goal("the next compaction", [world] {
    const auto compacted =
        most_of(world(), [](const server::Running& run) { return run.store.compact_revision(); });
    return QString(u"any m: m.compacted > "_s + q(compacted));
  });
  goal("a claim is violated", [] { return u"violations > 0"_s; });
  goals_->addSeparator();
  goals_->addAction(with_key(phrase("a condition of your own\u2026"), u"G"_s), this,
                    [this] { type_in_console(u"until leader != none within 10s"_s); });
}

void MainWindow::make_fault_menu() {
  QMenu* fault = menuBar()->addMenu(phrase("Fa&ult"));
  command_action(fault, phrase("Crash the selected member"), u"X"_s,
                 [this] { return QString(u"crash "_s + member_name()); });
  command_action(fault, phrase("Restart it"), u"R"_s,
                 [this] { return QString(u"restart "_s + member_name()); });
  command_action(fault, phrase("Fire its tick"), u"T"_s,
                 [this] { return QString(u"fire %1 tick"_s.arg(member_name())); });
  command_action(fault, phrase("Cut it off from the others"), u"I"_s,
                 [this] { return QString(u"partition "_s + member_name()); });
  fault->addAction(with_key(phrase("Crash just before the selected step"), u"Shift+X"_s), this,
                   [this] { crash_before_selected(); });
  fault->addAction(with_key(phrase("Partition matrix"), u"Shift+I"_s), this,
                   [this] { raise_panel(u"partition"_s); });
  command_action(fault, phrase("Heal every link"), u"M"_s, [] { return u"heal"_s; });
}

void MainWindow::make_door_menu() {
  QMenu* door = menuBar()->addMenu(phrase("&Door"));
  command_action(door, phrase("Open front door"), {}, [] { return u"door open"_s; });
  command_action(door, phrase("Move it here"), {}, [] { return u"door here"_s; });
  command_action(door, phrase("Close it"), {}, [] { return u"door close"_s; });
}

void MainWindow::make_view_menu() {
  QMenu* view = menuBar()->addMenu(phrase("&View"));
  view->addAction(phrase("Layout &Start"), QKeySequence(u"Ctrl+1"_s), this,
                  [this] { set_layout(Layout::Start); });
  view->addAction(phrase("Layout &Raft"), QKeySequence(u"Ctrl+2"_s), this,
                  [this] { set_layout(Layout::Raft); });
  view->addAction(phrase("Layout &Watch"), QKeySequence(u"Ctrl+3"_s), this,
                  [this] { set_layout(Layout::Watch); });
  view->addAction(phrase("Layout St&orage"), QKeySequence(u"Ctrl+4"_s), this,
                  [this] { set_layout(Layout::Storage); });
  view->addAction(phrase("Layout &Auth and leases"), QKeySequence(u"Ctrl+5"_s), this,
                  [this] { set_layout(Layout::Services); });
  view->addAction(phrase("Layout &Bug hunt"), QKeySequence(u"Ctrl+6"_s), this,
                  [this] { set_layout(Layout::Hunt); });
  view->addSeparator();
  view->addAction(phrase("Light"), this,
                  [this] { set_theme(Theme(Theme::Mode::Light, theme_.scale())); });
  view->addAction(phrase("Dark"), this,
                  [this] { set_theme(Theme(Theme::Mode::Dark, theme_.scale())); });
  view->addAction(phrase("Larger text"), QKeySequence(QKeySequence::ZoomIn), this,
                  [this] { set_theme(Theme(theme_.mode(), theme_.scale() + 10)); });
  view->addAction(phrase("Smaller text"), QKeySequence(QKeySequence::ZoomOut), this,
                  [this] { set_theme(Theme(theme_.mode(), theme_.scale() - 10)); });
  view->addSeparator();
  QMenu* detail = view->addMenu(phrase("What counts as a step"));
  detail->addAction(with_key(phrase("Coarser"), u"["_s), this, [this] { coarser(1); });
  detail->addAction(with_key(phrase("Finer"), u"]"_s), this, [this] { coarser(-1); });
  QAction* titles = view->addAction(phrase("Title bars of stacked panels"));
  titles->setCheckable(true);
  connect(titles, &QAction::toggled, this, [this](bool on) {
    stack_titles_ = on;
    hide_titles_of_stacks();
  });
  QMenu* panels = view->addMenu(phrase("Panels"));
  for (const auto& [name, dock] : docks_) {
    panels->addAction(dock->toggleViewAction());
    connect(dock->toggleViewAction(), &QAction::triggered, this, [this, name = name](bool on) {
      if (on) raise_panel(name);
    });
  }
}

void MainWindow::coarser(int by) {
  detail_->setCurrentIndex(std::clamp(detail_->currentIndex() - by, 0, detail_->count() - 1));
}

void MainWindow::make_tool_bar() {
  QToolBar* bar = addToolBar(phrase("Tools"));
  bar->setObjectName(u"tools"_s);
  bar->setMovable(false);
  bar->setToolButtonStyle(Qt::ToolButtonTextOnly);
  add_buttons(bar);
  add_choices(bar);
}

void MainWindow::add_buttons(QToolBar* bar) {
  const auto button = [&](const QString& words, const QString& hint, auto&& act) {
    QAction* action = bar->addAction(words);
    action->setToolTip(hint);
    connect(action, &QAction::triggered, this, act);
    if (QWidget* widget = bar->widgetForAction(action)) widget->setFocusPolicy(Qt::NoFocus);
  };
  button(u"|\u25c0"_s, phrase("To the beginning (Home)"),
         [this] { session_->execute(u"jump 0"_s); });
  button(phrase("\u25c0 Back"), phrase("One step back (P)"), [this] { session_->back(); });
  button(phrase("Step \u25b6"), phrase("What the schedule takes next (N)"),
         [this] { session_->step(); });
  button(phrase("Run"), phrase("Run and pause (Space)"), [this] { toggle_run(); });
  auto* goals = new QToolButton(bar);
  goals->setText(phrase("Until"));
  goals->setToolTip(phrase("Run until something happens (G)"));
  goals->setMenu(goals_);
  goals->setPopupMode(QToolButton::InstantPopup);
  goals->setFocusPolicy(Qt::NoFocus);
  bar->addWidget(goals);
  button(phrase("Settle"), phrase("Until every call is answered and applied everywhere (S)"),
         [this] { session_->execute(u"settle"_s); });
  bar->addSeparator();
  button(phrase("put\u2026"), phrase("A client request (C)"),
         [this] { type_in_console(u"put hello world1 &"_s); });
  button(phrase("watch\u2026"), phrase("A watch (Shift+W)"),
         [this] { type_in_console(u"watch hello --rev=1 &"_s); });
  button(phrase("compact\u2026"), phrase("A compaction (Shift+C)"), [this] {
    type_in_console(u"compact "_s + q(most_of(session_->world(), [](const server::Running& run) {
                      return run.store.current_revision();
                    })));
  });
  bar->addSeparator();
  button(phrase("Crash"), phrase("Crash the selected member (X)"),
         [this] { session_->execute(u"crash "_s + member_name()); });
  button(phrase("Restart"), phrase("Restart the selected member (R)"),
         [this] { session_->execute(u"restart "_s + member_name()); });
  button(phrase("Partition"),
         phrase("The matrix of links (Shift+I); I cuts the selected member off"),
         [this] { raise_panel(u"partition"_s); });
  button(phrase("Heal"), phrase("Mend every link (M)"), [this] { session_->execute(u"heal"_s); });
  bar->addSeparator();
  button(phrase("Branch"), phrase("A branch at the cursor (F)"),
         [this] { session_->execute(u"branch"_s); });
  button(phrase("Lab \u25b6"), phrase("The scenario's next part (L)"),
         [this] { session_->continue_lab(); });
  button(phrase("Door"), phrase("Opens the front door to real clients, or closes it"), [this] {
    session_->execute(session_->door_endpoints().isEmpty() ? u"door open"_s : u"door close"_s);
  });
  bar->addSeparator();
}

void MainWindow::add_choices(QToolBar* bar) {
  const auto choice = [&](const QStringList& words, int first, const QString& hint) {
    auto* box = new QComboBox(bar);
    box->addItems(words);
    box->setCurrentIndex(first);
    box->setToolTip(hint);
    box->setAccessibleName(hint);
    box->setFocusPolicy(Qt::TabFocus);
    bar->addWidget(box);
    return box;
  };
  detail_ =
      choice({phrase("student"), phrase("storage"), phrase("engineer")},
             static_cast<int>(session_->detail()),
             phrase("What counts as a step ( [ and ] ): messages and commits; also writes and "
                    "fsyncs; every phase"));
  connect(detail_, &QComboBox::currentIndexChanged, this,
          [this](int index) { session_->set_detail(static_cast<Detail>(index)); });
  auto* speed = choice({phrase("slow"), phrase("normal"), phrase("fast")}, 1,
                       phrase("How fast Run turns the crank"));
  connect(speed, &QComboBox::currentIndexChanged, this, [this](int index) { set_speed(index); });
}

}  // namespace orrery::gui
