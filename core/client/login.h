// Login: as whom a client calls.
//   used by: commands.h, calls.h, program.h
//   ideas:   from 3.5 on the password is never the one that was typed: lang/secrets.h puts its hash there.
#pragma once

#include <string>

namespace orrery::client {

// As whom a client calls. An empty name: as nobody.
struct Login {
  std::string name;
  std::string password;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("password", password);
  }
  friend bool operator==(const Login&, const Login&) = default;
};

}  // namespace orrery::client
