#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Whether the list of partitions under the cursor is in Cloudberry's classic syntax rather than KWDB's.
bool IsClassicList(Cursor cursor);
/// Whether what follows PARTITION BY is.
bool IsClassicPartitioning(Cursor cursor);

/// `RANGE (column) [SUBPARTITION BY …] (PARTITION … START … END …, …)`, what follows PARTITION BY, into
/// `partition_by` and `classic_partitions` of the table.
Status ParseClassicPartitioning(Cursor& cursor, CreateTable* table);

}  // namespace weir::sql::dialect
