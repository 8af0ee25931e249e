#include "lang/show.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "lang/describe.h"
#include "lang/source.h"
#include "lang/world_terms.h"

namespace orrery::lang {

namespace {

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view one : words) out += (out.empty() ? "" : ", ") + std::string(one);
  return out;
}

bool has(const std::vector<std::string_view>& words, std::string_view word) {
  return word.empty() || std::ranges::find(words, word) != words.end();
}

}  // namespace

Result<std::string> shown(const sim::World& world, const Show& show) {
  if (show.party.empty()) {
    if (has(cluster_aspects(), show.aspect)) return show_cluster(world, show.aspect);
    return fail(Errc::WrongUse, text("expected {}, or a member or client first, found {}",
                                     joined(cluster_aspects()), quoted(show.aspect)));
  }
  if (const std::uint32_t member = member_number(world, show.party)) {
    if (has(member_aspects(), show.aspect)) return show_member(world, member, show.aspect);
    return fail(Errc::WrongUse,
                text("expected {}, found {}", joined(member_aspects()), quoted(show.aspect)));
  }
  const std::uint32_t client = client_number(show.party);
  if (client == 0 || world.clients().find(client) == nullptr) {
    return fail(Errc::WrongUse, text("there is no member or client {}", show.party));
  }
  return show_client(world, client);
}

}  // namespace orrery::lang
