// Lab: a lab's text and its scenario, played part by part, with its prediction questions.
//   used by: Session, the lab view    uses: lang (script), host (files)
//   ideas:   words and questions are the lab's own; every other command of the scenario goes to Session::execute().
//            A question stops the scenario until it is answered: predict first, then look.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <QString>

#include "base/result.h"
#include "lang/command.h"

namespace orrery::gui {

struct Lab {
  QString title;  // the folder's name; empty = no lab is open
  QString text;   // Markdown
  std::vector<lang::Command> commands;
  std::size_t next = 0;  // of commands
  // What the scenario said last, and what it asks now.
  QString said;
  std::optional<lang::Ask> question;
  std::optional<std::uint32_t> answer;  // the reader's, from 1; set = the explanation is shown
  std::uint32_t asked = 0;
  std::uint32_t right = 0;

  bool is_open() const { return !title.isEmpty(); }
  bool is_over() const { return next >= commands.size(); }
  bool waits_for_answer() const { return question && !answer; }
};

// From a folder with lab.md and scenario.crank, from a lab's name or number, or from a *.crank file alone.
Result<Lab> read_lab(const std::string& path);

}  // namespace orrery::gui
