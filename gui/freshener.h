// Freshener: calls a widget's refresh once per round of events, and only while the widget is seen.
//   used by: every panel that is made of Qt's own widgets    uses: Session
//   ideas:   signals, a new palette and a new font only mark; a hidden panel catches up when it is shown.
#pragma once

#include <functional>

#include <QObject>

class QWidget;

namespace orrery::gui {

class Freshener : public QObject {
  Q_OBJECT

 public:
  // The widget owns it.
  Freshener(QWidget* widget, std::function<void()> refresh);

  void mark();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void run();

  QWidget* widget_;
  std::function<void()> refresh_;
  bool due_ = true;
  bool posted_ = false;
};

}  // namespace orrery::gui
