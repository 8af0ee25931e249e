// Commands of clients: they become a submission, and by default the crank turns until its answer is there.
#include <type_traits>

#include "base/overloaded.h"
#include "base/text.h"
#include "lang/interpreter.h"
#include "lang/submission.h"
#include "lang/world_terms.h"

namespace orrery::lang {

Result<void> Interpreter::submit(const CommandBody& body, const CallOptions& call) {
  const auto submit = submission_of(body, world());
  if (!submit) return fail(submit.error());
  const auto* known = world().clients().find(submit->client);
  const std::uint64_t number = known == nullptr ? 1 : (*known)->next_call();
  const Answered answered{.client = submit->client, .call = number};
  last_ = answered;
  const auto begun = perform(sim::Action(*submit));
  if (!begun || call.background) return begun;
  const auto stop = advance(answered, std::nullopt);
  if (!stop) return fail(stop.error());
  if (*stop == Stop::Budget) return out_of_budget("no answer");
  return {};
}

Result<void> Interpreter::act(const Watch& watch) {
  const auto submit = submission_of(watch, world());
  if (!submit) return fail(submit.error());
  const std::string name = std::get<client::BeginWatch>(submit->command).name;
  last_ = name;
  const auto begun = perform(sim::Action(*submit));
  if (!begun) return begun;
  if (watch.name.empty()) note(text("the watch is named {}", name));
  if (watch.call.background) return {};
  const auto stop = advance(WatchDecided{.name = name}, world().now() + seconds(5).value());
  if (!stop) return fail(stop.error());
  if (*stop == Stop::TimeUp) note(text("{} has not been created within 5s", name));
  return {};
}

Result<void> Interpreter::act(const RunProgram& program) {
  const auto submit = submission_of(program, world());
  if (!submit) return fail(submit.error());
  const std::string name = std::get<client::BeginProgram>(submit->command).name;
  last_ = name;
  const auto begun = perform(sim::Action(*submit));
  if (!begun) return begun;
  if (program.name.empty()) note(text("the program is named {}", name));
  if (program.call.background) return {};
  const auto stop = advance(ProgramRests{.name = name}, world().now() + seconds(30).value());
  if (!stop) return fail(stop.error());
  if (*stop == Stop::TimeUp) note(text("{} has not come to rest within 30s", name));
  return {};
}

// What the answer holds goes into the file; whoever keeps files does that.
Result<void> Interpreter::act(const SaveSnapshot& save) {
  const auto done = submit(save, save.call);
  const auto* answered = std::get_if<Answered>(&last_);
  if (!done || save.call.background || answered == nullptr) return done;
  const client::Call* call =
      (*world().clients().find(answered->client))->calls().find(answered->call);
  if (call == nullptr || !call->answer || call->answer->error) return {};
  const auto& response = std::get<rpc::MaintenanceResponse>(call->answer->response);
  outcome_.demand =
      WriteFile{.file = save.file, .bytes = std::get<rpc::SnapshotResponse>(response).blob};
  return {};
}

Result<void> Interpreter::act(const SnapshotStatus& status) {
  outcome_.demand = status;
  return {};
}

Result<void> Interpreter::act(const CancelWatch& cancel) {
  const auto submit = submission_of(cancel, world());
  if (!submit) return fail(submit.error());
  const auto begun = perform(sim::Action(*submit));
  if (begun && find_program(world(), cancel.watch).program != nullptr) {
    const auto over = advance(ProgramRests{.name = cancel.watch, .ended = true},
                              world().now() + seconds(5).value());
    if (!over) return fail(over.error());
    return {};
  }
  if (!begun || find_watch(world(), cancel.watch).watch == nullptr) return begun;
  const auto stop = advance(WatchDecided{.name = cancel.watch, .ended = true},
                            world().now() + seconds(5).value());
  if (!stop) return fail(stop.error());
  return {};
}

Result<void> Interpreter::act(const Progress& progress) {
  const auto submit = submission_of(progress, world());
  if (!submit) return fail(submit.error());
  last_ = progress.watch;
  return perform(sim::Action(*submit));
}

Result<void> Interpreter::act(const Pause& pause) {
  const auto submit = submission_of(pause, world());
  if (!submit) return fail(submit.error());
  return perform(sim::Action(*submit));
}

Result<void> Interpreter::act(const Resume& resume) {
  const auto submit = submission_of(resume, world());
  if (!submit) return fail(submit.error());
  return perform(sim::Action(*submit));
}

Result<void> Interpreter::act(const Poll& poll) {
  const auto submit = submission_of(poll, world());
  if (!submit) return fail(submit.error());
  const auto begun = perform(sim::Action(*submit));
  if (!begun || !poll.name.empty()) return begun;
  note(text("the poll is named {}", std::get<client::BeginPoll>(submit->command).name));
  return {};
}

// What the world's clients have been told, printed anew: right at any place of the timeline.
std::string Interpreter::last_output(std::string_view watch) const {
  const auto of_watch = [&](std::string_view name) {
    std::string out;
    if (const client::Program* program = find_program(world(), name).program) {
      for (const client::ProgramLine& line : program->lines) out += line.text + "\n";
    }
    const client::Watch* found = find_watch(world(), name).watch;
    if (found == nullptr) return out;
    for (const rpc::WatchResponse& response : found->responses) {
      const Printed printed = print_response(*found, response);
      out += printed.out + printed.err;
    }
    return out;
  };
  if (!watch.empty()) return of_watch(watch);
  return std::visit(Overloaded{[](std::monostate) { return std::string(); },
                               [&](const std::string& name) { return of_watch(name); },
                               [&](const Answered& answered) {
                                 const auto* client = world().clients().find(answered.client);
                                 const client::Call* call =
                                     client == nullptr ? nullptr
                                                       : (*client)->calls().find(answered.call);
                                 if (call == nullptr || !call->answer) return std::string();
                                 const Printed printed = print_call(*call);
                                 return printed.out + printed.err;
                               }},
                    last_);
}

}  // namespace orrery::lang
