// InspectorPanel: the selected thing as a tree and as bytes, and why the last step went as it did.
//   used by: main window    uses: InspectorModel, Session
#pragma once

#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QTabWidget>
#include <QTreeView>

#include "gui/inspector_model.h"
#include "gui/session.h"

namespace orrery::gui {

class Freshener;

class InspectorPanel : public QTabWidget {
  Q_OBJECT

 public:
  InspectorPanel(Session* session, const Theme* theme, QWidget* parent);

  InspectorModel* model() { return model_; }
  QListWidget* guards() { return guards_; }
  QLabel* why_label() { return why_; }
  void show_why() { setCurrentIndex(1); }

 private:
  void build_tabs();
  void refresh();
  void refresh_why();

  Session* session_;
  const Theme* theme_;
  InspectorModel* model_;
  QTreeView* tree_;
  QLabel* why_;
  QListWidget* guards_;
  QPlainTextEdit* bytes_;
  Freshener* freshener_;
};

}  // namespace orrery::gui
