// Environment: a small group of members, the messages between them, and what a script has printed so far.
//   used by: interaction.cc         uses: raft.h, describe.h
//   ideas:   one list of undelivered messages; each member has its storage, two queues of storage work, and an
//            appending state machine whose every state is kept as a snapshot. Nothing moves by itself.
//   from: etcd raft rafttest/interaction_env.go and the handlers beside it
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "raft/raft.h"

namespace orrery::raft::script {

// What the script sees. Levels as etcd counts them; at kQuiet not even the commands print.
struct Output {
  static constexpr int kQuiet = 5;

  std::string text;
  int level = 0;

  bool quiet() const { return level == kQuiet; }

  void write(std::string_view words) {
    if (!quiet()) text += words;
  }

  void write_line(std::string_view words) { write(std::string(words) + "\n"); }
};

struct Member {
  Raft raft;
  std::vector<raftpb::Snapshot> history;  // the state machine after each applied entry
  std::deque<Message> append_work;        // asynchronous variant: for the append thread
  std::deque<Message> apply_work;         // and for the apply thread
};

struct Recipient {
  NodeId id;
  bool drop = false;
};

class Environment {
 public:
  Output output;

  Result<void> add_members(std::size_t count, const Config& config,
                           const raftpb::Snapshot& bootstrap);

  bool has(NodeId id) const { return id > NodeId(0) && id.value() <= members_.size(); }

  // requires: has(id)
  Member& member(NodeId id) { return members_[id.value() - 1]; }

  std::vector<NodeId> ids() const;

  // Runs `action(raft, io)` on a member's Raft and prints what it logs.
  template <class Action>
  auto run(NodeId id, Action action) {
    const Printing printing{*this};
    return action(member(id).raft, Io{no_guards(), 0, &log_});
  }

  // -- the moves of etcd's harness

  Result<void> process_ready(NodeId id);
  Result<void> process_append_thread(NodeId id);
  Result<void> process_apply_thread(NodeId id);
  // How many messages were taken. `type`: only of this type.
  std::size_t deliver(const std::vector<Recipient>& to, std::optional<MessageType> type);
  Result<void> stabilize(const std::vector<NodeId>& ids);

  void post(Message message) { messages_.push_back(std::move(message)); }

  // Runs `action` under a header line, its output indented by two spaces.
  template <class Action>
  Result<void> under(const std::string& header, Action action) {
    output.write_line(header);
    return indented(action);
  }

  template <class Action>
  Result<void> indented(Action action) {
    const std::string before = std::exchange(output.text, {});
    const Result<void> result = action();
    indent_after(before);
    return result;
  }

 private:
  // Prints what was logged, when the call that logged it ends, however it ends.
  struct Printing {
    Environment& environment;

    ~Printing() { environment.print_log(); }
  };

  void print_log();
  void indent_after(const std::string& before);
  Result<void> append_to_storage(Member& member, const raftpb::HardState& state,
                                 const std::vector<raftpb::Entry>& entries,
                                 const raftpb::Snapshot& snapshot);
  void apply(NodeId id, const std::vector<raftpb::Entry>& entries);
  void route(Member& member, std::vector<Message> messages);
  std::vector<Message> take_messages(const Recipient& to, std::optional<MessageType> type);
  bool has_messages(NodeId to) const;
  Result<bool> stabilize_round(const std::vector<NodeId>& ids);
  template <class Pending, class Process>
  Result<bool> drain(const std::vector<NodeId>& ids, std::string_view doing, Pending pending,
                     Process process);

  std::deque<Member> members_;  // id = position + 1
  std::vector<Message> messages_;
  LogSink log_;
};

}  // namespace orrery::raft::script
