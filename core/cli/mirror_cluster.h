// MirroredCluster: a real cluster, ours or stock, asked what a model's client asks.
//   used by: mirror_script.h    uses: door (caller.h, caller_stream.h, answer_lines.h), proto
//   ideas:   n1, n2, ... of a script are the endpoints in their order, round and round if there are fewer. Whatever
//            etcdctl does around a call is done here, too: it logs in first; it makes the role root when that is what
//            `auth enable` misses; it takes every alarm back by itself.
//   mapping: a member is named by the model's id and asked for by the cluster's; a lease is granted with the id that
//            the model's server has chosen.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/login.h"
#include "door/answer_lines.h"
#include "door/caller.h"
#include "door/caller_stream.h"
#include "proto/rpc.h"

namespace orrery::cli {

class MirroredCluster {
 public:
  // Asks each endpoint who it is. `login`: for calls that a script makes as nobody. Errors: Unavailable.
  static Result<MirroredCluster> reach(const std::vector<std::string>& endpoints,
                                       const client::Login& login);

  // "3.4.23"
  const std::string& version() const { return version_; }

  // What the model's n1, n2, ... are called there.
  void pair_members(const std::vector<std::uint64_t>& model_ids);

  // The answer of member `via` to a request of the model's, and of its model's answer.
  door::Lines ask(std::uint32_t via, const client::Login& login, rpc::Request request,
                  const rpc::Response* model);
  // A watch stream that has its first response; null = refused, and `refusal` says how.
  struct Stream {
    std::unique_ptr<door::CallerStream> stream;
    door::Lines refusal;
  };
  Stream watch(std::uint32_t via, const client::Login& login,
               const rpc::WatchCreateRequest& request);

 private:
  MirroredCluster() = default;

  std::size_t endpoint_of(std::uint32_t via) const { return (via - 1) % endpoints_.size(); }
  struct Ticket {
    std::string token;
    door::Lines refusal;  // empty = it was let in
  };
  Ticket log_in(std::size_t endpoint, const client::Login& login);
  door::GrpcCaller::Reply send(std::size_t endpoint, const rpc::Request& request,
                               const std::string& token);
  door::GrpcCaller::Reply enable_auth(std::size_t endpoint, const rpc::Request& request,
                                      const std::string& token);
  door::GrpcCaller::Reply disarm(std::size_t endpoint, const rpc::Request& request,
                                 const std::string& token);
  std::size_t leaders_endpoint();
  std::uint64_t there(std::uint64_t model_id) const;
  void translate(rpc::Request& request, const rpc::Response* model) const;
  void learn(const rpc::Response* model, const door::GrpcCaller::Reply& reply);

  std::vector<std::string> endpoints_;
  std::vector<door::GrpcCaller> callers_;  // by endpoint
  std::vector<std::uint64_t> ids_;         // likewise: who answers there
  client::Login login_;
  std::string version_;
  std::map<std::uint64_t, std::uint64_t> members_;  // by the model's id: the cluster's
};

}  // namespace orrery::cli
