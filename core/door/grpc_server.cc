#include "door/grpc_server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <mutex>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "door/grpc_wire.h"

namespace orrery::door {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadSize = 65'536;             // bytes at a time of one connection
constexpr std::size_t kWriteSize = 65'536;            // bytes that are gathered for one write
constexpr int kEvents = 256;                          // connections looked at in one go
constexpr auto kLookEvery = std::chrono::seconds(1);  // for silent connections
// Of the connections with events alone, between two looks at what has come: so many, or half of them.
constexpr std::size_t kEventLines = 32;
constexpr std::size_t kEventParts = 2;
constexpr std::uint64_t kWakeUp = 0;  // the event that is no connection's

}  // namespace

struct GrpcServer::Impl {
  // One connection: what is on it, and what the socket has not taken yet.
  struct Line {
    Line(int number, GrpcHouse& house, std::uint32_t member, std::uint64_t id, std::string user)
        : descriptor(number), wire(house, member, id, std::move(user)) {}
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ~Line() { ::close(descriptor); }

    int descriptor;
    GrpcWire wire;
    std::string out;
    std::size_t out_at = 0;    // bytes of it that are sent
    bool has_answers = false;  // stands in `answering`
    bool has_events = false;   // stands in `telling`
    bool is_stuck = false;     // the socket takes no more
  };

  enum class Fate : std::uint8_t { Lives, Ends };

  Impl(const GrpcOptions& options, Mailbox<Letter>& to) {
    house.options = options;
    house.to = &to;
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    lines.clear();
    if (epoll >= 0) ::close(epoll);
    if (bell >= 0) ::close(bell);
  }

  static bool gather(Line& line);
  int wait(Nanos patience, std::array<epoll_event, kEvents>& events);
  void watch(Line& line, std::uint64_t id, bool is_new);
  Fate read(Line& line, HostTime now);
  Fate write(Line& line, std::uint64_t id);
  void mark(std::uint64_t id, Line& line);
  void settle(const GrpcCall::Place& place, bool may_wait = false);
  void end_late(HostTime now);
  void end_silent(HostTime now);
  void write_one(std::uint64_t id);
  void write_answers();
  void write_events(std::size_t most);

  int epoll = -1;
  int bell = -1;  // an eventfd: wakes who waits
  std::atomic<std::thread::id> pumping;
  std::array<char, kReadSize> buffer{};  // of who pumps
  // Guards all below.
  std::mutex mutex;
  GrpcHouse house;
  std::map<std::uint64_t, std::unique_ptr<Line>> lines;
  std::vector<std::uint64_t> answering;  // lines with something to say
  std::deque<std::uint64_t> telling;     // with events that may wait
  std::uint64_t next_line = 1;
  HostTime next_look;
};

// False = nothing more to be sent now.
bool GrpcServer::Impl::gather(Line& line) {
  if (line.out_at < line.out.size()) return true;
  line.out.clear();
  line.out_at = 0;
  while (line.out.size() < kWriteSize) {
    const std::string_view bytes = line.wire.next_bytes();
    if (bytes.empty()) break;
    line.out += bytes;
  }
  return !line.out.empty();
}

void GrpcServer::Impl::watch(Line& line, std::uint64_t id, bool is_new) {
  epoll_event event{};
  event.events = EPOLLIN | (line.is_stuck ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.u64 = id;
  ::epoll_ctl(epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, line.descriptor, &event);
}

void GrpcServer::Impl::mark(std::uint64_t id, Line& line) {
  if (!std::exchange(line.has_answers, true)) answering.push_back(id);
}

void GrpcServer::Impl::settle(const GrpcCall::Place& place, bool may_wait) {
  const auto found = lines.find(place.connection);
  if (found == lines.end()) return;
  Line& line = *found->second;
  line.wire.settle(place.stream);
  if (!may_wait) return mark(place.connection, line);
  if (!std::exchange(line.has_events, true)) telling.push_back(place.connection);
}

GrpcServer::Impl::Fate GrpcServer::Impl::read(Line& line, HostTime now) {
  const ssize_t size = ::recv(line.descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size == 0) return Fate::Ends;
  if (size < 0) return errno == EAGAIN || errno == EINTR ? Fate::Lives : Fate::Ends;
  const bool is_good = line.wire.receive({buffer.data(), static_cast<std::size_t>(size)}, now);
  return is_good ? Fate::Lives : Fate::Ends;
}

GrpcServer::Impl::Fate GrpcServer::Impl::write(Line& line, std::uint64_t id) {
  const bool was_stuck = std::exchange(line.is_stuck, false);
  while (!line.is_stuck && gather(line)) {
    const ssize_t sent = ::send(line.descriptor, line.out.data() + line.out_at,
                                line.out.size() - line.out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return Fate::Ends;
    if (sent < 0) {
      line.is_stuck = true;
    } else {
      line.out_at += static_cast<std::size_t>(sent);
    }
  }
  if (line.is_stuck != was_stuck) watch(line, id, false);
  return !line.is_stuck && line.wire.is_over() ? Fate::Ends : Fate::Lives;
}

void GrpcServer::Impl::write_one(std::uint64_t id) {
  const auto found = lines.find(id);
  if (found == lines.end()) return;
  found->second->has_answers = found->second->has_events = false;
  if (write(*found->second, id) == Fate::Ends) lines.erase(found);
}

void GrpcServer::Impl::write_answers() {
  for (const std::uint64_t id : std::exchange(answering, {})) write_one(id);
}

// Events that went out with an answer do not count.
void GrpcServer::Impl::write_events(std::size_t most) {
  for (std::size_t written = 0; written < most && !telling.empty(); telling.pop_front()) {
    const auto found = lines.find(telling.front());
    if (found == lines.end() || !found->second->has_events) continue;
    write_one(telling.front());
    ++written;
  }
}

// Whose deadline is over.
void GrpcServer::Impl::end_late(HostTime now) {
  while (!house.deadlines.empty() && house.deadlines.begin()->first <= now) {
    GrpcCall& call = *house.deadlines.begin()->second;
    const GrpcCall::Place place = call.place();
    call.end_late();
    settle(place);
  }
}

void GrpcServer::Impl::end_silent(HostTime now) {
  if (now < next_look) return;
  next_look = now + kLookEvery;
  std::erase_if(lines, [&](const auto& entry) { return entry.second->wire.has_died(now); });
  for (auto& [id, line] : lines) mark(id, *line);
}

// Until a call's deadline, or a look at silent connections, at the latest.
int GrpcServer::Impl::wait(Nanos patience, std::array<epoll_event, kEvents>& events) {
  auto longest = std::chrono::nanoseconds(patience.value());
  {
    const std::lock_guard lock(mutex);
    const auto now = Clock::now();
    const auto until =
        house.deadlines.empty() ? next_look : std::min(next_look, house.deadlines.begin()->first);
    if (!telling.empty()) {
      longest = std::chrono::nanoseconds(0);
    } else if (!lines.empty() || !house.deadlines.empty()) {
      longest =
          std::clamp<std::chrono::nanoseconds>(until - now, std::chrono::nanoseconds(0), longest);
    }
  }
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
  return ::epoll_wait(epoll, events.data(), kEvents, static_cast<int>(millis));
}

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcServer::~GrpcServer() = default;

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const GrpcOptions& options,
                                                      Mailbox<Letter>& to) {
  auto impl = std::make_unique<Impl>(options, to);
  impl->epoll = ::epoll_create1(EPOLL_CLOEXEC);
  impl->bell = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeUp;
  const bool is_ready = impl->epoll >= 0 && impl->bell >= 0 &&
                        ::epoll_ctl(impl->epoll, EPOLL_CTL_ADD, impl->bell, &event) == 0;
  if (!is_ready) return fail(Errc::Unavailable, "the system has no descriptors for gRPC");
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(impl)));
}

void GrpcServer::adopt(int descriptor, std::uint32_t member, const std::string& user) {
  const std::lock_guard lock(impl_->mutex);
  const std::uint64_t id = impl_->next_line++;
  const auto made = impl_->lines.emplace(
      id, std::make_unique<Impl::Line>(descriptor, impl_->house, member, id, user));
  impl_->watch(*made.first->second, id, true);
}

void GrpcServer::pump(Nanos patience) {
  std::array<epoll_event, kEvents> events{};
  impl_->pumping = std::this_thread::get_id();
  const int count = impl_->wait(patience, events);
  const HostTime now = Clock::now();
  const std::lock_guard lock(impl_->mutex);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
    if (id == kWakeUp) {
      std::uint64_t pulls = 0;
      (void)!::read(impl_->bell, &pulls, sizeof pulls);
      continue;
    }
    const auto found = impl_->lines.find(id);
    if (found == impl_->lines.end()) continue;
    const bool can_read =
        (events[static_cast<std::size_t>(i)].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    if (can_read && impl_->read(*found->second, now) == Impl::Fate::Ends) {
      impl_->lines.erase(found);
      continue;
    }
    impl_->mark(id, *found->second);
  }
  impl_->end_late(now);
  impl_->end_silent(now);
  impl_->write_answers();
  impl_->write_events(std::max(kEventLines, impl_->telling.size() / kEventParts));
}

void GrpcServer::wake() {
  if (impl_->pumping == std::this_thread::get_id()) return;
  const std::uint64_t pull = 1;
  (void)!::write(impl_->bell, &pull, sizeof pull);
}

bool GrpcServer::deliver(const Departure& departure) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->house.waiting.find(departure.ticket);
  if (found == impl_->house.waiting.end()) return false;
  GrpcCall& call = *found->second;
  call.give(departure);
  impl_->settle(call.place(), departure.may_wait);
  return true;
}

void GrpcServer::flush() {
  const std::lock_guard lock(impl_->mutex);
  impl_->write_answers();
  impl_->write_events(impl_->telling.size());
}

void GrpcServer::flush_answers() {
  const std::lock_guard lock(impl_->mutex);
  impl_->write_answers();
}

void GrpcServer::end_leaderless(std::uint32_t member) {
  const std::lock_guard lock(impl_->mutex);
  for (auto& [id, line] : impl_->lines) {
    if (line->wire.member() != member) continue;
    line->wire.end_leaderless();
    impl_->mark(id, *line);
  }
  impl_->write_answers();
}

Tally GrpcServer::tally(std::uint32_t member) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->house.tallies[member];
}

void GrpcServer::turn_out(const Error& error) {
  const std::lock_guard lock(impl_->mutex);
  const std::map<Ticket, GrpcCall*> waiting = impl_->house.waiting;
  for (const auto& [ticket, call] : waiting) {
    call->give({.ticket = ticket, .message = {}, .error = error, .is_last = true});
    impl_->settle(call->place());
  }
  impl_->write_answers();
}

void GrpcServer::close(std::uint32_t member) {
  const std::lock_guard lock(impl_->mutex);
  for (auto& [id, line] : impl_->lines) {
    if (line->wire.member() != member) continue;
    line->wire.say_goodbye();
    (void)impl_->write(*line, id);
  }
  std::erase_if(impl_->lines,
                [&](const auto& entry) { return entry.second->wire.member() == member; });
  impl_->house.tallies.erase(member);
}

}  // namespace orrery::door
