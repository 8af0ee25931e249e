// FrontDoor: a live world and the endpoints of its members, one port each.
//   used by: cli (serve, etcd), tests    uses: acceptor.h, grpc_server.h, live_world.h
//   ideas:   one thread, the one that calls run(), owns the world; the endpoints' threads put what comes into its
//            mailbox and get the answers from it. With data directories, what becomes durable in the world is durable
//            on the host before anybody hears of it.
//   units:   the world's clock is the host's steady clock, counted from when the members had elected a leader.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "door/acceptor.h"
#include "door/grpc_server.h"
#include "door/http_desk.h"
#include "door/live_world.h"
#include "door/recipes.h"
#include "door/traffic.h"
#include "host/disk_mirror.h"

namespace orrery::door {

struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0 = one that is free
};

// Where one member is reached, and where its files are.
struct DoorOptions {
  struct Place {
    std::vector<Address> clients;
    std::vector<Address> metrics;  // where HTTP is served besides
    std::string data_dir;          // empty = in memory alone
  };
  sim::Config config;
  std::vector<Place> places;  // n1 first, one for each member
  bool recording = false;
};

class FrontDoor {
 public:
  // Listens, makes the world and lets it elect a leader. Errors: Unavailable (an address), Budget.
  static Result<std::unique_ptr<FrontDoor>> open(const DoorOptions& options);
  ~FrontDoor();
  FrontDoor(const FrontDoor&) = delete;
  FrontDoor& operator=(const FrontDoor&) = delete;

  // "127.0.0.1:2379", n1 first.
  std::vector<std::string> endpoints() const;
  // Of the further addresses for HTTP, likewise.
  std::vector<std::string> metrics_endpoints() const;
  // Serves until stop(). Errors: Io, when a data directory can no longer be written: nobody is told anything after
  // that.
  Result<void> run();
  // From any thread.
  void stop();
  // Not while another thread is in run().
  const LiveWorld& live() const { return *live_; }

 private:
  struct Endpoint {
    std::vector<std::unique_ptr<Acceptor>> clients;
    std::vector<std::unique_ptr<Acceptor>> metrics;
    std::unique_ptr<GrpcServer> grpc;
    std::unique_ptr<HttpDesk> http;
    std::unique_ptr<host::DiskMirror> mirror;  // null = in memory alone
  };
  // A probe whose read is under way.
  struct Probing {
    std::uint32_t member = 1;
    Ticket look = 0;
    Probe probe = Probe::Health;
    Nanos deadline;
  };

  FrontDoor() = default;

  Result<void> start(const DoorOptions& options);
  Nanos now() const;
  Nanos patience() const;
  Result<void> add_endpoint(const DoorOptions& options, std::uint32_t no);
  static Result<void> listen(const std::vector<Address>& addresses,
                             std::vector<std::unique_ptr<Acceptor>>& out);
  Result<void> load_disks();
  void mirror_disks(const sim::World& world);
  static void open_endpoint(Endpoint& endpoint);
  void turn(std::vector<Letter> letters);
  void admit(Arrival arrival, std::vector<Arrival>& arrivals);
  void show(const Look& look, std::vector<Arrival>& arrivals);
  void begin_probe(const Look& look, Probe probe, std::vector<Arrival>& arrivals);
  void end_probe(Ticket read, const std::string& reason);
  void end_late_probes(std::vector<Arrival>& arrivals);
  void give(const Look& look, const Page& page);
  void deliver();

  Mailbox<Letter> mailbox_;
  std::unique_ptr<LiveWorld> live_;
  std::vector<Endpoint> endpoints_;
  std::map<Ticket, Probing> probes_;  // by the ticket of the read
  Recipes recipes_;
  std::vector<Arrival> asides_;  // what recipes want to ask next
  std::vector<Departure> departures_;
  std::chrono::steady_clock::time_point began_;
  Nanos began_at_;  // what the world's clock showed then
  std::atomic<bool> stopping_ = false;
  std::optional<Error> broken_;  // the first failure of a mirror
};

}  // namespace orrery::door
