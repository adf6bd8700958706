#pragma once

#include <memory>
#include <string>

#include "sql/catalog/catalog.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// What PostgreSQL's functions of the session give, and where its names are looked up.
struct SessionNames {
  std::string database;
  std::string user;
  std::string server_version;
  CatalogView* catalog;
};

/// Replaces what DuckDB would answer in its own way: version(), current_database(), current_schema(), current_user,
/// a relation's name by its OID, and division, which fails on zero. An INSERT of fewer values than columns gets the
/// names of the first ones.
void ReplaceFunctions(duckdb::SQLStatement& statement, const SessionNames& names);

/// The functions that rewritten statements call. Throws.
void RegisterFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
