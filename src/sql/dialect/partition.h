#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// `strategy (key, …)`, what follows PARTITION BY. `inlined`: KWDB's list of partitions follows, which takes
/// several columns for LIST too.
Result<PartitionBy> ParsePartitionBy(Cursor& cursor, bool inlined);

/// FOR VALUES … or DEFAULT.
Result<BoundClause> ParseBound(Cursor& cursor);

/// KWDB's `strategy (columns) (PARTITION …, …)`, what follows PARTITION BY; none for NOTHING. Cloudberry's classic
/// form is refused with 0A000 and the declarative form for a hint.
Result<std::optional<InlinePartitions>> ParseInlinePartitions(Cursor& cursor);

/// PostgreSQL's grammar does not know these lists of partitions; their expressions are checked by it all the same.
Status CheckValueLists(const StatementSource& statement, Tokens partitions);

}  // namespace weir::sql::dialect
