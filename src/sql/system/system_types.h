#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/type.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

/// pg_type, pg_enum: PostgreSQL's own types and those that the databases have made. Null for another table.
std::unique_ptr<SystemRows> TypeTableRows(const SystemSources& sources, std::string_view table,
                                          const std::vector<SystemColumn>& columns, const SystemKeys& keys);

/// The rows of pg_constraint that are of domains.
std::unique_ptr<SystemRows> DomainConstraintRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                                 const SystemKeys& keys);
/// What pg_get_constraintdef() shows of one; nothing where none has the OID.
std::optional<std::string> DomainConstraintText(const SystemSources& sources, int64_t constraint, bool pretty);
/// The rows of pg_class and pg_attribute that are of composite types.
std::unique_ptr<SystemRows> CompositeClassRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                               const SystemKeys& keys);
std::unique_ptr<SystemRows> CompositeAttributeRows(const SystemSources& sources,
                                                   const std::vector<SystemColumn>& columns, const SystemKeys& keys);
/// The composite type that pg_class lists under the OID; null: none.
postgres::MadeTypePtr CompositeOfClass(const SystemSources& sources, int64_t oid);
/// The rows of one and then those of the other.
std::unique_ptr<SystemRows> JoinedRows(std::unique_ptr<SystemRows> first, std::unique_ptr<SystemRows> second);

/// Whether a type's name alone means it in the session.
bool IsTypeVisible(const SystemSources& sources, postgres::Oid type);
/// What format_type() gives in the session: a type that its search path does not find has its schema.
std::string TypeTextHere(const SystemSources& sources, postgres::TypeRef type);
/// A kept expression with names of types, and calls as they were written.
std::string WrittenText(std::string_view text);
/// … as the session sees it.
std::string TextHere(const SystemSources& sources, std::string_view text);

/// The made type, or its arrays', that a name means in the session; an empty schema: by the search path. 0: there is
/// none.
Result<postgres::Oid> FindMadeTypeHere(const SystemSources& sources, std::string_view schema, std::string_view name);
/// A type by its text, as to_regtype() takes it. 42704 and others.
Result<postgres::TypeRef> ReadTypeHere(const SystemSources& sources, const std::string& text);

}  // namespace weir::sql
