#pragma once

#include <string>

#include "storage/log_check.h"

namespace weir {

/// Puts what is whole in the place of a damaged log: in each damaged segment the sound batches stay, at their offsets,
/// and gaps take the place of those that are lost (docs/storage-format.md, "Gaps"); a missing segment becomes a gap.
/// The files that it replaces go to the directory `aside`, which is made. `report` is InspectLog's, with `verify`.
/// `append_only`: of a log table. Nobody else uses the log.
Status SalvageLog(const std::string& directory, const LogReport& report, bool append_only, const std::string& aside);

}  // namespace weir
