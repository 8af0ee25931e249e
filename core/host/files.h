// Files of the host: read whole, written whole.
//   used by: cli, lab, door, gui (never by what a World can reach)      uses: base/result.h
//   ideas:   a file is written beside its place, synced and renamed onto it, so that a reader sees the old
//            file or the new one, and a full disk destroys nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace orrery::host {

// An error's text names the path and the system's reason.
Result<std::string> read_file(const std::string& path);
Result<void> write_file(const std::string& path, std::string_view bytes);
bool file_exists(const std::string& path);
bool folder_exists(const std::string& path);
// The names of the files and folders in a folder, sorted; none when it cannot be read.
std::vector<std::string> names_in(const std::string& folder);
// "dir/" for "dir/name", "" for "name".
std::string folder_of(const std::string& path);

}  // namespace orrery::host
