#pragma once

#include <string_view>
#include <vector>

#include "sql/catalog/zone_rules.h"

namespace weir::sql {

/// CONFIGURE ZONE = '…': a zone as YAML, a variable a line, "ttlseconds" below or behind "gc:", values in flow style.
/// What it does not name stays as it is. 23514 for what cannot be read or names no variable.
Result<std::vector<AssignedZoneValue>> ReadWholeZone(std::string_view yaml);

}  // namespace weir::sql
