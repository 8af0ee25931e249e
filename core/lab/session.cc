#include "lab/session.h"

#include <utility>

#include "base/text.h"
#include "host/data_dir.h"
#include "host/files.h"
#include "lang/etcdctl.h"
#include "lang/run_file.h"
#include "lang/world_terms.h"

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
  } else if (const auto* wanted_out = std::get_if<lang::Eject>(&outcome.demand)) {
    place(eject(*wanted_out));
    outcome.demand = {};
  } else if (const auto* wanted_in = std::get_if<lang::LoadMember>(&outcome.demand)) {
    outcome = load_member(*wanted_in);
    if (outcome.error) place(fail(*outcome.error));
  } else if (const auto* written = std::get_if<lang::WriteFile>(&outcome.demand)) {
    place(host::write_file(written->file, std::string(written->bytes.view())));
    outcome.demand = {};
  } else if (const auto* looked = std::get_if<lang::SnapshotStatus>(&outcome.demand)) {
    place(snapshot_status(*looked, outcome));
    outcome.demand = {};
  }
  return outcome;
}

Result<void> Session::save(const std::string& file) const {
  return host::write_file(file, lang::to_text(lang::record(interpreter_.timeline())));
}

Result<void> Session::eject(const lang::Eject& eject) const {
  const sim::World& world = interpreter_.world();
  const std::uint32_t no = lang::member_number(world, eject.member);
  return host::write_data_dir(world.member(no).disk(), eject.folder);
}

Result<void> Session::snapshot_status(const lang::SnapshotStatus& asked, lang::Outcome& outcome) {
  const auto bytes = host::read_file(asked.file);
  if (!bytes) return fail(bytes.error());
  const lang::Printed printed = lang::print_snapshot_status(asked, *bytes);
  outcome.add(lang::Piece::Kind::Output, printed.out);
  outcome.add(lang::Piece::Kind::Error, printed.err);
  outcome.exit_status = printed.exit_status;
  return {};
}

lang::Outcome Session::load_member(const lang::LoadMember& load) {
  const auto disk = host::read_data_dir(load.folder);
  if (disk) return interpreter_.install(load, *disk);
  lang::Outcome out;
  out.error = disk.error();
  return out;
}

Result<void> Session::load(const std::string& file) {
  auto timeline = read_and_replay(file);
  if (!timeline) return fail(timeline.error());
  interpreter_.adopt(std::move(*timeline));
  return {};
}

}  // namespace orrery::lab
