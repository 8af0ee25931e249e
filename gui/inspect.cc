#include "gui/inspect.h"

#include <algorithm>

#include "datadir/payload.h"
#include "gui/inspect_disk.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

const server::Running* running(const sim::World& world, const Ref& ref) {
  if (ref.member < 1 || ref.member > world.member_count()) return nullptr;
  const server::Member& member = world.member(ref.member);
  return member.up() ? &member.running() : nullptr;
}

Node leaf(const char* name, const QString& value) {
  return {.name = phrase(name), .value = value};
}

QString member_words(const sim::World& world, NodeId id) {
  if (id == NodeId()) return phrase("nobody");
  const std::uint32_t no = world.number_of(id);
  return no == 0 ? u"%1"_s.arg(id.value(), 0, 16) : u"n"_s + q(no);
}

Node inspect_member(const sim::World& world, const Ref& ref) {
  Node out{.name = u"n"_s + q(ref.member), .value = {}};
  if (ref.member < 1 || ref.member > world.member_count()) return out;
  const server::Member& member = world.member(ref.member);
  out.value = q(server::to_text(member.status()));
  out.children.push_back(leaf("id", u"%1"_s.arg(member.id().value(), 0, 16)));
  out.children.push_back(leaf("restarts", q(member.restarts())));
  if (!member.panic_text().empty()) out.children.push_back(leaf("panic", q(member.panic_text())));
  const server::Running* run = running(world, ref);
  if (run == nullptr) return out;
  const raft::Raft& raft = run->raft;
  Node one{.name = phrase("raft"), .value = q(raft::to_text(raft.role()))};
  one.children = {leaf("term", q(raft.term().value())),
                  leaf("vote", member_words(world, raft.vote())),
                  leaf("leader", member_words(world, raft.leader())),
                  leaf("first index", q(raft.log().first_index().value())),
                  leaf("last index", q(raft.log().last_index().value())),
                  leaf("committed", q(raft.log().committed().value())),
                  leaf("applied", q(raft.log().applied().value())),
                  leaf("election ticks", q(raft.state().election_elapsed)),
                  leaf("election timeout", q(raft.state().randomized_election_timeout)),
                  reflect(u"role"_s, raft.state().role)};
  out.children.push_back(std::move(one));
  Node store{.name = phrase("store"), .value = {}};
  store.children = {leaf("revision", q(run->store.current_revision())),
                    leaf("compacted", q(run->store.compact_revision())),
                    leaf("keys", q(run->store.index().size())),
                    leaf("watchers", q(run->watches.watchers().size()))};
  out.children.push_back(std::move(store));
  Node index{.name = phrase("indexes"), .value = {}};
  index.children = {leaf("applied", q(run->applied.value())),
                    leaf("applying", q(run->applying.value())),
                    leaf("consistent in memory", q(run->consistent.value())),
                    leaf("consistent on disk", q(run->consistent_on_disk.value()))};
  out.children.push_back(std::move(index));
  out.children.push_back(reflect(phrase("batch tx lock"), run->batch_tx));
  out.children.push_back(reflect(phrase("watch store lock"), run->watch_mutex));
  return out;
}

Node inspect_lane(const sim::World& world, const Ref& ref) {
  const server::Running* run = running(world, ref);
  Node out{.name = ref.text, .value = {}};
  if (run == nullptr) return out;
  for (const server::LaneId& lane : server::lanes(world.member(ref.member))) {
    if (q(server::to_text(lane)) != ref.text) continue;
    const QString at = q(server::position_of(world.member(ref.member), lane));
    using Kind = server::LaneKind;
    switch (lane.kind) {
      case Kind::Node: out = reflect(ref.text, run->node); break;
      case Kind::Raft: out = reflect(ref.text, run->raft_lane); break;
      case Kind::Apply: out = reflect(ref.text, run->apply); break;
      case Kind::Commit: out = reflect(ref.text, run->commit); break;
      case Kind::Compact: out = reflect(ref.text, run->compact); break;
      case Kind::SyncWatchers: out = reflect(ref.text, run->sync); break;
      case Kind::SyncVictims: out = reflect(ref.text, run->victims); break;
      case Kind::Read: out = reflect(ref.text, run->read); break;
      case Kind::Lease: out = reflect(ref.text, run->lease_lane); break;
      case Kind::Tokens: out = reflect(ref.text, run->token_lane); break;
      case Kind::Compactor: out = reflect(ref.text, run->compactor); break;
      case Kind::Snapshot: out = reflect(ref.text, run->snapshot); break;
      case Kind::SnapSend: out = reflect(ref.text, run->snap_send); break;
      case Kind::SnapReceive: out = reflect(ref.text, run->snap_receive); break;
      case Kind::Purge: out = reflect(ref.text, run->purge); break;
      case Kind::Versions: out = reflect(ref.text, run->versions); break;
      case Kind::Corruption: out = reflect(ref.text, run->corruption); break;
      case Kind::Handler:
        if (const auto* handler = run->handlers.find(lane.no)) out = reflect(ref.text, *handler);
        break;
      case Kind::StreamRecv:
      case Kind::StreamSend:
        if (const auto* stream = run->streams.find(lane.no)) out = reflect(ref.text, *stream);
        break;
      case Kind::Transport:
        if (const auto* one = run->connections.find(static_cast<std::uint32_t>(lane.no))) {
          out = reflect(ref.text, *one);
        }
        break;
    }
    out.value = at;
  }
  return out;
}

const sim::InFlight* flying(const sim::World& world, const QString& id) {
  for (const auto& [channel, state] : world.network().channels()) {
    for (const sim::InFlight& message : state.queue) {
      const sim::MessageId one{channel.from, channel.to, channel.channel, message.number};
      if (q(sim::to_text(one)) == id) return &message;
    }
  }
  return nullptr;
}

const raftpb::Entry* entry_of(const sim::World& world, const Ref& ref) {
  const server::Running* run = running(world, ref);
  if (run == nullptr) return nullptr;
  const raft::Log& log = run->raft.log();
  const Index index(ref.number);
  if (index < log.first_index() || index > log.last_index()) return nullptr;
  return &log.at(index);
}

Node inspect_entry(const sim::World& world, const Ref& ref) {
  Node out{.name = u"n%1 %2 %3"_s.arg(q(ref.member), phrase("entry"), q(ref.number)), .value = {}};
  const raftpb::Entry* entry = entry_of(world, ref);
  if (entry == nullptr) return out;
  const Node all = reflect(out.name, *entry);
  out.value = entry_words(*entry);
  out.children = all.children;
  if (const auto request = datadir::decode_payload(entry->data)) {
    out.children.push_back(reflect(phrase("decoded"), *request));
  }
  return out;
}

Node inspect_revision(const sim::World& world, const Ref& ref) {
  Node out{.name = ref.text, .value = {}};
  const server::Running* run = running(world, ref);
  if (run == nullptr) return out;
  const std::string key = ref.text.toStdString();
  if (const auto* index = run->store.index().find_key(key)) {
    out.value = q(mvcc::to_text(*index));
  }
  const auto found = run->store.find(run->backend, backend::View::Read, key,
                                     static_cast<std::int64_t>(ref.number));
  const QString name = phrase("at revision ") + q(ref.number);
  if (found && *found) {
    out.children.push_back(reflect(name, **found));
  } else {
    out.children.push_back({.name = name, .value = phrase("not there")});
  }
  return out;
}

Node inspect_watcher(const sim::World& world, const Ref& ref) {
  const server::Running* run = running(world, ref);
  Node out{.name = ref.text, .value = {}};
  if (run == nullptr) return out;
  for (const auto& [who, watcher] : run->watches.watchers()) {
    if (q(watch::to_text(who)) == ref.text) out = reflect(ref.text, watcher);
  }
  return out;
}

void add_hex_line(QString& out, BytesView bytes, std::size_t from) {
  QString hex;
  QString letters;
  for (std::size_t i = from; i < std::min(from + 16, bytes.size()); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex = hex + u"%1 "_s.arg(byte, 2, 16, QLatin1Char('0'));
    letters = letters + QLatin1Char(byte >= 0x20 && byte < 0x7f ? bytes[i] : '.');
  }
  out = out + u"%1  %2 %3\n"_s.arg(from, 4, 16, QLatin1Char('0')).arg(hex, -48).arg(letters);
}

}  // namespace

Node inspect(const sim::World& world, const Ref& ref) {
  switch (ref.kind) {
    case Ref::Kind::Member: return inspect_member(world, ref);
    case Ref::Kind::Lane: return inspect_lane(world, ref);
    case Ref::Kind::Message:
      if (const auto* message = flying(world, ref.text)) return reflect(ref.text, *message);
      return {.name = ref.text, .value = phrase("no longer in flight")};
    case Ref::Kind::Entry: return inspect_entry(world, ref);
    case Ref::Kind::Revision: return inspect_revision(world, ref);
    case Ref::Kind::Watcher: return inspect_watcher(world, ref);
    case Ref::Kind::Client:
      if (const auto* client = world.clients().find(static_cast<std::uint32_t>(ref.number))) {
        return reflect(u"c"_s + q(ref.number), **client);
      }
      return {.name = u"c"_s + q(ref.number), .value = phrase("not there")};
    case Ref::Kind::File:
    case Ref::Kind::Record:
    case Ref::Kind::Page: return inspect_disk(world, ref);
    case Ref::Kind::Nothing: return {.name = phrase("nothing is selected"), .value = {}};
    case Ref::Kind::Link:
    case Ref::Kind::Step:
    case Ref::Kind::Action:
      return {.name = ref.text.isEmpty() ? phrase("step ") + q(ref.number) : ref.text, .value = {}};
  }
  return {};
}

void mark_changes(Node& now, const Node& before) {
  if (now.value != before.value) now.change = Change::Changed;
  for (Node& child : now.children) {
    const auto same_name = [&](const Node& other) { return other.name == child.name; };
    const auto old = std::ranges::find_if(before.children, same_name);
    if (old == before.children.end()) {
      child.change = Change::Added;
      continue;
    }
    mark_changes(child, *old);
    if (child.change != Change::Same && now.change == Change::Same) now.change = Change::Changed;
  }
  for (const Node& old : before.children) {
    const auto same_name = [&](const Node& child) { return child.name == old.name; };
    if (std::ranges::any_of(now.children, same_name)) continue;
    Node gone = old;
    gone.change = Change::Removed;
    now.children.push_back(std::move(gone));
    if (now.change == Change::Same) now.change = Change::Changed;
  }
}

QString hex_dump(BytesView bytes) {
  QString out;
  for (std::size_t from = 0; from < bytes.size(); from += 16) add_hex_line(out, bytes, from);
  return out;
}

Bytes bytes_of(const sim::World& world, const Ref& ref) {
  if (ref.kind == Ref::Kind::Entry) {
    const raftpb::Entry* entry = entry_of(world, ref);
    return entry == nullptr ? Bytes() : Bytes(entry->data.view());
  }
  if (ref.kind == Ref::Kind::Message) {
    const sim::InFlight* message = flying(world, ref.text);
    const auto* raft =
        message == nullptr ? nullptr : std::get_if<raftpb::Message>(&message->payload);
    Bytes out;
    if (raft == nullptr) return out;
    for (const raftpb::Entry& entry : raft->entries) out += Bytes(entry.data.view());
    return out;
  }
  const bool on_disk =
      ref.kind == Ref::Kind::File || ref.kind == Ref::Kind::Record || ref.kind == Ref::Kind::Page;
  return on_disk ? disk_bytes(world, ref) : Bytes();
}

}  // namespace orrery::gui
