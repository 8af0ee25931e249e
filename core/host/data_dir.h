// Data directories of the host: read into a simulated disk, written from one.
//   used by: cli, lab, gui (eject, load, dumps)    uses: disk, files.h
//   ideas:   holes stay holes: a preallocated log of 64 MB costs what is written in it, both ways. Paths inside the
//            disk are etcd's: member/wal/*.wal, member/snap/*.snap, member/snap/db.
#pragma once

#include <string>

#include "base/result.h"
#include "disk/disk.h"

namespace orrery::host {

// A data directory; a folder with wal/ or snap/ in it, or one of .wal files, is taken for that part of one.
// Errors: nothing of the kind, or a file that cannot be read.
Result<disk::Disk> read_data_dir(const std::string& folder);

// Every file as the member would see it, in a folder that must be new or empty.
Result<void> write_data_dir(const disk::Disk& disk, const std::string& folder);

}  // namespace orrery::host
