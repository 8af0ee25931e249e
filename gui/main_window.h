// MainWindow: the docks, the tool bar, the keys, the layouts.
//   used by: main.cc, --render, tests    uses: every panel, Session
//   ideas:   panels do not know each other; the window knows them all and gives them nothing but the session.
//   files:   main_window.cc (panels), window_actions.cc (menus, tool bar), window_keys.cc, window_layouts.cc
#pragma once

#include <array>
#include <map>

#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QMainWindow>
#include <QMenu>
#include <QTimer>

#include "gui/picture_panel.h"
#include "gui/session.h"
#include "gui/views.h"

class QToolBar;

namespace orrery::gui {

class ConsolePanel;
class InspectorPanel;
class LabPanel;
class NextStepsPanel;

enum class Layout : std::uint8_t { Start, Raft, Watch, Storage, Services, Hunt };

// As the command line calls them, in the order of Layout.
inline constexpr std::array kLayoutNames{"start", "raft", "watch", "storage", "services", "hunt"};

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  MainWindow(Session* session, const Theme& theme);

  void set_layout(Layout layout);
  // Light and dark, and back.
  void set_theme(const Theme& theme);
  const Theme& theme() const { return theme_; }
  // "cluster", "raft-logs", ...; null = no panel of that name.
  QWidget* panel(const QString& name) const;
  QStringList panel_names() const;
  void raise_panel(const QString& name);

  NextStepsPanel* next_steps() { return next_steps_; }
  ConsolePanel* console() { return console_; }
  LabPanel* lab() { return lab_; }
  InspectorPanel* inspector() { return inspector_; }
  bool is_running() const { return run_timer_.isActive(); }

  void toggle_run();
  void open_lab_dialog();
  void show_keys();

  // Off for tests and pictures: nothing is read from or written to the reader's settings.
  void remember_settings();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void closeEvent(QCloseEvent* event) override;

 private:
  // -- main_window.cc
  void make_panels();
  void add_picture(const QString& name, const char* title, Picture (*draw)(const Scene&),
                   int follow);
  void add_picture(const QString& name, const char* title, Draw draw, int follow = 0);
  void add_panel(const QString& name, const char* title, QWidget* widget);
  void make_status();
  void refresh_status();
  void run_slice();
  void export_picture();

  // -- window_actions.cc
  void make_menus();
  void make_time_menu();
  void make_fault_menu();
  void make_door_menu();
  void make_view_menu();
  void make_goals();
  void make_tool_bar();
  void add_buttons(QToolBar* bar);
  void add_choices(QToolBar* bar);
  QAction* command_action(QMenu* menu, const QString& words, const QString& key_hint,
                          std::function<QString()> line);
  void until(const QString& goal);
  void set_speed(int speed);
  void coarser(int by);
  QString member_name() const;

  // -- window_keys.cc
  bool is_typing() const;
  bool on_key(int key, Qt::KeyboardModifiers modifiers);
  bool on_answer_key(int key);
  bool on_plain_key(int key);
  bool on_shift_key(int key);
  bool on_place_key(int key);
  void crash_before_selected();
  bool on_message_key(int key);
  void type_in_console(const QString& text);
  void focus_next_panel();

  // -- window_layouts.cc
  void place(const QString& name, Qt::DockWidgetArea area);
  void below(const QString& first, const QString& second);
  void beside(const QString& first, const QString& second);
  void stack(const QStringList& names);
  void arrange_start();
  void hide_titles_of_stacks();
  // A panel that the layout leaves out stands as a tab with the layout's largest.
  void give_a_place(QDockWidget* dock);
  void arrange_raft();
  void arrange_watch();
  // Panels by name; widths and heights in percent of the window.
  struct Desk {
    QString upper;
    QString lower;
    QStringList tabs;  // beside the console, the first on top
    int left = 0;
    int right = 0;
    int upper_height = 0;
    int lower_height = 0;
    int timeline = 0;
    int console = 0;
  };
  void arrange_desk(const Desk& desk);
  void arrange_storage();
  void arrange_services();
  void arrange_hunt();

  Session* session_;
  Theme theme_;
  std::map<QString, QDockWidget*> docks_;
  QWidget* canvas_ = nullptr;
  NextStepsPanel* next_steps_ = nullptr;
  ConsolePanel* console_ = nullptr;
  LabPanel* lab_ = nullptr;
  InspectorPanel* inspector_ = nullptr;
  QComboBox* detail_ = nullptr;
  QMenu* goals_ = nullptr;
  QLabel* status_ = nullptr;
  QLabel* lights_ = nullptr;
  QTimer run_timer_;
  std::uint64_t run_steps_ = 0;
  std::uint64_t slice_steps_ = 4;
  QString host_ = QStringLiteral("raft-logs");  // beside which such a panel stands
  bool stack_titles_ = false;  // stacked panels show a title bar too, to be dragged by
  bool remembers_ = false;
};

}  // namespace orrery::gui
