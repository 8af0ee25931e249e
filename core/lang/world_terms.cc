#include "lang/world_terms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/check.h"
#include "base/text.h"
#include "lang/settled.h"

namespace orrery::lang {

namespace {

using server::Member;
using server::Running;
using Values = std::vector<Value>;

std::uint32_t number_after(char letter, std::string_view name) {
  std::uint32_t number = 0;
  if (name.size() < 2 || name.front() != letter) return 0;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + 1, end, number);
  return read.ec == std::errc{} && read.ptr == end ? number : 0;
}

const std::string& word(const Value& value) {
  return std::get<std::string>(value.held);
}

std::int64_t number(const Value& value) {
  return std::get<std::int64_t>(value.held);
}

template <class Tag, class Rep>
Value number_of(Strong<Tag, Rep> strong) {
  return Value(static_cast<std::int64_t>(strong.value()));
}

Value count_of(std::uint64_t count) {
  return Value(static_cast<std::int64_t>(count));
}

Value member_of(const sim::World& world, NodeId id) {
  return Value(member_text(world.number_of(id)));
}

Value role_of(raft::RoleName role) {
  static constexpr std::array<std::string_view, 4> kNames{"follower", "precandidate", "candidate",
                                                          "leader"};
  return Value(std::string(kNames[static_cast<std::size_t>(role)]));
}

// -- members

Result<const Member*> find_member(const sim::World& world, const Value& name) {
  if (word(name).empty()) return fail(Errc::WrongUse, "there is no leader now");
  const std::uint32_t no = member_number(world, word(name));
  if (no == 0) return fail(Errc::WrongUse, text("there is no member {}", word(name)));
  return &world.member(no);
}

Result<Value> log_term(const Running& run, std::int64_t index) {
  if (index < 1) return Value(std::int64_t{0});
  return number_of(run.raft.log().term_or_zero(Index(static_cast<std::uint64_t>(index))));
}

Result<Value> progress_term(const sim::World& world, std::string_view name, const Member& member,
                            const Value& of) {
  const auto other = find_member(world, of);
  if (!other) return fail(other.error());
  const raft::ProgressMap* progress = member.running().raft.progress();
  if (progress == nullptr) {
    return fail(Errc::WrongUse, text("n{} does not lead", member.no()));
  }
  const raft::Progress* found = progress->find((*other)->id());
  if (found == nullptr) return fail(Errc::WrongUse, text("n{} is no member", (*other)->no()));
  return number_of(name == "match" ? found->match : found->next);
}

Result<Value> hash_term(const Running& run, const Values& arguments) {
  const std::int64_t revision = arguments.size() > 1 ? number(arguments[1]) : 0;
  const auto hash = run.store.hash_kv(run.backend, revision);
  if (!hash) return fail(Errc::WrongUse, hash.error().detail);
  return Value(std::int64_t{hash->hash});
}

Result<Value> key_term(std::string_view name, const Running& run, const Values& arguments) {
  const std::int64_t current = run.store.current_revision();
  const std::int64_t at = arguments.size() > 2 ? number(arguments[2]) : current;
  if (at > current) return fail(Errc::WrongUse, text("revision {} does not exist yet", at));
  const auto found = run.store.find(run.backend, backend::View::Read, word(arguments[1]), at);
  if (!found) return fail(Errc::WrongUse, found.error().detail);
  const mvccpb::KeyValue pair = found->value_or(mvccpb::KeyValue{});
  if (name == "exists") return Value(found->has_value());
  if (name == "value") return Value(std::string(pair.value.view()));
  if (name == "version") return Value(pair.version);
  if (name == "create_revision") return Value(pair.create_revision);
  return Value(pair.mod_revision);
}

Result<Value> watchers_term(const Running& run, const Values& arguments) {
  const watch::WatchStore& watches = run.watches;
  if (arguments.size() < 2) return count_of(watches.watchers().size());
  if (word(arguments[1]) == "synced") return count_of(watches.synced().size());
  if (word(arguments[1]) == "unsynced") return count_of(watches.unsynced().size());
  return count_of(watches.watchers().size() - watches.synced().size() - watches.unsynced().size());
}

Value voters_of(const sim::World& world, const raft::Raft& raft) {
  Values out;
  for (const NodeId id : raft.cluster().voters.incoming) out.push_back(member_of(world, id));
  std::ranges::sort(out, {}, [](const Value& one) { return word(one); });
  return Value(std::move(out));
}

using NumberTerm = Value (*)(const Running&);

struct NumberRow {
  std::string_view name;
  NumberTerm of;
};

// The terms of a running member that are plain numbers.
constexpr std::array kNumbers{
    NumberRow{"term", [](const Running& run) { return number_of(run.raft.term()); }},
    NumberRow{"first", [](const Running& run) { return number_of(run.raft.log().first_index()); }},
    NumberRow{"last", [](const Running& run) { return number_of(run.raft.log().last_index()); }},
    NumberRow{"durable",
              [](const Running& run) { return number_of(run.raft.log().storage().last_index()); }},
    NumberRow{"commit", [](const Running& run) { return number_of(run.raft.log().committed()); }},
    NumberRow{"applied", [](const Running& run) { return number_of(run.applied); }},
    NumberRow{"consistent", [](const Running& run) { return number_of(run.consistent); }},
    NumberRow{"consistent_on_disk",
              [](const Running& run) { return number_of(run.consistent_on_disk); }},
    NumberRow{"auth_revision", [](const Running& run) { return count_of(run.auth.revision()); }},
    NumberRow{"rev", [](const Running& run) { return Value(run.store.current_revision()); }},
    NumberRow{"compacted", [](const Running& run) { return Value(run.store.compact_revision()); }},
    NumberRow{"keys",
              [](const Running& run) {
                const auto all = mvcc::Interval::of({}, BytesView("\0", 1));
                return Value(run.store.index().count(all, run.store.current_revision()));
              }},
};

Result<Value> running_term(const sim::World& world, std::string_view name, const Member& member,
                           const Values& arguments) {
  const Running& run = member.running();
  const auto* row = std::ranges::find(kNumbers, name, &NumberRow::name);
  if (row != kNumbers.end()) return row->of(run);
  if (name == "role") return role_of(run.raft.role());
  if (name == "vote") return member_of(world, run.raft.vote());
  if (name == "lead") return member_of(world, run.raft.leader());
  if (name == "log_term") return log_term(run, number(arguments[1]));
  if (name == "match" || name == "next") return progress_term(world, name, member, arguments[1]);
  if (name == "voters") return voters_of(world, run.raft);
  if (name == "hashkv") return hash_term(run, arguments);
  if (name == "watchers") return watchers_term(run, arguments);
  return key_term(name, run, arguments);
}

Value quirks_of(const Member& member) {
  Values out;
  for (const server::Quirk one : member.plan().quirks.list()) {
    out.emplace_back(std::string(server::to_text(one)));
  }
  return Value(std::move(out));
}

Result<Value> member_term(const sim::World& world, std::string_view name, const Values& arguments) {
  const auto found = find_member(world, arguments.front());
  if (!found) return fail(found.error());
  const Member& member = **found;
  if (name == "status") {
    static constexpr std::array<std::string_view, 3> kNames{"down", "up", "panicked"};
    return Value(std::string(kNames[static_cast<std::size_t>(member.status())]));
  }
  if (name == "quirks") return quirks_of(member);
  if (!member.up()) return fail(Errc::WrongUse, text("n{} is not up", member.no()));
  return running_term(world, name, member, arguments);
}

// -- clients and watches

Result<Value> client_term(const sim::World& world, std::string_view name, const Value& who) {
  const std::uint32_t no = client_number(word(who));
  if (no == 0) return fail(Errc::WrongUse, text("there is no client {}", word(who)));
  const auto* found = world.clients().find(no);
  if (found == nullptr) return name == "error" ? Value("") : Value(std::int64_t{0});
  const client::Client& client = **found;
  if (name == "calls") return count_of(client.open_calls().size());
  if (name == "answers") return count_of(client.calls().size() - client.open_calls().size());
  const client::Call* last = nullptr;
  for (const auto& [call, state] : client.calls()) {
    if (state.returned && (last == nullptr || *state.returned >= *last->returned)) last = &state;
  }
  if (last == nullptr || !last->answer->error) return Value("");
  return Value(last->answer->error->detail);
}

template <class Take>
Value of_events(const client::Watch& watch, Take&& take) {
  Values out;
  for (const rpc::WatchResponse& response : watch.responses) {
    for (const mvccpb::Event& event : response.events) out.push_back(take(event));
  }
  return Value(std::move(out));
}

// Of a lock or a candidacy: does it hold, and since which revision?
Result<Value> hold_term(const sim::World& world, std::string_view name, const Value& which) {
  const client::Program* program = find_program(world, word(which)).program;
  const auto* hold = program == nullptr ? nullptr : std::get_if<client::Hold>(&program->work);
  if (hold == nullptr) {
    return fail(Errc::WrongUse, text("{} is no lock and no candidate", word(which)));
  }
  if (name == "token") return Value(hold->revision);
  return Value(!program->over && hold->phase == client::Hold::Phase::Held);
}

Result<Value> watch_term(const sim::World& world, std::string_view name, const Value& which) {
  const client::Watch* watch = find_watch(world, word(which)).watch;
  if (watch == nullptr) return fail(Errc::WrongUse, text("there is no watch {}", word(which)));
  if (name == "events") return count_of(watch->events);
  if (name == "canceled") return Value(watch->state == client::Watch::State::Canceled);
  if (name == "pool") return Value(pool_of(world, word(which)));
  if (name == "values") {
    return of_events(*watch, [](const mvccpb::Event& event) {
      return Value(std::string(event.kv.value.view()));
    });
  }
  Value revisions =
      of_events(*watch, [](const mvccpb::Event& event) { return Value(event.kv.mod_revision); });
  if (name == "revisions") return revisions;
  std::int64_t highest = 0;
  for (const Value& one : std::get<Values>(revisions.held))
    highest = std::max(highest, number(one));
  return Value(highest);
}

// -- the cluster

// Is it of this type? "MsgApp" alone, not "MsgAppResp".
bool is_of_type(const server::Payload& payload, std::string_view type) {
  const auto* message = std::get_if<raftpb::Message>(&payload);
  return message != nullptr && raftpb::to_text(message->type) == type;
}

bool is_on(const sim::ChannelId& id, std::string_view link) {
  const std::string forth = text("{}->{}", server::to_text(id.from), server::to_text(id.to));
  if (link.find("<->") == std::string_view::npos) return forth == link;
  return link == text("{}<->{}", server::to_text(id.from), server::to_text(id.to)) ||
         link == text("{}<->{}", server::to_text(id.to), server::to_text(id.from));
}

Value messages_term(const sim::World& world, const Values& arguments) {
  if (arguments.empty()) return count_of(world.network().in_flight());
  std::int64_t count = 0;
  for (const auto& [id, channel] : world.network().channels()) {
    if (!is_on(id, word(arguments[0]))) continue;
    for (const sim::InFlight& message : channel.queue) {
      if (arguments.size() < 2 || is_of_type(message.payload, word(arguments[1]))) ++count;
    }
  }
  return Value(count);
}

Value names_of(const sim::World& world, std::string_view what) {
  Values out;
  if (what == "members") {
    for (std::uint32_t no = 1; no <= world.member_count(); ++no) out.emplace_back(member_text(no));
    return Value(std::move(out));
  }
  for (const auto& [no, client] : world.clients()) {
    if (what == "clients") out.emplace_back(text("c{}", no));
    if (what != "watches") continue;
    for (const auto& [number, watch] : client->watches()) {
      if (!watch.name.empty()) out.emplace_back(watch.name);
    }
  }
  return Value(std::move(out));
}

std::optional<Value> cluster_term(const sim::World& world, std::string_view name,
                                  const Values& arguments) {
  if (name == "leader") return Value(member_text(leader_number(world)));
  if (name == "members" || name == "clients" || name == "watches") return names_of(world, name);
  if (name == "now") return number_of(world.now());
  if (name == "steps") return count_of(world.steps());
  if (name == "settled") return Value(!why_unsettled(world));
  if (name == "messages") return messages_term(world, arguments);
  return std::nullopt;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::uint32_t member_number(const sim::World& world, std::string_view name) {
  const std::uint32_t number = number_after('n', name);
  return number <= world.member_count() ? number : 0;
}

std::uint32_t client_number(std::string_view name) {
  return number_after('c', name);
}

std::uint32_t leader_number(const sim::World& world) {
  std::uint32_t leader = 0;
  Term term;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const Member& member = world.member(no);
    if (!member.up() || !member.running().raft.is_leader()) continue;
    if (leader != 0 && member.running().raft.term() < term) continue;
    term = member.running().raft.term();
    leader = no;
  }
  return leader;
}

std::string member_text(std::uint32_t number) {
  return number == 0 ? "" : text("n{}", number);
}

FoundWatch find_watch(const sim::World& world, std::string_view name) {
  for (const auto& [no, client] : world.clients()) {
    if (const client::Watch* watch = client->find_watch(name)) return {no, watch};
  }
  return {};
}

FoundProgram find_program(const sim::World& world, std::string_view name) {
  for (const auto& [no, client] : world.clients()) {
    if (const client::Program* program = client->find_program(name)) return {no, program};
  }
  return {};
}

std::uint32_t client_of_watch(const sim::World& world, std::string_view name) {
  for (const auto& [no, client] : world.clients()) {
    if (client->has(name)) return no;
  }
  return 0;
}

std::string pool_of(const sim::World& world, std::string_view watch) {
  const FoundWatch found = find_watch(world, watch);
  if (found.watch == nullptr || found.watch->via > world.member_count()) return {};
  const Member& member = world.member(found.watch->via);
  if (!member.up() || found.watch->state != client::Watch::State::Open) return {};
  for (const auto& [no, client] : world.clients()) {
    if (no != found.client) continue;
    for (const auto& [key, state] : client->watches()) {
      if (state.name != watch) continue;
      const auto* number =
          member.running().stream_numbers.find(std::pair(server::client_address(no), state.stream));
      if (number == nullptr) return {};
      const watch::Watcher* watcher =
          member.running().watches.find({watch::StreamId(*number), state.watch_id});
      return watcher == nullptr ? "" : std::string(watch::to_text(watcher->place));
    }
  }
  return {};
}

Result<Value> WorldTerms::operator()(std::string_view name, const Values& arguments) const {
  if (name == "violations") {
    if (arguments.empty()) return count_of(broken_.size());
    return Value(std::int64_t{std::ranges::count(broken_, word(arguments.front()))});
  }
  if (auto value = cluster_term(world_, name, arguments)) return *value;
  if (is_one_of(name, {"calls", "answers", "error"})) {
    return client_term(world_, name, arguments.front());
  }
  if (is_one_of(name, {"events", "revision", "revisions", "values", "canceled", "pool"})) {
    return watch_term(world_, name, arguments.front());
  }
  if (is_one_of(name, {"holds", "token"})) return hold_term(world_, name, arguments.front());
  return member_term(world_, name, arguments);
}

}  // namespace orrery::lang
