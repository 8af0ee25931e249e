#include "raft/describe.h"

#include "base/text.h"
#include "raft/conf_change.h"

namespace orrery::raft {

namespace {

std::string address(NodeId id) {
  if (id == kNobody) return "None";
  if (id == kAppendThread) return "AppendThread";
  if (id == kApplyThread) return "ApplyThread";
  return words(id);
}

std::string ids_text(const std::vector<NodeId>& ids) {
  std::string out = "[";
  for (const NodeId id : ids) {
    if (out.size() > 1) out += ' ';
    out += to_text(id);
  }
  return out + "]";
}

std::string snapshot_text(const raftpb::Snapshot& snapshot) {
  const raftpb::ConfState& state = snapshot.conf_state;
  return text(
      "Index:{} Term:{} ConfState:Voters:{} VotersOutgoing:{} Learners:{} LearnersNext:{} "
      "AutoLeave:{}",
      snapshot.index.value(), snapshot.term.value(), ids_text(state.voters),
      ids_text(state.voters_outgoing), ids_text(state.learners), ids_text(state.learners_next),
      state.auto_leave);
}

std::string entries_text(const std::vector<raftpb::Entry>& entries, const std::string& indent) {
  if (entries.size() == 1) return text(" Entries:[{}]", describe(entries[0]));
  std::string out = " Entries:[";
  for (const auto& entry : entries) out += text("\n{}  {}", indent, describe(entry));
  return out + "\n" + indent + "]";
}

std::string message_text(const Message& m, const std::string& indent) {
  std::string out = text("{}{}->{} {} Term:{} Log:{}/{}", indent, address(m.from), address(m.to),
                         to_text(m.type), m.term.value(), m.log_term.value(), m.index.value());
  if (m.reject) out += text(" Rejected (Hint: {})", m.reject_hint.value());
  if (m.commit != Index(0)) out += text(" Commit:{}", m.commit.value());
  if (m.vote != kNobody) out += text(" Vote:{}", m.vote.value());
  if (!m.entries.empty()) out += entries_text(m.entries, indent);
  if (!m.snapshot.empty()) out += text("\n{}  Snapshot: {}", indent, snapshot_text(m.snapshot));
  if (m.responses.empty()) return out;
  out += " Responses:[";
  for (const Message& response : m.responses) out += "\n" + message_text(response, indent + "  ");
  return out + "\n" + indent + "]";
}

// As Go prints a slice of structs with a slice of bytes: "[{11 [102 111]}]".
std::string read_states_text(const std::vector<ReadState>& states) {
  std::string out = "[";
  for (const ReadState& state : states) {
    if (out.size() > 1) out += ' ';
    std::string bytes;
    for (const char byte : state.context.view()) {
      if (!bytes.empty()) bytes += ' ';
      bytes += std::to_string(static_cast<unsigned char>(byte));
    }
    out += text("{{{} [{}]}}", state.index.value(), bytes);
  }
  return out + "]";
}

}  // namespace

std::string describe(const Message& message) {
  return message_text(message, "");
}

std::string describe(const raftpb::Entry& entry) {
  const std::string head = text("{}/{}", entry.term.value(), entry.index.value());
  if (entry.type == raftpb::EntryType::Normal) {
    return text("{} EntryNormal {}", head, quoted(entry.data));
  }
  const bool is_v1 = entry.type == raftpb::EntryType::ConfChange;
  std::string out = text("{} {}", head, is_v1 ? "EntryConfChange" : "EntryConfChangeV2");
  const auto change = change_of(entry);
  const std::string what = change ? to_text(change->changes) : change.error().detail;
  return what.empty() ? out : out + " " + what;
}

std::string describe(std::span<const raftpb::Entry> entries) {
  std::string out;
  for (const raftpb::Entry& entry : entries) out += describe(entry) + "\n";
  return out;
}

std::string describe(const Ready& ready) {
  std::string out;
  if (ready.soft_state) {
    out += text("Lead:{} State:{}\n", ready.soft_state->leader.value(),
                to_text(ready.soft_state->role));
  }
  if (ready.hard_state) {
    const raftpb::HardState& state = *ready.hard_state;
    out += text("HardState Term:{}", state.term.value());
    if (state.vote != kNobody) out += text(" Vote:{}", state.vote.value());
    out += text(" Commit:{}\n", state.commit.value());
  }
  if (!ready.read_states.empty()) {
    out += text("ReadStates {}\n", read_states_text(ready.read_states));
  }
  if (!ready.entries.empty()) out += "Entries:\n" + describe(std::span(ready.entries));
  if (!ready.snapshot.empty()) out += text("Snapshot {}\n", snapshot_text(ready.snapshot));
  if (!ready.committed_entries.empty()) {
    out += "CommittedEntries:\n" + describe(std::span(ready.committed_entries));
  }
  if (!ready.messages.empty()) out += "Messages:\n";
  for (const Message& m : ready.messages) out += describe(m) + "\n";
  if (out.empty()) return "<empty Ready>";
  return text("Ready MustSync={}:\n{}", ready.must_sync, out);
}

}  // namespace orrery::raft
