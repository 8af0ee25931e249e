#include "door/cranked_door.h"

#include <utility>

#include "base/text.h"
#include "door/in_words.h"

namespace orrery::door {

namespace {

// Credit is no event for a reader.
bool is_worth_a_line(const sim::Action& action) {
  const auto* submit = std::get_if<sim::Submit>(&action);
  const auto* guest =
      submit == nullptr ? nullptr : std::get_if<client::GuestCommand>(&submit->command);
  return guest != nullptr && !std::holds_alternative<client::GuestRead>(*guest);
}

std::string line_of(const sim::Action& action) {
  const auto& submit = std::get<sim::Submit>(action);
  return text("door c{}: {}", submit.client,
              in_words(std::get<client::GuestCommand>(submit.command)));
}

std::string answer_in_words(const client::Told& told) {
  if (told.error) return text("guest {} is told: {}", told.ticket, told.error->detail);
  if (const auto* response = std::get_if<rpc::WatchResponse>(&told.what)) {
    return text("guest {} is told of {} events", told.ticket, response->events.size());
  }
  const rpc::ResponseHeader* header = rpc::header_of(std::get<rpc::Response>(told.what));
  const std::int64_t revision = header == nullptr ? 0 : header->revision;
  return text("guest {} has its answer, revision {}", told.ticket, revision);
}

}  // namespace

Result<std::unique_ptr<CrankedDoor>> CrankedDoor::listen(const sim::Config& config,
                                                         const std::vector<Post>& posts) {
  std::unique_ptr<CrankedDoor> door(new CrankedDoor());
  CrankedDoor* self = door.get();
  door->endpoints_.mailbox().on_arrival([self] { self->rope_.pull(); });
  const auto listening = door->endpoints_.listen(config, posts);
  if (!listening) return fail(listening.error());
  return door;
}

Result<void> CrankedDoor::open(lang::Interpreter& interpreter) {
  const auto begun = interpreter.begin_live_line();
  if (begun) {
    endpoints_.read_by_thread();
    endpoints_.open();
  }
  return begun;
}

Nanos CrankedDoor::now() const {
  const auto passed = std::chrono::steady_clock::now() - began_;
  return Nanos(std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count());
}

std::vector<std::string> CrankedDoor::attend(lang::Interpreter& interpreter) {
  std::vector<std::string> lines;
  rope_.hush();
  std::vector<Letter> letters = endpoints_.mailbox().take(Nanos(0));
  hand_out(interpreter, lines);
  const sim::World world = interpreter.live_world();
  for (const Arrival& arrival : desk_.sort(std::move(letters), world, now())) {
    let_in(interpreter, arrival, lines);
  }
  hand_out(interpreter, lines);
  desk_.look_for_leaders(interpreter.live_world());
  endpoints_.follow(interpreter.live_world());
  // Recipes may ask on at once.
  if (desk_.has_more()) rope_.pull();
  return lines;
}

void CrankedDoor::let_in(lang::Interpreter& interpreter, const Arrival& arrival,
                         std::vector<std::string>& lines) {
  const auto action = reception_.admit(arrival, interpreter.live_world());
  if (!action) {
    const Ticket ticket = std::visit([](const auto& held) { return held.ticket; }, arrival);
    desk_.hear({.ticket = ticket, .error = action.error()}, interpreter.live_world());
    return;
  }
  if (!*action) return;
  const std::string line = line_of(**action);
  if (is_worth_a_line(**action)) lines.push_back(line);
  const lang::Outcome outcome = interpreter.let_in(**action, line);
  if (outcome.error) lines.push_back(outcome.error->detail);
}

void CrankedDoor::hand_out(lang::Interpreter& interpreter, std::vector<std::string>& lines) {
  const std::vector<client::Told> told = interpreter.take_told();
  if (told.empty()) return desk_.send();
  const sim::World world = interpreter.live_world();
  for (const client::Told& one : told) {
    lines.push_back(answer_in_words(one));
    reception_.told(one);
    desk_.hear(one, world);
  }
  desk_.send();
}

void CrankedDoor::send_away() {
  const Error moved{.code = Errc::Unavailable, .detail = "the door was moved"};
  endpoints_.turn_out(moved);
  (void)endpoints_.mailbox().take(Nanos(0));
  desk_ = Desk(endpoints_);
  reception_ = Reception();
}

namespace {

Result<std::string> open_at(const lang::Door& wish, std::unique_ptr<CrankedDoor>& door,
                            lang::Interpreter& interpreter) {
  if (door) return fail(Errc::WrongUse, "the door is open: `door here` moves it");
  std::vector<Post> posts;
  for (std::uint32_t no = 0; no < interpreter.world().member_count(); ++no) {
    const auto port = static_cast<std::uint16_t>(wish.port == 0 ? 0 : wish.port + no);
    posts.push_back({.clients = {{.port = port}}, .metrics = {}});
  }
  auto listening = CrankedDoor::listen(interpreter.world().config(), posts);
  if (!listening) return fail(listening.error());
  const auto opened = (*listening)->open(interpreter);
  if (!opened) return fail(opened.error());
  door = std::move(*listening);
  return "the door is open: " + environment_of(door->endpoints());
}

}  // namespace

std::string environment_of(const std::vector<std::string>& endpoints) {
  std::string all;
  for (const std::string& endpoint : endpoints) all += (all.empty() ? "" : ",") + endpoint;
  return "export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=" + all;
}

Result<std::string> obey(const lang::Door& wish, std::unique_ptr<CrankedDoor>& door,
                         lang::Interpreter& interpreter) {
  if (wish.kind == lang::Door::Kind::Open) return open_at(wish, door, interpreter);
  if (!door) return fail(Errc::WrongUse, "no door is open: `door open` opens it");
  if (wish.kind == lang::Door::Kind::Close) {
    door->end(interpreter);
    door.reset();
    return "the door is closed";
  }
  const auto moved = door->move_here(interpreter);
  if (!moved) return fail(moved.error());
  return "the door is at this line now: whoever waited was sent away";
}

std::vector<std::string> attend(std::unique_ptr<CrankedDoor>& door,
                                lang::Interpreter& interpreter) {
  if (!door) return {};
  if (interpreter.live_line()) return door->attend(interpreter);
  door->end(interpreter);
  door.reset();
  return {"the door is closed: the world that it led to is gone"};
}

Result<void> CrankedDoor::move_here(lang::Interpreter& interpreter) {
  const auto begun = interpreter.begin_live_line();
  if (!begun) return begun;
  send_away();
  return {};
}

void CrankedDoor::end(lang::Interpreter& interpreter) {
  send_away();
  interpreter.end_live_line();
}

}  // namespace orrery::door
