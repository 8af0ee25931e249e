// Narration: scenes in the shape a reader wants: text with or without colour, or JSON lines.
//   used by: cli    uses: play.h
//   ideas:   what clients print stands as etcdctl prints it, at the start of its lines, so that it can be copied or
//            searched; everything told around it is wrapped to the width.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lab/play.h"

namespace orrery::lab {

struct Style {
  bool colour = false;
  std::uint32_t width = 80;
};

// The command, and what came of it.
std::string narrate(const Scene& scene, const Style& style);
std::string narrate(const lang::Outcome& outcome, const Style& style);
// A question with its choices; and the answer, seen against what the reader chose (from 1), if it did.
std::string question_text(const lang::Ask& ask, const Style& style);
std::string answer_text(const lang::Ask& ask, std::optional<std::uint32_t> chosen,
                        const Style& style);

// One object, one line: command, line number, output, events of a JSON watch, error, step and clock.
std::string json_line(const Scene& scene, const sim::World& world);
// A text as a JSON string, quotes included.
std::string json_string(std::string_view words);

}  // namespace orrery::lab
