#include "lang/script.h"

#include <algorithm>

#include "base/text.h"
#include "lang/parser.h"

namespace orrery::lang {

namespace {

constexpr std::string_view kDivider = "----";

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

bool is_comment(const SourceLine& line) {
  return !is_blank(line.text) && is_empty_line(line);
}

bool is_divider(const SourceLine& line) {
  return line.text == kDivider;
}

class ScriptReader {
 public:
  ScriptReader(std::string_view file, std::string_view text)
      : script_{.file = std::string(file), .blocks = {}, .end_comments = {}},
        lines_(lines_of(file, text)) {}

  Result<Script> read() {
    std::vector<std::string> comments;
    while (!at_end()) {
      if (is_comment(here())) {
        comments.push_back(take().text);
      } else if (is_blank(here().text)) {
        take();
      } else {
        auto block = read_block();
        if (!block) return fail(block.error());
        block->comments = std::exchange(comments, {});
        script_.blocks.push_back(std::move(*block));
      }
    }
    script_.end_comments = std::move(comments);
    return std::move(script_);
  }

 private:
  bool at_end() const { return at_ == lines_.size(); }

  const SourceLine& here() const { return lines_[at_]; }

  const SourceLine& take() { return lines_[at_++]; }

  Result<ScriptBlock> read_block() {
    ScriptBlock block;
    while (!at_end() && !is_blank(here().text) && !is_divider(here())) {
      if (is_comment(here())) {
        block.source.push_back(take().text);
        continue;
      }
      auto command = read_command(block);
      if (!command) return fail(command.error());
      block.commands.push_back(std::move(*command));
    }
    if (at_end() || !is_divider(here())) return block;
    if (block.commands.empty()) {
      return fail_at(here().place(0), "expected commands above this line");
    }
    take();
    block.has_expectation = true;
    auto done =
        !at_end() && is_divider(here()) ? read_long_expectation(block) : read_expectation(block);
    if (!done) return fail(done.error());
    return block;
  }

  // A command and the lines that belong to it.
  Result<Command> read_command(ScriptBlock& block) {
    const SourceLine& line = take();
    block.source.push_back(line.text);
    const Block kind = block_of(line);
    std::vector<SourceLine> own;
    while (kind != Block::None && !at_end() && !is_divider(here()) && !is_whole_block(kind, own)) {
      // The empty line that ends ask and expect output also ends the script's block: it stays.
      if (kind != Block::Txn && is_blank(here().text)) break;
      block.source.push_back(here().text);
      own.push_back(take());
    }
    return parse_command(line, own);
  }

  Result<void> read_expectation(ScriptBlock& block) {
    block.expected_line = at_end() ? 0 : here().number;
    while (!at_end() && !is_blank(here().text)) block.expected.push_back(take().text);
    return {};
  }

  // Between two pairs of dividers.
  Result<void> read_long_expectation(ScriptBlock& block) {
    const Place start = take().place(0);
    block.expected_line = at_end() ? 0 : here().number;
    while (at_ + 1 < lines_.size()) {
      if (is_divider(lines_[at_]) && is_divider(lines_[at_ + 1])) {
        at_ += 2;
        return {};
      }
      block.expected.push_back(take().text);
    }
    return fail_at(start, "expected two lines of ---- at the end of this output");
  }

  Script script_;
  std::vector<SourceLine> lines_;
  std::size_t at_ = 0;
};

void add_line(std::string& out, std::string_view line) {
  out += line;
  out += '\n';
}

std::string shown(const std::vector<std::string>& lines, std::size_t i) {
  return i < lines.size() ? quoted(lines[i]) : "the end of the output";
}

}  // namespace

Result<Script> read_script(std::string_view file, std::string_view text) {
  return ScriptReader(file, text).read();
}

std::string to_text(const Script& script) {
  std::string out;
  for (const ScriptBlock& block : script.blocks) {
    if (!out.empty()) out += '\n';
    for (const std::string& line : block.comments) add_line(out, line);
    for (const std::string& line : block.source) add_line(out, line);
    if (!block.has_expectation) continue;
    const bool is_long = std::ranges::any_of(block.expected, is_blank) ||
                         (!block.expected.empty() && block.expected.front() == kDivider);
    add_line(out, kDivider);
    if (is_long) add_line(out, kDivider);
    for (const std::string& line : block.expected) add_line(out, line);
    if (is_long) out += "----\n----\n";
  }
  if (!out.empty() && !script.end_comments.empty()) out += '\n';
  for (const std::string& line : script.end_comments) add_line(out, line);
  return out;
}

Result<void> compare_output(std::string_view file, const ScriptBlock& block,
                            std::string_view output) {
  if (!block.has_expectation) return {};
  std::vector<std::string> lines;
  for (SourceLine& line : lines_of("", output)) lines.push_back(std::move(line.text));
  if (lines == block.expected) return {};
  const auto differ = std::ranges::mismatch(lines, block.expected);
  const auto i = static_cast<std::size_t>(differ.in1 - lines.begin());
  const Place place{.file = std::string(file),
                    .line = block.expected_line + static_cast<std::uint32_t>(i),
                    .column = 1};
  return fail_at(place, text("expected {}, found {}", shown(block.expected, i), shown(lines, i)),
                 Errc::Expectation);
}

}  // namespace orrery::lang
