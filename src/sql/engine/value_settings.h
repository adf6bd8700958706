#pragma once

#include "postgres/value/settings.h"
#include "sql/engine/parameters.h"

namespace weir::sql {

/// What a session's parameters say of the texts of values. 22023 for a time zone that is none.
Result<postgres::Settings> ValueSettings(const Parameters& parameters);

}  // namespace weir::sql
