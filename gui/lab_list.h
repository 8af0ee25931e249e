// LabList: the labs there are, to choose one from.
//   used by: LabPanel    uses: lab (labs), Session
//   ideas:   arrows and Enter, or a double click, or a click and the button: each opens the chosen lab.
#pragma once

#include <vector>

#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QWidget>

#include "gui/session.h"
#include "lab/labs.h"

namespace orrery::gui {

class LabList : public QWidget {
  Q_OBJECT

 public:
  LabList(Session* session, QWidget* parent);

  QListWidget* list() { return list_; }
  QPushButton* open_button() { return open_; }

 private:
  void fill();
  void open_chosen();

  Session* session_;
  std::vector<lab::Lab> labs_;  // as listed
  QLabel* words_;
  QListWidget* list_;
  QPushButton* open_;
};

}  // namespace orrery::gui
