#pragma once

#include <string>

#include "weir/status.h"

namespace weir {

/// Code 11 unless the disk has room for what opening or closing the RocksDB in `directory` writes: a megabyte, and what
/// its write-ahead logs hold twice. A directory that does not exist is looked at through its parent.
Status RequireSpace(const std::string& directory);

}  // namespace weir
