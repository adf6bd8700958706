#pragma once

#include <string>

#include "access/state.h"
#include "weir/status.h"

namespace weir::sql {

/// 42501 for a parameter that superusers set, and those to whom SET on it was granted.
Status CheckMaySet(const std::string& parameter, const access::State& state, access::RoleId role);

}  // namespace weir::sql
