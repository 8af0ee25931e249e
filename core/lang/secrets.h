// Secrets: from 3.5 on no password stands in a world, a saved run or a log: its bcrypt hash takes its place at once.
//   used by: interpreter (before anything else is done with a command)    uses: auth/bcrypt.h, sim
//   ideas:   whoever types `user add alice:pw` or `--user alice:pw` is given the hash that a member would store: the
//            one
//            that some member holds already and that the password matches, otherwise one salted with the run's seed and
//            the user's name. So the same word gives the same hash, in this run and when it is played again; a hash
//            that
//            is typed stays what it is. 3.4 keeps passwords as typed: it writes them into its log, and that is a
//            lesson.
//   invariant: without_passwords(without_passwords(c)) is without_passwords(c).
#pragma once

#include "base/result.h"
#include "lang/command.h"
#include "sim/world.h"

namespace orrery::lang {

// Errors: bcrypt's own (a password over 72 bytes).
Result<CommandBody> without_passwords(const CommandBody& body, const sim::World& world);
// The same for a request that comes from outside: here even a hash is only a word that somebody typed.
Result<rpc::Request> without_passwords(const rpc::Request& request, const sim::World& world);
// Does the line hold a password, for whoever keeps lines in a file?
bool names_a_password(std::string_view line);

}  // namespace orrery::lang
