// LabPanel: the scenario's words and questions above, the lab's text below; while no lab is open, the list of labs.
//   used by: main window    uses: Session, LabList
#pragma once

#include <QButtonGroup>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <QWidget>

#include "gui/lab_list.h"
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
  LabList* labs() { return labs_; }
  QPushButton* labs_button() { return all_; }

  // The list of labs, with the keyboard's focus. The lab that is open stays open until another is chosen.
  void show_labs();

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
  QPushButton* all_;  // to the list of labs
  QLabel* progress_;
  QTextBrowser* text_;
  LabList* labs_;
  QStackedWidget* pages_;
  QString shown_text_;
  std::vector<QPushButton*> choices_;
};

}  // namespace orrery::gui
