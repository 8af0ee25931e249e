#include "raft/script/confchange.h"

#include <utility>

#include "raft/membership.h"
#include "raft/script/arguments.h"

namespace orrery::raft::script {

namespace {

Result<Reconfiguration> next_config(const ClusterConfig& config, const Directive& d) {
  const auto changes = parse_changes(d.input);
  if (!changes) return fail(changes.error());
  if (d.command == "simple") return simple_change(config, *changes);
  if (d.command == "enter-joint") return enter_joint(config, flag(d, "autoleave"), *changes);
  if (d.command != "leave-joint") return fail(Errc::Syntax, "unknown command");
  if (!changes->empty()) return fail(Errc::Syntax, "this command takes no input");
  return leave_joint(config);
}

}  // namespace

std::string perform_conf_change(Changer& changer, const Directive& directive) {
  const Index last = changer.last_index;
  ++changer.last_index;
  auto next = next_config(changer.config, directive);
  if (!next) return next.error().detail;
  adapt_progress(changer.progress, *next, last, Inflights(10, kNoLimit));
  changer.config = std::move(next->config);
  return to_text(changer.config) + "\n" + to_text(changer.progress);
}

bool is_conf_change_command(std::string_view command) {
  return command == "simple" || command == "enter-joint" || command == "leave-joint";
}

}  // namespace orrery::raft::script
