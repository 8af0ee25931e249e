#include "server/alarms.h"

#include "base/text.h"
#include "proto/services_codec.h"

namespace orrery::server {

namespace {

Bytes row_key(NodeId member, rpc::AlarmType type) {
  return rpc::encode_message(rpc::AlarmMember{.member_id = member, .alarm = type});
}

std::string_view to_text(rpc::AlarmType type) {
  switch (type) {
    case rpc::AlarmType::None: return "NONE";
    case rpc::AlarmType::NoSpace: return "NOSPACE";
    case rpc::AlarmType::Corrupt: return "CORRUPT";
  }
  return "";
}

}  // namespace

bool Alarms::raise(backend::Backend& backend, NodeId member, rpc::AlarmType type) {
  if (!raised_.put(std::pair{type, member}, true)) return false;
  backend.put(backend::Bucket::Alarm, row_key(member, type), Blob());
  return true;
}

bool Alarms::lower(backend::Backend& backend, NodeId member, rpc::AlarmType type) {
  if (!raised_.erase(std::pair{type, member})) return false;
  backend.erase(backend::Bucket::Alarm, row_key(member, type));
  return true;
}

bool Alarms::any(rpc::AlarmType type) const {
  return !list(type).empty();
}

std::vector<rpc::AlarmMember> Alarms::list(rpc::AlarmType type) const {
  std::vector<rpc::AlarmMember> out;
  for (const auto& [row, raised] : raised_) {
    if (type != rpc::AlarmType::None && row.first != type) continue;
    out.push_back({.member_id = row.second, .alarm = row.first});
  }
  return out;
}

Result<void> Alarms::restore(const backend::Backend& backend) {
  raised_.clear();
  Result<void> done;
  backend.range(backend::View::Batch, backend::Bucket::Alarm, "", "", 0,
                [&](BytesView key, BytesView /*value*/) {
                  const auto row = rpc::decode_message<rpc::AlarmMember>(key);
                  if (!row) {
                    done = fail(Errc::Corrupt, text("alarm {}: {}", hex(key), row.error().detail));
                    return false;
                  }
                  raised_.put(std::pair{row->alarm, row->member_id}, true);
                  return true;
                });
  return done;
}

std::string to_text(const rpc::AlarmMember& alarm) {
  return text("memberID:{} alarm:{} ", alarm.member_id.value(), to_text(alarm.alarm));
}

}  // namespace orrery::server
