#pragma once

#include <optional>
#include <string>

#include "postgres/oid.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

// Values of regclass and its like (postgres::NamesCatalog): OIDs that are written and read as names of what a session's
// catalog lists.

/// "orders", "other.t", "lower(text)": as the name must be written to be read here; the number where it is nothing's.
/// Throws.
std::string CatalogNameText(const SystemSources& sources, postgres::Oid type, int64_t oid);
/// The OID that a name, a number or "-" means. Errors: PostgreSQL's for the type.
Result<int64_t> ReadCatalogName(const SystemSources& sources, postgres::Oid type, const std::string& text);
/// As to_regclass() and its like: a name only, and nothing where it means nothing.
Result<std::optional<int64_t>> FindCatalogName(const SystemSources& sources, postgres::Oid type,
                                               const std::string& text);

/// An aclitem as it is kept: "alice=r/weir". 22P02, 42704.
Result<std::string> AclItemAsKept(const SystemSources& sources, std::string_view text);

/// Whether the session knows a schema of the name.
Result<bool> HasSchemaNamed(const SystemSources& sources, const std::string& name);
/// The schema that a database's tables are in for who is connected to `here`: "public" for its own.
std::string SchemaSeenFrom(const std::string& here, const std::string& database);
/// An error whose schema is named so.
Status WithSchemaSeen(const Status& failure, const std::string& here);

/// The relation or index that an argument of pg_catalog's functions names. Throws 42P01 without one.
int64_t RegclassOid(const SystemSources& sources, const std::string& text);

}  // namespace weir::sql
