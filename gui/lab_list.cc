#include "gui/lab_list.h"

#include <QVBoxLayout>

#include "gui/words.h"
#include "host/files.h"
#include "source_dir.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

// "Lab 17: the lost delete", and the first paragraph below it on one line.
std::pair<QString, QString> head_of(const lab::Lab& lab) {
  const auto bytes = host::read_file(lab.text());
  const QString text = bytes ? q(*bytes) : QString();
  const QStringList parts = text.split(u"\n\n"_s);
  QString title = parts.value(0).trimmed();
  while (title.startsWith(QLatin1Char('#'))) title.remove(0, 1);
  if (title.isEmpty()) title = q(lab.name);
  return {title.trimmed(), parts.value(1).simplified()};
}

}  // namespace

LabList::LabList(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      words_(new QLabel(phrase("Choose a lab: arrows and Enter, or a double click."), this)),
      list_(new QListWidget(this)),
      open_(new QPushButton(phrase("Open the chosen lab"), this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(words_);
  column->addWidget(list_, 1);
  column->addWidget(open_);
  words_->setWordWrap(true);
  list_->setWordWrap(true);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setAccessibleName(phrase("labs"));
  list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  open_->setFocusPolicy(Qt::TabFocus);
  open_->setEnabled(false);
  fill();
  connect(list_, &QListWidget::currentRowChanged, this,
          [this](int row) { open_->setEnabled(row >= 0); });
  connect(list_, &QListWidget::itemActivated, this, &LabList::open_chosen);
  connect(open_, &QPushButton::clicked, this, &LabList::open_chosen);
}

void LabList::fill() {
  labs_ = lab::all_labs();
  if (labs_.empty()) labs_ = lab::labs_in(ORRERY_SOURCE_DIR "/labs");
  for (const lab::Lab& one : labs_) {
    const auto [title, about] = head_of(one);
    auto* item = new QListWidgetItem(title, list_);
    item->setToolTip(about);
    item->setSizeHint(QSize(0, list_->fontMetrics().height() + 12));  // large enough to be hit
    item->setData(Qt::AccessibleDescriptionRole, about);
  }
  if (labs_.empty()) {
    words_->setText(phrase("There is no folder of labs here. File, Open lab chooses a folder."));
  }
}

void LabList::open_chosen() {
  const int row = list_->currentRow();
  if (row < 0) return;
  const auto opened = session_->open_lab(q(labs_[static_cast<std::size_t>(row)].folder));
  if (!opened) words_->setText(q(opened.error().detail));
}

}  // namespace orrery::gui
