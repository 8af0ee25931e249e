// Alarms: which members have raised which, as every member knows it.
//   used by: Running, apply (refusals), handlers (alarm, status)    uses: backend (rows of the bucket `alarm`)
//   from: etcd server/etcdserver/api/v3alarm/alarms.go
#pragma once

#include <string>
#include <vector>

#include "backend/backend.h"
#include "base/ordered_map.h"
#include "base/result.h"
#include "proto/maintenance_messages.h"

namespace orrery::server {

class Alarms {
 public:
  // False = it stood already.
  bool raise(backend::Backend& backend, NodeId member, rpc::AlarmType type);
  // False = it did not stand.
  bool lower(backend::Backend& backend, NodeId member, rpc::AlarmType type);
  bool any(rpc::AlarmType type) const;
  // None = of every type.
  std::vector<rpc::AlarmMember> list(rpc::AlarmType type) const;
  // Error: Corrupt, naming the row.
  Result<void> restore(const backend::Backend& backend);

  template <class F>
  void fields(F&& f) const {
    f("raised", raised_);
  }
  friend bool operator==(const Alarms&, const Alarms&) = default;

 private:
  OrderedMap<std::pair<rpc::AlarmType, NodeId>, bool> raised_;
};

// As Status shows it: "memberID:5 alarm:NOSPACE".
std::string to_text(const rpc::AlarmMember& alarm);

}  // namespace orrery::server
