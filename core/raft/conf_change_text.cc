// The spellings of configuration changes.
#include <charconv>

#include "base/text.h"
#include "proto/raftpb_codec.h"
#include "raft/conf_change.h"

namespace orrery::raft {

using raftpb::ConfChangeTransition;
using raftpb::ConfChangeType;

namespace {

char letter_of(ConfChangeType type) {
  switch (type) {
    case ConfChangeType::AddNode: return 'v';
    case ConfChangeType::AddLearnerNode: return 'l';
    case ConfChangeType::RemoveNode: return 'r';
    case ConfChangeType::UpdateNode: return 'u';
  }
  return '?';
}

std::optional<ConfChangeType> type_of(char letter) {
  switch (letter) {
    case 'v': return ConfChangeType::AddNode;
    case 'l': return ConfChangeType::AddLearnerNode;
    case 'r': return ConfChangeType::RemoveNode;
    case 'u': return ConfChangeType::UpdateNode;
    default: return std::nullopt;
  }
}

std::string_view name_of(ConfChangeType type) {
  switch (type) {
    case ConfChangeType::AddNode: return "ConfChangeAddNode";
    case ConfChangeType::RemoveNode: return "ConfChangeRemoveNode";
    case ConfChangeType::UpdateNode: return "ConfChangeUpdateNode";
    case ConfChangeType::AddLearnerNode: return "ConfChangeAddLearnerNode";
  }
  return "";
}

std::string_view name_of(ConfChangeTransition transition) {
  switch (transition) {
    case ConfChangeTransition::Auto: return "ConfChangeTransitionAuto";
    case ConfChangeTransition::JointImplicit: return "ConfChangeTransitionJointImplicit";
    case ConfChangeTransition::JointExplicit: return "ConfChangeTransitionJointExplicit";
  }
  return "";
}

Result<raftpb::ConfChangeSingle> parse_change(std::string_view word) {
  if (word.size() < 2) return fail(Errc::Syntax, text("unknown token {}", word));
  const auto type = type_of(word[0]);
  if (!type) return fail(Errc::Syntax, text("unknown input: {}", word));
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(word.data() + 1, word.data() + word.size(), id);
  if (error != std::errc() || end != word.data() + word.size()) {
    return fail(Errc::Syntax, text("no member id in: {}", word));
  }
  return raftpb::ConfChangeSingle{*type, NodeId(id)};
}

}  // namespace

std::string to_text(const Changes& changes) {
  std::string out;
  for (const auto& change : changes) {
    if (!out.empty()) out += ' ';
    out += text("{}{}", letter_of(change.type), change.node_id.value());
  }
  return out;
}

Result<Changes> parse_changes(std::string_view words) {
  constexpr std::string_view kBlanks = " \t\n";
  Changes out;
  while (true) {
    const std::size_t begin = words.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return out;
    const std::size_t end = std::min(words.find_first_of(kBlanks, begin), words.size());
    const auto change = parse_change(words.substr(begin, end - begin));
    if (!change) return fail(change.error());
    out.push_back(*change);
    words.remove_prefix(end);
  }
}

std::string describe_change(const raftpb::Entry& entry) {
  const auto change = change_of(entry);
  if (!change) return "unreadable: " + change.error().detail;
  const bool is_v1 = entry.type == raftpb::EntryType::ConfChange;
  if (is_v1 && change->changes.size() == 1) {
    const auto& single = change->changes[0];
    return text("type:{} node_id:{}", name_of(single.type), single.node_id.value());
  }
  std::string out = text("transition:{}", name_of(change->transition));
  for (const auto& single : change->changes) {
    out += text(" changes:{{type:{} node_id:{}}}", name_of(single.type), single.node_id.value());
  }
  return out;
}

}  // namespace orrery::raft
