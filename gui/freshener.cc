#include "gui/freshener.h"

#include <QEvent>
#include <QWidget>

namespace orrery::gui {

Freshener::Freshener(QWidget* widget, std::function<void()> refresh)
    : QObject(widget), widget_(widget), refresh_(std::move(refresh)) {
  widget->installEventFilter(this);
}

void Freshener::mark() {
  due_ = true;
  if (posted_ || !widget_->isVisible()) return;
  posted_ = true;
  QMetaObject::invokeMethod(this, [this] { run(); }, Qt::QueuedConnection);
}

bool Freshener::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Show) run();
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) mark();
  return QObject::eventFilter(watched, event);
}

void Freshener::run() {
  posted_ = false;
  if (!due_) return;
  due_ = false;
  refresh_();
}

}  // namespace orrery::gui
