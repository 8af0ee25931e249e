// The program `orrery`: reads its arguments and hands them to a command. Includes CLI11, as storage_arguments.cc does.
#include <algorithm>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/check.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/etcd_arguments.h"
#include "cli/hunt.h"
#include "cli/print.h"
#include "cli/quirks.h"
#include "cli/serve_arguments.h"
#include "cli/storage_arguments.h"
#include "cli/sweep.h"

namespace orrery::cli {

namespace {

constexpr const char* kStatus =
    "Exit status: 0 it holds; 1 it does not; 2 wrong use or unreadable input; 3 the budget ran "
    "out.";

void add_play(CLI::App& app, PlayOptions& options) {
  CLI::App* play = app.add_subcommand("play", "plays a script or a lab and checks what it expects");
  play->add_option("WHAT", options.what, "a *.crank file, or a lab's number, name or folder")
      ->required();
  play->add_option("--save", options.save, "saves the run in this file");
  play->add_flag("--json", options.json, "one JSON object a line on stdout");
  play->add_flag("--quiet", options.quiet, "prints only what clients print");
  play->add_flag("--rewrite", options.rewrite,
                 "writes into the script what was printed, in place of what it expects");
  play->footer("example: orrery play labs/01-first-watch --save first.orrery");
}

void add_console(CLI::App& app, std::string& what) {
  CLI::App* console = app.add_subcommand("console", "the command language, line by line");
  console->add_option("WHAT", what, "a script, a lab or a saved run (*.orrery) to begin with");
  console->footer(
      "example: orrery console labs/01-first-watch\n"
      "         echo 'put hello world1' | orrery console");
}

void add_replay(CLI::App& app, ReplayOptions& options) {
  CLI::App* replay =
      app.add_subcommand("replay", "performs saved runs anew and compares every digest");
  replay->add_option("FILE", options.files, "*.orrery files")->required();
  replay->add_flag("--json", options.json, "one JSON object a file on stdout");
  replay->add_flag("--checks", options.checks,
                   "looks at every claim after every step; one that is broken is status 1");
  replay->footer("example: orrery replay first.orrery");
}

void add_raft_script(CLI::App& app, RaftScriptOptions& options) {
  CLI::App* script =
      app.add_subcommand("raft-script", "runs scripts of etcd-io/raft and compares every answer");
  script->add_option("FILE", options.files, "*.txt files")->required();
  script->add_flag("--rewrite", options.rewrite, "writes our answers in place of the expected");
  script->footer("example: orrery raft-script campaign.txt");
}

void add_sweep(CLI::App& app, SweepCommand& options) {
  CLI::App* sweep = app.add_subcommand(
      "sweep",
      "plays a script and, after each of its steps, stops all machines dead and looks "
      "whether the members recover with every acknowledged write");
  sweep->add_option("WHAT", options.what, "a *.crank file, or a lab's number, name or folder")
      ->required();
  sweep->add_option("--from", options.from, "the first step to crash at");
  sweep->add_option("--every", options.every, "then every so many steps");
  sweep->add_flag("--json", options.json, "one JSON object a finding on stdout");
  sweep->footer("example: orrery sweep tests/golden/storage/sweep.crank --every 10");
}

void add_quirks(CLI::App& app, QuirksOptions& options) {
  CLI::App* quirks = app.add_subcommand(
      "quirks", "lists the defects that etcd had, each a switch: issue, releases, claim it breaks");
  quirks->add_option("NAME", options.name, "one of them, or a preset");
  quirks->add_option("--page", options.page,
                     "prints the museum's page instead, from the scripts in this folder");
  quirks->add_flag("--json", options.json, "one JSON object a line on stdout");
  quirks->footer("example: orrery quirks auth_ops_skip_ci_save");
}

void add_hunt(CLI::App& app, HuntCommand& command) {
  CLI::App* hunt = app.add_subcommand(
      "hunt",
      "plays random schedules, seed after seed, looks at every claim after every step, and stops "
      "at the first that breaks");
  hunt::HuntOptions& options = command.options;
  hunt->add_option("--quirk", options.quirks, "defects that every member has: orrery quirks");
  hunt->add_option("--preset", options.preset, "a release with the defects it had");
  hunt->add_option("--as", options.release, "a release without its defects");
  hunt->add_option("--members", options.members, "how many; otherwise one or three, by the seed");
  hunt->add_option("--seeds", command.seeds, "A..B");
  hunt->add_option("--budget", options.budget, "steps for each seed");
  hunt->add_option("--save", command.save, "a folder for the run that breaks a claim");
  hunt->add_flag("--shrink", command.shrink,
                 "looks for a shorter run that breaks the same claim and writes it as a script");
  hunt->add_flag("--all", command.all, "goes on with the next seed after a violation");
  hunt->add_flag("--json", command.json, "one JSON object a line on stdout");
  hunt->footer("example: orrery hunt --quirk auth_ops_skip_ci_save --seeds 1..5 --save found");
}

int run(int argc, char** argv) {
  CLI::App app{"Orrery: an etcd cluster that you crank by hand, one atomic step at a time.",
               "orrery"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "orrery 0.1.0");
  app.footer(std::string("example: orrery play labs/01-first-watch\n") + kStatus);
  PlayOptions play_options;
  std::string console_what;
  ReplayOptions replay_options;
  RaftScriptOptions script_options;
  add_play(app, play_options);
  add_console(app, console_what);
  add_replay(app, replay_options);
  add_raft_script(app, script_options);
  SweepCommand sweep_options;
  add_sweep(app, sweep_options);
  HuntCommand hunt_command;
  add_hunt(app, hunt_command);
  QuirksOptions quirks_options;
  add_quirks(app, quirks_options);
  const StorageArguments storage(app);
  const ServeArguments serving(app);
  const EtcdArguments as_etcd(app);
  try {
    std::vector<std::string> arguments = arguments_of(argc, argv);
    std::ranges::reverse(arguments);
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kHolds : kWrongUse;
  }
  if (const auto status = storage.run()) return *status;
  if (const auto status = serving.run()) return *status;
  if (const auto status = as_etcd.run()) return *status;
  if (app.got_subcommand("play")) return play(play_options);
  if (app.got_subcommand("console")) return console(console_what);
  if (app.got_subcommand("sweep")) return sweep(sweep_options);
  if (app.got_subcommand("replay")) return replay(replay_options);
  if (app.got_subcommand("quirks")) return quirks(quirks_options);
  if (app.got_subcommand("hunt")) return hunt_seeds(hunt_command);
  return raft_script(script_options);
}

}  // namespace

}  // namespace orrery::cli

int main(int argc, char** argv) {
  orrery::ask_for_large_pages();
  try {
    return orrery::cli::run(argc, argv);
  } catch (const std::exception& error) {
    orrery::cli::err(std::string("orrery: a defect of Orrery's own: ") + error.what() + "\n");
    return 70;
  }
}
