#pragma once

#include <filesystem>

#include "weir/status.h"

namespace weir {

/// A fresh directory for a database in memory, below /dev/shm or, where there is none, the
/// directory for temporary files. Removes what processes that ended without closing have left.
Result<std::filesystem::path> MakeMemoryDirectory();

}  // namespace weir
