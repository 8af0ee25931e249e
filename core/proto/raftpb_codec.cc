#include "proto/raftpb_codec.h"

#include <optional>
#include <raftpb.pb.h>
#include <utility>

#include "proto/raftpb_wire.h"
#include "proto/wire.h"

namespace orrery::raftpb {
namespace {

using raftpb::from_wire;  // the ones of the header, beside those below

template <class Numbers>
void add_all(const std::vector<NodeId>& from, Numbers* to) {
  for (const NodeId id : from) to->Add(id.value());
}

template <class Numbers>
std::vector<NodeId> node_ids(const Numbers& numbers) {
  std::vector<NodeId> out;
  out.reserve(static_cast<std::size_t>(numbers.size()));
  for (const auto number : numbers) out.emplace_back(number);
  return out;
}

void to_wire(const Entry& entry, ::raftpb::Entry* out) {
  out->set_type(static_cast<::raftpb::EntryType>(entry.type));
  out->set_term(entry.term.value());
  out->set_index(entry.index.value());
  if (!entry.data.empty()) out->set_data(std::string(entry.data.view()));
}

void to_wire(const Snapshot& snapshot, ::raftpb::Snapshot* out) {
  if (!snapshot.data.empty()) out->set_data(std::string(snapshot.data.view()));
  to_wire(snapshot.conf_state, out->mutable_metadata()->mutable_conf_state());
  out->mutable_metadata()->set_index(snapshot.index.value());
  out->mutable_metadata()->set_term(snapshot.term.value());
}

void to_wire(const ConfChange& change, ::raftpb::ConfChange* out) {
  out->set_id(change.id);
  out->set_type(static_cast<::raftpb::ConfChangeType>(change.type));
  out->set_node_id(change.node_id.value());
  if (!change.context.empty()) out->set_context(std::string(change.context.view()));
}

void to_wire(const ConfChangeV2& change, ::raftpb::ConfChangeV2* out) {
  out->set_transition(static_cast<::raftpb::ConfChangeTransition>(change.transition));
  for (const ConfChangeSingle& single : change.changes) {
    ::raftpb::ConfChangeSingle* to = out->add_changes();
    to->set_type(static_cast<::raftpb::ConfChangeType>(single.type));
    to->set_node_id(single.node_id.value());
  }
  if (!change.context.empty()) out->set_context(std::string(change.context.view()));
}

void to_wire(const Message& message, ::raftpb::Message* out) {
  out->set_type(static_cast<::raftpb::MessageType>(message.type));
  out->set_to(message.to.value());
  out->set_from(message.from.value());
  out->set_term(message.term.value());
  out->set_logterm(message.log_term.value());
  out->set_index(message.index.value());
  for (const Entry& entry : message.entries) to_wire(entry, out->add_entries());
  out->set_commit(message.commit.value());
  if (message.snapshot != Snapshot{}) to_wire(message.snapshot, out->mutable_snapshot());
  out->set_reject(message.reject);
  out->set_rejecthint(message.reject_hint.value());
  if (!message.context.empty()) out->set_context(std::string(message.context.view()));
  out->set_vote(message.vote.value());
  for (const Message& response : message.responses) to_wire(response, out->add_responses());
}

Entry from_wire(const ::raftpb::Entry& in, wire::Faults& faults) {
  return Entry{.type = faults.checked(in.type(), EntryType::ConfChangeV2, "entry type"),
               .term = Term(in.term()),
               .index = Index(in.index()),
               .data = Blob(in.data())};
}

HardState from_wire(const ::raftpb::HardState& in, wire::Faults&) {
  return HardState{
      .term = Term(in.term()), .vote = NodeId(in.vote()), .commit = Index(in.commit())};
}

Snapshot from_wire(const ::raftpb::Snapshot& in, wire::Faults& faults) {
  return Snapshot{.data = Blob(in.data()),
                  .conf_state = from_wire(in.metadata().conf_state(), faults),
                  .index = Index(in.metadata().index()),
                  .term = Term(in.metadata().term())};
}

ConfChangeType change_type(int number, wire::Faults& faults) {
  return faults.checked(number, ConfChangeType::AddLearnerNode, "conf change type");
}

ConfChange from_wire(const ::raftpb::ConfChange& in, wire::Faults& faults) {
  return ConfChange{.id = in.id(),
                    .type = change_type(in.type(), faults),
                    .node_id = NodeId(in.node_id()),
                    .context = Blob(in.context())};
}

ConfChangeV2 from_wire(const ::raftpb::ConfChangeV2& in, wire::Faults& faults) {
  ConfChangeV2 out{.transition = faults.checked(in.transition(),
                                                ConfChangeTransition::JointExplicit, "transition"),
                   .changes = {},
                   .context = Blob(in.context())};
  for (const ::raftpb::ConfChangeSingle& single : in.changes()) {
    out.changes.push_back(ConfChangeSingle{.type = change_type(single.type(), faults),
                                           .node_id = NodeId(single.node_id())});
  }
  return out;
}

Message from_wire(const ::raftpb::Message& in, wire::Faults& faults) {
  Message out;
  out.type = faults.checked(in.type(), MessageType::ForgetLeader, "message type");
  out.to = NodeId(in.to());
  out.from = NodeId(in.from());
  out.term = Term(in.term());
  out.log_term = Term(in.logterm());
  out.index = Index(in.index());
  for (const ::raftpb::Entry& entry : in.entries()) {
    out.entries.push_back(from_wire(entry, faults));
  }
  out.commit = Index(in.commit());
  if (in.has_snapshot()) out.snapshot = from_wire(in.snapshot(), faults);
  out.reject = in.reject();
  out.reject_hint = Index(in.rejecthint());
  out.context = Blob(in.context());
  out.vote = NodeId(in.vote());
  for (const ::raftpb::Message& response : in.responses()) {
    out.responses.push_back(from_wire(response, faults));
  }
  return out;
}

template <class Wire, class Value>
Bytes encode_as(const Value& value) {
  Wire out;
  to_wire(value, &out);
  return wire::serialized(out);
}

template <class Wire>
auto decode_as(BytesView bytes, std::string_view name) {
  return wire::parsed<Wire>(
      bytes, name, [](const Wire& in, wire::Faults& faults) { return from_wire(in, faults); });
}

}  // namespace

void to_wire(const ConfState& state, ::raftpb::ConfState* out) {
  add_all(state.voters, out->mutable_voters());
  add_all(state.learners, out->mutable_learners());
  add_all(state.voters_outgoing, out->mutable_voters_outgoing());
  add_all(state.learners_next, out->mutable_learners_next());
  out->set_auto_leave(state.auto_leave);
}

ConfState from_wire(const ::raftpb::ConfState& in, wire::Faults&) {
  return ConfState{.voters = node_ids(in.voters()),
                   .learners = node_ids(in.learners()),
                   .voters_outgoing = node_ids(in.voters_outgoing()),
                   .learners_next = node_ids(in.learners_next()),
                   .auto_leave = in.auto_leave()};
}

std::size_t encoded_size(const Entry& entry) {
  const std::size_t numbers = 2 + wire::varint_field_size(entry.term.value()) +
                              wire::varint_field_size(entry.index.value());
  return entry.data.empty() ? numbers : numbers + wire::bytes_field_size(entry.data.size());
}

std::size_t encoded_size(const HardState& state) {
  return wire::varint_field_size(state.term.value()) + wire::varint_field_size(state.vote.value()) +
         wire::varint_field_size(state.commit.value());
}

void append_encoded(Bytes& out, const Entry& entry) {
  wire::ShortFields head;
  head.add(1, static_cast<std::uint64_t>(entry.type));
  head.add(2, entry.term.value());
  head.add(3, entry.index.value());
  if (!entry.data.empty()) head.add_bytes_head(4, entry.data.size());
  out.append(head.view());
  out.append(entry.data.view());
}

void append_encoded(Bytes& out, const HardState& state) {
  wire::ShortFields fields;
  fields.add(1, state.term.value());
  fields.add(2, state.vote.value());
  fields.add(3, state.commit.value());
  out.append(fields.view());
}

Bytes encode(const Entry& entry) {
  Bytes out;
  out.reserve(encoded_size(entry));
  append_encoded(out, entry);
  return out;
}

Bytes encode(const HardState& state) {
  Bytes out;
  append_encoded(out, state);
  return out;
}

Bytes encode(const ConfState& state) {
  return encode_as<::raftpb::ConfState>(state);
}

Bytes encode(const Snapshot& snapshot) {
  return encode_as<::raftpb::Snapshot>(snapshot);
}

Bytes encode(const ConfChange& change) {
  return encode_as<::raftpb::ConfChange>(change);
}

Bytes encode(const ConfChangeV2& change) {
  return encode_as<::raftpb::ConfChangeV2>(change);
}

Bytes encode(const Message& message) {
  return encode_as<::raftpb::Message>(message);
}

namespace {

std::optional<Entry> read_entry_in_order(BytesView bytes) {
  wire::InOrder in(bytes);
  const std::uint64_t type = in.number(1);
  const std::uint64_t term = in.number(2);
  const std::uint64_t index = in.number(3);
  const BytesView data = in.rest(4);
  if (!in.ok() || type > static_cast<std::uint64_t>(EntryType::ConfChangeV2)) return std::nullopt;
  return Entry{.type = static_cast<EntryType>(type),
               .term = Term(term),
               .index = Index(index),
               .data = Blob(data)};
}

std::optional<HardState> read_state_in_order(BytesView bytes) {
  wire::InOrder in(bytes);
  const std::uint64_t term = in.number(1);
  const std::uint64_t vote = in.number(2);
  const std::uint64_t commit = in.number(3);
  if (!in.ok()) return std::nullopt;
  return HardState{.term = Term(term), .vote = NodeId(vote), .commit = Index(commit)};
}

}  // namespace

Result<Entry> decode_entry(BytesView bytes) {
  if (auto entry = read_entry_in_order(bytes)) return std::move(*entry);
  return decode_as<::raftpb::Entry>(bytes, "raftpb.Entry");
}

Result<HardState> decode_hard_state(BytesView bytes) {
  if (const auto state = read_state_in_order(bytes)) return *state;
  return decode_as<::raftpb::HardState>(bytes, "raftpb.HardState");
}

Result<ConfState> decode_conf_state(BytesView bytes) {
  return decode_as<::raftpb::ConfState>(bytes, "raftpb.ConfState");
}

Result<Snapshot> decode_snapshot(BytesView bytes) {
  return decode_as<::raftpb::Snapshot>(bytes, "raftpb.Snapshot");
}

Result<ConfChange> decode_conf_change(BytesView bytes) {
  return decode_as<::raftpb::ConfChange>(bytes, "raftpb.ConfChange");
}

Result<ConfChangeV2> decode_conf_change_v2(BytesView bytes) {
  return decode_as<::raftpb::ConfChangeV2>(bytes, "raftpb.ConfChangeV2");
}

Result<Message> decode_message(BytesView bytes) {
  return decode_as<::raftpb::Message>(bytes, "raftpb.Message");
}

}  // namespace orrery::raftpb
