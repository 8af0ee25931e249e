// NextStepsPanel: the list of what may happen; Enter or a double click makes it happen, a single click never.
//   used by: main window    uses: NextStepsModel
#pragma once

#include <QLineEdit>
#include <QTreeView>
#include <QWidget>

#include "gui/next_steps_model.h"

namespace orrery::gui {

class Freshener;

class NextStepsPanel : public QWidget {
  Q_OBJECT

 public:
  NextStepsPanel(Session* session, const Theme* theme, QWidget* parent);

  // The digit keys. False = there is no such row.
  bool perform_numbered(int number);
  // The message row that is chosen, as the command language names it: "n1->n2 MsgApp"; empty = none.
  QString chosen_command() const;
  const NextRow* chosen() const;
  void focus_filter() { filter_->setFocus(); }
  QTreeView* view() { return view_; }
  NextStepsModel* model() { return model_; }

 private:
  void connect_all();
  void refresh();
  void perform(const QModelIndex& index);
  void apply_filter();

  Session* session_;
  QLineEdit* filter_;
  QTreeView* view_;
  NextStepsModel* model_;
  Freshener* freshener_;
  QStringList open_;  // titles of folded groups that the reader has opened
};

}  // namespace orrery::gui
