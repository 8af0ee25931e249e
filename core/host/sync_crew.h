// SyncCrew: several files of the host synced at the same time.
//   used by: disk_mirror.h, door (durable mode)
//   ideas:   three members on one thread would wait for three fsyncs in a row, where three processes wait for one
//            commit of the file system's journal. So the one thread lends its waiting to helpers, and goes on when the
//            last of them is back. A lone file needs no helper.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "host/descriptor.h"

namespace orrery::host {

class SyncCrew {
 public:
  SyncCrew() = default;
  SyncCrew(const SyncCrew&) = delete;
  SyncCrew& operator=(const SyncCrew&) = delete;
  ~SyncCrew() = default;

  // A file that was written; one that is waiting already is synced once.
  void add(const std::shared_ptr<const Descriptor>& file, const std::string& path);
  bool empty() const { return jobs_.empty(); }
  // All that were added are synced when it returns. Errors: Io, of the first that could not be.
  Result<void> finish();

 private:
  struct Job {
    std::shared_ptr<const Descriptor> file;
    std::string path;
    int error = 0;  // errno
  };

  void help(const std::stop_token& stop);
  void sync_next(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable_any begin_;
  std::condition_variable_any end_;
  std::vector<Job> jobs_;  // changed by the owner alone, while no helper is at work
  std::size_t next_ = 0;   // the first that nobody has taken
  std::size_t open_ = 0;   // not synced yet; 0 = no work is going on
  std::vector<std::jthread> helpers_;
};

}  // namespace orrery::host
