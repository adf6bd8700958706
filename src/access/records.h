#pragma once

#include <map>
#include <string>
#include <utility>

#include "access/state.h"

namespace weir::access {

/// A state as the rows of `weir.access` (docs/storage-format-sql.md): kind and key, and a definition in JSON.
using Records = std::map<std::pair<std::string, std::string>, std::string>;

/// Built-in roles that nothing was changed of have no record.
Records ToRecords(const State& state);
/// XX001 for what cannot be read.
Result<State> FromRecords(const Records& records);

}  // namespace weir::access
