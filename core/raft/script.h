// Scripts of etcd-io/raft: read, run against our Raft, compared word for word.
//   used by: cli (orrery raft-script), tests    uses: script/
//   ideas:   three kinds of file in one format: interaction (a group of members driven by commands), quorum
//            (arithmetic), confchange (configurations). Which one a file is follows from its first command.
//   from: cockroachdb datadriven (format); etcd raft rafttest/, quorum/datadriven_test.go,
//         confchange/datadriven_test.go (commands)
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace orrery::raft {

struct ScriptReport {
  int directives = 0;     // how many commands there are
  int mismatches = 0;     // how many answered something else than the file says
  std::string diff;       // for a person: each mismatch with file, line, expected and actual text
  std::string rewritten;  // the whole file with our answers in place of the expected ones

  bool ok() const { return mismatches == 0; }
};

// `name` appears in messages. An error means the text is no script at all.
Result<ScriptReport> run_script(std::string_view name, std::string_view text);

}  // namespace orrery::raft
