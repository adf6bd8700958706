#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "access/relation_id.h"
#include "gateway/gateway.h"
#include "sql/catalog/relation.h"

namespace weir::sql {

/// The first id of a relation that SQL makes: PostgreSQL gives lower OIDs to what it brings along.
inline constexpr int64_t kFirstRelationId = 16384;
using access::kFlussTableIds;
using access::kRelationProperty;
/// Fluss's own partitions are relations, too.
inline constexpr int64_t kFlussPartitionIds = int64_t{1} << 31;

/// What the primary key of a Fluss table is called, behind the table's name.
inline constexpr char kFlussKeySuffix[] = "_pkey";

/// A Fluss table as a relation: a plain table, or the root of a LIST tree over its partition columns.
RelationPtr FlussRelation(const TableInfo& info);

/// The children of such a root. A partition's relation is called <table>$<partition>.
Result<PartitionChildrenPtr> FlussChildren(const Relation& root, const std::vector<PartitionInfo>& partitions);

/// The value that a partition's text stands for (the reverse of PartitionValueText).
Result<KeyValue> PartitionKeyValue(const DataType& type, const std::string& text);

}  // namespace weir::sql
