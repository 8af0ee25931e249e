#include "lab/session.h"

#include <utility>

#include "base/text.h"
#include "host/files.h"
#include "lang/run_file.h"

namespace orrery::lab {

Result<sim::Timeline> read_and_replay(const std::string& file) {
  const auto bytes = host::read_file(file);
  if (!bytes) return fail(bytes.error());
  const auto run = lang::read_run(file, *bytes);
  if (!run) return fail(run.error());
  return lang::replay(file, *run);
}

lang::Outcome Session::execute(const lang::Command& command, std::string line) {
  lang::Outcome outcome = interpreter_.execute(command, std::move(line));
  const auto place = [&](const Result<void>& done) {
    if (done) return;
    outcome.error =
        lang::place_of(done.error())
            ? done.error()
            : lang::fail_at(command.place, done.error().detail, done.error().code).value();
  };
  if (const auto* wanted = std::get_if<lang::Save>(&outcome.demand)) {
    place(save(wanted->file));
    outcome.demand = {};
  } else if (const auto* run = std::get_if<lang::Load>(&outcome.demand)) {
    place(load(run->file));
    outcome.demand = {};
  }
  return outcome;
}

Result<void> Session::save(const std::string& file) const {
  return host::write_file(file, lang::to_text(lang::record(interpreter_.timeline())));
}

Result<void> Session::load(const std::string& file) {
  auto timeline = read_and_replay(file);
  if (!timeline) return fail(timeline.error());
  interpreter_.adopt(std::move(*timeline));
  return {};
}

}  // namespace orrery::lab
