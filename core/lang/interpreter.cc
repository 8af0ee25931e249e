#include "lang/interpreter.h"

#include "base/check.h"
#include "base/overloaded.h"
#include "base/text.h"
#include "lang/duration.h"
#include "lang/evaluate.h"
#include "lang/secrets.h"
#include "lang/settled.h"
#include "lang/submission.h"
#include "lang/world_terms.h"

namespace orrery::lang {

namespace {

// The most actions that one command makes happen.
constexpr std::uint64_t kBudget = 2'000'000;

// The client that an action may tell something.
std::uint32_t client_told(const sim::Action& action) {
  if (const auto* deliver = std::get_if<sim::Deliver>(&action)) {
    const bool to_client = deliver->message.to.kind == server::Address::Kind::Client;
    return to_client ? deliver->message.to.no : 0;
  }
  if (const auto* timeout = std::get_if<sim::ClientTimeout>(&action)) return timeout->client;
  if (const auto* wake = std::get_if<sim::ClientWake>(&action)) return wake->client;
  // Reading again hands over at once what had arrived.
  if (const auto* submit = std::get_if<sim::Submit>(&action)) return submit->client;
  return 0;
}

Error placed(Error error, const Place& place) {
  if (place_of(error)) return error;
  return fail_at(place, error.detail, error.code).value();
}

// Has it come to what it waits for?
bool rests(const client::Client& client, const client::Program& program) {
  if (program.over) return true;
  const auto is_open = [&](std::uint64_t watch) {
    const client::Watch* found = client.watches().find(watch);
    return found != nullptr && found->state == client::Watch::State::Open;
  };
  return std::visit(
      Overloaded{
          [&](const client::Hold& hold) {
            if (hold.phase == client::Hold::Phase::Held) return true;
            return hold.phase == client::Hold::Phase::WatchOwner && is_open(hold.awaited);
          },
          [&](const client::Observe& observe) { return is_open(observe.watch); },
          [&](const client::ListWatch& list) { return !list.listing && is_open(list.watch); },
          [&](const client::KeepAlive&) { return !program.lines.empty(); },
          [&](const client::Monkey& monkey) { return monkey.deeds == 0 && monkey.done > 0; },
          [&](const client::Transfer&) { return false; }},
      program.work);
}

}  // namespace

std::string output_of(const Outcome& outcome) {
  std::string out;
  for (const Piece& piece : outcome.pieces) {
    if (piece.kind == Piece::Kind::Output || piece.kind == Piece::Kind::Error) out += piece.text;
  }
  return out;
}

Outcome Interpreter::execute(const Command& command) {
  return execute(command, to_text(command.body));
}

Outcome Interpreter::execute(const Command& command, std::string line) {
  outcome_ = {};
  line_ = std::move(line);
  line_marked_ = false;
  break_met_ = false;
  const auto body = without_passwords(command.body, world());
  if (!body) outcome_.error = placed(body.error(), command.place);
  if (!body) return std::move(outcome_);
  if (*body != command.body) line_ = to_text(*body);
  const auto done = std::visit([&](const auto& one) { return act(one); }, *body);
  if (!done) outcome_.error = placed(done.error(), command.place);
  return std::move(outcome_);
}

void Interpreter::adopt(sim::Timeline timeline) {
  timeline_ = std::move(timeline);
  end_live_line();
  claims_.clear();
  marks_.clear();
  violations_ = 0;
  ledger_ = {};
  last_ = std::monostate();
}

// Only a line that became an action is marked. In the past it begins a branch, and its mark stands there.
Result<void> Interpreter::mark_line(const sim::Action& action) {
  if (line_marked_) return {};
  sim::World attempt = world();
  const auto possible = attempt.perform(action);
  if (!possible) return possible;
  if (!timeline_.at_tip()) {
    const auto forked = timeline_.start_branch("");
    if (!forked) return forked;
    note(text("a new branch: {}", timeline_.branches()[timeline_.branch()].name));
  }
  timeline_.begin_command(line_);
  line_marked_ = true;
  return {};
}

Result<void> Interpreter::perform(const sim::Action& action, std::vector<std::string>* notes) {
  const std::uint32_t told = client_told(action);
  const auto* found = told == 0 ? nullptr : world().clients().find(told);
  const client::Client before = found == nullptr ? client::Client() : **found;
  const std::vector<server::Status> statuses_before = statuses();
  auto done = mark_line(action);
  if (done) done = timeline_.perform(action, notes);
  if (!done) return done;
  if (live_line_ == timeline_.branch()) {
    const auto& told_now = world().told();
    told_.insert(told_.end(), told_now.begin(), told_now.end());
  }
  const auto* now = told == 0 ? nullptr : world().clients().find(told);
  if (now != nullptr) print_arrivals(before, **now);
  print_panics(statuses_before);
  return watch_claims();
}

std::vector<server::Status> Interpreter::statuses() const {
  std::vector<server::Status> out;
  for (std::uint32_t no = 1; no <= world().member_count(); ++no) {
    out.push_back(world().member(no).status());
  }
  return out;
}

void Interpreter::print_panics(const std::vector<server::Status>& before) {
  for (std::uint32_t no = 1; no <= world().member_count(); ++no) {
    const server::Member& member = world().member(no);
    if (member.status() != server::Status::Panicked || before[no - 1] == member.status()) continue;
    say(Piece::Kind::Error, text("n{} panicked: {}\n", no, member.panic_text()));
  }
}

void Interpreter::say_printed(const Printed& printed) {
  say(Piece::Kind::Output, printed.out);
  say(Piece::Kind::Error, printed.err);
  outcome_.exit_status = printed.exit_status;
}

// `before`: null when the watch is new.
void Interpreter::print_watch(const client::Watch* before, const client::Watch& after) {
  if (after.program != 0) return;
  for (std::size_t i = before == nullptr ? 0 : before->responses.size(); i < after.responses.size();
       ++i) {
    say_printed(print_response(after, after.responses[i]));
  }
  const bool broke = after.state == client::Watch::State::Resuming;
  if (!broke || before == nullptr || before->state == after.state) return;
  note(text("{}: the connection to n{} broke; it resumes at n{} from revision {}", after.name,
            before->via, after.via, after.next_revision));
}

void Interpreter::print_arrivals(const client::Client& before, const client::Client& after) {
  for (const auto& [number, open] : before.open_calls()) {
    if (after.open_calls().contains(number)) continue;
    const client::Call& call = *after.calls().find(number);
    if (call.program == 0) say_printed(print_call(call));
  }
  using client::Poll;
  using client::Watch;
  difference(before.watches(), after.watches(),
             [&](std::uint64_t, const Watch* old, const Watch* watch) {
               if (watch != nullptr) print_watch(old, *watch);
             });
  for (const auto& [number, program] : after.programs()) {
    const client::Program* old = before.programs().find(number);
    print_program(program, old == nullptr ? 0 : old->lines.size());
  }
  difference(before.polls(), after.polls(), [&](std::uint64_t, const Poll* old, const Poll* poll) {
    if (poll == nullptr) return;
    for (std::size_t i = old == nullptr ? 0 : old->answers.size(); i < poll->answers.size(); ++i) {
      print(legacy::body_text(poll->answers[i]));
    }
  });
}

bool Interpreter::reached_point(const AtPoint& goal) {
  const auto next = world().next();
  const auto* lane = next ? std::get_if<sim::RunLane>(&*next) : nullptr;
  if (lane == nullptr || lane->member != goal.member) return false;
  return server::is_at(world().member(goal.member), lane->lane, goal.point,
                       world().config().timing);
}

bool Interpreter::reached(const Goal& goal) {
  if (std::holds_alternative<Settled>(goal)) return !why_unsettled(world());
  if (const auto* call = std::get_if<Answered>(&goal)) {
    return !(*world().clients().find(call->client))->open_calls().contains(call->call);
  }
  if (const auto* decided = std::get_if<WatchDecided>(&goal)) {
    const client::Watch* watch = find_watch(world(), decided->name).watch;
    if (watch == nullptr) return true;
    const bool open = watch->state == client::Watch::State::Open;
    return decided->ended ? !open : watch->state != client::Watch::State::Opening;
  }
  if (const auto* program = std::get_if<ProgramRests>(&goal)) {
    const client::Program* found = find_program(world(), program->name).program;
    if (program->ended) return found == nullptr || found->over;
    return found == nullptr ||
           rests(**world().clients().find(client_of_watch(world(), program->name)), *found);
  }
  if (const auto* wanted = std::get_if<Holds>(&goal)) {
    const auto truth = holds(wanted->goal, WorldTerms(world(), broken_claims(wanted->goal)));
    return truth && *truth;
  }
  if (const auto* point = std::get_if<AtPoint>(&goal)) return reached_point(*point);
  return false;
}

// etcdctl's own programs print bare lines, as on a terminal of their own; the others say who speaks.
void Interpreter::print_program(const client::Program& program, std::size_t known) {
  const bool bare = std::holds_alternative<client::Hold>(program.work) ||
                    std::holds_alternative<client::Observe>(program.work) ||
                    std::holds_alternative<client::KeepAlive>(program.work);
  for (std::size_t i = known; i < program.lines.size(); ++i) {
    const client::ProgramLine& line = program.lines[i];
    say(line.is_error ? Piece::Kind::Error : Piece::Kind::Output,
        (bare ? "" : program.name + ": ") + line.text + "\n");
  }
  if (program.over && known < program.lines.size()) outcome_.exit_status = program.status;
}

Result<Interpreter::Stop> Interpreter::advance(const Goal& goal, std::optional<Nanos> until) {
  for (std::uint64_t steps = 0; !reached(goal); ++steps) {
    const auto next = world().next();
    if (!next) return Stop::NothingLeft;
    if (until && *world().next_due() > *until) return Stop::TimeUp;
    if (steps == kBudget) return Stop::Budget;
    const auto done = perform(*next);
    if (!done) return fail(done.error());
    if (break_met_) return Stop::Break;
  }
  return Stop::Reached;
}

tl::unexpected<Error> Interpreter::out_of_budget(std::string_view what) const {
  return fail(Errc::Budget, text("{}: not in {} steps; the clock shows {}", what, kBudget,
                                 clock_text(world().now())));
}

}  // namespace orrery::lang
