// Builders of the commands that begin programs, and of snapshot.
// from: etcd etcdctl/ctlv3/command (lock_command.go, elect_command.go, snapshot_command.go)
#include <utility>

#include "base/text.h"
#include "lang/builders.h"

namespace orrery::lang {

namespace {

constexpr Nanos kMonkeyPause = millis(100);

RunProgram program(const Arguments& arguments, std::string words, client::Work work) {
  return {.call = call_options(arguments),
          .words = std::move(words),
          .tail = {},
          .name = arguments.text("--name"),
          .work = std::move(work)};
}

client::Transfer::Isolation isolation_of(const std::string& word) {
  using Isolation = client::Transfer::Isolation;
  if (word == "serializable") return Isolation::Serializable;
  if (word == "repeatable-reads") return Isolation::RepeatableReads;
  if (word == "read-committed") return Isolation::ReadCommitted;
  return Isolation::SerializableSnapshot;
}

}  // namespace

Result<CommandBody> build_snapshot(const Arguments& arguments) {
  CallOptions call = call_options(arguments);
  std::string file = arguments.text("FILE");
  if (arguments.has("save")) return SaveSnapshot{.call = std::move(call), .file = std::move(file)};
  return SnapshotStatus{.call = std::move(call), .file = std::move(file)};
}

Result<CommandBody> build_lock(const Arguments& arguments) {
  client::Hold work;
  work.name = Blob(arguments.text("KEY"));
  work.command = arguments.text("TEXT");
  work.ttl = arguments.integer("--ttl", 60);
  std::string words = "lock " + word_text(arguments.text("KEY"));
  if (work.ttl != 60) words += text(" --ttl={}", work.ttl);
  RunProgram out = program(arguments, std::move(words), work);
  out.tail = work.command;
  return out;
}

Result<CommandBody> build_elect(const Arguments& arguments) {
  const std::string key = arguments.text("KEY");
  if (arguments.is_on("--listen")) {
    client::Observe work;
    work.name = Blob(key);
    return program(arguments, "elect --listen " + word_text(key), work);
  }
  if (!arguments.has("VALUE")) {
    return fail_at(arguments.place(), "expected a proposal, or --listen");
  }
  client::Hold work;
  work.kind = client::Hold::Kind::Election;
  work.name = Blob(key);
  work.value = Blob(arguments.text("VALUE"));
  return program(arguments, text("elect {} {}", word_text(key), word_text(arguments.text("VALUE"))),
                 work);
}

Result<CommandBody> build_agent(const Arguments& arguments) {
  client::ListWatch work;
  client::AgentFaults& faults = work.faults;
  const bool all = arguments.is_on("--faulty");
  std::string words = "agent " + word_text(arguments.text("KEY"));
  if (all) words += " --faulty";
  const auto read = [&](std::string_view flag, bool& fault) {
    fault = arguments.is_on(flag);
    if (fault) words += " " + std::string(flag);
  };
  read("--no-revision", faults.no_revision);
  read("--no-resume", faults.no_resume);
  read("--no-relist", faults.no_relist);
  read("--no-retry", faults.no_retry);
  read("--no-deadline", faults.no_deadline);
  faults.no_revision = faults.no_revision || all;
  faults.no_retry = faults.no_retry || all;
  work.prefix = Blob(arguments.text("KEY"));
  return program(arguments, std::move(words), work);
}

Result<CommandBody> build_informer(const Arguments& arguments) {
  client::ListWatch work;
  work.kind = client::ListWatch::Kind::Informer;
  work.prefix = Blob(arguments.text("KEY"));
  return program(arguments, "informer " + word_text(arguments.text("KEY")), work);
}

Result<CommandBody> build_transfer(const Arguments& arguments) {
  const std::vector<std::string> keys = arguments.texts("KEY");
  client::Transfer work;
  work.from = Blob(keys.at(0));
  work.to = Blob(keys.at(1));
  work.amount = arguments.integer("AMOUNT", 0);
  const std::string isolation = arguments.text("--isolation");
  work.isolation = isolation_of(isolation);
  std::string words =
      text("transfer {} {} {}", word_text(keys.at(0)), word_text(keys.at(1)), work.amount);
  if (!isolation.empty()) words += " --isolation=" + isolation;
  return program(arguments, std::move(words), work);
}

Result<CommandBody> build_monkey(const Arguments& arguments) {
  client::Monkey work;
  work.deeds = arguments.count("--deeds", 0);
  work.every = arguments.duration("--every").value_or(kMonkeyPause);
  work.restarts = arguments.is_on("--restarts");
  std::string words = "monkey";
  if (work.deeds != 0) words += text(" --deeds={}", work.deeds);
  if (arguments.has("--every")) words += " --every=" + arguments.text("--every");
  if (work.restarts) words += " --restarts";
  return program(arguments, std::move(words), work);
}

}  // namespace orrery::lang
