// Pages: what a member shows over HTTP: /version, /metrics, /health, /livez, /readyz.
//   used by: desk.h    uses: sim
//   ideas:   what can be seen at once is a function of the world. Health wants a read besides: whoever asks has it
//            made, and says how it ended.
//   from: etcd server/etcdserver/api/etcdhttp (metrics.go, version.go, health.go); facts B.7, C.12
//   differs: of etcd's metrics those that a world can know: no durations, and nothing of Go's.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/world.h"

namespace orrery::door {

struct Page {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// What has passed a member's gRPC server, and what somebody who looks now and then has seen.
struct Tally {
  struct Handled {
    std::string path;  // "/etcdserverpb.KV/Put"
    int code = 0;      // gRPC's
    friend auto operator<=>(const Handled&, const Handled&) = default;
  };
  std::map<std::string, std::uint64_t> started;  // calls, by path
  std::map<Handled, std::uint64_t> handled;
  std::uint64_t leader_changes = 0;
  std::uint64_t resident_bytes = 0;  // of the process, all its members together
};

// As Go's library names it: "InvalidArgument".
std::string_view code_name(int code);

Page version_page(const sim::World& world, std::uint32_t member);
// In Prometheus's text format.
Page metrics_page(const sim::World& world, std::uint32_t member, const Tally& tally);
Page not_found_page();
Page wrong_method_page();

enum class Probe : std::uint8_t { Health, Live, Ready };

// The probe behind a path of this version; none = it is no probe.
std::optional<Probe> probe_of(std::string_view path, server::Version version);
// What is wrong with the member before anything is read: an alarm (unless `exclude` names it), no leader.
// Empty = nothing.
std::string ailment(const sim::World& world, std::uint32_t member, Probe probe,
                    std::string_view exclude);
// Live wants no more than the member's own state.
bool reads_serializable(Probe probe);
// `reason` empty = it is well.
Page probe_page(Probe probe, server::Version version, const std::string& reason);

}  // namespace orrery::door
