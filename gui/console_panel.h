// ConsolePanel: the command language, typed; every act of every button stands here too.
//   used by: main window    uses: Session, lang (completion)
#pragma once

#include <QLineEdit>
#include <QPlainTextEdit>
#include <QWidget>

#include "gui/session.h"

namespace orrery::gui {

// A line with history (Up, Down) and completion (Tab): one candidate is filled in, several are listed.
class CommandLine : public QLineEdit {
  Q_OBJECT

 public:
  CommandLine(Session* session, QWidget* parent);

 Q_SIGNALS:
  void candidates(const QString& words);

 protected:
  bool event(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void complete();
  void recall(int by);

  Session* session_;
  qsizetype recalled_ = -1;  // in session().typed(); -1 = the line being written
};

// Shows the last line whole, whatever the panel's size becomes; who has scrolled back stays there.
class ConsoleLog : public QPlainTextEdit {
  Q_OBJECT

 public:
  using QPlainTextEdit::QPlainTextEdit;

  void to_end();

 protected:
  void resizeEvent(QResizeEvent* event) override;
};

class ConsolePanel : public QWidget {
  Q_OBJECT

 public:
  ConsolePanel(Session* session, const Theme* theme, QWidget* parent);

  CommandLine* line() { return line_; }
  QPlainTextEdit* log() { return log_; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void append_new();
  void restyle();

  Session* session_;
  const Theme* theme_;
  ConsoleLog* log_;
  CommandLine* line_;
  std::size_t shown_ = 0;  // lines of the session's console
};

}  // namespace orrery::gui
