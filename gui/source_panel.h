// SourcePanel: the lines of core/ that decided the last step.
//   used by: main window    uses: Session, host (files)
#pragma once

#include <QLabel>
#include <QPlainTextEdit>
#include <QWidget>

#include "gui/session.h"

namespace orrery::gui {

class Freshener;

class SourcePanel : public QWidget {
  Q_OBJECT

 public:
  SourcePanel(Session* session, const Theme* theme, QWidget* parent);

  QPlainTextEdit* text() { return text_; }
  QLabel* title() { return title_; }

 private:
  void refresh();
  void show_file(const QString& file, int line);

  Session* session_;
  const Theme* theme_;
  QLabel* title_;
  QPlainTextEdit* text_;
  QString shown_;
  Freshener* freshener_;
};

}  // namespace orrery::gui
