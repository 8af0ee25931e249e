#include "gui/inspector_panel.h"

#include <QHeaderView>
#include <QVBoxLayout>

#include "gui/freshener.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

// One sentence from the guard that decided.
QString sentence(const Why& why) {
  if (why.action.isEmpty()) return phrase("This is the beginning: nothing has happened yet.");
  if (why.deciding < 0) return why.action + phrase(": nothing had to be decided.");
  const GuardRecord& guard = why.guards[static_cast<std::size_t>(why.deciding)];
  return why.action + u"\n"_s + phrase("decided by: ") + guard_words(guard);
}

}  // namespace

InspectorPanel::InspectorPanel(Session* session, const Theme* theme, QWidget* parent)
    : QTabWidget(parent),
      session_(session),
      theme_(theme),
      model_(new InspectorModel(theme, this)),
      tree_(new QTreeView),
      why_(new QLabel),
      guards_(new QListWidget),
      bytes_(new QPlainTextEdit),
      freshener_(new Freshener(this, [this] { refresh(); })) {
  build_tabs();
  connect(session_, &Session::cursor_moved, this, [this] { freshener_->mark(); });
  connect(session_, &Session::selection_changed, this, [this] { freshener_->mark(); });
  connect(this, &QTabWidget::currentChanged, this, [this] { freshener_->mark(); });
}

void InspectorPanel::build_tabs() {
  setDocumentMode(true);
  tree_->setModel(model_);
  tree_->setUniformRowHeights(true);
  tree_->setIndentation(12);
  tree_->header()->resizeSection(InspectorModel::Name, static_cast<int>(theme_->metrics().ch * 22));
  tree_->setAccessibleName(phrase("selected thing"));
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(6, 4, 6, 2);
  why_->setWordWrap(true);
  why_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  guards_->setWordWrap(true);
  guards_->setAccessibleName(phrase("conditions of the last step"));
  column->addWidget(why_);
  column->addWidget(guards_, 1);
  bytes_->setReadOnly(true);
  bytes_->setFont(theme_->font(Face::MonoSmall));
  addTab(tree_, phrase("Selected"));
  addTab(page, phrase("Why?"));
  addTab(bytes_, phrase("Bytes"));
}

void InspectorPanel::refresh() {
  bytes_->setFont(theme_->font(Face::MonoSmall));
  if (currentIndex() == 1) {
    refresh_why();
    return;
  }
  Ref ref = session_->selected();
  if (ref.kind == Ref::Kind::Nothing) {
    ref = {.kind = Ref::Kind::Member, .member = session_->shown_member()};
  }
  if (currentIndex() == 2) {
    const Bytes bytes = bytes_of(session_->world(), ref);
    bytes_->setPlainText(bytes.empty()
                             ? phrase("no bytes: select an entry, a message, a record or a page")
                             : hex_dump(bytes));
    return;
  }
  Node now = inspect(session_->world(), ref);
  mark_changes(now, inspect(session_->base(), ref));
  Node shown{.name = {}, .value = {}};
  shown.children.push_back(std::move(now));
  model_->show(std::move(shown));
  tree_->expandToDepth(1);
}

void InspectorPanel::refresh_why() {
  const Why& why = session_->why();
  why_->setText(sentence(why));
  guards_->clear();
  for (std::size_t i = 0; i < why.guards.size(); ++i) {
    const GuardRecord& guard = why.guards[i];
    auto* row = new QListWidgetItem((guard.held ? u"\u2713 "_s : u"\u2717 "_s) + guard_words(guard),
                                    guards_);
    row->setToolTip(u"%1:%2  %3"_s.arg(q(guard.file), q(guard.line), q(guard.function)));
    row->setForeground(theme_->color(guard.held ? Ink::Text : Ink::Bad));
    if (static_cast<int>(i) == why.deciding) row->setBackground(theme_->color(Ink::SelectedTint));
  }
  for (const std::string& note : why.notes) guards_->addItem(q(note));
}

}  // namespace orrery::gui
