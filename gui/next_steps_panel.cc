#include "gui/next_steps_panel.h"

#include <QHeaderView>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "gui/freshener.h"
#include "gui/words.h"

namespace orrery::gui {

NextStepsPanel::NextStepsPanel(Session* session, const Theme* theme, QWidget* parent)
    : QWidget(parent),
      session_(session),
      filter_(new QLineEdit(this)),
      view_(new QTreeView(this)),
      model_(new NextStepsModel(session, theme, this)),
      freshener_(new Freshener(this, [this] { refresh(); })) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addWidget(filter_);
  column->addWidget(view_);
  filter_->setPlaceholderText(phrase("filter ( / )"));
  filter_->setClearButtonEnabled(true);
  view_->setModel(model_);
  view_->setIndentation(6);
  view_->setRootIsDecorated(true);
  view_->setUniformRowHeights(true);
  view_->setExpandsOnDoubleClick(true);
  view_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  view_->setAccessibleName(phrase("next steps"));
  view_->header()->setStretchLastSection(false);
  const int digit = static_cast<int>(theme->metrics().ch * 8);
  view_->header()->resizeSection(NextStepsModel::Key, digit);
  view_->header()->setSectionResizeMode(NextStepsModel::What, QHeaderView::Stretch);
  view_->header()->resizeSection(NextStepsModel::Due, digit);
  connect_all();
}

void NextStepsPanel::connect_all() {
  connect(session_, &Session::cursor_moved, this, [this] { freshener_->mark(); });
  connect(session_, &Session::history_changed, this, [this] { freshener_->mark(); });
  // Both a double click and Enter arrive as `activated` or `doubleClicked`, depending on the platform's style.
  connect(view_, &QTreeView::doubleClicked, this, &NextStepsPanel::perform);
  connect(filter_, &QLineEdit::textChanged, this, &NextStepsPanel::apply_filter);
  connect(filter_, &QLineEdit::returnPressed, this, [this] { view_->setFocus(); });
  connect(view_, &QTreeView::expanded, this, [this](const QModelIndex& index) {
    open_ << model_->groups()[static_cast<std::size_t>(index.row())].title;
  });
  connect(view_, &QTreeView::collapsed, this, [this](const QModelIndex& index) {
    open_.removeAll(model_->groups()[static_cast<std::size_t>(index.row())].title);
  });
  connect(view_->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex& now) {
            if (const NextRow* row = model_->row_at(now)) session_->select(row->ref);
          });
  refresh();
}

void NextStepsPanel::refresh() {
  const int scrolled = view_->verticalScrollBar()->value();
  const QStringList open = open_;
  {
    const QSignalBlocker quiet(view_);
    model_->rebuild();
    for (int i = 0; i < static_cast<int>(model_->groups().size()); ++i) {
      const NextGroup& group = model_->groups()[static_cast<std::size_t>(i)];
      const QModelIndex index = model_->index(i, 0, {});
      view_->setFirstColumnSpanned(i, {}, true);
      view_->setExpanded(index, !group.folded || open.contains(group.title));
    }
  }
  apply_filter();
  view_->verticalScrollBar()->setValue(scrolled);
}

void NextStepsPanel::apply_filter() {
  const QString wanted = filter_->text();
  for (int g = 0; g < static_cast<int>(model_->groups().size()); ++g) {
    const NextGroup& group = model_->groups()[static_cast<std::size_t>(g)];
    const QModelIndex parent = model_->index(g, 0, {});
    bool any = wanted.isEmpty();
    for (int r = 0; r < static_cast<int>(group.rows.size()); ++r) {
      const bool fits =
          group.rows[static_cast<std::size_t>(r)].words.contains(wanted, Qt::CaseInsensitive);
      view_->setRowHidden(r, parent, !fits);
      any = any || fits;
    }
    view_->setRowHidden(g, {}, !any);
  }
}

void NextStepsPanel::perform(const QModelIndex& index) {
  const NextRow* row = model_->row_at(index);
  if (row != nullptr && !row->command.isEmpty()) session_->execute(QString(row->command));
}

bool NextStepsPanel::perform_numbered(int number) {
  refresh();
  const NextRow* row = model_->numbered(number);
  return row != nullptr && session_->execute(QString(row->command));
}

const NextRow* NextStepsPanel::chosen() const {
  return model_->row_at(view_->currentIndex());
}

QString NextStepsPanel::chosen_command() const {
  const NextRow* row = chosen();
  return row == nullptr ? QString() : row->command;
}

}  // namespace orrery::gui
