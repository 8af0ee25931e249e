#include "door/front_door.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "datadir/archive.h"
#include "host/data_dir.h"

namespace orrery::door {

namespace {

constexpr Nanos kLongest = seconds(1);  // between two looks at the clock

constexpr std::size_t kToldAtOnce = 32;  // answers and events that go out together

// By the host's clock. From a later year than Unix's: the longest leases must still fit behind it.
Nanos since_2026() {
  constexpr std::int64_t kBegin = 1'767'225'600;  // units: seconds of Unix time
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Nanos(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()) -
         seconds(kBegin).value();
}

}  // namespace

Result<std::unique_ptr<FrontDoor>> FrontDoor::open(const DoorOptions& options) {
  std::unique_ptr<FrontDoor> door(new FrontDoor());
  const auto started = door->start(options);
  if (!started) return fail(started.error());
  return door;
}

Result<void> FrontDoor::open_mirrors(const DoorOptions& options) {
  for (const DoorOptions::Place& place : options.places) {
    mirrors_.emplace_back();
    if (place.data_dir.empty()) continue;
    auto mirror = host::DiskMirror::open(place.data_dir);
    if (!mirror) return fail(mirror.error());
    mirrors_.back() = std::move(*mirror);
  }
  return {};
}

Result<void> FrontDoor::start(const DoorOptions& options) {
  sim::Config config = options.config;
  check(options.places.size() == config.members, "there is a place for each member");
  std::vector<Post> posts;
  posts.reserve(options.places.size());
  for (const DoorOptions::Place& place : options.places) posts.push_back(place.post);
  desk_.exchange_tokens(options.token_key);
  endpoints_.mailbox().on_arrival([this] { endpoints_.wake(); });
  auto ready = endpoints_.listen(config, posts, options.tls, options.grpc);
  if (ready) ready = open_mirrors(options);
  if (!ready) return ready;
  config.places.resize(config.members);
  for (std::uint32_t no = 1; no <= config.members; ++no) {
    std::string& url = config.places[no - 1].client_url;
    if (url.empty())
      url = (options.tls.empty() ? "http://" : "https://") + endpoints_.clients()[no - 1];
  }
  live_ = std::make_unique<LiveWorld>(config, options.recording);
  if (const auto loaded = load_disks(); !loaded) return loaded;
  live_->watch_steps([this](const sim::World& world) { mirror_disks(world); });
  const auto settled = live_->settle();
  if (!settled) return settled;
  sync_disks();
  if (broken_) return fail(*broken_);
  began_ = std::chrono::steady_clock::now();
  began_at_ = live_->world().now();
  endpoints_.open();
  return {};
}

// A folder with a member's files in it is that member's disk; an empty one becomes what the newborn has.
Result<void> FrontDoor::load_disks() {
  std::vector<std::uint32_t> loaded;
  for (std::size_t i = 0; i < mirrors_.size(); ++i) {
    host::DiskMirror* mirror = mirrors_[i].get();
    const auto no = static_cast<std::uint32_t>(i + 1);
    if (mirror == nullptr || !mirror->has_member()) continue;
    const auto disk = host::read_data_dir(mirror->folder());
    if (!disk) return fail(disk.error());
    const auto installed =
        live_->act(sim::Install{.member = no, .archive = Blob(datadir::pack(*disk))});
    if (!installed) return installed;
    mirror->adopt(live_->world().member(no).disk());
    loaded.push_back(no);
  }
  // Ids of requests and leases are made of the time of a start: it must not come again.
  if (loaded.size() == mirrors_.size()) {
    const auto waited = live_->act(sim::Wait{.until = since_2026()});
    if (!waited) return waited;
  }
  for (const std::uint32_t no : loaded) {
    const auto started = live_->act(sim::Restart{.member = no});
    if (!started) return started;
    const server::Member& member = live_->world().member(no);
    if (!member.up()) return fail(Errc::WrongUse, "panic: " + member.panic_text());
  }
  mirror_disks(live_->world());
  sync_disks();
  return {};
}

void FrontDoor::mirror_disks(const sim::World& world) {
  if (world.now() != written_at_) sync_disks();
  written_at_ = world.now();
  for (std::size_t i = 0; i < mirrors_.size() && !broken_; ++i) {
    if (mirrors_[i] == nullptr) continue;
    const auto no = static_cast<std::uint32_t>(i + 1);
    const auto done = mirrors_[i]->follow(world.member(no).disk(), crew_);
    if (!done) broken_ = done.error();
  }
}

void FrontDoor::sync_disks() {
  if (crew_.empty() || broken_) return;
  if (const auto done = crew_.finish(); !done) broken_ = done.error();
}

Nanos FrontDoor::now() const {
  const auto passed = std::chrono::steady_clock::now() - began_;
  return began_at_ + std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count();
}

// Until something happens by itself.
Nanos FrontDoor::patience() const {
  if (desk_.has_more()) return Nanos(0);
  const auto due = live_->next_due();
  if (!due) return kLongest;
  return std::clamp(Nanos(*due - now()), Nanos(0), kLongest);
}

Result<void> FrontDoor::run() {
  while (!stopping_ && !broken_) {
    turn(endpoints_.take(patience()));
  }
  if (broken_) return fail(*broken_);
  return {};
}

void FrontDoor::order(Errand errand) {
  errands_.put(std::move(errand));
  endpoints_.wake();
}

void FrontDoor::do_errands() {
  if (!errands_.has_mail()) return;
  live_->come_to(now());
  for (const Errand& errand : errands_.take(Nanos(0))) errand(*live_);
}

void FrontDoor::turn(std::vector<Letter> letters) {
  do_errands();
  live_->let_in(desk_.sort(std::move(letters), live_->world(), now()), now());
  // Nobody new is let in before all of this is done; but those who have their answers already work on meanwhile.
  const Nanos until = now();
  bool has_more = true;
  while (has_more) {
    const bool is_done = live_->run_until(until, kToldAtOnce);
    sync_disks();
    if (broken_) return;
    const std::vector<client::Told> all = live_->take_told();
    for (const client::Told& told : all) desk_.hear(told, live_->world());
    desk_.send_answers();
    has_more = !is_done && all.size() >= kToldAtOnce;
  }
  desk_.look_for_leaders(live_->world());
  endpoints_.follow(live_->world());
}

void FrontDoor::stop() {
  stopping_ = true;
  endpoints_.wake();
}

}  // namespace orrery::door
