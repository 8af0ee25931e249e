#include "gui/console_panel.h"

#include <algorithm>

#include <QKeyEvent>
#include <QScrollBar>
#include <QVBoxLayout>

#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

// What all candidates begin with.
QString common_start(const std::vector<std::string>& words) {
  std::string common = words.front();
  for (const std::string& word : words) {
    const auto end = std::ranges::mismatch(common, word).in1;
    common.erase(end, common.end());
  }
  return q(common);
}

Ink ink_of(ConsoleLine::Kind kind) {
  switch (kind) {
    case ConsoleLine::Kind::Command: return Ink::Accent;
    case ConsoleLine::Kind::Output: return Ink::Text;
    case ConsoleLine::Kind::Error: return Ink::Bad;
    case ConsoleLine::Kind::Note: return Ink::Muted;
  }
  return Ink::Text;
}

}  // namespace

CommandLine::CommandLine(Session* session, QWidget* parent) : QLineEdit(parent), session_(session) {
  setPlaceholderText(phrase("a command: put hello world1, help; Tab completes"));
  setAccessibleName(phrase("command line"));
  connect(this, &QLineEdit::returnPressed, this, [this] {
    const QString line = text();
    clear();
    recalled_ = -1;
    session_->execute(line);
  });
}

bool CommandLine::event(QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->key() == Qt::Key_Tab && !text().isEmpty()) {
      complete();
      return true;
    }
  }
  return QLineEdit::event(event);
}

void CommandLine::complete() {
  const std::string before = text().left(cursorPosition()).toStdString();
  const lang::Completion found = lang::complete(before, session_->names());
  if (found.words.empty()) {
    if (!found.hint.empty()) Q_EMIT candidates(q(found.hint));
    return;
  }
  QString filled = q(std::string_view(before).substr(0, found.begin)) + common_start(found.words);
  if (found.words.size() == 1) {
    filled = filled + u" "_s;
  } else {
    QStringList words;
    for (const std::string& word : found.words) words << q(word);
    Q_EMIT candidates(words.join(u"  "_s));
  }
  const QString rest = text().mid(cursorPosition());
  setText(filled + rest);
  setCursorPosition(static_cast<int>(filled.size()));
}

void CommandLine::recall(int by) {
  const QStringList& typed = session_->typed();
  if (typed.isEmpty()) return;
  const qsizetype from = recalled_ < 0 ? typed.size() : recalled_;
  recalled_ = std::clamp<qsizetype>(from + by, 0, typed.size());
  if (recalled_ == typed.size()) {
    recalled_ = -1;
    clear();
  } else {
    setText(typed[recalled_]);
  }
}

void CommandLine::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Up) {
    recall(-1);
  } else if (event->key() == Qt::Key_Down) {
    recall(1);
  } else {
    QLineEdit::keyPressEvent(event);
  }
}

void ConsoleLog::to_end() {
  verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void ConsoleLog::resizeEvent(QResizeEvent* event) {
  const bool at_end = verticalScrollBar()->value() == verticalScrollBar()->maximum();
  QPlainTextEdit::resizeEvent(event);
  if (at_end) to_end();
}

ConsolePanel::ConsolePanel(Session* session, const Theme* theme, QWidget* parent)
    : QWidget(parent),
      session_(session),
      theme_(theme),
      log_(new ConsoleLog(this)),
      line_(new CommandLine(session, this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addWidget(log_);
  column->addWidget(line_);
  log_->setReadOnly(true);
  log_->setUndoRedoEnabled(false);
  log_->setMaximumBlockCount(5'000);
  log_->setFrameShape(QFrame::NoFrame);
  log_->setAccessibleName(phrase("console"));
  connect(session_, &Session::console_changed, this, &ConsolePanel::append_new);
  connect(line_, &CommandLine::candidates, this,
          [this](const QString& words) { log_->appendPlainText(words); });
  restyle();
}

// Lines carry their colours, so another theme writes them anew.
void ConsolePanel::restyle() {
  log_->setFont(theme_->font(Face::MonoSmall));
  line_->setFont(theme_->font(Face::Mono));
  log_->clear();
  shown_ = 0;
  append_new();
}

void ConsolePanel::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) restyle();
  QWidget::changeEvent(event);
}

void ConsolePanel::append_new() {
  const auto& lines = session_->console();
  if (shown_ > lines.size()) {
    shown_ = 0;
    log_->clear();
  }
  for (; shown_ < lines.size(); ++shown_) {
    const ConsoleLine& line = lines[shown_];
    QTextCharFormat format;
    format.setForeground(theme_->color(ink_of(line.kind)));
    log_->setCurrentCharFormat(format);
    const QString prompt = line.kind == ConsoleLine::Kind::Command ? u"> "_s
                           : line.kind == ConsoleLine::Kind::Error ? u"\u2717 "_s
                                                                   : QString();
    log_->appendPlainText(prompt + line.text);
  }
  log_->to_end();
}

}  // namespace orrery::gui
