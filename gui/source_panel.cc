#include "gui/source_panel.h"

#include <QTextBlock>
#include <QVBoxLayout>

#include "gui/freshener.h"
#include "gui/words.h"
#include "host/files.h"
#include "source_dir.h"

namespace orrery::gui {

using namespace Qt::Literals::StringLiterals;

SourcePanel::SourcePanel(Session* session, const Theme* theme, QWidget* parent)
    : QWidget(parent),
      session_(session),
      theme_(theme),
      title_(new QLabel(this)),
      text_(new QPlainTextEdit(this)),
      freshener_(new Freshener(this, [this] { refresh(); })) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(title_);
  column->addWidget(text_);
  title_->setContentsMargins(6, 2, 6, 2);
  text_->setReadOnly(true);
  text_->setFont(theme->font(Face::MonoSmall));
  text_->setLineWrapMode(QPlainTextEdit::NoWrap);
  text_->setFrameShape(QFrame::NoFrame);
  text_->setAccessibleName(phrase("source of the deciding condition"));
  connect(session_, &Session::cursor_moved, this, [this] { freshener_->mark(); });
}

void SourcePanel::refresh() {
  text_->setFont(theme_->font(Face::MonoSmall));
  const Why& why = session_->why();
  if (why.deciding < 0) {
    title_->setText(phrase("No condition decided the last step."));
    text_->setExtraSelections({});
    return;
  }
  const GuardRecord& guard = why.guards[static_cast<std::size_t>(why.deciding)];
  title_->setText(u"%1:%2   %3"_s.arg(q(guard.file), q(guard.line), q(guard.claim)));
  show_file(q(guard.file), static_cast<int>(guard.line));
}

void SourcePanel::show_file(const QString& file, int line) {
  if (file != shown_) {
    const auto bytes = host::read_file(std::string(ORRERY_SOURCE_DIR) + "/" + file.toStdString());
    text_->setPlainText(bytes ? q(*bytes) : q(bytes.error().detail));
    shown_ = file;
  }
  const QTextBlock block = text_->document()->findBlockByNumber(line - 1);
  QTextEdit::ExtraSelection mark;
  mark.format.setBackground(theme_->color(Ink::ChangedTint));
  mark.format.setProperty(QTextFormat::FullWidthSelection, true);
  mark.cursor = QTextCursor(block);
  text_->setExtraSelections({mark});
  text_->setTextCursor(mark.cursor);
  text_->centerCursor();
}

}  // namespace orrery::gui
