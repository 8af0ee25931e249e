// orrery-gui: the visual debugger.
//   orrery-gui [LAB]
//   orrery-gui --render OUT.png [--scenario FILE] [--at STEP] [--part N] [--panel NAME] [--size WxH]
//              [--theme light|dark] [--scale PERCENT] [--layout start|raft|watch|storage|services|hunt] [--select n2]
//   orrery-gui --pictures FOLDER LAB    a picture after each part of the lab, and the same options
//   exit status: 0 done, 2 wrong use, unreadable input or no display
#include <algorithm>
#include <array>
#include <cstdio>

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QTextStream>

#include "base/memory.h"
#include "gui/render.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr int kWrongUse = 2;

int complain(const QString& words) {
  QTextStream(stderr) << "orrery-gui: " << words << "\n";
  return kWrongUse;
}

void add_options(QCommandLineParser& parser) {
  parser.setApplicationDescription(phrase("The visual debugger of Orrery."));
  parser.addHelpOption();
  parser.addPositionalArgument(
      u"lab"_s, phrase("a lab's name, number or folder, or a *.crank file"), u"[LAB]"_s);
  parser.addOptions({
      {u"render"_s, phrase("write a picture and end"), u"OUT.png"_s},
      {u"pictures"_s, phrase("write a picture after each part of the lab, and end"), u"FOLDER"_s},
      {u"scenario"_s, phrase("the lab (name, number or folder) or script to play"), u"FILE"_s},
      {u"at"_s, phrase("the step to stand at"), u"STEP"_s},
      {u"part"_s, phrase("play only the first parts of the lab"), u"N"_s},
      {u"panel"_s, phrase("one panel instead of the window"), u"NAME"_s},
      {u"size"_s, phrase("in pixels"), u"WxH"_s, u"1600x1000"_s},
      {u"theme"_s, phrase("light or dark"), u"THEME"_s, u"light"_s},
      {u"scale"_s, phrase("of the text, 80 to 200"), u"PERCENT"_s, u"100"_s},
      {u"layout"_s, phrase("start, raft, watch, storage, services or hunt"), u"LAYOUT"_s,
       u"start"_s},
      {u"select"_s, phrase("a member"), u"MEMBER"_s},
  });
}

// Empty = it can be read.
QString read_order(const QCommandLineParser& parser, RenderOrder& order) {
  order.out = parser.value(u"render"_s);
  order.scenario = parser.value(u"scenario"_s);
  order.panel = parser.value(u"panel"_s);
  order.select = parser.value(u"select"_s);
  order.mode = parser.value(u"theme"_s) == u"dark"_s ? Theme::Mode::Dark : Theme::Mode::Light;
  bool fine = true;
  bool one = true;
  if (parser.isSet(u"at"_s)) order.at = parser.value(u"at"_s).toULongLong(&fine);
  if (!fine) return phrase("--at: expected a number of steps");
  if (parser.isSet(u"part"_s)) order.stop = parser.value(u"part"_s).toULongLong(&fine);
  if (!fine) return phrase("--part: expected a number");
  order.scale = parser.value(u"scale"_s).toInt(&fine);
  if (!fine) return phrase("--scale: expected a percentage");
  const QStringList size = parser.value(u"size"_s).split(QLatin1Char('x'));
  order.size = size.size() == 2 ? QSize(size[0].toInt(&fine), size[1].toInt(&one)) : QSize();
  if (!fine || !one || order.size.isEmpty()) {
    return phrase("--size: expected WIDTHxHEIGHT, as 1600x1000");
  }
  const QString layout = parser.value(u"layout"_s);
  const auto at = std::ranges::find(kLayoutNames, layout.toStdString());
  if (at == kLayoutNames.end()) {
    return phrase("--layout: expected start, raft, watch, storage, services or hunt");
  }
  order.layout = static_cast<Layout>(at - kLayoutNames.begin());
  return {};
}

int render_to_file(const QCommandLineParser& parser) {
  RenderOrder order;
  if (const QString wrong = read_order(parser, order); !wrong.isEmpty()) return complain(wrong);
  const auto image = render(order);
  if (!image) return complain(q(image.error().detail));
  if (!image->save(order.out)) return complain(phrase("cannot write ") + order.out);
  return 0;
}

int render_lab(const QCommandLineParser& parser) {
  RenderOrder order;
  if (const QString wrong = read_order(parser, order); !wrong.isEmpty()) return complain(wrong);
  if (order.scenario.isEmpty()) order.scenario = parser.positionalArguments().value(0);
  const QString folder = parser.value(u"pictures"_s);
  if (!QDir().mkpath(folder)) return complain(phrase("cannot make the folder ") + folder);
  const auto count = render_parts(order, folder);
  if (!count) return complain(q(count.error().detail));
  QTextStream(stdout) << phrase("%1 pictures of %2, one a part: %3\n")
                             .arg(*count)
                             .arg(order.scenario, QDir(folder).absolutePath());
  return 0;
}

int open_window(const QCommandLineParser& parser) {
  Session session;
  const QStringList labs = parser.positionalArguments();
  if (!labs.isEmpty()) {
    if (const auto opened = session.open_lab(labs.front()); !opened) {
      return complain(q(opened.error().detail));
    }
  }
  const Theme theme(parser.value(u"theme"_s) == u"dark"_s ? Theme::Mode::Dark : Theme::Mode::Light,
                    parser.value(u"scale"_s).toInt());
  apply_theme(theme);
  MainWindow window(&session, theme);
  window.resize(1600, 1000);
  window.set_layout(Layout::Start);
  window.remember_settings();
  window.show();
  return QApplication::exec();
}

// The offscreen platform complains that it has no window manager to hint to.
void quiet_platform(QtMsgType type, const QMessageLogContext& context, const QString& words) {
  if (words.contains(u"propagateSizeHints"_s) || words.contains(u"XDG_RUNTIME_DIR"_s)) return;
  QTextStream(stderr) << qFormatLogMessage(type, context, words) << "\n";
}

bool wants_no_screen(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const QByteArrayView word(argv[i]);
    if (word.startsWith("--render") || word.startsWith("--pictures")) return true;
    if (word.startsWith("--help") || word == QByteArrayView("-h")) return true;
  }
  return false;
}

bool has_screen() {
  return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
}

}  // namespace
}  // namespace orrery::gui

int main(int argc, char** argv) {
  using namespace orrery::gui;
  orrery::ask_for_large_pages();
  const bool platform_chosen = qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
  if (!platform_chosen && wants_no_screen(argc, argv)) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qInstallMessageHandler(quiet_platform);
  } else if (!platform_chosen && !has_screen()) {
    return complain(
        QStringLiteral("there is no display (DISPLAY is not set); --pictures FOLDER LAB "
                       "writes pictures, and orrery console needs no display"));
  }
  QApplication app(argc, argv);
  QCoreApplication::setApplicationName(QStringLiteral("orrery-gui"));
  QCommandLineParser parser;
  add_options(parser);
  parser.process(app);
  if (parser.isSet(QStringLiteral("pictures"))) return render_lab(parser);
  return parser.isSet(QStringLiteral("render")) ? render_to_file(parser) : open_window(parser);
}
