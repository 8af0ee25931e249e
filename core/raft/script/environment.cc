#include "raft/script/environment.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "raft/describe.h"

namespace orrery::raft::script {

namespace {

bool never_lost(const Message& m) {
  return m.from == m.to || is_storage_thread(m.from) || is_storage_thread(m.to);
}

}  // namespace

std::vector<NodeId> Environment::ids() const {
  std::vector<NodeId> out;
  while (out.size() < members_.size()) out.emplace_back(out.size() + 1);
  return out;
}

void Environment::print_log() {
  constexpr std::array<std::string_view, 4> kLevels{"DEBUG", "INFO", "WARN", "ERROR"};
  for (const LogLine& line : std::exchange(log_.lines, {})) {
    const auto level = static_cast<std::size_t>(line.level);
    if (static_cast<int>(level) < output.level) continue;
    output.write_line(text("{} {}", kLevels.at(level), line.text));
  }
}

void Environment::indent_after(const std::string& before) {
  const std::string inner = std::exchange(output.text, before);
  std::size_t at = 0;
  while (at < inner.size()) {
    const std::size_t end = std::min(inner.find('\n', at), inner.size());
    output.write_line("  " + inner.substr(at, end - at));
    at = end + 1;
  }
}

Result<void> Environment::add_members(std::size_t count, const Config& stub,
                                      const raftpb::Snapshot& bootstrap) {
  for (std::size_t i = 0; i < count; ++i) {
    Config config = stub;
    config.id = NodeId(members_.size() + 1);
    raftpb::Snapshot snapshot = bootstrap;
    Storage storage;
    if (bootstrap != raftpb::Snapshot{}) {
      if (snapshot.index <= Index(1)) {
        return fail(Errc::WrongUse, "index must be specified as > 1 due to bootstrap");
      }
      snapshot.term = Term(1);
      if (auto applied = storage.apply_snapshot(snapshot); !applied) return applied;
    }
    if (auto valid = validate(config); !valid) return valid;
    members_.push_back({{}, {snapshot}, {}, {}});
    run(config.id, [&](Raft& raft, const Io& io) { raft = Raft(config, storage, io); });
  }
  return {};
}

Result<void> Environment::append_to_storage(Member& member, const raftpb::HardState& state,
                                            const std::vector<raftpb::Entry>& entries,
                                            const raftpb::Snapshot& snapshot) {
  Storage& storage = member.raft.storage();
  if (!state.empty()) storage.set_hard_state(state);
  if (snapshot.empty()) {
    storage.append(entries);
    return {};
  }
  if (!entries.empty()) {
    return fail(Errc::WrongUse, "can't apply snapshot and entries at the same time");
  }
  auto applied = storage.apply_snapshot(snapshot);
  // What this harness sends as a snapshot is always its own state machine's newest state.
  storage.set_snapshot(member.history.back());
  return applied;
}

void Environment::apply(NodeId id, const std::vector<raftpb::Entry>& entries) {
  for (const raftpb::Entry& entry : entries) {
    raftpb::Snapshot next = member(id).history.back();
    Blob update = entry.data;
    if (is_conf_change(entry.type)) {
      const auto change = change_of(entry);
      if (!change) panic(change.error().detail);
      update = change->context;
      next.conf_state =
          run(id, [&](Raft& raft, const Io& io) { return raft.apply_conf_change(io, *change); });
    }
    next.index = entry.index;
    next.term = entry.term;
    next.data = Blob(Bytes(next.data.view()) + Bytes(update.view()));
    member(id).history.push_back(next);
    member(id).raft.storage().set_snapshot(next);
  }
}

void Environment::route(Member& member, std::vector<Message> messages) {
  for (Message& m : messages) {
    if (m.to == kAppendThread) {
      member.append_work.push_back(std::move(m));
    } else if (m.to == kApplyThread) {
      member.apply_work.push_back(std::move(m));
    } else {
      messages_.push_back(std::move(m));
    }
  }
}

Result<void> Environment::process_ready(NodeId id) {
  Ready ready = member(id).raft.take_ready();
  output.write(describe(ready));
  const bool async = member(id).raft.state().config.async_storage_writes;
  if (!async) {
    const auto written = append_to_storage(
        member(id), ready.hard_state.value_or(raftpb::HardState{}), ready.entries, ready.snapshot);
    if (!written) return written;
    apply(id, ready.committed_entries);
  }
  route(member(id), std::move(ready.messages));
  if (!async) run(id, [](Raft& raft, const Io& io) { raft.advance(io); });
  return {};
}

Result<void> Environment::process_append_thread(NodeId id) {
  auto& work = member(id).append_work;
  if (work.empty()) {
    output.write("no append work to perform");
    return {};
  }
  Message m = std::move(work.front());
  work.pop_front();
  std::vector<Message> responses = std::exchange(m.responses, {});
  output.write_line("Processing:");
  output.write_line(describe(m));
  auto written = append_to_storage(member(id), {m.term, m.vote, m.commit}, m.entries, m.snapshot);
  if (!written) return written;
  output.write_line("Responses:");
  for (Message& response : responses) {
    output.write_line(describe(response));
    post(std::move(response));
  }
  return {};
}

Result<void> Environment::process_apply_thread(NodeId id) {
  auto& work = member(id).apply_work;
  if (work.empty()) {
    output.write("no apply work to perform");
    return {};
  }
  Message m = std::move(work.front());
  work.pop_front();
  std::vector<Message> responses = std::exchange(m.responses, {});
  output.write_line("Processing:");
  output.write_line(describe(m));
  apply(id, m.entries);
  output.write_line("Responses:");
  for (Message& response : responses) {
    output.write_line(describe(response));
    post(std::move(response));
  }
  return {};
}

std::vector<Message> Environment::take_messages(const Recipient& to,
                                                std::optional<MessageType> type) {
  std::vector<Message> taken;
  std::vector<Message> kept;
  for (Message& m : messages_) {
    const bool wanted = m.to == to.id && !(to.drop && never_lost(m)) && (!type || m.type == *type);
    (wanted ? taken : kept).push_back(std::move(m));
  }
  messages_ = std::move(kept);
  return taken;
}

bool Environment::has_messages(NodeId to) const {
  return std::ranges::any_of(messages_, [to](const Message& m) { return m.to == to; });
}

std::size_t Environment::deliver(const std::vector<Recipient>& recipients,
                                 std::optional<MessageType> type) {
  std::size_t count = 0;
  for (const Recipient& to : recipients) {
    for (const Message& m : take_messages(to, type)) {
      ++count;
      output.write_line((to.drop ? "dropped: " : "") + describe(m));
      if (to.drop || !has(to.id)) continue;
      const auto stepped = run(to.id, [&](Raft& raft, const Io& io) { return raft.step(io, m); });
      if (!stepped) output.write_line(stepped.error().detail);
    }
  }
  return count;
}

// `process` for each chosen member that has something `pending`. True = there was one.
template <class Pending, class Process>
Result<bool> Environment::drain(const std::vector<NodeId>& ids, std::string_view doing,
                                Pending pending, Process process) {
  bool any = false;
  for (const NodeId id : ids) {
    if (!pending(id)) continue;
    any = true;
    output.write_line(text("> {} {}", id.value(), doing));
    const auto done = process(id);
    if (!done) return fail(done.error());
  }
  return any;
}

Result<bool> Environment::stabilize_round(const std::vector<NodeId>& ids) {
  bool any = false;
  // Notes whether a part of the round found work; an error ends the round.
  const auto part = [&](Result<bool> drained) -> Result<void> {
    if (!drained) return fail(drained.error());
    any = any || *drained;
    return {};
  };
  const auto deliver_to = [&](NodeId id) {
    return indented([&]() -> Result<void> {
      deliver({{id}}, std::nullopt);
      return {};
    });
  };
  const auto finish = [&](auto queue, auto process) {
    return [this, queue, process](NodeId id) -> Result<void> {
      Result<void> done;
      while (done && !(member(id).*queue).empty())
        done = indented([&] { return (this->*process)(id); });
      return done;
    };
  };
  return part(drain(
                  ids, "handling Ready", [&](NodeId id) { return member(id).raft.has_ready(); },
                  [&](NodeId id) { return indented([&] { return process_ready(id); }); }))
      .and_then([&] {
        return part(drain(
            ids, "receiving messages", [&](NodeId id) { return has_messages(id); }, deliver_to));
      })
      .and_then([&] {
        return part(drain(
            ids, "processing append thread",
            [&](NodeId id) { return !member(id).append_work.empty(); },
            finish(&Member::append_work, &Environment::process_append_thread)));
      })
      .and_then([&] {
        return part(drain(
            ids, "processing apply thread",
            [&](NodeId id) { return !member(id).apply_work.empty(); },
            finish(&Member::apply_work, &Environment::process_apply_thread)));
      })
      .map([&] { return any; });
}

Result<void> Environment::stabilize(const std::vector<NodeId>& chosen) {
  const std::vector<NodeId> nodes = chosen.empty() ? ids() : chosen;
  while (true) {
    const auto moved = stabilize_round(nodes);
    if (!moved) return fail(moved.error());
    if (!*moved) return {};
  }
}

}  // namespace orrery::raft::script
