// Binaries: what --as, --preset and --quirk say together: which release each member is, and with which defects.
//   used by: interpret_session.cc (cluster), interpret_fault.cc (restart), cli (hunt)    uses: server/quirks.h
//   ideas:   --as names a release as it should have been; --preset one as it was; --quirk adds a defect to either.
//            Where nothing names a release, the newest one that can have the defects is taken.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/quirks.h"

namespace orrery::lang {

struct Binaries {
  server::Version version = server::Version::V3_6;
  std::vector<server::QuirkSet> quirks;  // n1 first; empty = nobody has any
};

// Each word may be empty. Errors: an unknown name, defects that bar each other, a release that never had one.
Result<Binaries> binaries_of(const std::string& release, const std::string& preset,
                             const std::string& quirks, std::uint32_t members);

// ", n1: auth_ops_skip_ci_save, n2 and n3: none"; empty = nobody has any.
std::string quirks_text(const std::vector<server::QuirkSet>& quirks);

}  // namespace orrery::lang
