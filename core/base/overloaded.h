// Overloaded: one lambda per alternative of a std::variant, for std::visit.
//   used by: everything that visits    uses: nothing
//   ideas:   no catch-all lambda: a new alternative must not compile until every visit knows it.
#pragma once

namespace orrery {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace orrery
