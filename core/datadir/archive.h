// Archive: a whole disk as one string, so that a saved run carries what was loaded into it.
//   used by: sim (the action `load`), host    uses: disk
//   bytes:   for each file by path: u32 length, path, u64 size, u32 blocks, and for each block that is not all zero:
//            u32 its number, u16 its length without trailing zeros, its bytes; little endian
#pragma once

#include "base/blob.h"
#include "base/result.h"
#include "disk/disk.h"

namespace orrery::datadir {

Bytes pack(const disk::Disk& disk);
// Every file as if it had always been there. Errors: the offset at which the archive ends too early.
Result<disk::Disk> unpack(BytesView archive);

// As text without blanks (base64), and back. Errors: a character that is none of base64's.
Result<Bytes> unbase64(std::string_view words);

}  // namespace orrery::datadir
