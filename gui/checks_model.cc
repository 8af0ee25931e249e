#include "gui/checks_model.h"

#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

// Told by a sign and a word too, never by colour alone.
QString sign(CheckLight::State state) {
  switch (state) {
    case CheckLight::State::Holds: return u"\u2713"_s;
    case CheckLight::State::Broken: return u"\u2717"_s;
    case CheckLight::State::Unknown: return u"?"_s;
  }
  return {};
}

Ink ink(CheckLight::State state) {
  switch (state) {
    case CheckLight::State::Holds: return Ink::Good;
    case CheckLight::State::Broken: return Ink::Bad;
    case CheckLight::State::Unknown: return Ink::Muted;
  }
  return Ink::Muted;
}

}  // namespace

ChecksModel::ChecksModel(const Session* session, const Theme* theme, QObject* parent)
    : QAbstractTableModel(parent), session_(session), theme_(theme), lights_(session->checks()) {}

void ChecksModel::rebuild() {
  beginResetModel();
  lights_ = session_->checks();
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
    return light.sentence.isEmpty() ? light.meaning
                                    : QString(light.meaning + u"\n"_s + light.sentence);
  }
  if (role == Qt::ForegroundRole) {
    return index.column() == Light || light.state == CheckLight::State::Broken
               ? QVariant(theme_->color(ink(light.state)))
               : QVariant();
  }
  if (role != Qt::DisplayRole) return {};
  if (index.column() == Light) return sign(light.state);
  return light.state == CheckLight::State::Broken ? QString(light.name + u": "_s + light.sentence)
                                                  : light.name;
}

}  // namespace orrery::gui
