#include "gui/lab_panel.h"

#include <QRegularExpression>
#include <QTextBlock>

#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

// In the order in which they are added.
constexpr int kLabsPage = 0;
constexpr int kLabPage = 1;

// The answers of the printed text are folded away in HTML that Markdown readers of the web know and Qt does not: here
// the questions are asked by the scenario, so the printed answers are left out.
QString for_reading(QString markdown) {
  static const QRegularExpression details(u"<details>.*?</details>"_s,
                                          QRegularExpression::DotMatchesEverythingOption);
  return markdown.replace(details, phrase("*(The answer comes when the scenario asks.)*"));
}

QString choice_text(const lang::Ask& ask, std::size_t i,
                    const std::optional<std::uint32_t>& answer) {
  QString words = QString(QLatin1Char(static_cast<char>('a' + static_cast<int>(i)))) + u")  "_s +
                  q(ask.choices[i]);
  if (!answer) return words;
  if (i + 1 == ask.right) return words + u"  \u2713"_s;
  if (i + 1 == *answer) return words + u"  \u2717"_s;
  return words;
}

// A choice may be a long sentence: a button whose words wrap.
class ChoiceButton : public QPushButton {
 public:
  ChoiceButton(const QString& words, QWidget* parent)
      : QPushButton(parent), words_(new QLabel(words, this)) {
    auto* box = new QHBoxLayout(this);
    box->setContentsMargins(8, 5, 8, 5);
    box->addWidget(words_);
    words_->setWordWrap(true);
    words_->setAttribute(Qt::WA_TransparentForMouseEvents);
    setAccessibleName(words);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
  }

  QSize sizeHint() const override { return layout()->totalSizeHint(); }

  QSize minimumSizeHint() const override { return layout()->totalMinimumSize(); }

 private:
  QLabel* words_;
};

}  // namespace

LabPanel::LabPanel(Session* session, const Theme* theme, QWidget* parent)
    : QWidget(parent),
      session_(session),
      theme_(theme),
      words_(new QLabel(this)),
      choice_column_(new QVBoxLayout),
      explanation_(new QLabel(this)),
      continue_(new QPushButton(this)),
      all_(new QPushButton(phrase("Labs\u2026"), this)),
      progress_(new QLabel(this)),
      text_(new QTextBrowser(this)),
      labs_(new LabList(session, this)),
      pages_(new QStackedWidget(this)) {
  build();
  restyle();
  connect(all_, &QPushButton::clicked, this, &LabPanel::show_labs);
  connect(continue_, &QPushButton::clicked, this, [this] { session_->continue_lab(); });
  connect(session_, &Session::lab_changed, this, &LabPanel::refresh);
  refresh();
}

void LabPanel::build() {
  auto* page = new QWidget(this);
  auto* whole = new QVBoxLayout(this);
  whole->setContentsMargins(6, 6, 6, 2);
  whole->addWidget(pages_);
  pages_->addWidget(labs_);
  pages_->addWidget(page);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  for (QLabel* label : {words_, explanation_}) {
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  column->addWidget(words_);
  column->addLayout(choice_column_);
  column->addWidget(explanation_);
  auto* row = new QHBoxLayout;
  row->addWidget(continue_);
  row->addStretch();
  row->addWidget(progress_);
  row->addWidget(all_);
  column->addLayout(row);
  column->addWidget(text_, 1);
  continue_->setFocusPolicy(Qt::TabFocus);
  all_->setFocusPolicy(Qt::TabFocus);
  all_->setToolTip(phrase("The list of labs (Shift+L)"));
  text_->setMinimumHeight(1);  // the words above it come first
  text_->setOpenLinks(false);
  text_->setFrameShape(QFrame::NoFrame);
  text_->setAccessibleName(phrase("text of the lab"));
}

// Where a newcomer shall look first: the words, and the button that goes on.
void LabPanel::restyle() {
  words_->setFont(theme_->font(Face::Bold));
  const auto name = [this](Ink ink) { return theme_->color(ink).name(); };
  continue_->setStyleSheet(
      u"QPushButton{padding:5px 12px;font-weight:bold;border-radius:4px;border:2px solid %1;"
      "background:%2;color:%3}QPushButton:disabled{border:1px solid %4;background:transparent;"
      "color:%5;font-weight:normal}"_s.arg(name(Ink::Accent), name(Ink::SelectedTint),
                                           name(Ink::Text), name(Ink::Frame), name(Ink::Muted)));
}

void LabPanel::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) restyle();
  QWidget::changeEvent(event);
}

void LabPanel::show_labs() {
  pages_->setCurrentIndex(kLabsPage);
  if (labs_->list()->currentRow() < 0) labs_->list()->setCurrentRow(0);
  labs_->list()->setFocus(Qt::ShortcutFocusReason);
}

void LabPanel::refresh() {
  const Lab& lab = session_->lab();
  const bool leaves_list = lab.is_open() && labs_->list()->hasFocus();
  pages_->setCurrentIndex(lab.is_open() ? kLabPage : kLabsPage);
  if (leaves_list) text_->setFocus(Qt::OtherFocusReason);
  show_question();
  continue_->setText(lab.waits_for_answer() ? phrase("Predict first: A, B, C\u2026")
                     : lab.is_over()        ? phrase("The scenario is over")
                                            : phrase("Continue the lab (L)"));
  continue_->setEnabled(lab.is_open() && !lab.is_over() && !lab.waits_for_answer());
  const QString right =
      lab.asked == 0 ? QString() : phrase("%1 of %2 predicted").arg(lab.right).arg(lab.asked);
  progress_->setText(right);
  show_text();
}

void LabPanel::show_question() {
  const Lab& lab = session_->lab();
  // One of them may be the button whose click this is: gone from sight now, deleted when its work is done.
  for (QPushButton* old : choices_) {
    choice_column_->removeWidget(old);
    old->hide();
    old->deleteLater();
  }
  choices_.clear();
  explanation_->setText(QString());
  if (!lab.question) {
    words_->setText(lab.said.isEmpty() ? phrase("Press L, or the button, to begin the lab.")
                                       : lab.said);
  } else {
    words_->setText(q(lab.question->question));
    for (std::size_t i = 0; i < lab.question->choices.size(); ++i) {
      auto* button = new ChoiceButton(choice_text(*lab.question, i, lab.answer), this);
      button->setEnabled(!lab.answer);
      button->setFocusPolicy(Qt::TabFocus);
      const auto choice = static_cast<std::uint32_t>(i + 1);
      connect(button, &QPushButton::clicked, this,
              [this, choice] { session_->answer_lab(choice); });
      choice_column_->addWidget(button);
      choices_.push_back(button);
    }
    if (lab.answer) explanation_->setText(q(lab.question->explanation));
  }
  explanation_->setVisible(!explanation_->text().isEmpty());
}

// Qt's headings are made for pages; in a narrow column a step above the text is enough.
void LabPanel::calm_headings() {
  for (QTextBlock block = text_->document()->begin(); block.isValid(); block = block.next()) {
    if (block.blockFormat().headingLevel() == 0) continue;
    QTextCursor cursor(block);
    cursor.select(QTextCursor::BlockUnderCursor);
    QTextCharFormat format;
    format.setProperty(QTextFormat::FontSizeAdjustment,
                       block.blockFormat().headingLevel() == 1 ? 1 : 0);
    cursor.mergeCharFormat(format);
  }
}

void LabPanel::show_text() {
  const Lab& lab = session_->lab();
  const QString& text = lab.text;
  if (text == shown_text_) return;
  shown_text_ = text;
  text_->setMarkdown(for_reading(text));
  calm_headings();
}

}  // namespace orrery::gui
