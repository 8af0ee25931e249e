// PicturePanel: a widget that shows one view's picture of the session, and lets its items be pointed at.
//   used by: main window    uses: picture.h, Session
//   ideas:   all custom views are this one class with another draw function. Signals of the session only mark it stale;
//            it draws when it is seen and once per frame, so hidden panels cost nothing. Click or arrow keys choose
//            an item, Enter or a double click acts, Ctrl-C copies the text twin.
#pragma once

#include <functional>

#include <QAbstractScrollArea>

#include "gui/session.h"
#include "gui/views.h"

namespace orrery::gui {

using Draw = std::function<Picture(const Session& session, const Scene& scene)>;

// What a draw function gets to see of the session.
Scene scene_of(const Session& session, const Theme& theme, QSizeF room, const QRectF& visible);

class PicturePanel : public QAbstractScrollArea {
  Q_OBJECT

 public:
  // Follow: after each step the end of the picture is brought into sight, as logs want it.
  enum class Follow : std::uint8_t { Nothing, Bottom, Right };

  PicturePanel(Session* session, const Theme* theme, Draw draw, Follow follow, QWidget* parent);

  const Picture& picture();
  int focused_item() const { return focused_; }
  // Acts as Enter on the item does. False = the item has no command.
  bool act_on(int item);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void scrollContentsBy(int dx, int dy) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void changeEvent(QEvent* event) override;
  bool viewportEvent(QEvent* event) override;
  QSize sizeHint() const override { return {320, 200}; }

  QPointF on_picture(QPointF at) const;
  Session& session() { return *session_; }
  const Theme& theme() const { return *theme_; }

 private:
  void stale();
  void refresh();
  void update_bars();
  QPointF origin() const;
  void focus(int item);
  void press(int item, Qt::KeyboardModifiers modifiers);

  Session* session_;
  const Theme* theme_;
  Draw draw_;
  Follow follow_;
  Picture picture_;
  bool fresh_ = false;
  bool follow_due_ = true;
  int focused_ = -1;
  int pressed_ = -1;
};

// The timeline is dragged: everything between the lanes is a handle.
class TimelinePanel : public PicturePanel {
  Q_OBJECT

 public:
  TimelinePanel(Session* session, const Theme* theme, QWidget* parent);

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  std::size_t position_under(QMouseEvent* event);

  bool dragging_ = false;
};

}  // namespace orrery::gui
