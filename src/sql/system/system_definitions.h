#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::sql {

/// A table or view of PostgreSQL's system schemas.
struct SystemDefinition {
  std::string_view name;
  std::string_view text;  // a table's columns, "oid oid, relname name"; a view's query
  int64_t oid = 0;        // a table's: the tableoid of its rows
};

/// The tables of pg_catalog, with all of PostgreSQL's columns. Those that RowsOfSystemTable has nothing for are empty.
std::span<const SystemDefinition> CatalogTables();
/// Cloudberry's gp_toolkit.
std::span<const SystemDefinition> ToolkitTables();
/// Views on pg_catalog's, as DuckDB reads them.
std::span<const SystemDefinition> CatalogViews();
/// Tables and views of information_schema: those that are always empty are tables here.
std::span<const SystemDefinition> InformationTables();
std::span<const SystemDefinition> InformationViews();
/// The columns of such a view with PostgreSQL's types, "schemaname name, tablename name".
std::string_view ColumnsOfSystemView(std::string_view schema, std::string_view view);

/// "f(x) AS …": functions that an expression of DuckDB's says.
std::span<const std::string_view> SystemMacros();

}  // namespace weir::sql
