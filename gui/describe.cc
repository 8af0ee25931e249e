#include "gui/describe.h"

#include <algorithm>
#include <array>

#include <QRegularExpression>

#include "base/overloaded.h"
#include "check/member_claims.h"
#include "datadir/payload.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using raftpb::Message;
using raftpb::MessageType;

QString range_words(const char* verb, const Blob& key, const Blob& end) {
  QString words = q(verb) + u" "_s + bytes_words(key, 20);
  if (end.view().empty()) return words;
  return words + u".."_s + bytes_words(end, 12);
}

QString span_words(const Message& message) {
  const auto first = message.entries.front().index.value();
  const auto last = message.entries.back().index.value();
  return first == last ? q(first) : q(first) + u"-"_s + q(last);
}

QString append_chip(const Message& message) {
  if (message.entries.empty()) return u"App c"_s + q(message.commit.value());
  return u"App "_s + span_words(message);
}

struct ChipRow {
  MessageType type;
  const char* words;
};

constexpr std::array<ChipRow, 8> kChips{{{MessageType::Heartbeat, "beat"},
                                         {MessageType::HeartbeatResp, "beat ok"},
                                         {MessageType::Vote, "Vote?"},
                                         {MessageType::PreVote, "PreVote?"},
                                         {MessageType::Prop, "Prop"},
                                         {MessageType::Snap, "Snap"},
                                         {MessageType::ReadIndex, "Read?"},
                                         {MessageType::ReadIndexResp, "Read ok"}}};

QString raft_chip(const Message& message) {
  if (message.type == MessageType::App) return append_chip(message);
  if (message.type == MessageType::AppResp) {
    return (message.reject ? u"no "_s : u"ok "_s) + q(message.index.value());
  }
  if (message.type == MessageType::VoteResp || message.type == MessageType::PreVoteResp) {
    return message.reject ? u"vote: no"_s : u"vote: yes"_s;
  }
  for (const ChipRow& row : kChips) {
    if (row.type == message.type) return q(row.words);
  }
  return q(raftpb::to_text(message.type));
}

QString raft_words(const Message& message) {
  QString out = q(raftpb::to_text(message.type));
  if (message.type == MessageType::App && !message.entries.empty()) {
    out = out + u", append "_s + span_words(message);
  }
  if (message.type == MessageType::App) out = out + u", commit "_s + q(message.commit.value());
  if (message.type == MessageType::AppResp) {
    out =
        out + (message.reject ? u", rejected at "_s : u", has up to "_s) + q(message.index.value());
  } else if (message.reject) {
    out = out + u", refused"_s;
  }
  return out + u", term "_s + q(message.term.value());
}

QString answer_words(const server::CallAnswer& answer) {
  if (answer.error) return u"error: "_s + q(answer.error->detail);
  const rpc::ResponseHeader* header = rpc::header_of(answer.response);
  return header == nullptr ? u"ok"_s : u"ok, rev "_s + q(header->revision);
}

QString watch_words(const rpc::WatchResponse& response) {
  if (response.created) return u"created"_s;
  if (response.canceled) return u"canceled"_s;
  if (response.events.empty()) return u"progress"_s;
  return q(response.events.size()) + u" ev"_s;
}

QString message_words(const sim::World& world, const sim::MessageId& id) {
  const sim::InFlight* flying = world.network().find(id);
  const QString what = flying == nullptr ? u"a message"_s : payload_words(flying->payload);
  return q(server::to_text(id.from)) + u" \u2192 "_s + q(server::to_text(id.to)) + u": "_s + what;
}

QString lane_words(const sim::World& world, const sim::RunLane& run) {
  if (run.lane.kind == server::LaneKind::Node) return phrase("tick");
  QString lane = q(server::to_text(run.lane));
  if (run.member < 1 || run.member > world.member_count() || !world.member(run.member).up()) {
    return lane;
  }
  const QString at = position_words(world.member(run.member), run.lane);
  return at.isEmpty() ? lane : QString(lane + u": "_s + at);
}

bool is_beat(const server::Payload& payload) {
  const auto* message = std::get_if<Message>(&payload);
  return message != nullptr &&
         (message->type == MessageType::Heartbeat || message->type == MessageType::HeartbeatResp);
}

}  // namespace

QString bytes_words(BytesView bytes, int limit) {
  const auto shown = bytes.substr(0, static_cast<std::size_t>(limit));
  const QString more = shown.size() < bytes.size() ? u"\u2026"_s : QString();
  const bool printable = std::ranges::all_of(shown, [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7f;
  });
  if (printable) return q(shown) + more;
  const QByteArray raw(shown.data(), static_cast<qsizetype>(shown.size()));
  return u"0x"_s + QString::fromLatin1(raw.toHex()) + more;
}

QString request_words(const rpc::Request& request) {
  return std::visit(
      Overloaded{
          [](const rpc::RangeRequest& r) { return range_words("get", r.key, r.range_end); },
          [](const rpc::PutRequest& r) -> QString {
            return u"put "_s + bytes_words(r.key, 20) + u" = "_s + bytes_words(r.value, 20);
          },
          [](const rpc::DeleteRangeRequest& r) { return range_words("del", r.key, r.range_end); },
          [](const rpc::TxnRequest& r) -> QString {
            return u"txn of "_s + q(r.success.size()) + u" or "_s + q(r.failure.size());
          },
          [](const rpc::CompactionRequest& r) -> QString { return u"compact "_s + q(r.revision); },
          [](const auto& other) -> QString { return q(server::name_of(rpc::Request(other))); },
      },
      request);
}

QString entry_words(const raftpb::Entry& entry) {
  if (entry.type != raftpb::EntryType::Normal) return phrase("conf change");
  if (entry.data.view().empty()) return phrase("(empty)");
  const auto request = datadir::decode_payload(entry.data);
  return request ? request_words(request->request) : phrase("not a KV request");
}

QString short_entry_words(const raftpb::Entry& entry, qsizetype characters) {
  const QString words = entry_words(entry);
  if (words.size() <= characters || entry.type != raftpb::EntryType::Normal) return words;
  const auto request = datadir::decode_payload(entry.data);
  const auto* put = request ? std::get_if<rpc::PutRequest>(&request->request) : nullptr;
  if (put == nullptr) return words;
  QString key = bytes_words(put->key, 20);
  const QString value = bytes_words(put->value, 20);
  const qsizetype room = std::max<qsizetype>(characters - value.size() - 1, 3);
  if (key.size() > room) key = key.left(room - 1) + u"\u2026"_s;
  return key + u"="_s + value;
}

QString chip_words(const server::Payload& payload) {
  return std::visit(
      Overloaded{
          [](const Message& m) { return raft_chip(m); },
          [](const server::CallRequest& m) { return request_words(m.request); },
          [](const server::CallAnswer& m) { return answer_words(m); },
          [](const server::WatchCall& m) { return q(server::describe(server::Payload(m))); },
          [](const server::WatchAnswer& m) { return watch_words(m.response); },
          [](const server::ConnectionReset&) { return u"reset"_s; },
          [](const server::DataFrame& m) { return q(server::describe(server::Payload(m))); },
          [](const server::WindowUpdate& m) { return q(server::describe(server::Payload(m))); },
          [](const legacy::OldRequest& m) { return q(server::describe(server::Payload(m))); },
          [](const legacy::OldAnswer& m) { return q(server::describe(server::Payload(m))); },
          [](const Shared<server::SnapshotPost>&) { return u"snapshot"_s; },
          [](const server::SnapshotReply& m) { return m.ok ? u"snap ok"_s : u"snap no"_s; },
          [](const server::SnapshotChunk&) { return u"chunk"_s; },
          [](const server::CallReset&) { return u"end"_s; },
          [](const server::RemovedNotice&) { return u"gone"_s; },
      },
      payload);
}

QString payload_words(const server::Payload& payload) {
  if (const auto* message = std::get_if<Message>(&payload)) return raft_words(*message);
  if (const auto* call = std::get_if<server::CallRequest>(&payload)) {
    return request_words(call->request);
  }
  if (const auto* answer = std::get_if<server::CallAnswer>(&payload)) {
    return phrase("answer: ") + answer_words(*answer);
  }
  return q(server::describe(payload));
}

QString action_words(const sim::World& world, const sim::Action& action) {
  if (const auto* deliver = std::get_if<sim::Deliver>(&action)) {
    return message_words(world, deliver->message);
  }
  if (const auto* run = std::get_if<sim::RunLane>(&action)) {
    return u"n"_s + q(run->member) + u" "_s + lane_words(world, *run);
  }
  if (const auto* timeout = std::get_if<sim::ClientTimeout>(&action)) {
    return u"c"_s + q(timeout->client) + phrase(": deadline of call ") + q(timeout->call);
  }
  return q(sim::to_text(action));
}

QString short_action_words(const sim::World& world, const sim::Action& action) {
  if (const auto* run = std::get_if<sim::RunLane>(&action)) return lane_words(world, *run);
  if (const auto* deliver = std::get_if<sim::Deliver>(&action)) {
    const sim::InFlight* flying = world.network().find(deliver->message);
    const QString from = u"from "_s + q(server::to_text(deliver->message.from)) + u": "_s;
    return flying == nullptr ? from : QString(from + payload_words(flying->payload));
  }
  return action_words(world, action);
}

QString position_words(const server::Member& member, const server::LaneId& lane) {
  QString at = q(server::position_of(member, lane));
  if (lane.kind == server::LaneKind::Commit && at.startsWith(u"commit: "_s)) at = at.mid(8);
  return at == q(server::to_text(lane)) ? QString() : at;
}

bool is_only_deadline(const server::Member& member, const server::LaneId& lane) {
  if (lane.kind != server::LaneKind::Handler || !member.up()) return false;
  const auto* handler = member.running().handlers.find(lane.no);
  if (handler == nullptr || handler->woken) return false;
  using Phase = server::HandlerLane::Phase;
  return handler->phase == Phase::WaitApply || handler->phase == Phase::WaitRead;
}

bool is_routine(const sim::World& world, const sim::Action& action) {
  if (const auto* deliver = std::get_if<sim::Deliver>(&action)) {
    const sim::InFlight* flying = world.network().find(deliver->message);
    return flying != nullptr && is_beat(flying->payload);
  }
  if (std::holds_alternative<sim::ClientTimeout>(action)) return true;
  const auto* run = std::get_if<sim::RunLane>(&action);
  if (run == nullptr) return false;
  return run->lane.kind == server::LaneKind::Node ||
         is_only_deadline(world.member(run->member), run->lane);
}

QString time_words(Nanos time) {
  const std::int64_t micros = time.value() / 1'000;
  return u"%1.%2 %3 s"_s.arg(micros / 1'000'000)
      .arg(micros / 1'000 % 1'000, 3, 10, QLatin1Char('0'))
      .arg(micros % 1'000, 3, 10, QLatin1Char('0'));
}

QString due_words(Nanos now, Nanos due) {
  if (due <= now) return phrase("now");
  const std::int64_t micros = (due - now) / 1'000;
  if (micros < 1'000) return u"%1 \u00b5s"_s.arg(micros);
  if (micros < 1'000'000) {
    return u"%1 ms"_s.arg(static_cast<double>(micros) / 1'000, 0, 'f', micros < 10'000 ? 1 : 0);
  }
  return u"%1 s"_s.arg(static_cast<double>(micros) / 1'000'000, 0, 'f', 1);
}

QString guard_words(const GuardRecord& guard) {
  QString out = q(guard.claim) + (guard.held ? phrase(": yes") : phrase(": no"));
  for (std::size_t i = 0; i < guard.facts.size(); ++i) {
    const auto& [name, value] = guard.facts[i];
    out = out + (i == 0 ? u" ("_s : u", "_s) + q(name) + u" "_s + q(value);
  }
  return guard.facts.empty() ? out : QString(out + u")"_s);
}

QString command_words(std::string_view line) {
  static const QRegularExpression hash(u"\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}"_s);
  return q(line).replace(hash, u"\u2022\u2022\u2022"_s);
}

bool was_removed(const server::Member& member) {
  return checks::was_removed(member);
}

}  // namespace orrery::gui
