// Arguments: what the matcher found on a line, for the function that builds the command.
//   used by: build_*.cc      uses: scanner.h, expression.h
//   ideas:   each capture is the usage line's own word or placeholder with what stood there; values have
//            been tested by the placeholder, so taking a number cannot fail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong.h"
#include "lang/command.h"
#include "lang/expression.h"
#include "lang/source.h"

namespace orrery::lang {

struct Capture {
  std::string name;  // of the placeholder, the fixed word or the flag ("--prefix")
  std::string text;  // what stood there
  Place place;
  Expression expression;  // EXPR only
};

class Arguments {
 public:
  Arguments() = default;

  Arguments(Place command, std::vector<Capture> captures, std::vector<SourceLine> block)
      : command_(std::move(command)), captures_(std::move(captures)), block_(std::move(block)) {}

  // Of the command's first word.
  const Place& place() const { return command_; }

  const std::vector<SourceLine>& block() const { return block_; }

  bool has(std::string_view name) const { return find(name) != nullptr; }

  // Null when the line did not say it. The last one wins, as it does for etcdctl's flags.
  const Capture* find(std::string_view name) const;
  // Empty when the line did not say it.
  std::string text(std::string_view name) const;
  // Every one, in order.
  std::vector<std::string> texts(std::string_view name) const;
  // A switch: said, and not said to be false.
  bool is_on(std::string_view flag) const;
  // requires: the placeholder is a number's
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  std::uint64_t count(std::string_view name, std::uint64_t otherwise) const;
  std::int64_t hexadecimal(std::string_view name, std::int64_t otherwise) const;
  std::optional<Nanos> duration(std::string_view name) const;
  // requires: the usage line requires it
  Expression expression(std::string_view name) const;

 private:
  Place command_;
  std::vector<Capture> captures_;
  std::vector<SourceLine> block_;  // the lines after the command's own, see Block
};

}  // namespace orrery::lang
