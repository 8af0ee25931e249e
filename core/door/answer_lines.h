// AnswerLines: what of an answer is compared, the model's beside a cluster's, as lines.
//   used by: cli (mirror_script.h)    uses: service_descriptors.h, libprotobuf (in the .cc)
//   ideas:   both sides are bytes of one message, read by the descriptors that reflection hands out, so every service
//            is compared by one rule: whatever is not named here must be equal.
//   not compared: ids of the cluster and of members, Raft's term and indexes, who leads, sizes of files, releases,
//            tokens, a member's name and addresses, numbers of watches. In no order: members, leases, keys of a lease,
//            alarms. A lease's remaining time may differ by two seconds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"

namespace orrery::door {

using Lines = std::vector<std::string>;

// Of a method's answer: "/etcdserverpb.KV/Put".
Lines answer_lines(std::string_view method, BytesView bytes);
// Of a call that failed. `code` is gRPC's.
Lines error_lines(int code, const std::string& words);
// Of a WatchResponse: whether it was created or canceled, and its events, a line each; a progress report has none.
Lines watch_lines(BytesView bytes);

bool are_same(const Lines& model, const Lines& cluster);
// A line of the model's, a line of the cluster's beside it, those that differ marked.
std::string side_by_side(const Lines& model, const Lines& cluster);

}  // namespace orrery::door
