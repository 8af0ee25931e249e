#include "lang/binaries.h"

#include <algorithm>

#include "base/text.h"

namespace orrery::lang {

using server::Preset;
using server::QuirkSet;
using server::Version;

namespace {

Result<Version> version_of(const std::string& release, const std::string& preset,
                           const Preset& named, const QuirkSet& wanted) {
  if (!release.empty()) {
    const auto version = server::parse_release(release);
    if (!version || preset.empty() || *version == named.version) return version;
    return fail(Errc::WrongUse, text("--preset {} is {}, --as says {}", preset,
                                     server::to_text(named.version), release));
  }
  if (!preset.empty()) return named.version;
  return server::fitting_version(wanted);
}

}  // namespace

Result<Binaries> binaries_of(const std::string& release, const std::string& preset,
                             const std::string& quirks, std::uint32_t members) {
  auto named = server::preset_of(preset.empty() ? "fixed" : preset, members);
  if (!named) return fail(named.error());
  const auto wanted =
      server::parse_quirks(quirks.empty() ? "none" : quirks).and_then(server::with_needs);
  if (!wanted) return fail(wanted.error());
  const auto version = version_of(release, preset, *named, *wanted);
  if (!version) return fail(version.error());
  Binaries out{.version = *version, .quirks = {}};
  for (QuirkSet& one : named->members) {
    one.add(*wanted);
    const auto whole = server::with_needs(one);
    if (!whole) return fail(whole.error());
    const auto fits = server::check_fits(*whole, *version);
    if (!fits) return fail(fits.error());
    one = *whole;
  }
  const bool any =
      std::ranges::any_of(named->members, [](const QuirkSet& q) { return !q.empty(); });
  if (any) out.quirks = std::move(named->members);
  return out;
}

std::string quirks_text(const std::vector<QuirkSet>& quirks) {
  if (quirks.empty()) return {};
  const bool same = std::ranges::all_of(quirks, [&](const QuirkSet& q) { return q == quirks[0]; });
  if (same) return ", quirks " + server::to_text(quirks[0]);
  std::string out;
  for (std::size_t i = 0; i < quirks.size(); ++i) {
    out += text(", n{}: {}", i + 1, quirks[i].empty() ? "none" : server::to_text(quirks[i]));
  }
  return out;
}

}  // namespace orrery::lang
