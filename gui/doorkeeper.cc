#include "gui/doorkeeper.h"

#include "door/cranked_door.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

constexpr int kEvery = 500;  // units: milliseconds; probes over HTTP end by themselves

}  // namespace

Doorkeeper::Doorkeeper(QObject* parent) : QObject(parent) {
  clock_.setInterval(kEvery);
  connect(&clock_, &QTimer::timeout, this, &Doorkeeper::rung);
}

Doorkeeper::~Doorkeeper() = default;

// The notifier goes before the descriptor that it looks at.
void Doorkeeper::listen() {
  notifier_.reset();
  if (door_ == nullptr) {
    clock_.stop();
    return;
  }
  notifier_ = std::make_unique<QSocketNotifier>(door_->descriptor(), QSocketNotifier::Read);
  connect(notifier_.get(), &QSocketNotifier::activated, this, &Doorkeeper::rung);
  clock_.start();
}

Result<QString> Doorkeeper::obey(const lang::Door& wish, lang::Interpreter& interpreter) {
  if (wish.kind == lang::Door::Kind::Close) notifier_.reset();
  const auto done = door::obey(wish, door_, interpreter);
  listen();
  Q_EMIT changed();
  if (!done) return fail(done.error());
  return q(*done);
}

QStringList Doorkeeper::attend(lang::Interpreter& interpreter) {
  QStringList lines;
  if (door_ == nullptr) return lines;
  if (!interpreter.live_line()) notifier_.reset();
  for (const std::string& line : door::attend(door_, interpreter)) lines << q(line);
  if (door_ == nullptr) {
    listen();
    Q_EMIT changed();
  }
  return lines;
}

void Doorkeeper::close(lang::Interpreter& interpreter) {
  if (door_ == nullptr) return;
  notifier_.reset();
  door_->end(interpreter);
  door_.reset();
  listen();
  Q_EMIT changed();
}

QStringList Doorkeeper::endpoints() const {
  QStringList out;
  if (door_ == nullptr) return out;
  for (const std::string& one : door_->endpoints()) out << q(one);
  return out;
}

}  // namespace orrery::gui
