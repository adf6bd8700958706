#pragma once

#include <string_view>

#include "weir/status.h"

namespace weir::sql {

/// There are those that every PostgreSQL has, and no others: 42704.
inline constexpr std::string_view kDefaultTablespaceName = "pg_default";
inline constexpr std::string_view kGlobalTablespaceName = "pg_global";
Status CheckTablespace(std::string_view name);
/// And 22023 for the one that tables and indexes cannot be in.
Status CheckTablespaceOfTable(std::string_view name);

}  // namespace weir::sql
