#pragma once

#include <memory>
#include <vector>

#include "sql/system/system_rows.h"

namespace weir::sql {

/// pg_stats: what ANALYZE has found in the columns of tables that the session may read.
std::unique_ptr<SystemRows> ColumnStatisticsRows(const SystemSources& sources,
                                                 const std::vector<SystemColumn>& columns);

/// Whether the session's role may read a table; one that is gone only who may do all.
bool MayRead(const SystemSources& sources, int64_t table);

}  // namespace weir::sql
