// The window standing at the violations of the museum's labs, and after the repair: six panels tell the story, light
// and dark, small and large. ORRERY_PICTURES names a folder that keeps the pictures.
#include <cstdlib>

#include <QDir>
#include <QTableView>
#include <gtest/gtest.h>

#include "gui/main_window.h"
#include "gui/picture_panel.h"
#include "gui/words.h"
#include "tests/gui/application.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

// What a panel must say, in words that are in sight.
struct Said {
  const char* panel;
  const char* words;
};

struct Stand {
  const char* name;
  const char* lab;
  const char* question;  // stand where it is asked; empty = at the end
  std::uint32_t member;  // selected
  std::vector<Said> said;
};

void PrintTo(const Stand& stand, std::ostream* out) {
  *out << stand.name;
}

struct Look {
  QSize size;
  Theme::Mode mode;
  const char* name;
};

const std::array kLooks{Look{QSize(1280, 800), Theme::Mode::Light, "small-light"},
                        Look{QSize(1280, 800), Theme::Mode::Dark, "small-dark"},
                        Look{QSize(1920, 1200), Theme::Mode::Light, "large-light"},
                        Look{QSize(1920, 1200), Theme::Mode::Dark, "large-dark"}};

class MuseumPictures : public ::testing::TestWithParam<Stand> {
 protected:
  void SetUp() override { testing::application(); }

  static void settle_events() {
    for (int i = 0; i < 4; ++i) QCoreApplication::processEvents();
  }

  static void play(Session& session) {
    const Stand& stand = GetParam();
    ASSERT_TRUE(session.open_lab(testing::lab_path(stand.lab)));
    const QString question = QString::fromLatin1(stand.question);
    while (true) {
      if (session.lab().waits_for_answer()) {
        const QString asked = q(session.lab().question->question);
        if (!question.isEmpty() && asked.startsWith(question)) break;
        session.answer_lab(session.lab().question->right);
      }
      if (!session.continue_lab()) break;
    }
    session.select({.kind = Ref::Kind::Member, .member = stand.member});
  }

  // The words of whatever lies wholly or partly in the panel's sight.
  static QString in_sight(QWidget* panel) {
    if (auto* table = qobject_cast<QTableView*>(panel)) {
      QString out;
      for (int row = 0; row < table->model()->rowCount(); ++row) {
        const QModelIndex index = table->model()->index(row, 1);
        if (!table->viewport()->rect().intersects(table->visualRect(index))) continue;
        out = out + table->model()->index(row, 0).data().toString() + u" "_s +
              index.data().toString() + u"\n"_s;
      }
      return out;
    }
    auto* pictures = qobject_cast<PicturePanel*>(panel);
    const QRectF seen(QPointF(), QSizeF(pictures->viewport()->size()));
    QString out;
    for (const Item& item : pictures->picture().items) {
      if (seen.contains(item.area)) out = out + item.name + u"\n"_s;
    }
    return out;
  }

  static void keep(MainWindow& window, const Look& look, const char* panel) {
    const char* folder = std::getenv("ORRERY_PICTURES");
    if (folder == nullptr) return;
    const QString file =
        QString::fromLocal8Bit(folder) + u"/museum-"_s + QString::fromLatin1(GetParam().name) +
        u"-"_s + QString::fromLatin1(panel) + u"-"_s + QString::fromLatin1(look.name) + u".png"_s;
    EXPECT_TRUE(window.grab().save(file)) << file.toStdString();
  }
};

TEST_P(MuseumPictures, SixPanelsTellTheStory) {
  Session session;
  ASSERT_NO_FATAL_FAILURE(play(session));
  for (const Look& look : kLooks) {
    const Theme theme(look.mode);
    apply_theme(theme);
    MainWindow window(&session, theme);
    window.resize(look.size);
    window.show();
    settle_events();
    window.set_layout(Layout::Hunt);
    settle_events();
    for (const Said& said : GetParam().said) {
      const QString name = QString::fromLatin1(said.panel);
      window.raise_panel(name);
      settle_events();
      const QString words = in_sight(window.panel(name));
      EXPECT_TRUE(words.contains(QString::fromUtf8(said.words)))
          << look.name << ", " << said.panel << " lacks \"" << said.words << "\":\n"
          << words.toStdString();
      keep(window, look, said.panel);
    }
  }
  apply_theme(Theme());
}

const Stand kA1{
    .name = "A1",
    .lab = "17-lost-delete",
    .question = "No error, no event, for ever.",
    .member = 1,
    .said = {{"checks", "\u2717 A watch misses nothing: n1: the compaction at 7 removed"},
             {"evidence", "write delete k1, via n1, n1 \u2717 no trace"},
             {"revisions", "k1 at revision 7, deleted: acknowledged, and n1 has no row of it"},
             {"pages", "a restart would find: key={3,4,5,6} sched=7 fin=7"},
             {"watchers", "late: asked from 7, told 0"},
             {"auth", "member n1, auth disabled, auth revision 1"}}};

const Stand kA1Mended{.name = "A1-mended",
                      .lab = "17-lost-delete",
                      .question = "",
                      .member = 1,
                      .said = {{"checks", "\u2713 Election Safety"},
                               {"evidence", "write delete k1, via n1, n1 \u2713"},
                               {"revisions", "k1 at revision 7, deleted"},
                               {"pages", "a restart would find: key={3,4,5,6,7t} sched=7 fin=7"},
                               {"watchers", "late: asked from 7, told 1"},
                               {"auth", "member n1, auth disabled, auth revision 1"}}};

const Stand kA2{.name = "A2",
                .lab = "18-three-years",
                .question = "Both reads were linearizable",
                .member = 3,
                .said = {{"checks", "\u2717 Equal auth revision: n3 has auth revision 7"},
                         {"evidence", "Claims that broke, the first one first"},
                         {"revisions", "/t/1 at revision 4, put: acknowledged, and n3 has no row"},
                         {"pages", "a restart would find: key={2,3} sched=- fin=- ci=12 authRev=6"},
                         {"watchers", "synced"},
                         {"auth", "member n3, auth enabled, auth revision \u2260 7"}}};

const Stand kA2Mended{.name = "A2-mended",
                      .lab = "18-three-years",
                      .question = "",
                      .member = 4,
                      .said = {{"checks", "! Equal auth revision: holds again; it was broken"},
                               {"evidence", "Claims that broke, the first one first"},
                               {"revisions", "/t/1 at revision 4, put"},
                               {"pages", "a restart would find: key={2,3,4,5,6}"},
                               {"watchers", "synced"},
                               {"auth", "member n4, auth enabled, auth revision 6"}}};

INSTANTIATE_TEST_SUITE_P(Stands, MuseumPictures, ::testing::Values(kA1, kA1Mended, kA2, kA2Mended));

}  // namespace
}  // namespace orrery::gui
