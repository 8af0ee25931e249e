// What the words of a fault mean in a world.
#include "lang/fault_actions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/overloaded.h"
#include "base/text.h"
#include "lang/binaries.h"
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

using Actions = Result<std::vector<sim::Action>>;

template <class T>
Actions one(T action) {
  return std::vector<sim::Action>{sim::Action(std::move(action))};
}

// Made of a message's name.
template <class T>
Actions about(const sim::World& world, const MessageChoice& choice) {
  const auto id = find_message(world, choice);
  if (!id) return fail(id.error());
  return one(T{*id});
}

Actions actions_of(const sim::World& world, const Deliver& deliver) {
  return about<sim::Deliver>(world, deliver.message);
}

Actions actions_of(const sim::World& world, const Drop& drop) {
  return about<sim::Drop>(world, drop.message);
}

Actions actions_of(const sim::World& world, const Duplicate& duplicate) {
  return about<sim::Duplicate>(world, duplicate.message);
}

Actions actions_of(const sim::World& world, const Delay& delay) {
  const auto id = find_message(world, delay.message);
  if (!id) return fail(id.error());
  return one(sim::Delay{*id, delay.by});
}

Actions actions_of(const sim::World& world, const Hold& hold) {
  const auto held = std::visit([&](const auto& what) { return held_of(world, what); }, hold.what);
  if (!held) return fail(held.error());
  std::vector<sim::Action> out;
  for (const auto& what : *held) {
    if (!is_held(world, what)) out.emplace_back(sim::Hold{what});
  }
  return out;
}

Held all_held(const sim::World& world) {
  Held out;
  for (const auto& [subject, held] : world.held()) out.push_back(what_of(subject));
  return out;
}

Actions actions_of(const sim::World& world, const Release& release) {
  const Result<Held> wanted =
      std::visit(Overloaded{[&](std::monostate) -> Result<Held> { return all_held(world); },
                            [&](const auto& what) { return held_of(world, what); }},
                 release.what);
  if (!wanted) return fail(wanted.error());
  std::vector<sim::Action> out;
  for (const auto& what : *wanted) {
    if (is_held(world, what)) out.emplace_back(sim::Release{what});
  }
  return out;
}

Actions actions_of(const sim::World& world, const Fire& fire) {
  const auto member = member_of(world, fire.member);
  if (!member) return fail(member.error());
  const auto* timer = std::ranges::find(kTimers, fire.timer, &Timer::name);
  if (timer == kTimers.end()) {
    std::string known;
    for (const Timer& each : kTimers) known += (known.empty() ? "" : ", ") + std::string(each.name);
    return fail(Errc::WrongUse, text("there is no timer {}; there are {}", fire.timer, known));
  }
  return one(sim::RunLane{*member, server::LaneId{.kind = timer->lane}});
}

Actions actions_of(const sim::World& world, const Crash& crash) {
  const auto member = member_of(world, crash.member);
  if (!member) return fail(member.error());
  if (!crash.point.empty()) {
    return fail(Errc::WrongUse,
                text("at {}: whoever does not turn the crank cannot wait for that", crash.point));
  }
  return one(sim::Crash{.member = *member, .survivors = survivors_of(crash)});
}

Actions actions_of(const sim::World& /*world*/, const Join& join) {
  return one(sim::Join{static_cast<std::uint32_t>(std::stoul(join.member.substr(1)))});
}

Actions actions_of(const sim::World& world, const Restart& restart) {
  const auto member = member_of(world, restart.member);
  if (!member) return fail(member.error());
  const auto action = restart_of(world.member(*member), restart);
  if (!action) return fail(action.error());
  return one(*action);
}

Actions actions_of(const sim::World& world, const SetClock& clock) {
  const auto member = member_of(world, clock.member);
  if (!member) return fail(member.error());
  const auto pace = static_cast<std::uint32_t>(std::min<std::uint64_t>(clock.pace, UINT32_MAX));
  return one(sim::SetClock{.member = *member, .pace = pace});
}

Actions actions_of(const sim::World& world, const Partition& partition) {
  std::vector<std::vector<Address>> groups;
  for (const auto& names : partition.groups) {
    groups.emplace_back();
    for (const std::string& name : names) {
      const auto address = address_of(world, name);
      if (!address) return fail(address.error());
      groups.back().push_back(*address);
    }
  }
  std::vector<sim::Action> out;
  for (const sim::Cut& cut : cuts_between(world, sides_of(world, std::move(groups)))) {
    out.emplace_back(cut);
  }
  return out;
}

Actions actions_of(const sim::World& world, const Cut& cut) {
  const auto ends = ends_of(world, cut.link);
  if (!ends) return fail(ends.error());
  std::vector<sim::Action> out{sim::Cut{ends->from, ends->to}};
  if (cut.link.both_ways) out.emplace_back(sim::Cut{ends->to, ends->from});
  return out;
}

// Do the words mean this direction of a link?
bool is_meant(const Heal& heal, const Address& from, const Address& to) {
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
}

Actions actions_of(const sim::World& world, const Heal& heal) {
  std::vector<sim::Action> out;
  for (const auto& [link, cut] : world.network().cuts()) {
    if (is_meant(heal, link.first, link.second)) {
      out.emplace_back(sim::Mend{link.first, link.second});
    }
  }
  if (out.empty()) return fail(Errc::WrongUse, "nothing of that is cut");
  return out;
}

template <class Other>
Actions actions_of(const sim::World& /*world*/, const Other& /*other*/) {
  return fail(Errc::WrongUse, "that is no fault");
}

}  // namespace

Result<std::vector<sim::Action>> fault_actions(const sim::World& world, const CommandBody& body) {
  return std::visit([&](const auto& held) { return actions_of(world, held); }, body);
}

}  // namespace orrery::lang
