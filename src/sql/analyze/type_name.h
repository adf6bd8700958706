#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// The type that a type name means, arrays and modifiers included. 42704 for one that is none.
Result<postgres::TypeRef> ResolveTypeName(const Scope& scope, const pg_query::TypeName& name);

/// 42501 where a name that the statement itself writes is in a schema that its role may not use; empty: it has none.
Status CheckSchemaWritten(const Scope& scope, const std::string& schema, int location);

}  // namespace weir::sql::analyze
