#pragma once

#include <string>
#include <vector>

#include "duckdb/common/string_util.hpp"
#include "sql/catalog/relation.h"

namespace weir::sql::duck {

/// What DuckDB, to which the case of a name means nothing, calls a column of a table: its own name, with its place
/// behind that where an earlier one is the same but for case. No column's own name has the mark between them.
inline std::string AttachedColumnName(const std::vector<SqlColumn>& columns, size_t column) {
  const std::string& name = columns[column].name;
  for (size_t i = 0; i < column; ++i) {
    if (duckdb::StringUtil::CIEquals(columns[i].name, name)) return name + '\x01' + std::to_string(column);
  }
  return name;
}

}  // namespace weir::sql::duck
