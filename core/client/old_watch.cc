// A client as of etcd v2: it polls, and polls again; when the ring has forgotten, it reads everything anew.
// from: etcd client v2 keys.go (httpWatcher.Next); facts D.16
#include "base/text.h"
#include "client/client.h"

namespace orrery::client {

using server::Channel;
using server::Packet;
using server::Step;

std::string_view to_text(Poll::State state) {
  switch (state) {
    case Poll::State::Waiting: return "waiting";
    case Poll::State::Closed: return "closed";
    case Poll::State::Broken: return "broken";
  }
  return "";
}

const Poll* Client::find_poll(std::string_view name) const {
  for (const auto& [number, poll] : polls_) {
    if (poll.name == name) return &poll;
  }
  return nullptr;
}

void Client::send_poll(Step& step, std::uint64_t number, const Poll& poll, legacy::OldVerb verb) {
  legacy::OldRequest request{.poll = number,
                             .verb = verb,
                             .key = poll.key,
                             .recursive = poll.recursive,
                             .index = poll.next_index};
  if (verb != legacy::OldVerb::Close) ++old_traffic_.requests;
  old_traffic_.bytes_sent += legacy::http_text(request).size();
  step.send(Packet{server::client_address(no_), server::member_address(poll.via), Channel::Calls,
                   std::move(request)});
}

void Client::begin(Step& step, const BeginPoll& command) {
  const std::uint64_t number = polls_.size() + 1;
  Poll poll;
  poll.line = command.line;
  poll.name = command.name;
  poll.via = command.via == 0 ? 1 : command.via;
  poll.key = command.key;
  poll.recursive = command.recursive;
  poll.next_index = command.after == 0 ? 0 : command.after + 1;
  ++old_traffic_.connections;
  ++old_traffic_.opened;
  send_poll(step, number, poll, legacy::OldVerb::Wait);
  polls_.put(number, std::move(poll));
}

void Client::close_poll(Step& step, std::string_view name) {
  for (const auto& [key, known] : polls_) {
    if (known.name != name || known.state != Poll::State::Waiting) continue;
    const std::uint64_t number = key;
    Poll& poll = *polls_.edit(number);
    poll.state = Poll::State::Closed;
    --old_traffic_.connections;
    send_poll(step, number, poll, legacy::OldVerb::Close);
    return;
  }
}

// An event: ask for the next one. Error 401: read everything. Everything: ask for what comes after it.
void Client::on(Step& step, std::uint32_t from, const legacy::OldAnswer& answer) {
  Poll* poll = polls_.edit(answer.poll);
  if (poll == nullptr || poll->via != from || poll->state != Poll::State::Waiting) return;
  old_traffic_.bytes_received += legacy::http_text(answer).size();
  poll->attempts = 1;
  poll->answers.push_back(answer);
  if (step.noting()) step.note(text("{} receives {}", poll->name, legacy::body_text(answer)));
  if (answer.cleared) {
    const auto lost = static_cast<std::uint64_t>(answer.cleared->start - answer.cleared->asked);
    poll->lost += lost;
    old_traffic_.lost += lost;
    ++poll->rereads;
    return send_poll(step, answer.poll, *poll, legacy::OldVerb::Read);
  }
  if (answer.event) {
    ++poll->events;
    ++old_traffic_.events;
    poll->next_index = answer.event->index + 1;
  } else {
    poll->next_index = answer.etcd_index + 1;
  }
  send_poll(step, answer.poll, *poll, legacy::OldVerb::Wait);
}

// The next endpoint, with the same wish; nobody at any of them: it gives up.
void Client::poll_connection_lost(Step& step, std::uint32_t from) {
  std::vector<std::uint64_t> lost;
  for (const auto& [number, poll] : polls_) {
    if (poll.via == from && poll.state == Poll::State::Waiting) lost.push_back(number);
  }
  for (const std::uint64_t number : lost) {
    Poll& poll = *polls_.edit(number);
    if (poll.attempts >= endpoints_) {
      poll.state = Poll::State::Broken;
      --old_traffic_.connections;
      continue;
    }
    ++poll.attempts;
    poll.via = poll.via % endpoints_ + 1;
    ++old_traffic_.opened;
    send_poll(step, number, poll, legacy::OldVerb::Wait);
  }
}

}  // namespace orrery::client
