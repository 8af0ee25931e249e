#include "door/reception.h"

#include <utility>

#include "lang/secrets.h"

namespace orrery::door {

namespace {

bool lacks_leader(const Caller& caller, const sim::World& world) {
  if (!caller.needs_leader || caller.member > world.member_count()) return false;
  const server::Member& member = world.member(caller.member);
  return !member.up() || member.running().raft.leader() == NodeId(0);
}

}  // namespace

Reception::Admission Reception::admit(const Arrival& arrival, const sim::World& world) {
  return std::visit([&](const auto& held) { return admit_one(held, world); }, arrival);
}

Reception::Admission Reception::admit_one(const Asked& asked, const sim::World& world) {
  if (lacks_leader(asked.caller, world)) return fail(Errc::NoLeader);
  auto request = lang::without_passwords(asked.request, world);
  if (!request) return fail(request.error());
  const std::uint32_t client = seat(asked.ticket, asked.caller);
  client::GuestAsk ask{.ticket = asked.ticket,
                       .via = asked.caller.member,
                       .request = std::move(*request),
                       .token = asked.caller.token};
  return sim::Submit{.client = client, .command = client::GuestCommand(std::move(ask))};
}

Reception::Admission Reception::admit_one(const WatchAsked& asked, const sim::World& world) {
  if (lacks_leader(asked.caller, world)) return fail(Errc::NoLeader);
  const std::uint32_t client = seat(asked.ticket, asked.caller);
  client::GuestWatch watch{.ticket = asked.ticket,
                           .via = asked.caller.member,
                           .request = asked.request,
                           .token = asked.caller.token};
  return sim::Submit{.client = client, .command = client::GuestCommand(std::move(watch))};
}

Reception::Admission Reception::admit_one(const TakenIn& taken, const sim::World& /*world*/) {
  const auto found = tickets_.find(taken.ticket);
  if (found == tickets_.end()) return std::nullopt;
  const client::GuestRead read{.ticket = taken.ticket, .bytes = taken.bytes};
  return sim::Submit{.client = connections_.at(found->second).client,
                     .command = client::GuestCommand(read)};
}

Reception::Admission Reception::admit_one(const Gone& gone, const sim::World& /*world*/) {
  const auto found = tickets_.find(gone.ticket);
  if (found == tickets_.end()) return std::nullopt;
  const std::uint32_t client = connections_.at(found->second).client;
  leave(gone.ticket);
  return sim::Submit{.client = client,
                     .command = client::GuestCommand(client::GuestEnd{.ticket = gone.ticket})};
}

void Reception::told(const client::Told& told) {
  if (told.is_last) leave(told.ticket);
}

std::uint32_t Reception::seat(Ticket ticket, const Caller& caller) {
  Connection& connection = connections_[caller.peer];
  if (connection.client == 0) {
    connection.client = free_.empty() ? next_++ : *free_.begin();
    free_.erase(connection.client);
  }
  if (tickets_.emplace(ticket, caller.peer).second) ++connection.open;
  return connection.client;
}

void Reception::leave(Ticket ticket) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return;
  const auto connection = connections_.find(found->second);
  tickets_.erase(found);
  if (--connection->second.open > 0) return;
  free_.insert(connection->second.client);
  connections_.erase(connection);
}

}  // namespace orrery::door
