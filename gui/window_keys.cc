// Keys: letters act while no text field has the focus; Space never presses a button.
#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QTextEdit>

#include "gui/console_panel.h"
#include "gui/inspector_panel.h"
#include "gui/lab_panel.h"
#include "gui/main_window.h"
#include "gui/next_steps_panel.h"
#include "gui/picture_panel.h"
#include "gui/words.h"

namespace orrery::gui {

using namespace Qt::Literals::StringLiterals;

bool MainWindow::is_typing() const {
  const QWidget* focus = QApplication::focusWidget();
  if (qobject_cast<const QLineEdit*>(focus) != nullptr) return true;
  if (qobject_cast<const QComboBox*>(focus) != nullptr) return true;
  const auto* text = qobject_cast<const QPlainTextEdit*>(focus);
  return text != nullptr && !text->isReadOnly();
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::KeyPress || !watched->isWidgetType()) return false;
  if (QApplication::activeModalWidget() != nullptr ||
      QApplication::activePopupWidget() != nullptr) {
    return false;
  }
  if (static_cast<QWidget*>(watched)->window() != this) return false;
  const auto* key = static_cast<QKeyEvent*>(event);
  return on_key(key->key(), key->modifiers() & ~Qt::KeypadModifier);
}

bool MainWindow::on_key(int key, Qt::KeyboardModifiers modifiers) {
  if (key == Qt::Key_F6) {
    focus_next_panel();
    return true;
  }
  if (key == Qt::Key_Escape) {
    if (is_running()) toggle_run();
    if (is_typing()) next_steps_->view()->setFocus();
    return true;
  }
  if (is_typing()) return false;
  if (modifiers == Qt::ControlModifier && key == Qt::Key_Z) {
    session_->undo();
    return true;
  }
  if (key == Qt::Key_Question) {
    show_keys();
    return true;
  }
  if (modifiers == Qt::ShiftModifier) return on_shift_key(key);
  if (modifiers != Qt::NoModifier) return false;
  if (key >= Qt::Key_1 && key <= Qt::Key_9) return next_steps_->perform_numbered(key - Qt::Key_0);
  if (key == Qt::Key_Return || key == Qt::Key_Enter) {
    if (QApplication::focusWidget() != next_steps_->view()) return false;
    const QString command = next_steps_->chosen_command();
    return !command.isEmpty() && session_->execute(command);
  }
  return on_answer_key(key) || on_plain_key(key) || on_place_key(key) || on_message_key(key);
}

bool MainWindow::on_shift_key(int key) {
  if (key == Qt::Key_X) {
    crash_before_selected();
  } else if (key == Qt::Key_C) {
    const auto& member = session_->world().member(session_->shown_member());
    const std::int64_t revision = member.up() ? member.running().store.current_revision() : 1;
    type_in_console(u"compact "_s + q(revision));
  } else if (key == Qt::Key_W) {
    type_in_console(u"watch hello --rev=1 &"_s);
  } else if (key == Qt::Key_L) {
    raise_panel(u"lab"_s);
    lab_->show_labs();
  } else if (key == Qt::Key_I) {
    raise_panel(u"partition"_s);
    panel(u"partition"_s)->setFocus();
  } else {
    return false;
  }
  return true;
}

// The member that would take the chosen step, or get the chosen message, goes down instead.
void MainWindow::crash_before_selected() {
  const NextRow* row = next_steps_->chosen();
  const std::uint32_t member = row == nullptr ? 0 : row->ref.member;
  session_->execute(u"crash "_s + (member == 0 ? member_name() : QString(u"n"_s + q(member))));
}

// A to E answer the lab's question while one waits, before they mean anything else.
bool MainWindow::on_answer_key(int key) {
  if (!session_->lab().waits_for_answer() || key < Qt::Key_A || key > Qt::Key_E) return false;
  const auto choice = static_cast<std::uint32_t>(key - Qt::Key_A + 1);
  if (choice > session_->lab().question->choices.size()) return false;
  session_->answer_lab(choice);
  return true;
}

bool MainWindow::on_plain_key(int key) {
  QString line;
  switch (key) {
    case Qt::Key_N: session_->step(); return true;
    case Qt::Key_P: session_->back(); return true;
    case Qt::Key_L: session_->continue_lab(); return true;
    case Qt::Key_Space: toggle_run(); return true;
    case Qt::Key_S: line = u"settle"_s; break;
    case Qt::Key_X: line = u"crash "_s + member_name(); break;
    case Qt::Key_R: line = u"restart "_s + member_name(); break;
    case Qt::Key_T: line = u"fire %1 tick"_s.arg(member_name()); break;
    case Qt::Key_I: line = u"partition "_s + member_name(); break;
    case Qt::Key_M: line = u"heal"_s; break;
    case Qt::Key_F: line = u"branch"_s; break;
    case Qt::Key_Home: line = u"jump 0"_s; break;
    case Qt::Key_End: line = u"jump "_s + q(session_->steps().marks().size()); break;
    default: return false;
  }
  session_->execute(line);
  return true;
}

// Keys that lead to a panel, or to the console with a line begun.
bool MainWindow::on_place_key(int key) {
  if (key == Qt::Key_C) {
    type_in_console(u"put hello world1 &"_s);
  } else if (key == Qt::Key_B) {
    type_in_console(u"break "_s);
  } else if (key == Qt::Key_G) {
    type_in_console(u"until leader != none within 10s"_s);
  } else if (key == Qt::Key_Slash) {
    next_steps_->focus_filter();
  } else if (key == Qt::Key_BracketLeft || key == Qt::Key_BracketRight) {
    coarser(key == Qt::Key_BracketLeft ? 1 : -1);
  } else if (key == Qt::Key_W) {
    raise_panel(u"inspector"_s);
    inspector_->show_why();
  } else {
    return false;
  }
  return true;
}

// D, U and H act on the message that is selected.
bool MainWindow::on_message_key(int key) {
  const Ref& ref = session_->selected();
  if (ref.kind != Ref::Kind::Message) return false;
  if (key == Qt::Key_D) return session_->execute(u"perform drop "_s + ref.text);
  if (key == Qt::Key_U) return session_->execute(u"perform duplicate "_s + ref.text);
  if (key == Qt::Key_H) {
    return session_->execute(u"perform hold "_s + ref.text.section(QLatin1Char('#'), 0, 0));
  }
  return false;
}

void MainWindow::type_in_console(const QString& text) {
  raise_panel(u"console"_s);
  console_->line()->setText(text);
  console_->line()->setFocus();
  const auto space = text.indexOf(QLatin1Char(' '));
  console_->line()->setSelection(static_cast<int>(space + 1),
                                 static_cast<int>(text.size() - space - 1));
}

// Around the panels that are seen, in the order of their names.
void MainWindow::focus_next_panel() {
  std::vector<QWidget*> seen{canvas_};
  for (const auto& [name, dock] : docks_) {
    if (!dock->widget()->visibleRegion().isEmpty()) seen.push_back(dock->widget());
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i]->isAncestorOf(QApplication::focusWidget()) ||
        seen[i] == QApplication::focusWidget()) {
      at = i + 1;
    }
  }
  QWidget* next = seen[at % seen.size()];
  if (next == next_steps_) next = next_steps_->view();
  if (next == console_) next = console_->line();
  next->setFocus(Qt::TabFocusReason);
  if (next->focusPolicy() == Qt::NoFocus && next->nextInFocusChain() != nullptr) {
    next->nextInFocusChain()->setFocus(Qt::TabFocusReason);
  }
}

void MainWindow::show_keys() {
  QMessageBox::information(
      this, phrase("Keys"),
      phrase("N, P: step, back.  [ and ]: coarser, finer steps\n"
             "Space: run, pause (Escape stops).  S: settle.  G: run until\n"
             "1 to 9, Enter: perform a next step.  /: filter them\n"
             "Home, End: beginning, end of the branch.  Ctrl+Z: undo.  F: branch here\n"
             "X, R, T: crash, restart, fire the tick of the selected member\n"
             "Shift+X: crash just before the selected step\n"
             "I, M: cut the selected member off, mend every link.  Shift+I: partition matrix\n"
             "D, U, H: drop, duplicate, hold the selected message\n"
             "C, Shift+W, Shift+C: client request, watch, compaction.  B: breakpoint\n"
             "Shift+L: the list of labs.  L: continue the lab; A to E answer.  W: why?\n"
             "F6: next panel.  Arrows: choose in a picture.  Ctrl+C in a picture: copy it as text\n"
             "Ctrl+1 to 6: layouts Start, Raft, Watch, Storage, Auth and leases, Bug hunt"));
}

}  // namespace orrery::gui
