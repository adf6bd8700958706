#pragma once

#include <vector>

#include "sql/system/system_rows.h"

namespace weir::sql {

/// A function of pg_catalog, computed a value at a time.
struct ScalarSpec {
  using Arguments = std::vector<duckdb::Value>;
  using Body = duckdb::Value (*)(const SystemSources& sources, const Arguments& arguments);

  const char* name;
  std::vector<duckdb::LogicalType> arguments;
  duckdb::LogicalType result;
  Body body;
  bool nulls = false;    // whether it takes NULLs; else a NULL argument gives NULL
  bool changes = false;  // whether it does something: it is called for each row, whatever its arguments
};

/// Those that say who may do what: has_table_privilege, pg_has_role, … (access_functions.cc).
std::vector<ScalarSpec> AccessScalars();
/// acldefault, aclexplode, makeaclitem (acl_functions.cc).
std::vector<ScalarSpec> AclScalars();
/// Those on the search path, on options and on relations' files and keys (catalog_functions.cc).
std::vector<ScalarSpec> CatalogScalars();
/// Those on the target's sessions: pg_cancel_backend, pg_blocking_pids, txid_current, … (activity_functions.cc).
std::vector<ScalarSpec> ActivityScalars();
/// How much room relations and databases take (size_functions.cc).
std::vector<ScalarSpec> SizeScalars();
/// What objects are called, what indexes can do: pg_describe_object, pg_index_has_property, … (object_functions.cc).
std::vector<ScalarSpec> ObjectScalars();
/// Those on types, functions and operators: format_type, pg_get_function_arguments, … (vocabulary_functions.cc).
std::vector<ScalarSpec> VocabularyScalars();

}  // namespace weir::sql
