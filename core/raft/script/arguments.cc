#include "raft/script/arguments.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace orrery::raft::script {

tl::unexpected<Error> wrong(std::string why) {
  return fail(Errc::WrongUse, std::move(why));
}

Result<NodeId> node_of(Environment& environment, std::string_view word) {
  const auto id = parse_number(word);
  if (!id) return fail(id.error());
  if (!environment.has(NodeId(*id))) return wrong(text("no node {}", word));
  return NodeId(*id);
}

Result<NodeId> node_at(Environment& environment, const Directive& d, std::size_t position) {
  const auto words = d.words();
  if (words.size() <= position) return wrong(text("{} needs a node", d.command));
  return node_of(environment, words[position]);
}

Result<NodeId> node_named(Environment& environment, const Directive& d, std::string_view key) {
  const std::string* word = d.value(key);
  if (word == nullptr) return wrong(text("{} needs {}=", d.command, key));
  return node_of(environment, *word);
}

Result<std::vector<NodeId>> nodes_of(Environment& environment, const Directive& d) {
  std::vector<NodeId> out;
  for (const std::string& word : d.words()) {
    const auto id = node_of(environment, word);
    if (!id) return fail(id.error());
    out.push_back(*id);
  }
  return out;
}

bool flag(const Directive& d, std::string_view key) {
  const std::string* value = d.value(key);
  constexpr std::array<std::string_view, 6> kTrue{"true", "1", "t", "T", "TRUE", "True"};
  return value != nullptr && std::ranges::find(kTrue, *value) != kTrue.end();
}

Result<std::uint64_t> number(const Directive& d, std::string_view key, std::uint64_t otherwise) {
  const std::string* word = d.value(key);
  return word == nullptr ? otherwise : parse_number(*word);
}

Result<std::vector<NodeId>> id_list(const Directive& d, std::string_view key) {
  std::vector<NodeId> out;
  const Argument* argument = d.find(key);
  if (argument == nullptr) return out;
  for (const std::string& word : argument->values) {
    const auto id = parse_number(word);
    if (!id) return fail(id.error());
    out.emplace_back(*id);
  }
  return out;
}

}  // namespace orrery::raft::script
