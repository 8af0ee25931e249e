// What the hunter's clients do.
#include <algorithm>

#include "base/text.h"
#include "hunt/hunt.h"

namespace orrery::hunt {
namespace {

using client::Watch;

constexpr std::uint64_t kKeys = 4;
constexpr std::uint64_t kOpenWatches = 6;

}  // namespace

void Hunter::act() {
  const std::uint64_t key = pick(kKeys);
  const std::uint64_t client = 1 + pick(3);
  const std::uint64_t via = world().member_count() == 1 ? 1 : some_member();
  const std::uint64_t dice = pick(100);
  if (dice < 34) return ask(text("c{} put k{} {} --endpoints=n{}", client, key, ++values_, via));
  if (dice < 53) return ask(text("c{} del k{} --endpoints=n{}", client, key, via));
  if (dice < 73) return compact();
  if (dice < 81) return watch();
  if (dice < 86) return nudge_a_watch();
  if (dice < 92) return change_users();
  if (dice < 96) return ask(text("c{} get k{} --endpoints=n{}", client, key, via));
  ask(text(R"(c{} txn if version("none") = "0" then del k{} --from-key; put k{} {})", client, key,
           key, ++values_));
}

// Mostly at the newest revision, where the rules of what may go are finest.
void Hunter::compact() {
  const server::Running* run = somebody();
  if (run == nullptr) return;
  const std::int64_t back = pick(3) == 0 ? static_cast<std::int64_t>(pick(4)) : 0;
  const std::int64_t revision = run->store.current_revision() - back;
  if (revision > run->store.compact_revision() && revision > 1) {
    ask(text("c4 compaction {}", revision));
  }
}

Hunter::Watched Hunter::find_watch(std::uint64_t number) const {
  const std::string name = text("w{}", number);
  for (const auto& [no, client] : world().clients()) {
    if (const Watch* watch = client->find_watch(name)) return {no, watch};
  }
  return {};
}

// One of those that were opened last, if it is open still.
Hunter::Watched Hunter::some_watch() {
  if (watches_ == 0) return {};
  const Watched found = find_watch(watches_ - pick(std::min(watches_, kOpenWatches)));
  const bool is_open = found.watch != nullptr && found.watch->state != Watch::State::Canceled;
  return is_open ? found : Watched{};
}

// From what is compacted, from what is near, from what is to come; now and then from nowhere at all.
std::int64_t Hunter::some_start() {
  const server::Running* run = somebody();
  if (run == nullptr) return 1;
  const auto off = static_cast<std::int64_t>(pick(5));
  const std::uint64_t dice = pick(16);
  if (dice == 0) return -1;
  if (dice < 4) return run->store.current_revision() + 2 + off;
  if (dice < 10) return std::max<std::int64_t>(run->store.compact_revision(), 1);
  return std::max<std::int64_t>(run->store.current_revision() - off, 1);
}

void Hunter::watch() {
  const std::int64_t from = some_start();
  if (watches_ >= kOpenWatches) {
    // The oldest of many ends; of those that nobody has any more none needs to.
    const Watched oldest = find_watch(watches_ - kOpenWatches + 1);
    if (oldest.watch != nullptr) ask(text("c{} cancel {}", oldest.client, oldest.watch->name));
  }
  std::uint64_t client = 5 + pick(2);
  std::string line = text("watch k{} --rev={} --name=w{}", pick(kKeys), from, watches_ + 1);
  const Watched beside = pick(3) == 0 ? some_watch() : Watched{};
  if (beside.watch != nullptr) {
    client = beside.client;
    line += " --with=" + beside.watch->name;
  } else {
    line += text(" --endpoints=n{}", some_member());
  }
  if (pick(3) == 0) line += " --from-key";
  if (pick(4) == 0) line += " --progress-notify";
  ++watches_;
  ask(text("c{} {}", client, line));
}

// Somebody asks how far it has come, stops reading, or reads on.
void Hunter::nudge_a_watch() {
  const Watched found = some_watch();
  if (found.watch == nullptr) return;
  const char* what = found.watch->paused ? "resume" : pick(2) == 0 ? "progress" : "pause";
  ask(text("c{} {} {}", found.client, what, found.watch->name));
}

void Hunter::change_users() {
  const std::uint64_t role = pick(3);
  if (pick(2) == 0) return ask(text("c7 role add r{}", role));
  ask(text("c7 role grant-permission r{} readwrite k{}", role, pick(kKeys)));
}

void Hunter::resume_all() {
  for (std::uint64_t number = 1; number <= watches_ && !found(); ++number) {
    const Watched one = find_watch(number);
    if (one.watch == nullptr || !one.watch->paused) continue;
    ask(text("c{} resume {}", one.client, one.watch->name));
  }
}

}  // namespace orrery::hunt
