// ChecksModel: a light per claim.
//   used by: the checks panel, tests    uses: Session
#pragma once

#include <QAbstractTableModel>

#include "gui/session.h"

namespace orrery::gui {

class ChecksModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column : std::uint8_t { Light, Claim, ColumnEnd };

  ChecksModel(const Session* session, const Theme* theme, QObject* parent);

  int rowCount(const QModelIndex& parent) const override;
  int columnCount(const QModelIndex& parent) const override;
  QVariant data(const QModelIndex& index, int role) const override;

  void rebuild();

 private:
  const Session* session_;
  const Theme* theme_;
  std::vector<CheckLight> lights_;
};

}  // namespace orrery::gui
