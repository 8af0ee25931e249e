// Release: the very release that stands for a release line.
//   used by: the lanes (versions), door (pages)    uses: version.h
#pragma once

#include <string>

#include "server/version.h"

namespace orrery::server {

// "3.4.23"
std::string release_of(Version version);
// "3.4.0": a version without its patch, as a cluster decides it.
std::string cluster_version_of(Version version);

}  // namespace orrery::server
