#include "cli/mirror_cluster.h"

#include <utility>
#include <variant>

#include "base/text.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"
#include "proto/services_codec.h"

namespace orrery::cli {

namespace {

using door::GrpcCaller;
using door::Lines;
using Reply = GrpcCaller::Reply;

constexpr Nanos kPatience = seconds(10);
constexpr Nanos kFirstResponse = seconds(5);
constexpr std::string_view kNoAuth = "etcdserver: authentication is not enabled";

// A request of one of the services, inside the closed sets; null = another one.
template <class Outer, class Inner>
Inner* request_in(rpc::Request& request) {
  auto* outer = std::get_if<Outer>(&request);
  return outer == nullptr ? nullptr : std::get_if<Inner>(outer);
}

template <class Outer, class Inner>
const Inner* answer_in(const rpc::Response* response) {
  const auto* outer = response == nullptr ? nullptr : std::get_if<Outer>(response);
  return outer == nullptr ? nullptr : std::get_if<Inner>(outer);
}

bool is_move(rpc::Request& request) {
  return request_in<rpc::MaintenanceRequest, rpc::MoveLeaderRequest>(request) != nullptr;
}

// "alarm disarm" without naming whose.
bool disarms_everything(rpc::Request& request) {
  const auto* alarm = request_in<rpc::MaintenanceRequest, rpc::AlarmRequest>(request);
  return alarm != nullptr && alarm->action == rpc::AlarmAction::Deactivate &&
         alarm->member_id == rpc::AlarmRequest{}.member_id;
}

}  // namespace

Result<MirroredCluster> MirroredCluster::reach(const std::vector<std::string>& endpoints,
                                               const client::Login& login) {
  MirroredCluster out;
  out.endpoints_ = endpoints;
  out.login_ = login;
  for (const std::string& endpoint : endpoints) {
    out.callers_.emplace_back(endpoint);
    const auto bytes =
        out.callers_.back().call("/etcdserverpb.Maintenance/Status", BytesView(), kPatience);
    const auto status =
        bytes ? rpc::decode_message<rpc::StatusResponse>(*bytes) : fail(bytes.error());
    if (!status) {
      return fail(Errc::Unavailable, text("--endpoints {}: {}", endpoint, status.error().detail));
    }
    out.ids_.push_back(status->header.member_id);
    if (out.version_.empty()) out.version_ = status->version;
  }
  return out;
}

void MirroredCluster::pair_members(const std::vector<std::uint64_t>& model_ids) {
  members_.clear();
  for (std::size_t i = 0; i < model_ids.size(); ++i) {
    members_[model_ids[i]] = ids_[i % ids_.size()];
  }
}

std::uint64_t MirroredCluster::there(std::uint64_t model_id) const {
  const auto found = members_.find(model_id);
  return found == members_.end() ? model_id : found->second;
}

MirroredCluster::Ticket MirroredCluster::log_in(std::size_t endpoint, const client::Login& login) {
  const client::Login& who = login.name.empty() ? login_ : login;
  if (who.name.empty()) return {};
  const rpc::Request request =
      rpc::AuthRequest(rpc::AuthenticateRequest{.name = who.name, .password = who.password});
  const Reply reply = send(endpoint, request, {});
  if (reply.words == kNoAuth) return {};
  if (reply.code != 0) return {.token = {}, .refusal = door::error_lines(reply.code, reply.words)};
  const auto response = rpc::decode_message<rpc::AuthenticateResponse>(reply.bytes);
  return {.token = response ? response->token : "", .refusal = {}};
}

Reply MirroredCluster::send(std::size_t endpoint, const rpc::Request& request,
                            const std::string& token) {
  const rpc::Method* method = rpc::method_of(request);
  const Bytes bytes = method->encode(request);
  GrpcCaller& caller = callers_[endpoint];
  if (method->shape == rpc::Shape::Unary) {
    return caller.ask(method->path, bytes, kPatience, token);
  }
  return caller.ask_stream(method->path, bytes, kPatience, token);
}

Reply MirroredCluster::enable_auth(std::size_t endpoint, const rpc::Request& request,
                                   const std::string& token) {
  Reply reply = send(endpoint, request, token);
  if (reply.words != wire_text(Errc::RootRoleNotExist)) return reply;
  (void)send(endpoint, rpc::AuthRequest(rpc::AuthRoleAddRequest{"root"}), token);
  (void)send(endpoint, rpc::AuthRequest(rpc::AuthUserGrantRoleRequest{"root", "root"}), token);
  return send(endpoint, request, token);
}

// The list, and then each of it; the last answer counts.
Reply MirroredCluster::disarm(std::size_t endpoint, const rpc::Request& request,
                              const std::string& token) {
  Reply reply = send(endpoint, rpc::MaintenanceRequest(rpc::AlarmRequest{}), token);
  const auto listed = rpc::decode_message<rpc::AlarmResponse>(reply.bytes);
  if (reply.code != 0 || !listed) return reply;
  for (const rpc::AlarmMember& alarm : listed->alarms) {
    rpc::Request one = request;
    *request_in<rpc::MaintenanceRequest, rpc::AlarmRequest>(one) = {rpc::AlarmAction::Deactivate,
                                                                    alarm.member_id, alarm.alarm};
    reply = send(endpoint, one, token);
  }
  return reply;
}

// etcdctl looks for it before it moves a leader.
std::size_t MirroredCluster::leaders_endpoint() {
  for (std::size_t i = 0; i < callers_.size(); ++i) {
    const auto bytes = callers_[i].call("/etcdserverpb.Maintenance/Status", BytesView(), kPatience);
    const auto status =
        bytes ? rpc::decode_message<rpc::StatusResponse>(*bytes) : fail(bytes.error());
    if (status && status->leader.value() == status->header.member_id) return i;
  }
  return 0;
}

void MirroredCluster::translate(rpc::Request& request, const rpc::Response* model) const {
  const auto* granted = answer_in<rpc::LeaseResponse, rpc::LeaseGrantResponse>(model);
  auto* grant = request_in<rpc::LeaseRequest, rpc::LeaseGrantRequest>(request);
  if (grant != nullptr && granted != nullptr) grant->id = granted->id;
  const auto rename = [&](auto* asked) {
    if (asked != nullptr) asked->id = decltype(asked->id)(there(asked->id.value()));
  };
  rename(request_in<rpc::ClusterRequest, rpc::MemberRemoveRequest>(request));
  rename(request_in<rpc::ClusterRequest, rpc::MemberUpdateRequest>(request));
  rename(request_in<rpc::ClusterRequest, rpc::MemberPromoteRequest>(request));
  auto* move = request_in<rpc::MaintenanceRequest, rpc::MoveLeaderRequest>(request);
  if (move != nullptr) move->target_id = NodeId(there(move->target_id.value()));
}

void MirroredCluster::learn(const rpc::Response* model, const Reply& reply) {
  const auto* added = answer_in<rpc::ClusterResponse, rpc::MemberAddResponse>(model);
  if (added == nullptr || reply.code != 0) return;
  const auto here = rpc::decode_message<rpc::MemberAddResponse>(reply.bytes);
  if (here) members_[added->member.id.value()] = here->member.id.value();
}

Lines MirroredCluster::ask(std::uint32_t via, const client::Login& login, rpc::Request request,
                           const rpc::Response* model) {
  const std::size_t endpoint = is_move(request) ? leaders_endpoint() : endpoint_of(via);
  translate(request, model);
  const Ticket ticket = log_in(endpoint, login);
  if (!ticket.refusal.empty()) return ticket.refusal;
  const bool enables = request_in<rpc::AuthRequest, rpc::AuthEnableRequest>(request) != nullptr;
  const Reply reply = enables                       ? enable_auth(endpoint, request, ticket.token)
                      : disarms_everything(request) ? disarm(endpoint, request, ticket.token)
                                                    : send(endpoint, request, ticket.token);
  learn(model, reply);
  if (reply.code != 0) return door::error_lines(reply.code, reply.words);
  return door::answer_lines(rpc::method_of(request)->path, reply.bytes);
}

MirroredCluster::Stream MirroredCluster::watch(std::uint32_t via, const client::Login& login,
                                               const rpc::WatchCreateRequest& request) {
  const std::size_t endpoint = endpoint_of(via);
  const Ticket ticket = log_in(endpoint, login);
  if (!ticket.refusal.empty()) return {.stream = nullptr, .refusal = ticket.refusal};
  Stream out{.stream = std::make_unique<door::CallerStream>(
                 endpoints_[endpoint], "/etcdserverpb.Watch/Watch", ticket.token),
             .refusal = {}};
  (void)out.stream->write(rpc::encode(rpc::WatchRequest(request)));
  const auto first = out.stream->read(kFirstResponse);
  if (!first) {
    const auto& ending = out.stream->ending();
    return {
        .stream = nullptr,
        .refusal = ending ? door::error_lines(ending->code, ending->words) : Lines{"no response"}};
  }
  out.refusal = door::watch_lines(*first);
  return out;
}

}  // namespace orrery::cli
