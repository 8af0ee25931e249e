// LabPanel: the scenario's words and questions above, the lab's text below.
//   used by: main window    uses: Session
#pragma once

#include <QButtonGroup>
#include <QLabel>
#include <QPushButton>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <QWidget>

#include "gui/session.h"

namespace orrery::gui {

class LabPanel : public QWidget {
  Q_OBJECT

 public:
  LabPanel(Session* session, const Theme* theme, QWidget* parent);

  QPushButton* continue_button() { return continue_; }
  // In the order of the question's choices; empty when nothing is asked.
  const std::vector<QPushButton*>& choices() const { return choices_; }
  QLabel* words() { return words_; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void build();
  void refresh();
  void show_question();
  void show_text();
  void restyle();
  void calm_headings();

  Session* session_;
  const Theme* theme_;
  QLabel* words_;
  QVBoxLayout* choice_column_;
  QLabel* explanation_;
  QPushButton* continue_;
  QLabel* progress_;
  QTextBrowser* text_;
  QString shown_text_;
  std::vector<QPushButton*> choices_;
};

}  // namespace orrery::gui
