// ChecksPanel: the list of claims with their lights.
//   used by: main window    uses: ChecksModel
#pragma once

#include <QTableView>

#include "gui/checks_model.h"

namespace orrery::gui {

class Freshener;

class ChecksPanel : public QTableView {
  Q_OBJECT

 public:
  ChecksPanel(Session* session, const Theme* theme, QWidget* parent);

 private:
  ChecksModel* model_;
  Freshener* freshener_;
};

}  // namespace orrery::gui
