#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// CREATE TABLE without what needs other relations than the parent: columns, constraints, distribution, options and
/// the partition key. Their checks come in PostgreSQL's order in two steps, as a partition's bound is checked in
/// between.
struct TableDefinition {
  Relation relation;
  std::vector<std::string> notices;
};
Result<TableDefinition> DefineTable(const CreateTable& statement, const TablePath& path, const Relation* parent);
/// `inlined`: with the partitions in the same statement (KWDB), where lists may have several columns and HASH
/// partitions list values too.
Status DefinePartitionKey(const PartitionBy& by, bool inlined, const DdlContext& context, Relation* relation);
/// Keys must hold every partitioning column (0A000), CHECKs be inherited (42P16).
Status CheckConstraints(const Relation& relation);

/// The names of keys that a partition takes over from its parent follow its own name.
std::vector<SqlConstraint> InheritedConstraints(const Relation& parent, const std::string& child);

/// The Fluss table that holds a leaf's or a plain table's rows.
Result<TableDescriptor> DescribeTable(const Relation& relation);

}  // namespace weir::sql
