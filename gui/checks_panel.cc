#include "gui/checks_panel.h"

#include <QHeaderView>

#include "gui/freshener.h"
#include "gui/words.h"

namespace orrery::gui {

ChecksPanel::ChecksPanel(Session* session, const Theme* theme, QWidget* parent)
    : QTableView(parent),
      model_(new ChecksModel(session, theme, this)),
      freshener_(new Freshener(this, [this] { model_->rebuild(); })) {
  setModel(model_);
  setShowGrid(false);
  setWordWrap(true);
  setFrameShape(QFrame::NoFrame);
  setAccessibleName(phrase("checks"));
  setSelectionBehavior(QAbstractItemView::SelectRows);
  horizontalHeader()->hide();
  verticalHeader()->hide();
  const Metrics metrics = theme->metrics();
  verticalHeader()->setDefaultSectionSize(static_cast<int>(metrics.line + 6));
  horizontalHeader()->resizeSection(ChecksModel::Light, static_cast<int>(metrics.ch * 4));
  horizontalHeader()->setStretchLastSection(true);
  // Sentences may be long: a row is as high as its words.
  verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  connect(session, &Session::cursor_moved, this, [this] { freshener_->mark(); });
  connect(session, &Session::console_changed, this, [this] { freshener_->mark(); });
}

}  // namespace orrery::gui
