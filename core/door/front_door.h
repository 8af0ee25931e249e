// FrontDoor: a live world and the endpoints of its members, one port each.
//   used by: cli (serve, etcd), tests    uses: acceptor.h, grpc_server.h, live_world.h
//   ideas:   one thread, the one that calls run(), owns the world; the endpoints' threads put what comes into its
//            mailbox and get the answers from it.
//   units:   the world's clock is the host's steady clock, counted from when the members had elected a leader.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "door/acceptor.h"
#include "door/grpc_server.h"
#include "door/live_world.h"
#include "door/traffic.h"

namespace orrery::door {

struct DoorOptions {
  sim::Config config;
  std::string host = "127.0.0.1";
  std::vector<std::uint16_t> ports;  // n1 first; those that are missing, or 0, are free ones
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
  // Serves until stop().
  void run();
  // From any thread.
  void stop();
  // Not while another thread is in run().
  const LiveWorld& live() const { return *live_; }

 private:
  struct Endpoint {
    std::unique_ptr<Acceptor> acceptor;
    std::unique_ptr<GrpcServer> grpc;
  };

  FrontDoor() = default;

  Result<void> start(const DoorOptions& options);
  Nanos now() const;
  Nanos patience() const;
  void turn(const std::vector<Arrival>& arrivals);
  void deliver();

  Mailbox<Arrival> mailbox_;
  std::unique_ptr<LiveWorld> live_;
  std::vector<Endpoint> endpoints_;
  std::chrono::steady_clock::time_point began_;
  Nanos began_at_;  // what the world's clock showed then
  std::atomic<bool> stopping_ = false;
};

}  // namespace orrery::door
