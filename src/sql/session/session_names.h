#pragma once

#include "sql/dialect/statement.h"
#include "sql/system/relation_names.h"

namespace weir::sql {

/// 42501 where a statement names something that is there in a schema which the session's role may not use. KWDB's own
/// statements ask for privileges on their tables alone.
Status CheckSchemasWritten(const Action& action, RelationNames* names);

}  // namespace weir::sql
