#include "lang/describe.h"

#include <algorithm>
#include <charconv>

#include "base/overloaded.h"
#include "base/text.h"
#include "datadir/payload.h"
#include "lang/duration.h"
#include "lang/etcdctl.h"
#include "lang/show_rows.h"
#include "lang/world_terms.h"
#include "watch/explain.h"

namespace orrery::lang {

namespace {

using server::Member;
using server::Running;

std::string message_about(const sim::World& world, const sim::MessageId& id) {
  const sim::InFlight* message = world.network().find(id);
  return message == nullptr ? "gone" : server::describe(message->payload);
}

std::string lane_about(const sim::World& world, const sim::RunLane& run) {
  if (run.member < 1 || run.member > world.member_count()) return "no such member";
  const Member& member = world.member(run.member);
  return member.up() ? server::position_of(member, run.lane) : "down";
}

template <class Tag, class Rep>
std::string number(Strong<Tag, Rep> strong) {
  return std::to_string(strong.value());
}

std::string name_or_none(const std::string& name) {
  return name.empty() ? "none" : name;
}

// What the log holds of a password: the word itself in 3.4, its hash from 3.5 on.
std::string secret_about(const std::string& password, const std::string& hash) {
  if (!password.empty()) return " password " + quoted(password);
  return hash.empty() ? " without a password" : " hash " + hash.substr(0, 12) + "...";
}

std::string auth_about(const rpc::AuthRequest& request) {
  if (const auto* add = std::get_if<rpc::AuthUserAddRequest>(&request)) {
    return "user add " + add->name + secret_about(add->password, add->hashed_password);
  }
  if (const auto* change = std::get_if<rpc::AuthUserChangePasswordRequest>(&request)) {
    return "user passwd " + change->name + secret_about(change->password, change->hashed_password);
  }
  if (const auto* login = std::get_if<rpc::InternalAuthenticateRequest>(&request)) {
    return "authenticate " + login->name + secret_about(login->password, "");
  }
  return std::string(server::name_of(rpc::Request(request)));
}

std::string entry_about(const raftpb::Entry& entry) {
  if (entry.type != raftpb::EntryType::Normal) return "configuration change";
  if (entry.data.empty()) return "empty, of a new leader";
  const auto request = datadir::decode_payload(entry.data.view());
  if (!request) return text("{} bytes", entry.data.size());
  return std::visit(
      Overloaded{
          [](const rpc::PutRequest& put) {
            return text("put {} {}", quoted(put.key.view()), quoted(put.value.view()));
          },
          [](const rpc::DeleteRangeRequest& del) {
            return text("delete {}", quoted(del.key.view()));
          },
          [](const rpc::RangeRequest& range) { return text("range {}", quoted(range.key.view())); },
          [](const rpc::TxnRequest& txn) {
            return text("txn of {} compare(s)", txn.compare.size());
          },
          [](const rpc::CompactionRequest& compact) {
            return text("compaction at {}", compact.revision);
          },
          [](const rpc::AuthRequest& auth) { return auth_about(auth); },
          [](const auto& other) { return std::string(server::name_of(rpc::Request(other))); }},
      request->request);
}

// -- facts by name

void add_member(const sim::World& world, const Member& member, std::vector<StateLine>& out) {
  const std::string n = member_text(member.no());
  out.emplace_back(n + " status", server::to_text(member.status()));
  const server::QuirkSet& quirks = member.plan().quirks;
  if (!quirks.empty()) out.emplace_back(n + " quirks", server::to_text(quirks));
  if (!member.up()) return;
  const Running& run = member.running();
  const raft::Log& log = run.raft.log();
  out.emplace_back(n + " role", raft::to_text(run.raft.role()));
  out.emplace_back(n + " term", number(run.raft.term()));
  out.emplace_back(n + " vote", name_or_none(member_text(world.number_of(run.raft.vote()))));
  out.emplace_back(n + " lead", name_or_none(member_text(world.number_of(run.raft.leader()))));
  out.emplace_back(n + " last", number(log.last_index()));
  out.emplace_back(n + " durable", number(log.storage().last_index()));
  out.emplace_back(n + " commit", number(log.committed()));
  out.emplace_back(n + " applied", number(run.applied));
  out.emplace_back(n + " consistent", number(run.consistent));
  out.emplace_back(n + " consistent-on-disk", number(run.consistent_on_disk));
  out.emplace_back(n + " rev", std::to_string(run.store.current_revision()));
  out.emplace_back(n + " compacted", std::to_string(run.store.compact_revision()));
  out.emplace_back(n + " watchers",
                   text("{} synced, {} unsynced, {} in all", run.watches.synced().size(),
                        run.watches.unsynced().size(), run.watches.watchers().size()));
  for (const server::LaneId& lane : server::lanes(member)) {
    if (lane.kind == server::LaneKind::StreamSend && lane.choice != 2) continue;
    out.emplace_back(text("{} lane {}", n, server::to_text(lane)),
                     server::position_of(member, lane));
  }
}

void add_network(const sim::World& world, std::vector<StateLine>& out) {
  for (const auto& [id, channel] : world.network().channels()) {
    for (const sim::InFlight& message : channel.queue) {
      out.emplace_back(text("message {}", sim::to_text(sim::MessageId{id.from, id.to, id.channel,
                                                                      message.number})),
                       server::describe(message.payload));
    }
  }
  for (const auto& [link, cut] : world.network().cuts()) {
    out.emplace_back(text("cut {}->{}", server::to_text(link.first), server::to_text(link.second)),
                     "yes");
  }
  for (const auto& [subject, held] : world.held()) {
    const std::string what =
        subject.kind == sim::Subject::Kind::Message
            ? sim::to_text(subject.channel)
            : text("{} {}", member_text(subject.owner), server::to_text(subject.lane));
    out.emplace_back("held " + what, "yes");
  }
}

std::string_view standing_of(const client::Program& program) {
  if (program.over) return "is over";
  if (program.paused) return "stands still";
  const auto* hold = std::get_if<client::Hold>(&program.work);
  return hold != nullptr ? client::to_text(hold->phase) : "goes on";
}

void add_client(std::uint32_t no, const client::Client& client, std::vector<StateLine>& out) {
  for (const auto& [call, state] : client.calls()) {
    if (state.program != 0) continue;
    const std::string answer = !state.returned       ? "waits"
                               : state.answer->error ? state.answer->error->detail
                                                     : "answered";
    out.emplace_back(text("c{} call {:>3} {}", no, call, state.line),
                     text("{} by n{}", answer, state.via));
  }
  for (const auto& [number, program] : client.programs()) {
    out.emplace_back(text("c{} program {}", no, program.name),
                     text("{}: {}", standing_of(program), program.line));
  }
  for (const auto& [stream, watch] : client.watches()) {
    if (watch.program != 0) continue;
    out.emplace_back(text("c{} watch {}", no, watch.name),
                     text("{} at n{}, {} event(s): {}", client::to_text(watch.state), watch.via,
                          watch.events, watch.line));
  }
}

}  // namespace

std::string describe(const sim::World& world, const sim::Action& action) {
  if (const auto* install = std::get_if<sim::Install>(&action)) {
    return text("install n{} (a disk of {} bytes)", install->member, install->archive.size());
  }
  const std::string about = std::visit(
      Overloaded{[&](const sim::Deliver& a) { return message_about(world, a.message); },
                 [&](const sim::Drop& a) { return message_about(world, a.message); },
                 [&](const sim::Duplicate& a) { return message_about(world, a.message); },
                 [&](const sim::Delay& a) { return message_about(world, a.message); },
                 [&](const sim::RunLane& a) { return lane_about(world, a); },
                 [](const auto&) { return std::string(); }},
      action);
  return about.empty() ? sim::to_text(action) : text("{} ({})", sim::to_text(action), about);
}

std::string action_text(std::string_view described) {
  if (!described.ends_with(')')) return std::string(described);
  const bool has_about = described.starts_with("deliver ") || described.starts_with("run ") ||
                         described.starts_with("d");
  const std::size_t open = described.find(" (");
  return std::string(has_about ? described.substr(0, open) : described);
}

std::vector<StateLine> state_lines(const sim::World& world) {
  std::vector<StateLine> out;
  out.emplace_back("clock", clock_text(world.now()));
  for (const auto& [no, clock] : world.clocks()) {
    out.emplace_back(text("n{} clock", no),
                     text("{}, {} percent", clock_text(clock.at(world.now())), clock.pace()));
  }
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    add_member(world, world.member(no), out);
  }
  add_network(world, out);
  for (const auto& [no, client] : world.clients()) add_client(no, *client, out);
  std::ranges::sort(out);
  return out;
}

std::vector<std::string_view> member_aspects() {
  return {"raft", "log", "lanes", "store", "bucket", "auth", "watch", "matches", "wal", "disk"};
}

std::vector<std::string_view> cluster_aspects() {
  return {"members", "network", "clients", "violations"};
}

namespace {

std::string lines_of_state(const std::vector<StateLine>& lines) {
  std::string out;
  for (const auto& [name, value] : lines) out += text("{}: {}\n", name, value);
  return out;
}

std::string member_row(const sim::World& world, const Member& member) {
  if (!member.up()) {
    const std::string why = member.panic_text().empty() ? "" : ": " + member.panic_text();
    return text("{:<4} {}{}\n", member_text(member.no()), server::to_text(member.status()), why);
  }
  const Running& run = member.running();
  const std::string lead = name_or_none(member_text(world.number_of(run.raft.leader())));
  return text("{:<4} {:<17} {:>5} {:>5} {:>5} {:>7} {:>8} {:>11} {:>4}\n", member_text(member.no()),
              raft::to_text(run.raft.role()), run.raft.term().value(), lead,
              run.raft.log().last_index().value(), run.raft.log().committed().value(),
              run.applied.value(), run.consistent.value(), run.store.current_revision());
}

std::string members_table(const sim::World& world) {
  std::string out = text("{:<4} {:<17} {:>5} {:>5} {:>5} {:>7} {:>8} {:>11} {:>4}\n", "", "role",
                         "term", "lead", "last", "commit", "applied", "consistent", "rev");
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    out += member_row(world, world.member(no));
  }
  return out;
}

std::string show_log(const Running& run) {
  std::string out;
  const raft::Log& log = run.raft.log();
  for (Index at = log.first_index(); at <= log.last_index(); ++at) {
    const raftpb::Entry& entry = log.at(at);
    const std::string_view place = at <= run.applied                  ? "applied"
                                   : at <= log.committed()            ? "committed"
                                   : at <= log.storage().last_index() ? "on disk"
                                                                      : "in memory";
    out += text("{:>5} term {:<3} {:<9} {}\n", at.value(), entry.term.value(), place,
                entry_about(entry));
  }
  return out;
}

std::string show_lanes(const Member& member) {
  std::string out;
  for (const server::LaneId& lane : server::lanes(member)) {
    std::vector<GuardRecord> reasons;
    const bool ready = server::readiness(member, lane, Guards(&reasons)).enabled;
    const std::string waits =
        ready || reasons.empty() ? "" : ": waits until " + reasons.back().claim;
    out += text("{:<24} {:<18} {}{}\n", server::to_text(lane), server::position_of(member, lane),
                ready ? "ready" : "blocked", waits);
  }
  return out;
}

std::string show_store(const Running& run) {
  std::string out = text("revision {}, compacted at {}\n", run.store.current_revision(),
                         run.store.compact_revision());
  rpc::RangeRequest all;
  all.key = Blob(BytesView("\0", 1));
  all.range_end = all.key;
  const auto found = run.store.range(run.backend, all);
  if (!found) return out + found.error().detail + "\n";
  for (const mvccpb::KeyValue& pair : found->kvs) {
    out += text("{} = {}  create {} mod {} version {}\n", quoted(pair.key.view()),
                quoted(pair.value.view()), pair.create_revision, pair.mod_revision, pair.version);
  }
  return out;
}

std::string show_watch(const Running& run) {
  std::string out;
  for (const auto& [who, watcher] : run.watches.watchers()) {
    out += text("{} {} {}: next wanted revision {}, asked for {}\n", watch::to_text(who),
                watch::range_text(watcher), watch::to_text(watcher.place), watcher.min_revision,
                watcher.start_revision);
  }
  return out.empty() ? "no watchers\n" : out;
}

// Who would hear of it if the keys of the newest revision were written once more, and why the others would not.
std::string show_matches(const Running& run) {
  const std::int64_t now = run.store.current_revision();
  const auto events = run.store.events_in(run.backend, now, now + 1);
  if (!events || events->empty()) return "nothing has been written\n";
  std::string out;
  for (watch::Event event : *events) {
    event.kv.mod_revision = now + 1;
    out += text("{} at revision {}\n", quoted(event.kv.key.view()), now + 1);
    for (const std::string& line :
         watch::lines_of(watch::verdicts_of(run.watches, event), run.watches)) {
      out += "  " + line + "\n";
    }
  }
  return out;
}

std::string show_files(const Member& member, std::string_view part) {
  std::string out;
  const auto unsynced = member.disk().unsynced();
  for (const std::string& path : member.disk().paths()) {
    if (path.find(part) == std::string::npos) continue;
    const auto waiting =
        std::ranges::find(unsynced, path, [](const auto& one) { return one.first; });
    out +=
        text("{:<52} {:>9} bytes{}\n", path, member.disk().size(path).value_or(0),
             waiting == unsynced.end() ? "" : text(", {} sectors not yet synced", waiting->second));
  }
  return out;
}

}  // namespace

std::string show_cluster(const sim::World& world, std::string_view aspect) {
  std::vector<StateLine> lines;
  if (aspect == "network") {
    add_network(world, lines);
    return lines.empty() ? "nothing in flight\n" : lines_of_state(lines);
  }
  if (aspect == "clients") {
    for (const auto& [no, client] : world.clients()) add_client(no, *client, lines);
    return lines.empty() ? "no clients yet\n" : lines_of_state(lines);
  }
  if (aspect == "members") return members_table(world);
  return text("step {}, {}, {} message(s) in flight\n", world.steps(), clock_text(world.now()),
              world.network().in_flight()) +
         members_table(world);
}

std::string show_member(const sim::World& world, std::uint32_t no, std::string_view aspect) {
  const Member& member = world.member(no);
  if (aspect == "disk") return show_files(member, "");
  if (aspect == "wal") return show_files(member, ".wal");
  if (aspect == "bucket") return show_bucket(member);
  if (!member.up()) return member_row(world, member);
  if (aspect == "auth") return show_auth(member.running());
  if (aspect == "log") return show_log(member.running());
  if (aspect == "lanes") return show_lanes(member);
  if (aspect == "store") return show_store(member.running());
  if (aspect == "watch") return show_watch(member.running());
  if (aspect == "matches") return show_matches(member.running());
  if (aspect == "raft" && member.running().raft.progress() != nullptr) {
    std::string out = members_table(world).substr(0, members_table(world).find('\n') + 1);
    out += member_row(world, member);
    return out + raft::to_text(*member.running().raft.progress());
  }
  std::vector<StateLine> lines;
  add_member(world, member, lines);
  return lines_of_state(lines);
}

std::string show_client(const sim::World& world, std::uint32_t client) {
  std::vector<StateLine> lines;
  add_client(client, **world.clients().find(client), lines);
  return lines_of_state(lines);
}

}  // namespace orrery::lang
