// Commands about messages and faults.
#include <algorithm>
#include <array>

#include "base/overloaded.h"
#include "base/text.h"
#include "lang/binaries.h"
#include "lang/describe.h"
#include "lang/interpreter.h"
#include "lang/world_terms.h"

namespace orrery::lang {

namespace {

using server::Address;
using server::Channel;

Result<Address> address_of(const sim::World& world, std::string_view name) {
  if (const std::uint32_t member = member_number(world, name)) {
    return server::member_address(member);
  }
  if (const std::uint32_t client = client_number(name)) return server::client_address(client);
  return fail(Errc::WrongUse, text("there is no member or client {}", name));
}

Result<std::uint32_t> member_of(const sim::World& world, std::string_view name) {
  const std::uint32_t member = member_number(world, name);
  if (member == 0) return fail(Errc::WrongUse, text("there is no member {}", name));
  return member;
}

struct Ends {
  Address from;
  Address to;
};

Result<Ends> ends_of(const sim::World& world, const Link& link) {
  const auto from = address_of(world, link.from);
  if (!from) return fail(from.error());
  const auto to = address_of(world, link.to);
  if (!to) return fail(to.error());
  if (*from == *to) return fail(Errc::WrongUse, "a link has two different ends");
  return Ends{*from, *to};
}

bool is_of_type(const server::Payload& payload, std::string_view type) {
  if (type.empty()) return true;
  const auto* message = std::get_if<raftpb::Message>(&payload);
  return message != nullptr && raftpb::to_text(message->type) == type;
}

// The k-th message of the link, over its channels, in the order in which they are due.
Result<sim::MessageId> find_message(const sim::World& world, const MessageChoice& choice) {
  const auto ends = ends_of(world, choice.link);
  if (!ends) return fail(ends.error());
  std::vector<std::pair<Nanos, sim::MessageId>> found;
  for (const auto& [id, channel] : world.network().channels()) {
    if (id.from != ends->from || id.to != ends->to) continue;
    for (const sim::InFlight& message : channel.queue) {
      if (!is_of_type(message.payload, choice.type)) continue;
      found.emplace_back(message.due, sim::MessageId{id.from, id.to, id.channel, message.number});
    }
  }
  std::ranges::sort(found);
  if (choice.ordinal > found.size()) {
    return fail(Errc::WrongUse, text("{} message{} {}on the way from {} to {}", found.size(),
                                     found.size() == 1 ? " is" : "s are",
                                     choice.type.empty() ? "" : "of type " + choice.type + " ",
                                     choice.link.from, choice.link.to));
  }
  return found[choice.ordinal - 1].second;
}

// The channels that a link's messages of this type use.
std::vector<Channel> channels_of(const Ends& ends, std::string_view type) {
  if (ends.from.kind == Address::Kind::Client || ends.to.kind == Address::Kind::Client) {
    return {Channel::Calls};
  }
  if (type == "MsgApp") return {Channel::Append};
  if (type == "MsgSnap") return {Channel::Snapshot};
  if (!type.empty()) return {Channel::General};
  return {Channel::Append, Channel::General, Channel::Snapshot};
}

using Held = std::vector<std::variant<sim::ChannelId, sim::RunLane>>;

Result<Held> held_of(const sim::World& world, const MessageChoice& choice) {
  const auto ends = ends_of(world, choice.link);
  if (!ends) return fail(ends.error());
  Held out;
  for (const Channel channel : channels_of(*ends, choice.type)) {
    out.emplace_back(sim::ChannelId{ends->from, ends->to, channel});
  }
  return out;
}

// "apply", "handler" (every one there is), "stream-send#1" (its three cases), "stream-send#1.event".
Result<Held> held_of(const sim::World& world, const LaneChoice& choice) {
  const auto member = member_of(world, choice.member);
  if (!member) return fail(member.error());
  if (!world.member(*member).up()) return fail(Errc::WrongUse, choice.member + " is not up");
  Held out;
  std::string known;
  for (const server::LaneId& lane : server::lanes(world.member(*member))) {
    const std::string name = server::to_text(lane);
    known += (known.empty() ? "" : ", ") + name;
    const bool whole = name == choice.lane || name.starts_with(choice.lane + "#") ||
                       name.starts_with(choice.lane + ".");
    if (whole) out.emplace_back(sim::RunLane{*member, lane});
  }
  if (!out.empty()) return out;
  return fail(Errc::WrongUse,
              text("{} has no lane {}; it has {}", choice.member, choice.lane, known));
}

bool is_held(const sim::World& world, const std::variant<sim::ChannelId, sim::RunLane>& what) {
  const auto* channel = std::get_if<sim::ChannelId>(&what);
  const auto* lane = std::get_if<sim::RunLane>(&what);
  for (const auto& [subject, held] : world.held()) {
    if (channel != nullptr && subject.kind == sim::Subject::Kind::Message &&
        subject.channel == *channel) {
      return true;
    }
    if (lane != nullptr && subject.kind == sim::Subject::Kind::Lane &&
        subject.owner == lane->member && subject.lane == lane->lane) {
      return true;
    }
  }
  return false;
}

std::variant<sim::ChannelId, sim::RunLane> what_of(const sim::Subject& subject) {
  if (subject.kind == sim::Subject::Kind::Message) return subject.channel;
  return sim::RunLane{subject.owner, subject.lane};
}

disk::Survivors survivors_of(const Crash& crash) {
  disk::Survivors out;
  if (crash.keep == Keep::All) out.writes = disk::KeepAll{};
  if (crash.keep == Keep::Torn) {
    out.writes = disk::KeepTorn{static_cast<std::uint32_t>(crash.torn)};
  }
  return out;
}

// What the words say of the member's binary; what they leave out stays.
Result<sim::Restart> restart_of(const server::Member& member, const Restart& words) {
  sim::Restart out{.member = member.no()};
  if (!words.version.empty()) {
    const auto version = server::parse_release(words.version);
    if (!version) return fail(version.error());
    out.as = *version;
  }
  if (words.preset.empty() && words.quirks.empty()) return out;
  const std::string release = words.preset.empty() && words.version.empty()
                                  ? std::string(server::to_text(member.plan().version))
                                  : words.version;
  const auto binaries = binaries_of(release, words.preset, words.quirks, member.no());
  if (!binaries) return fail(binaries.error());
  if (!words.preset.empty()) out.as = binaries->version;
  out.quirks = binaries->quirks.empty() ? server::QuirkSet{} : binaries->quirks[member.no() - 1];
  return out;
}

struct Timer {
  std::string_view name;
  server::LaneKind lane;
};

constexpr std::array kTimers{
    Timer{"tick", server::LaneKind::Node},
    Timer{"commit", server::LaneKind::Commit},
    Timer{"sync-watchers", server::LaneKind::SyncWatchers},
    Timer{"sync-victims", server::LaneKind::SyncVictims},
    Timer{"compact", server::LaneKind::Compact},
};

// Members and clients that the groups name; a group alone stands against all members it does not name.
std::vector<std::vector<Address>> sides_of(const sim::World& world,
                                           std::vector<std::vector<Address>> groups) {
  if (groups.size() > 1) return groups;
  std::vector<Address> others;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const Address member = server::member_address(no);
    if (std::ranges::find(groups[0], member) == groups[0].end()) others.push_back(member);
  }
  groups.push_back(std::move(others));
  return groups;
}

// The links between different sides that are not cut yet; clients do not talk to each other.
std::vector<sim::Cut> cuts_between(const sim::World& world,
                                   const std::vector<std::vector<Address>>& sides) {
  std::vector<sim::Cut> out;
  const auto cut_all = [&](const Address& from, const std::vector<Address>& side) {
    for (const Address& to : side) {
      const bool clients = from.kind == Address::Kind::Client && to.kind == from.kind;
      if (!clients && !world.network().is_cut(from, to)) out.push_back({from, to});
    }
  };
  for (const auto& one : sides) {
    for (const auto& other : sides) {
      if (&one == &other) continue;
      for (const Address& from : one) cut_all(from, other);
    }
  }
  return out;
}

}  // namespace

Result<void> Interpreter::act(const Deliver& deliver) {
  const auto id = find_message(world(), deliver.message);
  if (!id) return fail(id.error());
  return perform_aloud(sim::Deliver{*id});
}

Result<void> Interpreter::act(const Drop& drop) {
  const auto id = find_message(world(), drop.message);
  if (!id) return fail(id.error());
  return perform_aloud(sim::Drop{*id});
}

Result<void> Interpreter::act(const Duplicate& duplicate) {
  const auto id = find_message(world(), duplicate.message);
  if (!id) return fail(id.error());
  return perform_aloud(sim::Duplicate{*id});
}

Result<void> Interpreter::act(const Delay& delay) {
  const auto id = find_message(world(), delay.message);
  if (!id) return fail(id.error());
  return perform_aloud(sim::Delay{*id, delay.by});
}

Result<void> Interpreter::act(const Hold& hold) {
  const auto held = std::visit([&](const auto& what) { return held_of(world(), what); }, hold.what);
  if (!held) return fail(held.error());
  for (const auto& what : *held) {
    if (is_held(world(), what)) continue;
    const auto done = perform_aloud(sim::Hold{what});
    if (!done) return done;
  }
  return {};
}

Result<void> Interpreter::act(const Release& release) {
  Result<Held> wanted =
      std::visit(Overloaded{[&](std::monostate) -> Result<Held> {
                              Held all;
                              for (const auto& [subject, held] : world().held()) {
                                all.push_back(what_of(subject));
                              }
                              return all;
                            },
                            [&](const auto& what) { return held_of(world(), what); }},
                 release.what);
  if (!wanted) return fail(wanted.error());
  for (const auto& what : *wanted) {
    if (!is_held(world(), what)) continue;
    const auto done = perform_aloud(sim::Release{what});
    if (!done) return done;
  }
  return {};
}

Result<void> Interpreter::act(const Fire& fire) {
  const auto member = member_of(world(), fire.member);
  if (!member) return fail(member.error());
  const auto* timer = std::ranges::find(kTimers, fire.timer, &Timer::name);
  if (timer == kTimers.end()) {
    std::string known;
    for (const Timer& one : kTimers) known += (known.empty() ? "" : ", ") + std::string(one.name);
    return fail(Errc::WrongUse, text("there is no timer {}; there are {}", fire.timer, known));
  }
  return perform_aloud(sim::RunLane{*member, server::LaneId{.kind = timer->lane}});
}

Result<void> Interpreter::act(const Crash& crash) {
  const auto member = member_of(world(), crash.member);
  if (!member) return fail(member.error());
  if (!crash.point.empty()) {
    const auto point = server::find_crash_point(crash.point);
    if (!point) return fail(point.error());
    const auto stop = advance(AtPoint{*member, *point}, world().now() + seconds(30).value());
    if (!stop) return fail(stop.error());
    if (*stop == Stop::Break) return {};
    if (*stop != Stop::Reached) {
      return fail(Errc::Budget,
                  text("{} did not come to {} within 30s", crash.member, crash.point));
    }
  }
  return perform_aloud(sim::Crash{.member = *member, .survivors = survivors_of(crash)});
}

Result<void> Interpreter::act(const Join& join) {
  const auto no = static_cast<std::uint32_t>(std::stoul(join.member.substr(1)));
  return perform_aloud(sim::Join{no});
}

Result<void> Interpreter::act(const Restart& restart) {
  const auto member = member_of(world(), restart.member);
  if (!member) return fail(member.error());
  const auto action = restart_of(world().member(*member), restart);
  if (!action) return fail(action.error());
  return perform_aloud(*action);
}

Result<void> Interpreter::act(const SetClock& clock) {
  const auto member = member_of(world(), clock.member);
  if (!member) return fail(member.error());
  const auto pace = static_cast<std::uint32_t>(std::min<std::uint64_t>(clock.pace, UINT32_MAX));
  return perform_aloud(sim::SetClock{.member = *member, .pace = pace});
}

Result<void> Interpreter::act(const Partition& partition) {
  std::vector<std::vector<Address>> groups;
  for (const auto& names : partition.groups) {
    groups.emplace_back();
    for (const std::string& name : names) {
      const auto address = address_of(world(), name);
      if (!address) return fail(address.error());
      groups.back().push_back(*address);
    }
  }
  for (const sim::Cut& cut : cuts_between(world(), sides_of(world(), std::move(groups)))) {
    auto done = perform_aloud(cut);
    if (!done) return done;
  }
  return {};
}

Result<void> Interpreter::act(const Cut& cut) {
  const auto ends = ends_of(world(), cut.link);
  if (!ends) return fail(ends.error());
  auto done = perform_aloud(sim::Cut{ends->from, ends->to});
  if (!done || !cut.link.both_ways) return done;
  return perform_aloud(sim::Cut{ends->to, ends->from});
}

Result<void> Interpreter::act(const Heal& heal) {
  const auto wanted = [&](const Address& from, const Address& to) {
    const std::string forth = server::to_text(from);
    const std::string back = server::to_text(to);
    return std::visit(
        Overloaded{[](std::monostate) { return true; },
                   [&](const std::string& party) { return party == forth || party == back; },
                   [&](const Link& link) {
                     const bool same = link.from == forth && link.to == back;
                     return same || (link.both_ways && link.from == back && link.to == forth);
                   }},
        heal.what);
  };
  std::vector<sim::Mend> mends;
  for (const auto& [link, cut] : world().network().cuts()) {
    if (wanted(link.first, link.second)) mends.push_back({link.first, link.second});
  }
  if (mends.empty()) return fail(Errc::WrongUse, "nothing of that is cut");
  for (const sim::Mend& mend : mends) {
    auto done = perform_aloud(mend);
    if (!done) return done;
  }
  return {};
}

}  // namespace orrery::lang
