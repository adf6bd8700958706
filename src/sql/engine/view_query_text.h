#pragma once

#include <string>

#include "sql/engine/system_rows.h"

namespace weir::sql {

/// The query of a view as pg_get_viewdef shows it. Throws.
std::string ViewQueryText(const SystemSources& sources, const Relation& view);

}  // namespace weir::sql
