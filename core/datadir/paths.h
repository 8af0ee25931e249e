// Where etcd keeps what, within a data directory.
//   used by: datadir, server
#pragma once

#include <string_view>

namespace orrery::datadir {

inline constexpr std::string_view kWalDir = "member/wal";
inline constexpr std::string_view kSnapDir = "member/snap";
inline constexpr std::string_view kDbPath = "member/snap/db";

}  // namespace orrery::datadir
