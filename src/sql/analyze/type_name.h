#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// The type that a type name means, arrays and modifiers included. 42704 for one that is none.
Result<postgres::TypeRef> ResolveTypeName(const Scope& scope, const pg_query::TypeName& name);

}  // namespace weir::sql::analyze
