#include "gui/picture_panel.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include "gui/words.h"

namespace orrery::gui {

using namespace Qt::Literals::StringLiterals;

Scene scene_of(const Session& session, const Theme& theme, QSizeF room, const QRectF& visible) {
  Scene scene{.now = session.world(),
              .before = session.base(),
              .selected = session.selected(),
              .member = session.shown_member(),
              .detail = session.detail(),
              .metrics = theme.metrics(),
              .room = room,
              .visible = visible};
  for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
    scene.badges.push_back(session.hash_badge(no));
  }
  return scene;
}

PicturePanel::PicturePanel(Session* session, const Theme* theme, Draw draw, Follow follow,
                           QWidget* parent)
    : QAbstractScrollArea(parent),
      session_(session),
      theme_(theme),
      draw_(std::move(draw)),
      follow_(follow) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  viewport()->setMouseTracking(true);
  setMinimumSize(80, 40);
  connect(session_, &Session::cursor_moved, this, &PicturePanel::stale);
  connect(session_, &Session::history_changed, this, &PicturePanel::stale);
  connect(session_, &Session::selection_changed, this, [this] {
    fresh_ = false;
    viewport()->update();
  });
}

void PicturePanel::stale() {
  fresh_ = false;
  follow_due_ = true;
  viewport()->update();
}

QPointF PicturePanel::origin() const {
  return {static_cast<double>(horizontalScrollBar()->value()),
          static_cast<double>(verticalScrollBar()->value())};
}

QPointF PicturePanel::on_picture(QPointF at) const {
  return at + origin();
}

// Two passes at most: the first tells the size, the second, if bars moved, what is seen.
void PicturePanel::refresh() {
  for (int pass = 0; pass < 2 && !fresh_; ++pass) {
    const QSizeF room = viewport()->size();
    picture_ = draw_(*session_, scene_of(*session_, *theme_, room, QRectF(origin(), room)));
    const QPointF before = origin();
    update_bars();
    fresh_ = origin() == before;
  }
  fresh_ = true;
  if (focused_ >= static_cast<int>(picture_.items.size())) focused_ = -1;
}

void PicturePanel::update_bars() {
  const QSize room = viewport()->size();
  const auto set = [](QScrollBar* bar, double whole, int part) {
    bar->setRange(0, std::max(0, static_cast<int>(whole) - part));
    bar->setPageStep(part);
    bar->setSingleStep(24);
  };
  set(horizontalScrollBar(), picture_.size.width(), room.width());
  set(verticalScrollBar(), picture_.size.height(), room.height());
  if (!follow_due_) return;
  follow_due_ = false;
  if (follow_ == Follow::Bottom) verticalScrollBar()->setValue(verticalScrollBar()->maximum());
  if (follow_ == Follow::Right) horizontalScrollBar()->setValue(horizontalScrollBar()->maximum());
}

const Picture& PicturePanel::picture() {
  refresh();
  return picture_;
}

void PicturePanel::paintEvent(QPaintEvent*) {
  refresh();
  QPainter painter(viewport());
  const QRectF seen(origin(), QSizeF(viewport()->size()));
  painter.fillRect(viewport()->rect(), theme_->color(Ink::Page));
  painter.translate(-origin());
  paint(painter, picture_, *theme_, seen);
  if (focused_ < 0 || !hasFocus()) return;
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme_->color(Ink::Accent), 2));
  painter.drawRect(picture_.items[static_cast<std::size_t>(focused_)].area.adjusted(-1, -1, 1, 1));
}

void PicturePanel::resizeEvent(QResizeEvent*) {
  stale();
}

void PicturePanel::scrollContentsBy(int, int) {
  fresh_ = false;
  viewport()->update();
}

void PicturePanel::focus(int item) {
  focused_ = item;
  if (item >= 0) {
    const Item& one = picture_.items[static_cast<std::size_t>(item)];
    setAccessibleDescription(one.name);
    if (one.ref.kind != Ref::Kind::Nothing) session_->select(one.ref);
  }
  viewport()->update();
}

bool PicturePanel::act_on(int item) {
  refresh();
  if (item < 0 || item >= static_cast<int>(picture_.items.size())) return false;
  const QString command = picture_.items[static_cast<std::size_t>(item)].command;
  return !command.isEmpty() && session_->execute(command);
}

// Painting: each item that the pointer comes to acts once.
void PicturePanel::press(int item, Qt::KeyboardModifiers modifiers) {
  if (item < 0 || item == pressed_) return;
  const Item& one = picture_.items[static_cast<std::size_t>(item)];
  if (!one.on_press) return;
  pressed_ = item;
  const bool shifted = (modifiers & Qt::ShiftModifier) != 0 && !one.with_shift.isEmpty();
  const QString command = shifted ? one.with_shift : one.command;
  if (!command.isEmpty()) session_->execute(command);
}

void PicturePanel::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const int item = picture().item_at(on_picture(event->position()));
  pressed_ = -1;
  focus(item);
  press(item, event->modifiers());
}

void PicturePanel::mouseMoveEvent(QMouseEvent* event) {
  if ((event->buttons() & Qt::LeftButton) != 0 && pressed_ >= 0) {
    press(picture().item_at(on_picture(event->position())), event->modifiers());
  }
}

void PicturePanel::mouseReleaseEvent(QMouseEvent*) {
  pressed_ = -1;
}

void PicturePanel::mouseDoubleClickEvent(QMouseEvent* event) {
  const int item = picture().item_at(on_picture(event->position()));
  if (item < 0 || picture_.items[static_cast<std::size_t>(item)].on_press) return;
  act_on(item);
}

void PicturePanel::keyPressEvent(QKeyEvent* event) {
  const int count = static_cast<int>(picture().items.size());
  if (event->matches(QKeySequence::Copy)) {
    QApplication::clipboard()->setText(picture_.text_twin());
  } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    act_on(focused_);
  } else if (count > 0 && (event->key() == Qt::Key_Down || event->key() == Qt::Key_Right)) {
    focus((focused_ + 1) % count);
  } else if (count > 0 && (event->key() == Qt::Key_Up || event->key() == Qt::Key_Left)) {
    focus((focused_ + count - (focused_ < 0 ? 0 : 1)) % count);
  } else {
    QAbstractScrollArea::keyPressEvent(event);
  }
}

void PicturePanel::contextMenuEvent(QContextMenuEvent* event) {
  const int item = picture().item_at(on_picture(event->pos()));
  QMenu menu(this);
  if (item >= 0) {
    focus(item);
    const QString command = picture_.items[static_cast<std::size_t>(item)].command;
    if (!command.isEmpty()) {
      menu.addAction(command, this, [this, command] { session_->execute(command); });
    }
  }
  menu.addAction(phrase("Copy as text"), this,
                 [this] { QApplication::clipboard()->setText(picture_.text_twin()); });
  menu.exec(event->globalPos());
}

void PicturePanel::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) stale();
  QAbstractScrollArea::changeEvent(event);
}

bool PicturePanel::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int item = picture().item_at(on_picture(help->pos()));
  if (item >= 0) {
    QToolTip::showText(help->globalPos(), picture_.items[static_cast<std::size_t>(item)].name,
                       this);
  } else {
    QToolTip::hideText();
  }
  return true;
}

// -- TimelinePanel

TimelinePanel::TimelinePanel(Session* session, const Theme* theme, QWidget* parent)
    : PicturePanel(
          session, theme,
          [](const Session& s, const Scene& scene) {
            return draw_timeline(s.timeline(), s.steps(), scene);
          },
          Follow::Nothing, parent) {
  setMinimumHeight(static_cast<int>(theme->metrics().line * 5));
}

std::size_t TimelinePanel::position_under(QMouseEvent* event) {
  const auto geometry = lay_out_timeline(session().steps().marks().size(), session().position(),
                                         viewport()->size(), theme().metrics());
  return geometry.position_at(on_picture(event->position()).x());
}

void TimelinePanel::mousePressEvent(QMouseEvent* event) {
  PicturePanel::mousePressEvent(event);
  const int item = focused_item();
  const bool acts = item >= 0 && !picture().items[static_cast<std::size_t>(item)].command.isEmpty();
  dragging_ = event->button() == Qt::LeftButton && !acts;
  if (dragging_) session().scrub(position_under(event));
}

void TimelinePanel::mouseMoveEvent(QMouseEvent* event) {
  if (dragging_) session().scrub(position_under(event));
}

// Left and Right move the cursor, as dragging does.
void TimelinePanel::keyPressEvent(QKeyEvent* event) {
  const std::size_t at = session().position();
  if (event->key() == Qt::Key_Left && at > 0) {
    session().execute(u"jump "_s + q(at - 1));
  } else if (event->key() == Qt::Key_Right && at < session().steps().marks().size()) {
    session().execute(u"jump "_s + q(at + 1));
  } else {
    PicturePanel::keyPressEvent(event);
  }
}

void TimelinePanel::mouseReleaseEvent(QMouseEvent* event) {
  if (dragging_) session().execute(u"jump "_s + q(position_under(event)));
  dragging_ = false;
}

}  // namespace orrery::gui
