// InspectorModel: a tree of nodes for Qt's tree view, with a gutter for what changed.
//   used by: the inspector panel, tests    uses: inspect.h
#pragma once

#include <memory>

#include <QAbstractItemModel>

#include "gui/inspect.h"
#include "gui/theme.h"

namespace orrery::gui {

class InspectorModel : public QAbstractItemModel {
  Q_OBJECT

 public:
  enum Column : std::uint8_t { Name, Value, ColumnEnd };

  InspectorModel(const Theme* theme, QObject* parent) : QAbstractItemModel(parent), theme_(theme) {}

  void show(Node root);
  const Node& root() const { return root_; }

  QModelIndex index(int row, int column, const QModelIndex& parent) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent) const override;
  int columnCount(const QModelIndex& parent) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  // A node's place: which child of whom. Flat, so that an index can name it by a number.
  struct Spot {
    const Node* node = nullptr;
    std::size_t parent = 0;
    int row = 0;
    std::size_t first_child = 0;  // in spots_; children stand together
  };
  void flatten();
  const Spot& spot(const QModelIndex& index) const;

  const Theme* theme_;
  Node root_;
  std::vector<Spot> spots_;  // [0] = the root, which is not shown as a row of its own
};

}  // namespace orrery::gui
