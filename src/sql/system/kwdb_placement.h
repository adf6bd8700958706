#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/zone.h"

namespace weir::sql {

/// What a range lacks of what its zone asks for, a sentence each: there is one node, of the locality (empty: none),
/// which has the only replica and the lease. Empty where nothing is lacking. Throws.
std::vector<std::string> ViolationsOf(const ZoneFields& zone, std::string_view locality);

}  // namespace weir::sql
