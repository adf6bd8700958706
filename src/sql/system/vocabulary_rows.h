#pragma once

#include "sql/catalog/made_types.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

/// The rows of pg_type, pg_range, pg_proc, pg_aggregate, pg_operator, pg_opclass, pg_opfamily, pg_cast and pg_language:
/// PostgreSQL's vocabulary as far as it is computed here (src/postgres), the same in every database, and the range
/// types that have been made. Null for another table. Throws.
std::unique_ptr<SystemRows> RowsOfVocabulary(std::string_view table, const std::vector<SystemColumn>& columns,
                                             const SystemKeys& keys, const TypeMap& made);

/// The operator class that an index takes for a type; 0 without any.
int64_t OperatorClassOid(int64_t type);

}  // namespace weir::sql
