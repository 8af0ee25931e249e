#include "lab/narration.h"

#include <algorithm>

#include "base/text.h"
#include "lang/source.h"

namespace orrery::lab {

namespace {

constexpr std::string_view kDim = "2";
constexpr std::string_view kBold = "1";
constexpr std::string_view kGreen = "32";
constexpr std::string_view kRed = "31";

std::string painted(const Style& style, std::string_view code, std::string_view words) {
  return style.colour ? text("\x1b[{}m{}\x1b[0m", code, words) : std::string(words);
}

// Cut at blanks to the width, every line indented.
std::string wrapped(std::string_view words, std::size_t indent, const Style& style) {
  const std::size_t room =
      std::max<std::size_t>(std::min<std::size_t>(style.width, 100), 40) - indent;
  std::string out;
  for (const lang::SourceLine& line : lang::lines_of("", words)) {
    std::string_view left = line.text;
    do {
      std::size_t cut = left.size() <= room ? left.size() : left.rfind(' ', room);
      if (cut == std::string_view::npos || cut == 0) cut = std::min(left.find(' '), left.size());
      out += std::string(indent, ' ') + std::string(left.substr(0, cut)) + "\n";
      left.remove_prefix(std::min(left.size(), cut + 1));
    } while (!left.empty());
  }
  return out;
}

std::string lines_painted(std::string_view lines, std::string_view code, std::string_view indent,
                          const Style& style) {
  std::string out;
  for (const lang::SourceLine& line : lang::lines_of("", lines)) {
    out += std::string(indent) + painted(style, code, line.text) + "\n";
  }
  return out;
}

bool is_silent(const lang::CommandBody& body) {
  return std::holds_alternative<lang::Say>(body) || std::holds_alternative<lang::Ask>(body);
}

std::string joined_json(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& one : items) out += (out.empty() ? "" : ",") + one;
  return "[" + out + "]";
}

}  // namespace

std::string narrate(const lang::Outcome& outcome, const Style& style) {
  std::string out;
  for (const lang::Piece& piece : outcome.pieces) {
    switch (piece.kind) {
      case lang::Piece::Kind::Output: out += piece.text; break;
      case lang::Piece::Kind::Error: out += lines_painted(piece.text, kRed, "", style); break;
      case lang::Piece::Kind::Note: out += lines_painted(piece.text, kDim, "    ", style); break;
      case lang::Piece::Kind::Say: out += "\n" + wrapped(piece.text, 0, style); break;
    }
  }
  return out;
}

std::string narrate(const Scene& scene, const Style& style) {
  std::string out;
  if (!is_silent(scene.command.body)) {
    out = painted(style, kBold, "> " + scene.line.substr(0, scene.line.find('\n'))) + "\n";
  }
  return out + narrate(scene.outcome, style);
}

std::string question_text(const lang::Ask& ask, const Style& style) {
  std::string out =
      "\n" + painted(style, kBold, "Predict:") + "\n" + wrapped(ask.question, 2, style);
  for (std::size_t i = 0; i < ask.choices.size(); ++i) {
    out += wrapped(text("{}) {}", i + 1, ask.choices[i]), 4, style);
  }
  return out;
}

std::string answer_text(const lang::Ask& ask, std::optional<std::uint32_t> chosen,
                        const Style& style) {
  const std::string right = text("{}) {}", ask.right, ask.choices[ask.right - 1]);
  std::string verdict = "The answer is " + right;
  if (chosen) verdict = *chosen == ask.right ? "Right: " + right : "Not so. It is " + right;
  const bool good = !chosen || *chosen == ask.right;
  return "  " + painted(style, good ? kGreen : kRed, verdict) + "\n" +
         wrapped(ask.explanation, 2, style);
}

std::string json_string(std::string_view words) {
  std::string out = "\"";
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += text("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string json_line(const Scene& scene, const sim::World& world) {
  std::vector<std::string> output;
  std::vector<std::string> json;
  std::vector<std::string> errors;
  std::vector<std::string> notes;
  for (const lang::Piece& piece : scene.outcome.pieces) {
    for (const lang::SourceLine& line : lang::lines_of("", piece.text)) {
      const bool is_object = line.text.starts_with('{') && line.text.ends_with('}');
      if (piece.kind == lang::Piece::Kind::Error) {
        errors.push_back(json_string(line.text));
      } else if (piece.kind != lang::Piece::Kind::Output) {
        notes.push_back(json_string(line.text));
      } else if (is_object) {
        json.push_back(line.text);
      } else {
        output.push_back(json_string(line.text));
      }
    }
  }
  std::string out =
      text(R"({{"line":{},"command":{})", scene.command.place.line, json_string(scene.line));
  if (!output.empty()) out += ",\"output\":" + joined_json(output);
  if (!json.empty()) out += ",\"responses\":" + joined_json(json);
  if (!errors.empty()) out += ",\"errors\":" + joined_json(errors);
  if (!notes.empty()) out += ",\"notes\":" + joined_json(notes);
  if (scene.outcome.error) out += ",\"error\":" + json_string(scene.outcome.error->detail);
  return out + text(",\"step\":{},\"clock_ns\":{}}}\n", world.steps(), world.now().value());
}

}  // namespace orrery::lab
