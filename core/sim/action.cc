// The text forms of actions, and reading them back.
#include "sim/action.h"

#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "base/overloaded.h"
#include "base/text.h"
#include "datadir/archive.h"

namespace orrery::sim {
namespace {

using server::Address;
using server::Channel;
using server::LaneId;
using server::LaneKind;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  std::size_t i = 0;
  while (i < line.size()) {
    const std::size_t start = line.find_first_not_of(' ', i);
    if (start == std::string_view::npos) break;
    const std::size_t end = std::min(line.find(' ', start), line.size());
    out.push_back(line.substr(start, end - start));
    i = end;
  }
  return out;
}

template <class Number>
std::optional<Number> read_number(std::string_view word) {
  Number out = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  if (error != std::errc() || end != word.data() + word.size() || word.empty()) {
    return std::nullopt;
  }
  return out;
}

std::optional<Address> read_address(std::string_view word) {
  if (word.size() < 2 || (word[0] != 'n' && word[0] != 'c')) return std::nullopt;
  const auto no = read_number<std::uint32_t>(word.substr(1));
  if (!no || *no == 0) return std::nullopt;
  return word[0] == 'n' ? server::member_address(*no) : server::client_address(*no);
}

std::optional<std::pair<Address, Address>> read_link(std::string_view word) {
  const std::size_t arrow = word.find("->");
  if (arrow == std::string_view::npos) return std::nullopt;
  const auto from = read_address(word.substr(0, arrow));
  const auto to = read_address(word.substr(arrow + 2));
  if (!from || !to) return std::nullopt;
  return std::pair(*from, *to);
}

std::optional<Channel> read_channel(std::string_view word) {
  for (const Channel channel :
       {Channel::Append, Channel::General, Channel::Snapshot, Channel::Calls}) {
    if (word == server::to_text(channel)) return channel;
  }
  return std::nullopt;
}

// "append#17"
std::optional<std::pair<Channel, std::uint64_t>> read_message_name(std::string_view word) {
  const std::size_t hash = word.find('#');
  if (hash == std::string_view::npos) return std::nullopt;
  const auto number = read_number<std::uint64_t>(word.substr(hash + 1));
  const auto channel = read_channel(word.substr(0, hash));
  if (!number || !channel) return std::nullopt;
  return std::pair(*channel, *number);
}

Result<Action> bad(std::string_view line, std::string_view expected) {
  return fail(Errc::Syntax, text("cannot read the action {}: expected {}", quoted(line), expected));
}

template <class A>
Result<Action> read_message_action(std::string_view line,
                                   const std::vector<std::string_view>& words) {
  constexpr std::string_view kForm = "VERB FROM->TO CHANNEL#NUMBER, e.g. deliver n1->n2 append#3";
  if (words.size() != 3) return bad(line, kForm);
  const auto link = read_link(words[1]);
  const auto name = read_message_name(words[2]);
  if (!link || !name) return bad(line, kForm);
  return Action(A{{link->first, link->second, name->first, name->second}});
}

template <class A>
Result<Action> read_link_action(std::string_view line, const std::vector<std::string_view>& words) {
  const auto link = words.size() == 2 ? read_link(words[1]) : std::nullopt;
  if (!link) return bad(line, "VERB FROM->TO, e.g. cut n1->n2");
  return Action(A{link->first, link->second});
}

std::optional<LaneId> read_lane(std::string_view word) {
  LaneId lane;
  const std::size_t dot = word.find('.');
  const std::string_view choice = dot == std::string_view::npos ? "" : word.substr(dot + 1);
  word = word.substr(0, dot);
  if (choice == "control") lane.choice = 1;
  if (choice == "response") lane.choice = 2;
  const std::size_t hash = word.find('#');
  if (hash != std::string_view::npos) {
    const auto no = read_number<std::uint64_t>(word.substr(hash + 1));
    if (!no) return std::nullopt;
    lane.no = *no;
    word = word.substr(0, hash);
  }
  for (std::uint8_t kind = 0; kind < server::kLaneKinds; ++kind) {
    lane.kind = static_cast<LaneKind>(kind);
    if (server::to_text(lane.kind) == word) return lane;
  }
  return std::nullopt;
}

Result<Action> read_run(std::string_view line, const std::vector<std::string_view>& words) {
  constexpr std::string_view kForm = "run MEMBER LANE, e.g. run n1 apply";
  if (words.size() != 3) return bad(line, kForm);
  const auto member = read_address(words[1]);
  const auto lane = read_lane(words[2]);
  if (!member || member->kind != Address::Kind::Member || !lane) return bad(line, kForm);
  return Action(RunLane{.member = member->no, .lane = *lane});
}

Result<Action> read_crash(std::string_view line, const std::vector<std::string_view>& words) {
  constexpr std::string_view kForm = "crash MEMBER [keep SURVIVORS], e.g. crash n2 keep torn:3";
  const auto member = words.size() >= 2 ? read_address(words[1]) : std::nullopt;
  if (!member || member->kind != Address::Kind::Member) return bad(line, kForm);
  Crash crash{.member = member->no, .survivors = {}};
  if (words.size() == 2) return Action(crash);
  if (words[2] != "keep" || words.size() < 4) return bad(line, kForm);
  const auto at = static_cast<std::size_t>(words[3].data() - line.data());
  const auto survivors = disk::parse_survivors(line.substr(at));
  if (!survivors) return fail(survivors.error());
  crash.survivors = *survivors;
  return Action(crash);
}

Result<Action> read_restart(std::string_view line, const std::vector<std::string_view>& words) {
  constexpr std::string_view kForm =
      "restart MEMBER [as VERSION] [quirks NAMES], e.g. restart n2 as v3.5 quirks none";
  const auto member = words.size() >= 2 ? read_address(words[1]) : std::nullopt;
  if (!member || member->kind != Address::Kind::Member) return bad(line, kForm);
  Restart out{.member = member->no};
  std::size_t at = 2;
  if (at + 1 < words.size() && words[at] == "as") {
    for (const auto version :
         {server::Version::V3_4, server::Version::V3_5, server::Version::V3_6}) {
      if (server::to_text(version) == words[at + 1]) out.as = version;
    }
    if (!out.as) return bad(line, kForm);
    at += 2;
  }
  if (at + 1 < words.size() && words[at] == "quirks") {
    const auto quirks = server::parse_quirks(words[at + 1]);
    if (!quirks) return fail(quirks.error());
    out.quirks = *quirks;
    at += 2;
  }
  return at == words.size() ? Result<Action>(out) : bad(line, kForm);
}

Result<Action> read_join(std::string_view line, const std::vector<std::string_view>& words) {
  const auto member = words.size() == 2 ? read_address(words[1]) : std::nullopt;
  if (!member || member->kind != Address::Kind::Member) return bad(line, "restart MEMBER");
  return Action(Join{.member = member->no});
}

Result<Action> read_clock(std::string_view line, const std::vector<std::string_view>& words) {
  const auto member = words.size() == 3 ? read_address(words[1]) : std::nullopt;
  const auto pace = words.size() == 3 ? read_number<std::uint32_t>(words[2]) : std::nullopt;
  if (!member || member->kind != Address::Kind::Member || !pace) {
    return bad(line, "clock MEMBER PERCENT, e.g. clock n2 150");
  }
  return Action(SetClock{.member = member->no, .pace = *pace});
}

Result<Action> read_wait(std::string_view line, const std::vector<std::string_view>& words) {
  const bool says_when = words.size() == 2 && words[1].ends_with("ns");
  const auto until =
      says_when ? read_number<std::int64_t>(words[1].substr(0, words[1].size() - 2)) : std::nullopt;
  if (!until || *until < 0) return bad(line, "wait NANOSECONDSns, e.g. wait 1500000000ns");
  return Action(Wait{.until = Nanos(*until)});
}

Result<Action> read_install(std::string_view line, const std::vector<std::string_view>& words) {
  const auto member = words.size() == 3 ? read_address(words[1]) : std::nullopt;
  if (!member || member->kind != Address::Kind::Member) return bad(line, "install MEMBER BASE64");
  const auto archive = datadir::unbase64(words[2]);
  if (!archive) return fail(archive.error());
  return Action(Install{.member = member->no, .archive = Blob(*archive)});
}

Result<Action> read_timeout(std::string_view line, const std::vector<std::string_view>& words) {
  constexpr std::string_view kForm = "timeout CLIENT call#NUMBER, e.g. timeout c1 call#2";
  if (words.size() != 3 || !words[2].starts_with("call#")) return bad(line, kForm);
  const auto client = read_address(words[1]);
  const auto call = read_number<std::uint64_t>(words[2].substr(5));
  if (!client || client->kind != Address::Kind::Client || !call) return bad(line, kForm);
  return Action(ClientTimeout{.client = client->no, .call = *call});
}

Result<Action> read_wake(std::string_view line, const std::vector<std::string_view>& words) {
  constexpr std::string_view kForm = "wake CLIENT KIND#NUMBER, e.g. wake c1 program#2";
  if (words.size() != 3) return bad(line, kForm);
  const std::size_t hash = words[2].find('#');
  const auto client = read_address(words[1]);
  if (!client || client->kind != Address::Kind::Client || hash == std::string_view::npos) {
    return bad(line, kForm);
  }
  const auto number = read_number<std::uint64_t>(words[2].substr(hash + 1));
  using Kind = client::TimerId::Kind;
  for (const Kind kind : {Kind::Program, Kind::Watch, Kind::Call}) {
    if (client::to_text(kind) != words[2].substr(0, hash) || !number) continue;
    return Action(ClientWake{.client = client->no, .timer = {.kind = kind, .no = *number}});
  }
  return bad(line, kForm);
}

std::optional<std::variant<ChannelId, RunLane>> read_subject(
    const std::vector<std::string_view>& words) {
  if (words.size() != 3) return std::nullopt;
  if (const auto link = read_link(words[1])) {
    const auto channel = read_channel(words[2]);
    if (!channel) return std::nullopt;
    return ChannelId{link->first, link->second, *channel};
  }
  const auto member = read_address(words[1]);
  const auto lane = read_lane(words[2]);
  if (!member || member->kind != Address::Kind::Member || !lane) return std::nullopt;
  return RunLane{.member = member->no, .lane = *lane};
}

template <class A>
Result<Action> read_hold(std::string_view line, const std::vector<std::string_view>& words) {
  const auto what = read_subject(words);
  if (!what) return bad(line, "VERB FROM->TO CHANNEL or VERB MEMBER LANE, e.g. hold n1 apply");
  return Action(A{*what});
}

Result<Action> read_delay(std::string_view line, const std::vector<std::string_view>& words) {
  constexpr std::string_view kForm =
      "delay FROM->TO CHANNEL#NUMBER NANOSECONDSns, e.g. delay n1->n2 append#3 5000000ns";
  if (words.size() != 4 || !words[3].ends_with("ns")) return bad(line, kForm);
  const auto link = read_link(words[1]);
  const auto name = read_message_name(words[2]);
  const auto by = read_number<std::int64_t>(words[3].substr(0, words[3].size() - 2));
  if (!link || !name || !by || *by < 0) return bad(line, kForm);
  return Action(Delay{{link->first, link->second, name->first, name->second}, Nanos(*by)});
}

using Reader = Result<Action> (*)(std::string_view, const std::vector<std::string_view>&);

struct Verb {
  std::string_view name;
  Reader read;
};

constexpr std::array kVerbs{Verb{"deliver", read_message_action<Deliver>},
                            Verb{"drop", read_message_action<Drop>},
                            Verb{"duplicate", read_message_action<Duplicate>},
                            Verb{"run", read_run},
                            Verb{"timeout", read_timeout},
                            Verb{"wake", read_wake},
                            Verb{"crash", read_crash},
                            Verb{"restart", read_restart},
                            Verb{"join", read_join},
                            Verb{"install", read_install},
                            Verb{"cut", read_link_action<Cut>},
                            Verb{"mend", read_link_action<Mend>},
                            Verb{"hold", read_hold<Hold>},
                            Verb{"release", read_hold<Release>},
                            Verb{"delay", read_delay},
                            Verb{"clock", read_clock},
                            Verb{"wait", read_wait}};

std::string subject_text(const std::variant<ChannelId, RunLane>& what) {
  if (const auto* channel = std::get_if<ChannelId>(&what)) return to_text(*channel);
  const auto& lane = std::get<RunLane>(what);
  return text("n{} {}", lane.member, server::to_text(lane.lane));
}

}  // namespace

std::string to_text(const ChannelId& channel) {
  return text("{}->{} {}", server::to_text(channel.from), server::to_text(channel.to),
              server::to_text(channel.channel));
}

std::string to_text(const MessageId& message) {
  return text("{}->{} {}#{}", server::to_text(message.from), server::to_text(message.to),
              server::to_text(message.channel), message.number);
}

std::string to_text(const Action& action) {
  return std::visit(
      Overloaded{
          [](const Deliver& a) { return "deliver " + to_text(a.message); },
          [](const Drop& a) { return "drop " + to_text(a.message); },
          [](const Duplicate& a) { return "duplicate " + to_text(a.message); },
          [](const RunLane& a) { return text("run n{} {}", a.member, server::to_text(a.lane)); },
          [](const Submit& a) { return text("c{} {}", a.client, client::line_of(a.command)); },
          [](const ClientTimeout& a) { return text("timeout c{} call#{}", a.client, a.call); },
          [](const ClientWake& a) {
            return text("wake c{} {}#{}", a.client, client::to_text(a.timer.kind), a.timer.no);
          },
          [](const Crash& a) {
            return text("crash n{} keep {}", a.member, disk::to_text(a.survivors));
          },
          [](const Restart& a) {
            std::string out = text("restart n{}", a.member);
            if (a.as) out += text(" as {}", server::to_text(*a.as));
            if (!a.quirks) return out;
            const std::string names = server::to_text(*a.quirks);
            return out + " quirks " + (names.empty() ? "none" : names);
          },
          [](const Join& a) { return text("join n{}", a.member); },
          [](const Install& a) {
            return text("install n{} {}", a.member, base64(a.archive.view()));
          },
          [](const Cut& a) {
            return text("cut {}->{}", server::to_text(a.from), server::to_text(a.to));
          },
          [](const Hold& a) { return "hold " + subject_text(a.what); },
          [](const Release& a) { return "release " + subject_text(a.what); },
          [](const Delay& a) { return text("delay {} {}ns", to_text(a.message), a.by.value()); },
          [](const Wait& a) { return text("wait {}ns", a.until.value()); },
          [](const SetClock& a) { return text("clock n{} {}", a.member, a.pace); },
          [](const Mend& a) {
            return text("mend {}->{}", server::to_text(a.from), server::to_text(a.to));
          }},
      action);
}

Result<Action> parse_action(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  if (!words.empty()) {
    for (const Verb& verb : kVerbs) {
      if (verb.name == words[0]) return verb.read(line, words);
    }
  }
  return bad(line,
             "deliver, drop, duplicate, delay, hold, release, run, timeout, wake, crash, restart, "
             "install, cut, mend, clock or wait");
}

}  // namespace orrery::sim
