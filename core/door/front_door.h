// FrontDoor: a live world and the endpoints of its members, one port each.
//   used by: cli (serve, etcd), tests    uses: endpoints.h, desk.h, live_world.h
//   ideas:   one thread, the one that calls run(), owns the world; the endpoints' threads put what comes into its
//            mailbox and get the answers from it. With data directories, what becomes durable in the world is durable
//            on the host before anybody hears of it, and before the world's clock shows a later moment: an fsync there
//            takes time, so what members make durable at one moment does not follow from one another.
//   units:   the world's clock is the host's steady clock, counted from when the members had elected a leader.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "door/desk.h"
#include "door/endpoints.h"
#include "door/live_world.h"
#include "host/disk_mirror.h"

namespace orrery::door {

// Where one member is reached, and where its files are.
struct DoorOptions {
  struct Place {
    Post post;
    std::string data_dir;  // empty = in memory alone
  };
  sim::Config config;
  std::vector<Place> places;  // n1 first, one for each member
  TlsOptions tls;
  GrpcOptions grpc;
  std::shared_ptr<const TokenKey> token_key;  // null = the world's own tokens are shown outside
  bool recording = false;
};

class FrontDoor {
 public:
  // Listens, makes the world and lets it elect a leader. Errors: Unavailable (an address), Budget.
  static Result<std::unique_ptr<FrontDoor>> open(const DoorOptions& options);
  ~FrontDoor() = default;
  FrontDoor(const FrontDoor&) = delete;
  FrontDoor& operator=(const FrontDoor&) = delete;

  // "127.0.0.1:2379", n1 first.
  std::vector<std::string> endpoints() const { return endpoints_.clients(); }
  // Of the further addresses for HTTP, likewise.
  std::vector<std::string> metrics_endpoints() const { return endpoints_.metrics(); }
  // Serves until stop(). Errors: Io, when a data directory can no longer be written: nobody is told anything after
  // that.
  Result<void> run();
  // From any thread.
  void stop();

  // What an operator wants done or shown: a fault, a look.
  using Errand = std::function<void(LiveWorld&)>;
  // Carried out by run()'s thread, at the host's time. From any thread.
  void order(Errand errand);

  // Not while another thread is in run().
  const LiveWorld& live() const { return *live_; }

 private:
  FrontDoor() = default;

  Result<void> start(const DoorOptions& options);
  Result<void> open_mirrors(const DoorOptions& options);
  Nanos now() const;
  Nanos patience() const;
  Result<void> load_disks();
  void mirror_disks(const sim::World& world);
  void sync_disks();
  void turn(std::vector<Letter> letters);
  void do_errands();

  std::unique_ptr<LiveWorld> live_;
  Endpoints endpoints_;
  Mailbox<Errand> errands_;
  Desk desk_{endpoints_};
  std::vector<std::unique_ptr<host::DiskMirror>> mirrors_;  // by member; null = in memory alone
  host::SyncCrew crew_;
  Nanos written_at_;  // the moment of the world whose writes the crew has
  std::chrono::steady_clock::time_point began_;
  Nanos began_at_;  // what the world's clock showed then
  std::atomic<bool> stopping_ = false;
  std::optional<Error> broken_;  // the first failure of a mirror
};

}  // namespace orrery::door
