#include "gui/next_steps_model.h"

#include <algorithm>
#include <map>
#include <set>

#include <QFont>

#include "gui/describe.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr quintptr kGroup = 0;  // internal id of a group; a row's is its group's number + 1
constexpr std::size_t kShownBlocked = 200;

// Whom a row is listed under: the member that acts; messages under their addressee.
QString title_of(const sim::Action& action) {
  if (const auto* run = std::get_if<sim::RunLane>(&action)) return u"n"_s + q(run->member);
  if (const auto* deliver = std::get_if<sim::Deliver>(&action)) {
    return q(server::to_text(deliver->message.to));
  }
  return phrase("clients");
}

// At a coarser level the lanes that only move bytes to disk are routine.
bool is_fine(const sim::Action& action, Detail detail) {
  const auto* run = std::get_if<sim::RunLane>(&action);
  if (run == nullptr || detail == Detail::Engineer) return false;
  using Kind = server::LaneKind;
  const Kind kind = run->lane.kind;
  if (kind == Kind::SyncVictims || kind == Kind::Read) return detail == Detail::Student;
  return detail == Detail::Student && (kind == Kind::Commit || kind == Kind::Compact);
}

Ref ref_of(const sim::Action& action) {
  if (const auto* deliver = std::get_if<sim::Deliver>(&action)) {
    const server::Address& to = deliver->message.to;
    return {.kind = Ref::Kind::Message,
            .member = to.kind == server::Address::Kind::Member ? to.no : 0,
            .text = q(sim::to_text(deliver->message))};
  }
  if (const auto* run = std::get_if<sim::RunLane>(&action)) {
    return {.kind = Ref::Kind::Lane, .member = run->member, .text = q(server::to_text(run->lane))};
  }
  return {.kind = Ref::Kind::Action, .text = q(sim::to_text(action))};
}

NextRow row_of(const sim::World& world, const sim::EnabledAction& enabled) {
  const QString text = q(sim::to_text(enabled.action));
  return {.words = short_action_words(world, enabled.action) +
                   (enabled.held ? phrase(" (held)") : QString()),
          .due = due_words(world.now(), enabled.due),
          .command = u"perform "_s + text,
          .reason = text,
          .is_held = enabled.held,
          .ref = ref_of(enabled.action)};
}

NextGroup blocked_group(const sim::World& world) {
  NextGroup out{.title = phrase("cannot happen, and why"), .rows = {}, .folded = true};
  for (const sim::BlockedAction& blocked : world.blocked()) {
    if (out.rows.size() >= kShownBlocked) break;
    QString reason;
    if (!blocked.reasons.empty()) reason = guard_words(blocked.reasons.back());
    out.rows.push_back(
        {.words = q(blocked.subject) + u" \u2014 "_s + reason, .reason = reason, .ref = {}});
  }
  return out;
}

void number_rows(std::vector<NextGroup>& groups) {
  int number = 0;
  for (NextGroup& group : groups) {
    if (group.folded) continue;
    for (NextRow& row : group.rows) {
      if (!row.command.isEmpty() && number < 9) row.number = ++number;
    }
  }
}

}  // namespace

std::vector<NextGroup> next_groups(const sim::World& world, const sim::World& before,
                                   Detail detail) {
  std::set<std::string> old;
  for (const sim::EnabledAction& enabled : before.enabled()) {
    old.insert(sim::to_text(enabled.action));
  }
  std::map<QString, NextGroup> by_title;
  NextGroup routine{.title = phrase("ticks, beats, deadlines"), .rows = {}, .folded = true};
  const auto next = world.next();
  for (const sim::EnabledAction& enabled : world.enabled()) {
    NextRow row = row_of(world, enabled);
    row.is_default = next && enabled.action == *next;
    row.is_new = !old.contains(sim::to_text(enabled.action));
    const bool folds = is_routine(world, enabled.action) || is_fine(enabled.action, detail);
    if (folds) row.words = action_words(world, enabled.action);
    NextGroup& group = folds ? routine : by_title[title_of(enabled.action)];
    group.rows.push_back(std::move(row));
  }
  std::vector<NextGroup> out;
  for (auto& [title, group] : by_title) {
    group.title = title;
    out.push_back(std::move(group));
  }
  if (!routine.rows.empty()) out.push_back(std::move(routine));
  if (NextGroup blocked = blocked_group(world); !blocked.rows.empty()) {
    out.push_back(std::move(blocked));
  }
  number_rows(out);
  return out;
}

NextStepsModel::NextStepsModel(const Session* session, const Theme* theme, QObject* parent)
    : QAbstractItemModel(parent), session_(session), theme_(theme) {
  groups_ = next_groups(session_->world(), session_->base(), session_->detail());
}

void NextStepsModel::rebuild() {
  beginResetModel();
  groups_ = next_groups(session_->world(), session_->base(), session_->detail());
  endResetModel();
}

QModelIndex NextStepsModel::index(int row, int column, const QModelIndex& parent) const {
  if (row < 0 || column < 0 || column >= ColumnEnd || row >= rowCount(parent)) return {};
  if (!parent.isValid()) return createIndex(row, column, kGroup);
  return createIndex(row, column, static_cast<quintptr>(parent.row()) + 1);
}

QModelIndex NextStepsModel::parent(const QModelIndex& child) const {
  if (!child.isValid() || child.internalId() == kGroup) return {};
  return createIndex(static_cast<int>(child.internalId() - 1), 0, kGroup);
}

int NextStepsModel::rowCount(const QModelIndex& parent) const {
  if (!parent.isValid()) return static_cast<int>(groups_.size());
  if (parent.internalId() != kGroup || parent.column() != 0) return 0;
  return static_cast<int>(groups_[static_cast<std::size_t>(parent.row())].rows.size());
}

int NextStepsModel::columnCount(const QModelIndex&) const {
  return ColumnEnd;
}

const NextRow* NextStepsModel::row_at(const QModelIndex& index) const {
  if (!index.isValid() || index.internalId() == kGroup) return nullptr;
  const NextGroup& group = groups_[static_cast<std::size_t>(index.internalId() - 1)];
  return &group.rows[static_cast<std::size_t>(index.row())];
}

const NextRow* NextStepsModel::numbered(int number) const {
  for (const NextGroup& group : groups_) {
    for (const NextRow& row : group.rows) {
      if (row.number == number) return &row;
    }
  }
  return nullptr;
}

QVariant NextStepsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  if (const NextRow* row = row_at(index)) return row_data(*row, index.column(), role);
  return group_data(groups_[static_cast<std::size_t>(index.row())], index.column(), role);
}

QVariant NextStepsModel::group_data(const NextGroup& group, int column, int role) const {
  if (role == Qt::DisplayRole && column == Key) {
    return QString(group.title + u"  ("_s + q(group.rows.size()) + u")"_s);
  }
  if (role == Qt::FontRole) return theme_->font(Face::Bold);
  if (role == CommandRole) return QString();
  return {};
}

QVariant NextStepsModel::row_data(const NextRow& row, int column, int role) const {
  if (role == CommandRole) return row.command;
  if (role == Qt::ToolTipRole || role == Qt::AccessibleDescriptionRole) return row.reason;
  if (role == Qt::ForegroundRole && row.command.isEmpty()) return theme_->color(Ink::Muted);
  if (role == Qt::BackgroundRole && row.is_new && column == Key) {
    return theme_->color(Ink::AddedTint);
  }
  if (role == Qt::BackgroundRole && row.is_default) return theme_->color(Ink::SelectedTint);
  if (role == Qt::TextAlignmentRole && column == Due) return int(Qt::AlignRight | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  if (column == What) return row.words;
  if (column == Due) return row.due;
  const QString mark =
      (row.is_new ? u"+"_s : QString()) + (row.is_default ? u"\u25b6"_s : QString());
  return row.number == 0 ? mark : QString(mark + q(row.number));
}

QVariant NextStepsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case Key: return phrase("key");
    case What: return phrase("what may happen");
    case Due: return phrase("due");
    default: return {};
  }
}

Qt::ItemFlags NextStepsModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

}  // namespace orrery::gui
