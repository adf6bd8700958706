#pragma once

#include <string_view>
#include <vector>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Whether the list of partitions under the cursor is in Cloudberry's classic syntax rather than KWDB's.
bool IsClassicList(Cursor cursor);
/// Whether what follows PARTITION BY is.
bool IsClassicPartitioning(Cursor cursor);

/// `RANGE (column) [SUBPARTITION BY …] (PARTITION … START … END …, …)`, what follows PARTITION BY, into
/// `partition_by` and `classic_partitions` of the table.
Status ParseClassicPartitioning(Cursor& cursor, CreateTable* table);

/// The partitions of a SUBPARTITION TEMPLATE that was kept as the text between its parentheses. Their positions are 0.
Result<std::vector<ClassicPartition>> ReadTemplate(std::string_view text);

}  // namespace weir::sql::dialect
