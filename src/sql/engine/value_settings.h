#pragma once

#include "postgres/value/settings.h"
#include "sql/engine/parameters.h"

namespace weir::sql {

/// What parameters say of how values are read and written. 22023 for a time zone that there is not, and the like.
Result<postgres::Settings> ValueSettingsOf(const Parameters& parameters);

}  // namespace weir::sql
