// Calls of the services beside KV, and what they were answered, for the server tests.
//   used by: tests/server    uses: tests/server/kit.h
#pragma once

#include <string>
#include <utility>

#include "tests/server/kit.h"

namespace orrery::server::testing {

// Asks, and lets the world go on until the answer is there. What the client was told: "ok", or the error's text.
inline std::string ask(World& world, rpc::Request request, std::uint32_t via = 0,
                       const std::string& user = {}, std::uint32_t client = 1) {
  client::BeginCall call;
  call.line = std::string(name_of(request));
  call.via = via;
  call.request = std::move(request);
  call.login = {.name = user, .password = user};
  (void)world.perform(sim::Submit{client, call});
  (void)run_until(world, [&](const World& w) { return answered(w, client); });
  return last_word(world, client);
}

// The answer to the client's last call.
template <class Group, class M>
const M& told(const World& world, std::uint32_t client = 1) {
  const auto& [number, call] = *(*world.clients().find(client))->calls().last();
  return std::get<M>(std::get<Group>(call.answer->response));
}

inline LeaseId grant(World& world, std::int64_t ttl, std::uint32_t via = 0) {
  if (ask(world, rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = ttl, .id = {}}), via) != "ok") {
    return LeaseId(0);
  }
  return told<rpc::LeaseResponse, rpc::LeaseGrantResponse>(world).id;
}

inline rpc::Request put_under(std::string_view key, LeaseId lease) {
  rpc::PutRequest request;
  request.key = Blob(key);
  request.value = Blob("v");
  request.lease = lease;
  return request;
}

inline rpc::Request get_of(std::string_view key) {
  rpc::RangeRequest request;
  request.key = Blob(key);
  return request;
}

inline std::int64_t keep_alive(World& world, LeaseId id, std::uint32_t via = 0) {
  if (ask(world, rpc::LeaseRequest(rpc::LeaseKeepAliveRequest{id}), via) != "ok") return -2;
  return told<rpc::LeaseResponse, rpc::LeaseKeepAliveResponse>(world).ttl;
}

inline bool has_key(const World& world, std::uint32_t no, BytesView key) {
  const Running& run = memory(world, no);
  const auto found =
      run.store.find(run.backend, backend::View::Read, key, run.store.current_revision());
  return found && found->has_value();
}

inline void run_for(World& world, Nanos time) {
  const Nanos until = world.now() + time.value();
  (void)run_until(world, [&](const World& w) { return *w.next_due() > until; });
}

// Members are only added to voters that have been connected for 5 seconds.
inline void stay_connected(World& world) {
  run_for(world, seconds(6));
}

inline World long_connected() {
  World world = elected();
  stay_connected(world);
  return world;
}

// Users named as their passwords; root with its role, and auth on.
inline void enable_auth(World& world) {
  const auto auth = [&](rpc::AuthRequest request) { (void)ask(world, rpc::Request(request)); };
  auth(rpc::AuthUserAddRequest{"root", "root", std::nullopt, ""});
  auth(rpc::AuthUserGrantRoleRequest{"root", "root"});
  auth(rpc::AuthEnableRequest{});
}

}  // namespace orrery::server::testing
