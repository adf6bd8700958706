#pragma once

#include <string>

#include "sql/system/system_rows.h"

namespace weir::sql {

/// The query of a view as it would be written now: what has been renamed since has its old names as aliases. Throws.
std::string WrittenViewQuery(const SystemSources& sources, const Relation& view);
/// The query of a view as pg_get_viewdef shows it; `pretty`: to people. Throws.
std::string ViewQueryText(const SystemSources& sources, const RelationPtr& view, bool pretty);

}  // namespace weir::sql
