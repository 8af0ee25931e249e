// Checks: the claims about the whole cluster at one moment, each with a light.
//   used by: Session, the checks view    uses: raft (claims), server, sim
//   ideas:   each light costs what it looks at; hashes of keys are remembered per member and applied index, and left
//            out where a member holds so many keys that hashing would be felt.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include <QString>

#include "lang/interpreter.h"
#include "sim/world.h"

namespace orrery::gui {

struct CheckLight {
  // Mended: it was broken, and holds again.
  enum class State : std::uint8_t { Holds, Broken, Mended, Unknown };
  QString name;
  QString meaning;  // what the claim says
  State state = State::Holds;
  QString sentence;                       // what is the case
  QString claim = {};                     // as the command language names it; empty = not by a name
  std::optional<std::size_t> since = {};  // the first step that broke it
};

class HashCache {
 public:
  // Nothing: the member is down, or holds too many keys.
  std::optional<std::uint32_t> hash(const sim::World& world, std::uint32_t member);

 private:
  struct Key {
    std::uint32_t member = 0;
    std::uint64_t applied = 0;
    std::int64_t revision = 0;
    std::int64_t compacted = 0;
    Digest index = 0;

    friend auto operator<=>(const Key&, const Key&) = default;
  };
  std::map<Key, std::uint32_t> known_;
};

// A claim of the reader's own (`always`), or a breakpoint with how often it was met.
CheckLight claim_light(const lang::WatchedClaim& claim);

std::vector<CheckLight> check_lights(const sim::World& world, HashCache& hashes);

}  // namespace orrery::gui
