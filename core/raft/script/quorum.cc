#include "raft/script/quorum.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "raft/joint.h"

namespace orrery::raft::script {

namespace {

using Known = IdMap<Index>;

struct Question {
  JointConfig config;
  std::vector<NodeId> order;                 // ids of both halves as written, without repetition
  std::vector<std::optional<Index>> values;  // idx= or votes=; nothing for _
};

Result<std::vector<NodeId>> ids_in(const Directive& d, std::string_view key) {
  std::vector<NodeId> out;
  const Argument* argument = d.find(key);
  if (argument == nullptr) return out;
  for (const std::string& word : argument->values) {
    if (word == "zero") continue;
    const auto id = parse_number(word);
    if (!id) return fail(id.error());
    out.emplace_back(*id);
  }
  return out;
}

// Votes are numbers too, as in etcd's harness: y = 2, n = 1.
Result<std::optional<Index>> value_of(const std::string& word) {
  if (word == "_") return std::optional<Index>();
  if (word == "y") return std::optional(Index(2));
  if (word == "n") return std::optional(Index(1));
  const auto number = parse_number(word);
  if (!number) return fail(number.error());
  return *number == 0 ? std::optional<Index>() : std::optional(Index(*number));
}

Result<Question> question_of(const Directive& d, std::string_view values_key) {
  Question out;
  for (const std::string_view key : {"cfg", "cfgj"}) {
    const auto ids = ids_in(d, key);
    if (!ids) return fail(ids.error());
    for (const NodeId id : *ids) {
      (key == "cfg" ? out.config.incoming : out.config.outgoing).add(id);
      if (std::ranges::find(out.order, id) == out.order.end()) out.order.push_back(id);
    }
  }
  const Argument* values = d.find(values_key);
  if (values == nullptr) return out;
  for (const std::string& word : values->values) {
    const auto value = value_of(word);
    if (!value) return fail(value.error());
    out.values.push_back(*value);
  }
  return out;
}

std::string index_text(Index index) {
  return index == kEverything ? "\u221e" : std::to_string(index.value());
}

// As Go prints a set and a slice.
std::string mismatch_text(const Question& question) {
  std::string voters;
  for (const NodeId id : question.config.ids()) {
    voters += text("{}{}:{{}}", voters.empty() ? "" : " ", id.value());
  }
  std::string values;
  for (const auto& value : question.values) {
    values += text("{}{}", values.empty() ? "" : " ", index_text(value.value_or(Index(0))));
  }
  return text("error: mismatched input (explicit or _) for voters map[{}]: [{}]", voters, values);
}

Known known_of(const Question& question) {
  Known out;
  for (std::size_t i = 0; i < question.order.size(); ++i) {
    if (question.values[i]) out.add(question.order[i], *question.values[i]);
  }
  return out;
}

// A bar for each voter, as long as there are voters that are behind it.
std::string bars(const IdSet& voters, const Known& known) {
  if (voters.empty()) return "<empty majority quorum>";
  std::string out = std::string(voters.size(), ' ') + "    idx\n";
  for (const NodeId id : voters) {
    const Index* index = known.find(id);
    std::size_t behind = 0;
    for (const NodeId other : voters) {
      const Index* theirs = known.find(other);
      const Index value = theirs == nullptr ? Index(0) : *theirs;
      if (index != nullptr && value < *index) ++behind;
    }
    const std::string bar = index == nullptr ? "?" + std::string(voters.size(), ' ')
                                             : std::string(behind, 'x') + ">" +
                                                   std::string(voters.size() - behind, ' ');
    out += text("{} {:>5}    (id={:x})\n", bar, index_text(index == nullptr ? Index(0) : *index),
                id.value());
  }
  return out;
}

std::string committed(const Question& question) {
  const Known known = known_of(question);
  const auto acked = [&](NodeId id) {
    const Index* index = known.find(id);
    return index == nullptr ? Index(0) : *index;
  };
  return bars(question.config.ids(), known) + index_text(committed_index(question.config, acked)) +
         "\n";
}

std::string vote(const Question& question) {
  Votes votes;
  for (const auto& [id, value] : known_of(question)) votes.add(id, value == Index(2));
  return std::string(to_text(vote_result(question.config, votes))) + "\n";
}

}  // namespace

std::string perform_quorum(const Directive& directive) {
  const bool is_vote = directive.command == "vote";
  if (!is_vote && directive.command != "committed") return "unknown command";
  const auto question = question_of(directive, is_vote ? "votes" : "idx");
  if (!question) return question.error().detail;
  if (question->order.size() != question->values.size()) return mismatch_text(*question);
  return is_vote ? vote(*question) : committed(*question);
}

}  // namespace orrery::raft::script
