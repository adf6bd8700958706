#pragma once

#include <vector>

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// Partitions a table as KWDB's PARTITION BY says: gives the root its key, and makes the leaves in the order of their
/// declaration, with names that nobody has. Since rows outside of all partitions are legal, a leaf for them follows
/// when no partition is declared to take them. Values are checked as KWDB does, with its texts and SQLSTATEs, and
/// evaluated once.
Result<std::vector<Relation>> DeclarePartitions(const InlinePartitions& partitions, const DdlContext& context,
                                                CatalogDraft* draft, Relation* root);

/// The partitions of an index, which hold nothing by themselves.
Result<SqlIndex::Partitioning> DeclareIndexPartitions(const InlinePartitions& partitions, const DdlContext& context,
                                                      const Relation& table, const Relation& index);
/// An index's table as if it were partitioned as the index is: for what tells names, types and values of the key.
Relation KeyedByIndex(const Relation& table, const SqlIndex& index);

}  // namespace weir::sql
