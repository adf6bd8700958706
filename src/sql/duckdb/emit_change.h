#pragma once

#include <string>
#include <vector>

#include "sql/duckdb/emit.h"

namespace weir::sql::duck {

/// The columns of a change's rows while they are put together; the places have kPlaceColumns' names.
inline constexpr const char* kActionColumn = "action";
/// Of a column of the row as it shall be.
std::string NewColumnName(size_t column);

/// Of a column of the row as it was.
std::string OldColumnName(size_t column);

Parsed ActionOf(RowAction action);
/// A change's first columns; `alias`: of the target, or of what has its place columns.
void AddPlaceAndAction(const std::string& alias, Parsed action, duckdb::SelectNode* rows);
/// One value for each of the target's columns, in their forms.
void AddNewRow(std::vector<Parsed> values, duckdb::SelectNode* rows);

}  // namespace weir::sql::duck
