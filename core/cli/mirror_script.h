// orrery mirror-script: a script's client commands against a real cluster, each answer beside the model's.
//   used by: serve_arguments.cc    uses: mirror_cluster.h, lang, door (answer_lines.h)
//   ideas:   one command after the other, in the model until it is answered, then there: the same requests, and as
//            much time as has passed in the model. What is no client's command turns the model's crank alone (cluster,
//            until, settle, step, run) or is left out on both sides (crash, cut, tick, ...), and is named as left out.
//            Events of watches are collected and compared when a watch is canceled, and at the end.
//   exit status: 0 all is equal; 1 something differs; 2 no such script, nobody answers.
#pragma once

#include <string>
#include <vector>

#include "lang/script.h"

namespace orrery::cli {

struct MirrorOptions {
  std::string file;
  std::vector<std::string> endpoints;
  std::string user;    // NAME:PASSWORD, for calls that the script makes as nobody
  bool quiet = false;  // only what differs, what is left out, and the sum
};

int mirror_script(const MirrorOptions& options);
// Nothing in it is left out on both sides, and it has one cluster at most: whatever differs is a difference.
bool is_of_clients_alone(const lang::Script& script);

}  // namespace orrery::cli
