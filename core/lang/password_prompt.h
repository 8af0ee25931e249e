// PasswordPrompt: what etcdctl asks its user for because the line does not say it.
//   used by: cli (console on a terminal)    uses: scanner.h
//   ideas:   the answer becomes part of the line, as if it had been typed there; a script has nobody to ask, so there
//            the line is an error or names nobody's password.
//   from: etcdctl/ctlv3/command user_command.go (readPasswordInteractive), global.go (authCfgFromCmd)
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "lang/source.h"

namespace orrery::lang {

struct PasswordPrompt {
  std::string ask;    // "Password of bob: "
  std::string again;  // a new one is asked for twice; empty = once
  // Where the answer goes: [begin, end) of the line becomes lead and then, as one word, owner and password.
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string lead;
  std::string owner;
};

// The first password that the line lacks: `user add NAME`, `user passwd NAME`, `--user NAME`.
std::optional<PasswordPrompt> missing_password(const SourceLine& line);
std::string answered_line(const std::string& line, const PasswordPrompt& prompt,
                          const std::string& password);

}  // namespace orrery::lang
