// Tree: what a record or a row says, as named values: the form in which dumps are shown, as text and as JSON.
//   used by: wire_tree.h, records.h, rows.h, dump.h, cli    uses: base
//   ideas:   a value with a name and, if it is an object or a list, children in the order of the bytes. One shape for
//            whatever is found in a data directory, so that one printer serves all of it.
//   text:    KIND name=value name={name=value} name=[value value]; bytes in quotes as Go's %q writes them
//   JSON:    {"kind":"KIND","name":value,...}; bytes as base64, as in etcdctl's JSON
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/blob.h"

namespace orrery::datadir {

struct Tree {
  enum class Kind : std::uint8_t {
    Bool,
    Int,
    Uint,
    Id,     // Uint, shown in hex
    Words,  // text for people: bare in text output
    Bytes,
    Json,  // bytes that are a JSON text already
    Object,
    List,
  };
  std::string name;  // of the member of its object; the record's kind at the top; "" in a list
  Kind kind = Kind::Object;
  std::uint64_t number = 0;  // Bool, Int (two's complement), Uint, Id
  Bytes bytes;               // Words, Bytes, Json
  std::vector<Tree> children;

  // Adds a member; *this, so that calls can follow each other.
  Tree& add(Tree child) & {
    children.push_back(std::move(child));
    return *this;
  }

  // Null when there is none.
  const Tree* find(std::string_view member) const;

  friend bool operator==(const Tree&, const Tree&) = default;
};

Tree object(std::string name);
Tree list(std::string name);
Tree boolean(std::string name, bool value);
Tree integer(std::string name, std::int64_t value);
Tree number(std::string name, std::uint64_t value);
Tree id(std::string name, std::uint64_t value);
Tree words(std::string name, std::string_view value);
Tree bytes(std::string name, BytesView value);
// Bytes that should be JSON: shown as they are when they are, quoted otherwise.
Tree json(std::string name, BytesView value);

std::string to_text(const Tree& tree);
std::string to_json(const Tree& tree);

}  // namespace orrery::datadir
