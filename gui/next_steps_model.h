// NextStepsModel: what may happen next, in groups, and what may not and why.
//   used by: the next-steps panel, tests    uses: Session
//   ideas:   a tree of two levels: groups (a member, the network, routine, blocked) and their rows. Rebuilt when
//            somebody looks, after the cursor has moved.
#pragma once

#include <vector>

#include <QAbstractItemModel>

#include "gui/session.h"

namespace orrery::gui {

struct NextRow {
  QString words = {};
  QString due = {};         // empty: not enabled
  QString command = {};     // empty: not enabled
  QString reason = {};      // why not; or what the action is, in full
  bool is_default = false;  // what the schedule takes
  bool is_held = false;
  bool is_new = false;  // was not enabled in the world that is compared with
  int number = 0;       // the digit key that performs it; 0 = none
  Ref ref = {};
};

struct NextGroup {
  QString title = {};
  std::vector<NextRow> rows = {};
  bool folded = false;  // shown closed at first
};

// The groups for a world, marked where another had no such row; `detail` says how fine.
std::vector<NextGroup> next_groups(const sim::World& world, const sim::World& before,
                                   Detail detail);

class NextStepsModel : public QAbstractItemModel {
  Q_OBJECT

 public:
  enum Column : std::uint8_t { Key, What, Due, ColumnEnd };
  // Roles beyond Qt's: the command that performs the row (QString, empty = it cannot be performed).
  enum Role : std::uint16_t { CommandRole = Qt::UserRole + 1 };

  explicit NextStepsModel(const Session* session, const Theme* theme, QObject* parent);

  QModelIndex index(int row, int column, const QModelIndex& parent) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent) const override;
  int columnCount(const QModelIndex& parent) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

  void rebuild();
  const std::vector<NextGroup>& groups() const { return groups_; }
  const NextRow* row_at(const QModelIndex& index) const;
  // The row that this digit key performs; null = none.
  const NextRow* numbered(int number) const;

 private:
  QVariant group_data(const NextGroup& group, int column, int role) const;
  QVariant row_data(const NextRow& row, int column, int role) const;

  const Session* session_;
  const Theme* theme_;
  std::vector<NextGroup> groups_;
};

}  // namespace orrery::gui
