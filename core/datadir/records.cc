#include "datadir/records.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "datadir/payload.h"
#include "datadir/wire_tree.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"

namespace orrery::datadir {
namespace {

using walpb::Record;
using walpb::RecordType;

Tree ids(std::string name, const std::vector<NodeId>& members) {
  Tree out = list(std::move(name));
  for (const NodeId member : members) out.add(id("", member.value()));
  return out;
}

Tree& add_error(Tree& out, const Error& error) {
  return out.add(words("error", error.detail));
}

std::string_view change_name(raftpb::ConfChangeType type) {
  switch (type) {
    case raftpb::ConfChangeType::AddNode: return "AddNode";
    case raftpb::ConfChangeType::RemoveNode: return "RemoveNode";
    case raftpb::ConfChangeType::UpdateNode: return "UpdateNode";
    case raftpb::ConfChangeType::AddLearnerNode: return "AddLearnerNode";
  }
  return "";
}

std::string_view entry_name(raftpb::EntryType type) {
  switch (type) {
    case raftpb::EntryType::Normal: return "Normal";
    case raftpb::EntryType::ConfChange: return "ConfChange";
    case raftpb::EntryType::ConfChangeV2: return "ConfChangeV2";
  }
  return "";
}

Tree describe_change(const raftpb::ConfChange& change) {
  Tree out = object("conf_change");
  out.add(number("ID", change.id)).add(words("type", change_name(change.type)));
  out.add(id("node", change.node_id.value()));
  if (!change.context.empty()) out.add(json("context", change.context));
  return out;
}

Tree describe_change(const raftpb::ConfChangeV2& change) {
  Tree out = object("conf_change_v2");
  Tree changes = list("changes");
  for (const raftpb::ConfChangeSingle& one : change.changes) {
    Tree single = object("");
    single.add(words("type", change_name(one.type))).add(id("node", one.node_id.value()));
    changes.add(std::move(single));
  }
  out.add(std::move(changes));
  if (!change.context.empty()) out.add(json("context", change.context));
  return out;
}

Tree describe_entry(const raftpb::Entry& entry) {
  Tree out = object("entry");
  out.add(number("term", entry.term.value())).add(number("index", entry.index.value()));
  out.add(words("type", entry_name(entry.type)));
  Tree payload = describe_payload(entry);
  for (Tree& child : payload.children) out.children.push_back(std::move(child));
  return out;
}

Tree describe_state(const raftpb::HardState& state) {
  Tree out = object("state");
  out.add(number("term", state.term.value())).add(id("vote", state.vote.value()));
  out.add(number("commit", state.commit.value()));
  return out;
}

Tree describe_position(const walpb::Snapshot& snapshot) {
  Tree out = object("snapshot");
  out.add(number("index", snapshot.index.value())).add(number("term", snapshot.term.value()));
  if (snapshot.conf_state) out.add(describe(*snapshot.conf_state));
  return out;
}

Tree describe_metadata(const walpb::Metadata& metadata) {
  Tree out = object("metadata");
  out.add(id("node", metadata.node_id.value())).add(id("cluster", metadata.cluster_id));
  return out;
}

// `decoded` as a tree, or its error.
template <class T, class Describe>
Tree tree_or_error(std::string_view name, const Result<T>& decoded, Describe describe_it) {
  if (decoded) return describe_it(*decoded);
  Tree out = object(std::string(name));
  add_error(out, decoded.error());
  return out;
}

template <class T>
std::optional<Bytes> encoded(const Result<T>& decoded) {
  if (!decoded) return std::nullopt;
  return encode(*decoded);
}

// What users asked of the v2 store is not ours to read.
std::optional<Bytes> re_encode_request(BytesView payload) {
  const auto request = decode_payload(payload);
  if (!request) {
    if (request.error().code != Errc::WrongUse) return std::nullopt;
    return Bytes(payload);
  }
  return encode_payload(is_v2_request(payload) ? Release::V3_4 : Release::V3_6, *request);
}

// An entry is made of parts of its own: all of them pass through our codecs.
std::optional<Bytes> re_encode_entry(BytesView data) {
  auto entry = raftpb::decode_entry(data);
  if (!entry) return std::nullopt;
  std::optional<Bytes> payload;
  if (entry->type == raftpb::EntryType::ConfChange) {
    payload = encoded(raftpb::decode_conf_change(entry->data));
  } else if (entry->type == raftpb::EntryType::ConfChangeV2) {
    payload = encoded(raftpb::decode_conf_change_v2(entry->data));
  } else if (entry->data.empty()) {
    payload = Bytes();
  } else {
    payload = re_encode_request(entry->data);
  }
  if (!payload) return std::nullopt;
  entry->data = Blob(*payload);
  return raftpb::encode(*entry);
}

}  // namespace

Tree describe(const raftpb::ConfState& state) {
  Tree out = object("conf_state");
  out.add(ids("voters", state.voters));
  if (!state.learners.empty()) out.add(ids("learners", state.learners));
  if (!state.voters_outgoing.empty()) out.add(ids("voters_outgoing", state.voters_outgoing));
  if (!state.learners_next.empty()) out.add(ids("learners_next", state.learners_next));
  if (state.auto_leave) out.add(boolean("auto_leave", true));
  return out;
}

Tree describe(const raftpb::Snapshot& snapshot) {
  Tree out = object("snapshot");
  out.add(number("index", snapshot.index.value())).add(number("term", snapshot.term.value()));
  out.add(describe(snapshot.conf_state)).add(number("data_bytes", snapshot.data.size()));
  return out;
}

Tree describe_payload(const raftpb::Entry& entry) {
  Tree out = object("payload");
  if (entry.data.empty()) return out;
  if (entry.type == raftpb::EntryType::ConfChange) {
    out.add(tree_or_error("conf_change", raftpb::decode_conf_change(entry.data),
                          [](const auto& change) { return describe_change(change); }));
    return out;
  }
  if (entry.type == raftpb::EntryType::ConfChangeV2) {
    out.add(tree_or_error("conf_change_v2", raftpb::decode_conf_change_v2(entry.data),
                          [](const auto& change) { return describe_change(change); }));
    return out;
  }
  if (is_v2_request(entry.data)) {
    out.add(*decode_wire("v2_request", entry.data, Schema::V2Request));
    return out;
  }
  auto request = decode_wire("request", entry.data, Schema::Internal);
  if (!request) {
    add_error(out, request.error()).add(bytes("data", entry.data));
    return out;
  }
  out.add(std::move(*request));
  return out;
}

Tree describe(const Record& record) {
  switch (record.type) {
    case RecordType::Metadata:
      return tree_or_error("metadata", walpb::decode_metadata(record.data), describe_metadata);
    case RecordType::Entry:
      return tree_or_error("entry", raftpb::decode_entry(record.data), describe_entry);
    case RecordType::State:
      return tree_or_error("state", raftpb::decode_hard_state(record.data), describe_state);
    case RecordType::Crc: {
      Tree out = object("crc");
      out.add(id("chain", record.crc));
      return out;
    }
    case RecordType::Snapshot:
      return tree_or_error("snapshot", walpb::decode_snapshot(record.data), describe_position);
  }
  return object("");
}

std::optional<Bytes> re_encode(const Record& record) {
  switch (record.type) {
    case RecordType::Metadata: return encoded(walpb::decode_metadata(record.data));
    case RecordType::Entry: return re_encode_entry(record.data);
    case RecordType::State: return encoded(raftpb::decode_hard_state(record.data));
    case RecordType::Crc: return Bytes();
    case RecordType::Snapshot: return encoded(walpb::decode_snapshot(record.data));
  }
  return std::nullopt;
}

}  // namespace orrery::datadir
