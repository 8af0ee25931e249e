#include "gui/lab.h"

#include "gui/words.h"
#include "host/files.h"
#include "lab/labs.h"
#include "lang/script.h"

namespace orrery::gui {
namespace {

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool is_script(const std::string& path) {
  return path.ends_with(".crank");
}

}  // namespace

Result<Lab> read_lab(const std::string& given) {
  std::string path = without_slash(given);
  if (!is_script(path)) {
    const auto found = lab::find_lab(path);
    if (!found) return fail(found.error());
    path = found->folder;
  }
  const std::string scenario = is_script(path) ? path : path + "/scenario.crank";
  const std::string folder = is_script(path) ? without_slash(host::folder_of(path)) : path;
  const auto bytes = host::read_file(scenario);
  if (!bytes) return fail(bytes.error());
  auto script = lang::read_script(scenario, *bytes);
  if (!script) return fail(script.error());

  Lab lab;
  const QString name = q(folder);
  lab.title = name.section(QLatin1Char('/'), -1);
  if (lab.title.isEmpty()) lab.title = q(path);
  if (const auto text = host::read_file(folder + "/lab.md")) lab.text = q(*text);
  for (lang::ScriptBlock& block : script->blocks) {
    for (lang::Command& command : block.commands) lab.commands.push_back(std::move(command));
  }
  return lab;
}

}  // namespace orrery::gui
