// Programs: how they are begun, told, paused and ended.
// from: etcd clientv3/concurrency; etcdctl/ctlv3/command (lock_command.go, elect_command.go)
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/overloaded.h"
#include "base/text.h"
#include "client/hands.h"

namespace orrery::client {
namespace {

constexpr Nanos kRetry = millis(100);

// May a question be asked again without knowing what became of it? A transfer reads anew instead; the monkey moves on.
bool asks_again(const Work& work) {
  const auto* listed = std::get_if<ListWatch>(&work);
  if (listed != nullptr && listed->faults.no_retry) return false;
  return !std::holds_alternative<Transfer>(work) && !std::holds_alternative<Monkey>(work);
}

bool is_transient(const Error& error) {
  constexpr int kDeadline = 4;
  constexpr int kUnavailable = 14;
  const int code = grpc_code(error.code);
  return error.code == Errc::Timeout || error.code == Errc::Canceled || code == kUnavailable ||
         code == kDeadline;
}

}  // namespace

std::uint64_t Hands::ask(rpc::Request request) {
  program().question = request;
  program().retry_at.reset();
  const std::uint64_t call = ask_beside(std::move(request));
  program().asked = call;
  return call;
}

std::uint64_t Hands::ask_beside(rpc::Request request) {
  const Program& own = program();
  Call call;
  call.line = own.line;
  call.request = std::move(request);
  call.login = own.login;
  call.token = own.token;
  call.program = no_;
  call.fixed_via = own.via != 0;
  call.via = own.via != 0 ? own.via
                          : static_cast<std::uint32_t>(client_.turns_++ % client_.endpoints_) + 1;
  const auto* listed = std::get_if<ListWatch>(&own.work);
  const bool waits_for_ever = listed != nullptr && listed->faults.no_deadline;
  return client_.open_call(step_, std::move(call), waits_for_ever);
}

std::uint64_t Hands::watch(rpc::WatchCreateRequest request) {
  const Program& own = program();
  Watch watch;
  watch.line = own.line;
  watch.request = std::move(request);
  watch.login = own.login;
  watch.program = no_;
  watch.fixed_via = own.via != 0;
  watch.via = own.via != 0 ? own.via
                           : static_cast<std::uint32_t>(client_.turns_++ % client_.endpoints_) + 1;
  return client_.add_watch(step_, std::move(watch));
}

void Hands::unwatch(std::uint64_t watch) {
  if (client_.watches_.contains(watch)) client_.cancel_watch(step_, watch);
}

void Hands::say(std::string line) {
  if (step_.noting()) step_.note(text("{}: {}", program().name, line));
  program().lines.push_back({.is_error = false, .text = std::move(line)});
}

void Hands::complain(std::string line) {
  if (step_.noting()) step_.note(text("{}: {}", program().name, line));
  program().lines.push_back({.is_error = true, .text = std::move(line)});
}

void Hands::fail_with(const std::string& words) {
  complain("Error: " + words);
  end(1);
}

void Hands::end(int status) {
  Program& own = program();
  own.over = true;
  own.status = status;
  own.asked = 0;
  own.question.reset();
  own.retry_at.reset();
}

const Program* Client::find_program(std::string_view name) const {
  for (const auto& [number, program] : programs_) {
    if (program.name == name) return &program;
  }
  return nullptr;
}

bool Client::has(std::string_view name) const {
  return find_watch(name) != nullptr || find_poll(name) != nullptr || find_program(name) != nullptr;
}

void Client::begin(server::Step& step, const BeginProgram& command) {
  const std::uint64_t number = programs_.size() + 1;
  Program program;
  program.line = command.line;
  program.name = command.name;
  program.via = command.via;
  program.login = command.login;
  program.work = command.work;
  programs_.put(number, std::move(program));
  Hands hands(*this, step, number);
  std::visit([&](auto& work) { start(hands, work); }, hands.program().work);
  after_program(number);
}

namespace {

void hear_answer(Hands& hands, const Notice& notice) {
  Program& program = hands.program();
  const bool is_main = notice.call == program.asked;
  const bool again = is_main && notice.answer.error && is_transient(*notice.answer.error) &&
                     program.question && asks_again(program.work);
  if (again) return hands.sleep_until(hands.now() + kRetry.value());
  if (is_main) program.question.reset();
  std::visit([&](auto& work) { answered(hands, work, notice); }, program.work);
}

void hear_watch(Hands& hands, const Notice& notice) {
  std::visit(Overloaded{[&](Hold& work) { told(hands, work, notice); },
                        [&](Observe& work) { told(hands, work, notice); },
                        [&](ListWatch& work) { told(hands, work, notice); }, [](auto&) {}},
             hands.program().work);
}

void hear_bell(Hands& hands) {
  Program& program = hands.program();
  if (program.retry_at && *program.retry_at <= hands.now()) {
    program.retry_at.reset();
    if (program.question) {
      const rpc::Request question = *program.question;
      hands.ask(question);
    } else {
      std::visit(Overloaded{[&](KeepAlive& work) { woken(hands, work); },
                            [&](Monkey& work) { woken(hands, work); }, [](auto&) {}},
                 program.work);
    }
  }
  if (auto* hold = std::get_if<Hold>(&program.work)) woken(hands, *hold);
}

void hear(Hands& hands, const Notice& notice) {
  if (notice.call != 0) return hear_answer(hands, notice);
  if (notice.watch != 0) return hear_watch(hands, notice);
  hear_bell(hands);
}

}  // namespace

void Client::tell_program(server::Step& step, std::uint64_t number, const Notice& notice) {
  Program& program = *programs_.edit(number);
  if (program.over) return;
  if (notice.call != 0) program.token = calls_.find(notice.call)->token;
  if (program.paused) {
    program.inbox.push_back(notice);
    return;
  }
  Hands hands(*this, step, number);
  hear(hands, notice);
  after_program(number);
}

// The one timer of a program stands at the first of what it waits for.
void Client::after_program(std::uint64_t number) {
  const Program& program = *programs_.find(number);
  std::optional<Nanos> due = program.retry_at;
  const auto* hold = std::get_if<Hold>(&program.work);
  if (hold != nullptr && hold->renew_at)
    due = due ? std::min(*due, *hold->renew_at) : hold->renew_at;
  if (program.over || program.paused) due.reset();
  set_timer({TimerId::Kind::Program, number}, due);
}

// One that does not go on from where it was watches anew; the watch that broke is over.
bool Client::watches_anew(server::Step& step, std::uint64_t number) {
  const Watch& watch = *watches_.find(number);
  if (watch.program == 0 || watch.state != Watch::State::Open) return false;
  Hands hands(*this, step, watch.program);
  auto* work = std::get_if<ListWatch>(&hands.program().work);
  if (work == nullptr || !forgets_its_place(*work, number)) return false;
  watches_.edit(number)->state = Watch::State::Canceled;
  watch_lost(hands, *work);
  return true;
}

void Client::stop_program(server::Step& step, std::string_view name) {
  for (const auto& [number, known] : programs_) {
    if (known.name != name || known.over) continue;
    const std::uint64_t no = number;
    Hands hands(*this, step, no);
    hands.program().stopping = true;
    std::visit(
        Overloaded{[&](Hold& work) { stop(hands, work); },
                   [&](Observe& work) { stop(hands, work); },
                   [&](ListWatch& work) { stop(hands, work); }, [&](auto&) { hands.end(0); }},
        hands.program().work);
    return after_program(no);
  }
}

void Client::pause_program(server::Step& step, std::string_view name, bool paused) {
  for (const auto& [number, known] : programs_) {
    if (known.name != name || known.paused == paused) continue;
    const std::uint64_t no = number;
    programs_.edit(no)->paused = paused;
    if (paused) return after_program(no);
    const Sequence<Notice> unheard = programs_.find(no)->inbox;
    programs_.edit(no)->inbox.clear();
    for (const Notice& notice : unheard) tell_program(step, no, notice);
    return tell_program(step, no, Notice{});
  }
}

}  // namespace orrery::client
