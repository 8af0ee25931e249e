#include "gui/checks_model.h"

#include <algorithm>

#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

// Told by a sign and a word too, never by colour alone.
QString sign(CheckLight::State state) {
  switch (state) {
    case CheckLight::State::Holds: return u"\u2713"_s;
    case CheckLight::State::Broken: return u"\u2717"_s;
    case CheckLight::State::Mended: return u"!"_s;
    case CheckLight::State::Unknown: return u"?"_s;
  }
  return {};
}

Ink ink(CheckLight::State state) {
  switch (state) {
    case CheckLight::State::Holds: return Ink::Good;
    case CheckLight::State::Broken: return Ink::Bad;
    case CheckLight::State::Mended: return Ink::Warn;
    case CheckLight::State::Unknown: return Ink::Muted;
  }
  return Ink::Muted;
}

// What is broken stands first, then what was.
std::vector<CheckLight> worst_first(std::vector<CheckLight> lights) {
  const auto rank = [](const CheckLight& light) {
    if (light.state == CheckLight::State::Broken) return 0;
    return light.state == CheckLight::State::Mended ? 1 : 2;
  };
  std::ranges::stable_sort(lights, {}, rank);
  return lights;
}

QString words_of(const CheckLight& light) {
  const QString since = light.since ? phrase(" (first at step %1)").arg(*light.since) : QString();
  if (light.state == CheckLight::State::Broken) {
    return light.name + u": "_s + light.sentence + since;
  }
  if (light.state == CheckLight::State::Mended) {
    return light.name + phrase(": holds again; it was broken") + since + u": "_s + light.sentence;
  }
  return light.name;
}

}  // namespace

ChecksModel::ChecksModel(const Session* session, const Theme* theme, QObject* parent)
    : QAbstractTableModel(parent),
      session_(session),
      theme_(theme),
      lights_(worst_first(session->checks())) {}

void ChecksModel::rebuild() {
  beginResetModel();
  lights_ = worst_first(session_->checks());
  endResetModel();
}

int ChecksModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(lights_.size());
}

int ChecksModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnEnd;
}

QVariant ChecksModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const CheckLight& light = lights_[static_cast<std::size_t>(index.row())];
  if (role == Qt::ToolTipRole) {
    const QString meaning =
        light.claim.isEmpty() ? light.meaning : QString(light.claim + u": "_s + light.meaning);
    return light.sentence.isEmpty() ? meaning : QString(meaning + u"\n"_s + light.sentence);
  }
  if (role == Qt::ForegroundRole) {
    return index.column() == Light || light.state == CheckLight::State::Broken
               ? QVariant(theme_->color(ink(light.state)))
               : QVariant();
  }
  if (role != Qt::DisplayRole) return {};
  if (index.column() == Light) return sign(light.state);
  return words_of(light);
}

}  // namespace orrery::gui
