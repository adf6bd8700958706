#pragma once

#include <string>
#include <vector>

#include "weir/status.h"

namespace weir {

/// Positions of a file's columns to read: those of `wanted`, in its order; all if it is empty. Code -2 for a name that
/// the file lacks or has more than once.
Result<std::vector<int>> ChooseColumns(const std::string& path, const std::vector<std::string>& names,
                                       const std::vector<std::string>& wanted);

}  // namespace weir
