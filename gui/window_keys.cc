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
  if (QApplication::activeModalWidget() != nullptr || QApplication::activePopupWidget() != nullptr)
    return false;
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
  if (key == Qt::Key_Question) {
    show_keys();
    return true;
  }
  if (modifiers == Qt::ShiftModifier && key == Qt::Key_X) return on_plain_key(Qt::Key_X);
  if (modifiers != Qt::NoModifier) return false;
  if (key >= Qt::Key_1 && key <= Qt::Key_9) return next_steps_->perform_numbered(key - Qt::Key_0);
  if (key == Qt::Key_Return || key == Qt::Key_Enter) {
    if (QApplication::focusWidget() != next_steps_->view()) return false;
    const QString command = next_steps_->chosen_command();
    return !command.isEmpty() && session_->execute(command);
  }
  return on_answer_key(key) || on_plain_key(key) || on_message_key(key);
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
  const auto run = [this](const QString& line) {
    session_->execute(line);
    return true;
  };
  if (key == Qt::Key_N)
    session_->step();
  else if (key == Qt::Key_P)
    session_->back();
  else if (key == Qt::Key_Space)
    toggle_run();
  else if (key == Qt::Key_L)
    session_->continue_lab();
  else if (key == Qt::Key_S)
    return run(u"settle"_s);
  else if (key == Qt::Key_X)
    return run(u"crash "_s + member_name());
  else if (key == Qt::Key_R)
    return run(u"restart "_s + member_name());
  else if (key == Qt::Key_T)
    return run(u"fire %1 tick"_s.arg(member_name()));
  else if (key == Qt::Key_I)
    return run(u"partition "_s + member_name());
  else if (key == Qt::Key_M)
    return run(u"heal"_s);
  else if (key == Qt::Key_F)
    return run(u"branch"_s);
  else if (key == Qt::Key_C)
    type_in_console(u"put hello world1 &"_s);
  else if (key == Qt::Key_B)
    type_in_console(u"break "_s);
  else if (key == Qt::Key_Slash)
    next_steps_->focus_filter();
  else if (key == Qt::Key_Home)
    return run(u"jump 0"_s);
  else if (key == Qt::Key_End)
    return run(u"jump "_s + q(session_->steps().marks().size()));
  else if (key == Qt::Key_W) {
    raise_panel(u"inspector"_s);
    inspector_->show_why();
  } else
    return false;
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
        seen[i] == QApplication::focusWidget())
      at = i + 1;
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
      phrase(
          "N, P: step, back\nSpace: run, pause (Escape stops)\n1 to 9, Enter: perform a next step\n"
          "S: settle\nHome, End: beginning, end of the branch\nX, R, T: crash, restart, fire the "
          "tick of the "
          "selected member\nI, M: cut the selected member off, mend every link\nD, U, H: drop, "
          "duplicate, hold the "
          "selected message\nC: client request\nB: breakpoint\nF: branch here\nL: continue the "
          "lab; A to E answer\n"
          "W: why?\n/: filter the next steps\nF6: next panel\nCtrl+1, 2, 3: layouts\nCtrl+C in a "
          "picture: copy it as "
          "text"));
}

}  // namespace orrery::gui
