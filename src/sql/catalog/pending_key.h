#pragma once

#include "sql/catalog/altered_tree.h"
#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

// A primary key of ONLY a partitioned table, as pg_dump makes it: it waits, as an index that is not valid, for all
// partitions to have theirs, and becomes the table's primary key when the last one is attached. Indexes of primary keys
// are no relations: ALTER INDEX … ATTACH PARTITION finds them by their tables.

/// The table that has a primary key, or waits for one, of that name; null without.
Result<RelationPtr> TableOfKey(CatalogView& catalog, const TablePath& path);

/// ALTER TABLE ONLY … ADD PRIMARY KEY. 42P16 for a column that a partition may have NULLs in.
Status AddPendingKey(const TableConstraint& definition, AlteredTree* tree);

/// Nothing when `statement.name` is not the name of a primary key. 42P17, 55000 for a partition's index that is not the
/// same key.
Result<std::optional<Notices>> AttachKey(const AttachIndex& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
