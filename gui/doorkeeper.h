// Doorkeeper: the debugger's front door: hears who comes while the window waits for other things.
//   used by: Session    uses: door (CrankedDoor)
#pragma once

#include <memory>

#include <QObject>
#include <QSocketNotifier>
#include <QString>
#include <QStringList>
#include <QTimer>

#include "base/result.h"
#include "lang/interpreter.h"

namespace orrery::door {
class CrankedDoor;
}

namespace orrery::gui {

class Doorkeeper : public QObject {
  Q_OBJECT

 public:
  explicit Doorkeeper(QObject* parent);
  ~Doorkeeper() override;

  // What to say. Errors: as door::obey.
  Result<QString> obey(const lang::Door& wish, lang::Interpreter& interpreter);
  // Lets in who has come, hands out what was told: a line for each.
  QStringList attend(lang::Interpreter& interpreter);
  // Whoever waits is sent away.
  void close(lang::Interpreter& interpreter);
  // "127.0.0.1:2379", n1 first; empty = it is closed.
  QStringList endpoints() const;

 Q_SIGNALS:
  // Somebody has come, or some time has passed: attend().
  void rung();
  void changed();

 private:
  void listen();

  std::unique_ptr<door::CrankedDoor> door_;
  std::unique_ptr<QSocketNotifier> notifier_;
  QTimer clock_;
};

}  // namespace orrery::gui
