#include "gui/inspector_model.h"

namespace orrery::gui {

using namespace Qt::Literals::StringLiterals;

void InspectorModel::show(Node root) {
  beginResetModel();
  root_ = std::move(root);
  flatten();
  endResetModel();
}

// Breadth first: the children of a node stand together.
void InspectorModel::flatten() {
  spots_.assign(1, Spot{.node = &root_});
  for (std::size_t at = 0; at < spots_.size(); ++at) {
    const Node* node = spots_[at].node;
    spots_[at].first_child = spots_.size();
    int row = 0;
    for (const Node& child : node->children) {
      spots_.push_back({.node = &child, .parent = at, .row = row++});
    }
  }
}

const InspectorModel::Spot& InspectorModel::spot(const QModelIndex& index) const {
  return spots_[index.isValid() ? static_cast<std::size_t>(index.internalId()) : 0];
}

QModelIndex InspectorModel::index(int row, int column, const QModelIndex& parent) const {
  if (row < 0 || column < 0 || column >= ColumnEnd || row >= rowCount(parent)) return {};
  return createIndex(
      row, column, static_cast<quintptr>(spot(parent).first_child + static_cast<std::size_t>(row)));
}

QModelIndex InspectorModel::parent(const QModelIndex& child) const {
  if (!child.isValid()) return {};
  const std::size_t up = spot(child).parent;
  return up == 0 ? QModelIndex() : createIndex(spots_[up].row, 0, static_cast<quintptr>(up));
}

int InspectorModel::rowCount(const QModelIndex& parent) const {
  if (spots_.empty() || parent.column() > 0) return 0;
  return static_cast<int>(spot(parent).node->children.size());
}

int InspectorModel::columnCount(const QModelIndex&) const {
  return ColumnEnd;
}

QVariant InspectorModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Node& node = *spot(index).node;
  if (role == Qt::BackgroundRole && node.change != Change::Same) {
    return theme_->color(tint(node.change));
  }
  if (role == Qt::ToolTipRole) return QString(node.name + u": "_s + node.value);
  if (role != Qt::DisplayRole) return {};
  if (index.column() == Value) return node.value;
  return node.change == Change::Same ? node.name : QString(glyph(node.change) + u" "_s + node.name);
}

QVariant InspectorModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return section == Name ? phrase("what") : phrase("is");
}

}  // namespace orrery::gui
