#include "lang/submission.h"

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "lang/parser.h"
#include "lang/requests.h"
#include "lang/world_terms.h"
#include "server/membership.h"

namespace orrery::lang {

namespace {

template <class T>
constexpr bool kIsCall =
    std::is_same_v<T, Put> || std::is_same_v<T, Get> || std::is_same_v<T, Del> ||
    std::is_same_v<T, Txn> || std::is_same_v<T, Compact> || std::is_same_v<T, SaveSnapshot> ||
    IsServiceCall<T>::value;

template <class T>
constexpr bool kIsOfWatch = std::is_same_v<T, CancelWatch> || std::is_same_v<T, Progress> ||
                            std::is_same_v<T, Pause> || std::is_same_v<T, Resume>;

template <class T>
constexpr bool kIsNewWatch =
    std::is_same_v<T, Watch> || std::is_same_v<T, Poll> || std::is_same_v<T, RunProgram>;

// Asks each endpoint for itself.
template <class T>
constexpr bool kAsksEach = std::is_same_v<T, EndpointCall> || std::is_same_v<T, DefragCall>;

// Without what belongs to the act and not to the question.
template <class T>
std::string line_of(T command) {
  command.call.client.clear();
  command.call.background = false;
  return to_text(CommandBody(std::move(command)));
}

Result<std::uint32_t> client_of(const CallOptions& call) {
  if (call.client.empty()) return 1U;
  const std::uint32_t number = client_number(call.client);
  if (number == 0) {
    return fail(Errc::WrongUse, text("{}: clients are named c1, c2, ...", call.client));
  }
  return number;
}

// "n2" or its address, with or without http://; 0 = nobody's.
std::uint32_t endpoint_number(const sim::World& world, std::string_view word) {
  constexpr std::string_view kScheme = "http://";
  if (word.starts_with(kScheme)) word.remove_prefix(kScheme.size());
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (server::client_url_of(no).substr(kScheme.size()) == word) return no;
  }
  return member_number(world, word);
}

Result<std::vector<std::uint32_t>> endpoints_of(const CallOptions& call, const sim::World& world) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t no = 1; call.cluster && no <= world.member_count(); ++no) out.push_back(no);
  std::string_view rest = call.cluster ? std::string_view() : std::string_view(call.via);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    const std::uint32_t no = endpoint_number(world, word);
    if (no == 0) return fail(Errc::WrongUse, text("there is no member {}", word));
    out.push_back(no);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return out;
}

// The number behind the stem, 0 = the name is none of this kind.
std::size_t number_behind(std::string_view stem, std::string_view name) {
  if (!name.starts_with(stem)) return 0;
  const std::string_view digits = name.substr(stem.size());
  std::size_t out = 0;
  if (digits.starts_with('0')) return 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return read.ec == std::errc() && read.ptr == digits.data() + digits.size() ? out : 0;
}

// The first of w1, w2, ... that no watch, poll or program has.
std::string free_name(const sim::World& world, std::string_view stem) {
  std::vector<bool> taken;
  const auto take = [&](std::string_view name) {
    const std::size_t number = number_behind(stem, name);
    if (number == 0 || number > taken.size()) return;
    taken[number - 1] = true;
  };
  for (const auto& [no, client] : world.clients()) {
    taken.resize(taken.size() + client->watches().size() + client->polls().size() +
                 client->programs().size());
  }
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, watch] : client->watches()) take(watch.name);
    for (const auto& [number, poll] : client->polls()) take(poll.name);
    for (const auto& [number, program] : client->programs()) take(program.name);
  }
  const auto free = std::ranges::find(taken, false) - taken.begin();
  return text("{}{}", stem, free + 1);
}

client::Login login_of(const CallOptions& call) {
  const std::size_t colon = call.user.find(':');
  if (colon == std::string::npos) return {.name = call.user, .password = {}};
  return {.name = call.user.substr(0, colon), .password = call.user.substr(colon + 1)};
}

using Endpoints = std::vector<std::uint32_t>;

// The one endpoint that is meant, or 0: the client chooses.
std::uint32_t only(const Endpoints& endpoints) {
  return endpoints.size() == 1 ? endpoints.front() : 0;
}

// etcdctl asks every endpoint who leads, and then the leader alone.
std::uint32_t leader_among(const sim::World& world, const Endpoints& endpoints) {
  const std::uint32_t leader = leader_number(world);
  const bool listed = std::ranges::find(endpoints, leader) != endpoints.end();
  return endpoints.empty() || listed ? leader : endpoints.front();
}

template <class T>
  requires kIsCall<T>
client::Command begin(const T& call, const Endpoints& endpoints, const sim::World& world) {
  client::BeginCall out{.line = line_of(call),
                        .via = only(endpoints),
                        .request = request_of(call),
                        .login = login_of(call.call)};
  if (endpoints.size() > 1) out.among = endpoints;
  if constexpr (std::is_same_v<T, MoveLeaderCall>) out.via = leader_among(world, endpoints);
  if constexpr (kAsksEach<T>) {
    out.each = true;
    out.among = endpoints.empty() ? Endpoints{1} : endpoints;
    out.via = 0;
  }
  return out;
}

client::Command begin(Watch watch, const Endpoints& endpoints, const sim::World& world) {
  if (watch.name.empty()) watch.name = free_name(world, "w");
  return client::BeginWatch{.line = line_of(watch),
                            .via = only(endpoints),
                            .name = watch.name,
                            .request = request_of(watch),
                            .login = login_of(watch.call),
                            .window = static_cast<std::uint32_t>(watch.window),
                            .frame = static_cast<std::uint32_t>(watch.frame),
                            .shares = watch.shares};
}

client::Command begin(RunProgram program, const Endpoints& endpoints, const sim::World& world) {
  if (program.name.empty()) {
    const std::string verb = program.words.substr(0, program.words.find(' '));
    program.name = free_name(world, verb == "lease" ? "keepalive" : verb);
  }
  return client::BeginProgram{.line = line_of(program),
                              .via = only(endpoints),
                              .name = program.name,
                              .login = login_of(program.call),
                              .work = program.work};
}

client::Command begin(Poll poll, const Endpoints& endpoints, const sim::World& world) {
  if (poll.name.empty()) poll.name = free_name(world, "p");
  return client::BeginPoll{.line = line_of(poll),
                           .via = only(endpoints),
                           .name = poll.name,
                           .key = Blob(poll.key),
                           .recursive = poll.recursive,
                           .after = poll.after};
}

// What is done to a watch by its name.
client::Command act_on(const CancelWatch& command, std::string line) {
  return client::CancelWatch{.line = std::move(line), .name = command.watch};
}

client::Command act_on(const Progress& command, std::string line) {
  return client::AskProgress{.line = std::move(line), .name = command.watch};
}

client::Command act_on(const Pause& command, std::string line) {
  return client::PauseWatch{.line = std::move(line), .name = command.watch, .paused = true};
}

client::Command act_on(const Resume& command, std::string line) {
  return client::PauseWatch{.line = std::move(line), .name = command.watch, .paused = false};
}

template <class T>
Result<sim::Submit> submit_call(const T& command, const sim::World& world) {
  const auto client = client_of(command.call);
  if (!client) return fail(client.error());
  const auto endpoints = endpoints_of(command.call, world);
  if (!endpoints) return fail(endpoints.error());
  return sim::Submit{.client = *client, .command = begin(command, *endpoints, world)};
}

template <class T>
Result<sim::Submit> submit_of_watch(const T& command, const sim::World& world) {
  const std::uint32_t client = client_of_watch(world, command.watch);
  if (client == 0) return fail(Errc::WrongUse, text("there is no watch {}", command.watch));
  return sim::Submit{client, act_on(command, to_text(CommandBody(command)))};
}

// requires: the line stands in a world, so it was read once before
Command command_of(const std::string& line) {
  auto command = parse_command_text("", line);
  check(command.has_value(), "the line of a call can be read again");
  return std::move(*command);
}

}  // namespace

bool is_submission(const CommandBody& body) {
  return std::visit(
      [](const auto& command) {
        using T = std::decay_t<decltype(command)>;
        return kIsCall<T> || kIsOfWatch<T> || kIsNewWatch<T>;
      },
      body);
}

Result<sim::Submit> submission_of(const CommandBody& body, const sim::World& world) {
  return std::visit(
      [&](const auto& command) -> Result<sim::Submit> {
        using T = std::decay_t<decltype(command)>;
        if constexpr (kIsCall<T> || kIsNewWatch<T>) return submit_call(command, world);
        if constexpr (kIsOfWatch<T>) return submit_of_watch(command, world);
        return fail(Errc::WrongUse, "no command of a client's");
      },
      body);
}

Result<sim::Submit> parse_submission(std::string_view text_form, const sim::World& world) {
  const std::size_t blank = text_form.find(' ');
  const std::uint32_t client = client_number(text_form.substr(0, blank));
  if (client == 0 || blank == std::string_view::npos) {
    return fail(Errc::Syntax, text("cannot read the action {}: expected a client and its command, "
                                   "e.g. c1 put hello world1",
                                   quoted(text_form)));
  }
  if (text_form.substr(blank + 1).starts_with("guest ")) {
    auto guest = client::parse_guest(text_form.substr(blank + 1));
    if (!guest) return fail(guest.error());
    return sim::Submit{.client = client, .command = std::move(*guest)};
  }
  const auto command = parse_command_text("", text_form.substr(blank + 1));
  if (!command) return fail(Errc::Syntax, command.error().detail);
  if (!is_submission(command->body)) {
    return fail(Errc::Syntax, text("{}: no command of a client's", quoted(text_form)));
  }
  auto submit = submission_of(command->body, world);
  if (submit) submit->client = client;
  return submit;
}

Result<sim::Action> parse_any_action(std::string_view text_form, const sim::World& world) {
  const std::size_t blank = text_form.find(' ');
  if (client_number(text_form.substr(0, blank)) == 0) return sim::parse_action(text_form);
  auto submit = parse_submission(text_form, world);
  if (!submit) return fail(submit.error());
  return sim::Action(std::move(*submit));
}

Printed print_call(const client::Call& call) {
  check(call.answer.has_value(), "the call has its answer");
  Result<rpc::Response> answer(call.answer->response);
  if (call.answer->error) answer = tl::unexpected<Error>(*call.answer->error);
  if (call.login_failed) return print_login_failed(answer.error());
  return std::visit(
      [&](const auto& command) -> Printed {
        using T = std::decay_t<decltype(command)>;
        if constexpr (IsServiceCall<T>::value) {
          return print_service(call, command.call, answer);
        } else if constexpr (kIsCall<T>) {
          return print_answer(command, answer);
        }
        return {};
      },
      command_of(call.line).body);
}

Printed print_response(const client::Watch& watch, const rpc::WatchResponse& response) {
  const Command command = command_of(watch.line);
  const auto* asked = std::get_if<Watch>(&command.body);
  check(asked != nullptr, "the line of a watch is a watch");
  return print_watch(*asked, response);
}

}  // namespace orrery::lang
