#include "auth/permissions.h"

namespace orrery::auth {
namespace {

constexpr BytesView kOpenEnd("\0", 1);

Interval interval_of(BytesView key, BytesView range_end) {
  if (range_end.empty()) return Interval::of_key(key);
  if (range_end == kOpenEnd) return {Blob(key), Blob()};
  return {Blob(key), Blob(range_end)};
}

}  // namespace

void Permissions::add(const rpc::Permission& permission) {
  const Interval range = interval_of(permission.key.view(), permission.range_end.view());
  if (permission.type != rpc::PermissionType::Write) readable.put(range, true);
  if (permission.type != rpc::PermissionType::Read) writable.put(range, true);
}

bool Permissions::allows(rpc::PermissionType type, BytesView key, BytesView range_end) const {
  const IntervalTree<bool>& tree = type == rpc::PermissionType::Write ? writable : readable;
  const Interval range = interval_of(key, range_end);
  if (range_end.empty()) return tree.intersects(range.begin, range.end);
  return tree.contains(range.begin, range.end);
}

}  // namespace orrery::auth
