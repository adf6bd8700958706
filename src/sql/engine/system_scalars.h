#pragma once

#include <vector>

#include "sql/engine/system_rows.h"

namespace weir::sql {

/// A function of pg_catalog, computed a value at a time.
struct ScalarSpec {
  using Arguments = std::vector<duckdb::Value>;
  using Body = duckdb::Value (*)(const SystemSources& sources, const Arguments& arguments);

  const char* name;
  std::vector<duckdb::LogicalType> arguments;
  duckdb::LogicalType result;
  Body body;
  bool nulls = false;  // whether it takes NULLs; else a NULL argument gives NULL
};

/// Those that say who may do what: has_table_privilege, pg_has_role, … (access_functions.cc).
std::vector<ScalarSpec> AccessScalars();
/// Those on types, functions and operators: format_type, pg_get_function_arguments, … (vocabulary_functions.cc).
std::vector<ScalarSpec> VocabularyScalars();

}  // namespace weir::sql
