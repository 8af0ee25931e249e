// Permissions: what a user's roles together allow, as two interval trees.
//   used by: AuthStore (its cache, one per user)    uses: base/interval_tree.h
//   ideas:   ranges of several roles join: touching ones cover what lies across their border.
//   from: etcd server/auth/range_perm_cache.go
#pragma once

#include "base/blob.h"
#include "base/interval_tree.h"
#include "proto/auth_messages.h"

namespace orrery::auth {

struct Permissions {
  IntervalTree<bool> readable;
  IntervalTree<bool> writable;

  void add(const rpc::Permission& permission);
  // `type` is Read or Write; an empty range_end means the key alone, "\0" everything from it on.
  bool allows(rpc::PermissionType type, BytesView key, BytesView range_end) const;

  template <class F>
  void fields(F&& f) const {
    f("readable", readable), f("writable", writable);
  }
  friend bool operator==(const Permissions&, const Permissions&) = default;
};

}  // namespace orrery::auth
