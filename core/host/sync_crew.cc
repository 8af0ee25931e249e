#include "host/sync_crew.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>
#include <utility>

namespace orrery::host {

namespace {

constexpr std::size_t kMostHelpers = 7;

}  // namespace

void SyncCrew::add(const std::shared_ptr<const Descriptor>& file, const std::string& path) {
  const bool is_known =
      std::ranges::any_of(jobs_, [&](const Job& job) { return job.file == file; });
  if (!is_known) jobs_.push_back({.file = file, .path = path});
}

Result<void> SyncCrew::finish() {
  const std::size_t wanted = std::min(kMostHelpers, jobs_.empty() ? 0 : jobs_.size() - 1);
  while (helpers_.size() < wanted) {
    helpers_.emplace_back([this](const std::stop_token& stop) { help(stop); });
  }
  std::unique_lock lock(mutex_);
  next_ = 0;
  open_ = jobs_.size();
  if (wanted > 0) begin_.notify_all();
  while (next_ < jobs_.size()) sync_next(lock);
  end_.wait(lock, [&] { return open_ == 0; });
  const std::vector<Job> done = std::exchange(jobs_, {});
  next_ = 0;
  for (const Job& job : done) {
    if (job.error == 0) continue;
    errno = job.error;
    return failed("sync", job.path);
  }
  return {};
}

void SyncCrew::help(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (begin_.wait(lock, stop, [&] { return open_ > 0 && next_ < jobs_.size(); })) {
    sync_next(lock);
  }
}

// As etcd does: the length is synced with the bytes, the time of the change is not.
void SyncCrew::sync_next(std::unique_lock<std::mutex>& lock) {
  Job& job = jobs_[next_++];
  lock.unlock();
  const int error = ::fdatasync(job.file->number()) == 0 ? 0 : errno;
  lock.lock();
  job.error = error;
  if (--open_ == 0) end_.notify_all();
}

}  // namespace orrery::host
