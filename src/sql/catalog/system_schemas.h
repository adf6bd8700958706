#pragma once

#include <string_view>

namespace weir::sql {

inline constexpr const char* kCatalogSchemaName = "pg_catalog";
inline constexpr const char* kInformationSchemaName = "information_schema";
inline constexpr const char* kKwdbSchemaName = "kwdb_internal";

/// Cloudberry's: found by its name, and not listed, so that PostgreSQL's tools meet what they know.
inline constexpr const char* kToolkitSchemaName = "gp_toolkit";

/// Whether a schema is one of these, whose tables are made of the catalog.
bool IsSystemSchema(std::string_view name);

/// The table in pg_catalog that the rows of a function without arguments are; empty for one that is none of these.
std::string_view TableOfSetFunction(std::string_view function);

}  // namespace weir::sql
