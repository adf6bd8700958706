#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/gateway.h"
#include "sql/catalog/relation.h"

namespace weir::sql {

/// Ids of relations that SQL did not make follow from Fluss's own; SQL's lie below.
inline constexpr int64_t kFlussTableIds = int64_t{1} << 30;
inline constexpr int64_t kFlussPartitionIds = int64_t{1} << 31;

/// Tables that SQL has made carry the id of their relation; one that no relation of that id claims is a remnant.
inline constexpr const char* kRelationProperty = "weir.relation";

/// The id of the relation that a Fluss table is, or says that it is a leaf of.
int64_t RelationIdOf(const TableInfo& info);

/// A Fluss table as a relation: a plain table, or the root of a LIST tree over its partition columns.
RelationPtr FlussRelation(const TableInfo& info);

/// The children of such a root. A partition's relation is called <table>$<partition>.
Result<PartitionChildrenPtr> FlussChildren(const Relation& root, const std::vector<PartitionInfo>& partitions);

/// The value that a partition's text stands for (the reverse of PartitionValueText).
Result<KeyValue> PartitionKeyValue(const DataType& type, const std::string& text);

}  // namespace weir::sql
