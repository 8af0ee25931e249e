// ShowRows: a member's key bucket beside its index, and its users and roles, as the museum's cards write them.
//   used by: describe.cc (show n1 bucket, show n1 auth)    uses: server, mvcc, backend, disk
//   ideas:   "key={2,3,7t} sched=7 fin=-": the revisions of the rows, t = a tombstone; how far compaction was ordered,
//            and how far it came. Once as the member sees its batch, once as a restart would find the file if the
//            machine died now: what lies between the two is what a crash can take.
#pragma once

#include <string>

#include "server/member.h"

namespace orrery::lang {

std::string show_bucket(const server::Member& member);
std::string show_auth(const server::Running& run);

}  // namespace orrery::lang
