#include "datadir/tree.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace orrery::datadir {
namespace {

Tree leaf(std::string name, Tree::Kind kind, std::uint64_t number) {
  return {.name = std::move(name), .kind = kind, .number = number, .bytes = {}, .children = {}};
}

Tree leaf(std::string name, Tree::Kind kind, BytesView bytes) {
  return {
      .name = std::move(name), .kind = kind, .number = 0, .bytes = Bytes(bytes), .children = {}};
}

// With quotes; what is no UTF-8 becomes U+FFFD.
std::string json_string(BytesView words) {
  return nlohmann::json(words).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string value_text(const Tree& tree);
std::string value_json(const Tree& tree);

std::string members_text(const Tree& tree) {
  std::string out;
  for (const Tree& child : tree.children) {
    if (!out.empty()) out += ' ';
    if (!child.name.empty()) out += child.name + '=';
    out += value_text(child);
  }
  return out;
}

std::string value_text(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::Bool: return tree.number != 0 ? "true" : "false";
    case Tree::Kind::Int: return text("{}", static_cast<std::int64_t>(tree.number));
    case Tree::Kind::Uint: return text("{}", tree.number);
    case Tree::Kind::Id: return text("{:x}", tree.number);
    case Tree::Kind::Words: return tree.bytes.empty() ? "\"\"" : tree.bytes;
    case Tree::Kind::Bytes: return orrery::quoted(tree.bytes);
    case Tree::Kind::Json: return tree.bytes;
    case Tree::Kind::Object: return '{' + members_text(tree) + '}';
    case Tree::Kind::List: return '[' + members_text(tree) + ']';
  }
  return "";
}

std::string members_json(const Tree& tree, bool with_names) {
  std::string out;
  for (const Tree& child : tree.children) {
    if (!out.empty()) out += ',';
    if (with_names) out += json_string(child.name) + ':';
    out += value_json(child);
  }
  return out;
}

std::string value_json(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::Words: return json_string(tree.bytes);
    case Tree::Kind::Bytes: return '"' + base64(tree.bytes) + '"';
    case Tree::Kind::Id: return text("\"{:x}\"", tree.number);
    case Tree::Kind::Object: return '{' + members_json(tree, true) + '}';
    case Tree::Kind::List: return '[' + members_json(tree, false) + ']';
    case Tree::Kind::Bool:
    case Tree::Kind::Int:
    case Tree::Kind::Uint:
    case Tree::Kind::Json: return value_text(tree);
  }
  return "";
}

}  // namespace

const Tree* Tree::find(std::string_view member) const {
  const auto found = std::ranges::find(children, member, &Tree::name);
  return found == children.end() ? nullptr : &*found;
}

Tree object(std::string name) {
  return leaf(std::move(name), Tree::Kind::Object, 0);
}

Tree list(std::string name) {
  return leaf(std::move(name), Tree::Kind::List, 0);
}

Tree boolean(std::string name, bool value) {
  return leaf(std::move(name), Tree::Kind::Bool, value ? 1 : 0);
}

Tree integer(std::string name, std::int64_t value) {
  return leaf(std::move(name), Tree::Kind::Int, static_cast<std::uint64_t>(value));
}

Tree number(std::string name, std::uint64_t value) {
  return leaf(std::move(name), Tree::Kind::Uint, value);
}

Tree id(std::string name, std::uint64_t value) {
  return leaf(std::move(name), Tree::Kind::Id, value);
}

Tree words(std::string name, std::string_view value) {
  return leaf(std::move(name), Tree::Kind::Words, value);
}

Tree bytes(std::string name, BytesView value) {
  return leaf(std::move(name), Tree::Kind::Bytes, value);
}

Tree json(std::string name, BytesView value) {
  const bool is_one = nlohmann::json::accept(value) && value.find('\n') == BytesView::npos;
  return leaf(std::move(name), is_one ? Tree::Kind::Json : Tree::Kind::Bytes, value);
}

std::string to_text(const Tree& tree) {
  const std::string members = members_text(tree);
  return members.empty() ? tree.name : tree.name + ' ' + members;
}

std::string to_json(const Tree& tree) {
  const std::string members = members_json(tree, true);
  return "{\"kind\":" + json_string(tree.name) + (members.empty() ? "" : "," + members) + "}";
}

}  // namespace orrery::datadir
