// ResponseHeader: what stands on top of nearly every answer.
//   used by: rpc.h and the messages of each service
//   from: etcd api/etcdserverpb/rpc.proto
#pragma once

#include <cstdint>

namespace orrery::rpc {

struct ResponseHeader {
  std::uint64_t cluster_id = 0;
  std::uint64_t member_id = 0;  // the answering member
  std::int64_t revision = 0;    // the store's when the answer was made
  std::uint64_t raft_term = 0;

  template <class F>
  void fields(F&& f) const {
    f("cluster_id", cluster_id), f("member_id", member_id), f("revision", revision),
        f("raft_term", raft_term);
  }
  friend bool operator==(const ResponseHeader&, const ResponseHeader&) = default;
};

// Messages without fields of their own, told apart by a tag.
template <class Tag>
struct NoFields {
  template <class F>
  void fields(F&&) const {}
  friend bool operator==(const NoFields&, const NoFields&) = default;
};

template <class Tag>
struct HeaderOnly {
  ResponseHeader header;

  template <class F>
  void fields(F&& f) const {
    f("header", header);
  }
  friend bool operator==(const HeaderOnly&, const HeaderOnly&) = default;
};

}  // namespace orrery::rpc
