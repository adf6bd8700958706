#pragma once

#include <string>
#include <vector>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// The table whose partitions a classic form of ALTER TABLE is about.
struct ClassicTarget {
  RelationPtr root;
  RelationPtr table;
  size_t level = 1;  // of its partitions: 1 below the root
};

/// The way down from the table that the statement names, each step locked. 42P17 for a table without partitions, 42704
/// for a partition that is not there.
Result<ClassicTarget> FindClassicTarget(const std::vector<ClassicPartitionId>& way, const RelationPtr& named,
                                        const DdlContext& context, CatalogDraft* draft);

/// The partition that is meant, not locked yet; null: there is none. 42809 for a value that only the DEFAULT partition
/// takes.
Result<RelationPtr> FindClassicPartition(const ClassicTarget& target, const ClassicPartitionId& id,
                                         const DdlContext& context, CatalogDraft* draft);
/// The same, locked with all below it. 42704: there is none.
Result<RelationPtr> TakeClassicPartition(const ClassicTarget& target, const ClassicPartitionId& id,
                                         const DdlContext& context, CatalogDraft* draft);
Status NoClassicPartition(const ClassicTarget& target, const ClassicPartitionId& id);

/// The first partition in the order of bounds, whose design new ones take over. 55000: there is none.
Result<RelationPtr> FirstPartition(const Relation& table, CatalogDraft* draft);

/// A path as a statement names it.
QualifiedName NameOfPath(const TablePath& path);

}  // namespace weir::sql
