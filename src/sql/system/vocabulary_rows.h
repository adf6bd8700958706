#pragma once

#include "sql/system/system_rows.h"

namespace weir::sql {

/// The rows of pg_type, pg_range, pg_proc, pg_aggregate, pg_operator, pg_opclass, pg_opfamily, pg_cast and pg_language:
/// PostgreSQL's vocabulary as far as it is computed here (src/postgres), the same in every database. Null for another
/// table. Throws.
std::unique_ptr<SystemRows> RowsOfVocabulary(std::string_view table, const std::vector<SystemColumn>& columns,
                                             const SystemKeys& keys);

/// The operator class that an index takes for a type; 0 without any.
int64_t OperatorClassOid(int64_t type);

}  // namespace weir::sql
