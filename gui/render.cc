#include "gui/render.h"

#include <QApplication>
#include <QStringList>

#include "gui/words.h"

namespace orrery::gui {
namespace {

// Plays the scenario; questions are left unanswered where it shall stop, and passed over elsewhere.
void play(Session& session, const RenderOrder& order) {
  std::size_t parts = 0;
  while (!order.stop || parts < *order.stop) {
    if (session.lab().waits_for_answer()) session.answer_lab(session.lab().question->right);
    if (!session.continue_lab()) break;
    ++parts;
  }
}

void select(Session& session, const QString& words) {
  if (!words.startsWith(QLatin1Char('n'))) return;
  session.select({.kind = Ref::Kind::Member, .member = words.mid(1).toUInt()});
}

void settle_events() {
  for (int i = 0; i < 4; ++i) QCoreApplication::processEvents();
}

// Docks find their sizes when they are shown, so the layout is set before and after.
void show(MainWindow& window, const RenderOrder& order) {
  window.resize(order.size);
  window.set_layout(order.layout);
  window.show();
  settle_events();
  window.set_layout(order.layout);
  settle_events();
}

}  // namespace

Result<QImage> render(const RenderOrder& order) {
  Session session;
  if (!order.scenario.isEmpty()) {
    if (const auto opened = session.open_lab(order.scenario); !opened) return fail(opened.error());
    play(session, order);
  }
  if (order.at) session.scrub(*order.at);
  select(session, order.select);
  const Theme theme(order.mode, order.scale);
  apply_theme(theme);
  MainWindow window(&session, theme);
  if (!order.panel.isEmpty() && window.panel(order.panel) == nullptr) {
    return fail(Errc::WrongUse, "there is no panel " + order.panel.toStdString() + "; there are " +
                                    window.panel_names().join(QStringLiteral(", ")).toStdString());
  }
  show(window, order);
  if (order.panel.isEmpty()) return window.grab().toImage();
  QWidget* panel = window.panel(order.panel);
  window.raise_panel(order.panel);
  panel->setParent(nullptr);
  panel->resize(order.size);
  panel->show();
  settle_events();
  QImage image = panel->grab().toImage();
  delete panel;
  return image;
}

Result<std::size_t> render_parts(const RenderOrder& order, const QString& folder) {
  Session session;
  if (const auto opened = session.open_lab(order.scenario); !opened) return fail(opened.error());
  const Theme theme(order.mode, order.scale);
  apply_theme(theme);
  MainWindow window(&session, theme);
  show(window, order);
  std::size_t parts = 0;
  while (session.continue_lab()) {
    settle_events();
    const QString file =
        QStringLiteral("%1/%2.png").arg(folder).arg(++parts, 2, 10, QLatin1Char('0'));
    if (!window.grab().save(file))
      return fail(Errc::WrongUse, "cannot write " + file.toStdString());
    if (session.lab().waits_for_answer()) session.answer_lab(session.lab().question->right);
  }
  return parts;
}

}  // namespace orrery::gui
