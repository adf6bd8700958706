#pragma once

#include <span>

#include "sql/system/system_definitions.h"

namespace weir::sql {

/// PostgreSQL's views of statistics, pg_stat_* and pg_statio_*. What Weir does not count is NULL there; what can only
/// be nothing here (conflicts with recovery, archived segments) is 0. Their columns' types: ColumnsOfSystemView.
std::span<const SystemDefinition> StatisticsViews();

}  // namespace weir::sql
