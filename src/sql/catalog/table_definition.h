#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// CREATE TABLE without what needs other relations than the parent: columns, constraints, distribution, options and
/// the partition key. Their checks come in PostgreSQL's order in two steps, as a partition's bound is checked in
/// between.
struct TableDefinition {
  Relation relation;
  Notices notices;
};
/// `inherited`: the tables that INHERITS names.
Result<TableDefinition> DefineTable(const CreateTable& statement, const TablePath& path, const Relation* parent,
                                    const std::vector<RelationPtr>& inherited);
/// `inlined`: with the partitions in the same statement (KWDB), where lists may have several columns and HASH
/// partitions list values too.
Status DefinePartitionKey(const PartitionBy& by, bool inlined, const DdlContext& context, Relation* relation);
/// Of PostgreSQL's, that every table has: ctid, tableoid, ….
bool IsSystemColumn(std::string_view name);
/// A column of a table of this name without the checks that need other columns. 42704 and the like for its type, 42701
/// for a system column's name.
Result<SqlColumn> DefineColumn(const ColumnDefinition& definition, std::string_view table);
/// One more constraint; where it has no name it is called as PostgreSQL calls it. Makes the columns of a primary key
/// NOT NULL. 42703, 42701, 42710, 42P16. Foreign keys need other relations (foreign_key_ddl.h).
Status AddConstraint(const TableConstraint& definition, Relation* relation);
/// The columns by which rows are spread: those that were named, else the primary key, else the first column that can be
/// hashed. Empty: at random.
std::vector<std::string> DistributionOf(const Relation& relation);
/// Spreads rows as DISTRIBUTED says; 42703 for a column that is not there.
Status Distribute(const Distribution& distribution, Relation* relation);
/// 42P16 for a key without a column by which rows are spread.
Status CheckKeysHoldDistribution(const Relation& relation);
/// 42P16 for a partition whose rows are spread by other columns than its parent's, as Cloudberry spreads them.
Status CheckSameDistribution(const Relation& parent, const Relation& child);
/// Keys must hold every partitioning column (0A000), CHECKs be inherited (42P16).
Status CheckConstraints(const Relation& relation);

/// 0A000 for a unique index of a partitioned table that lacks a partitioning column.
Status CheckUniqueHoldsPartitionKey(const Relation& relation, const std::vector<std::string>& columns,
                                    const char* word = "UNIQUE");
/// As messages call a key.
const char* KeyWord(bool primary);
/// 42P16 for one more primary key. `position`: of it in the statement; 0: nothing is told of that.
Status MultiplePrimaryKeys(const Relation& relation, int position);
/// The same where the table has one, however it is kept.
Status CheckHasNoPrimaryKey(const Relation& relation, int position = 0);
/// As the column of a primary key is.
void BecomeNotNull(SqlColumn* column);

/// Whether constraints of a table and of its parent are one: of the same kind and, a CHECK, name or, a key, columns
/// and, a foreign key, what it refers to.
bool SaysTheSame(const SqlConstraint& one, const SqlConstraint& other);
/// As PostgreSQL calls a key that has no name.
std::string ChosenKeyName(const std::string& table, const SqlConstraint& key);
/// The columns that a partition takes over from its parent: without its identity, comments and numbers.
std::vector<SqlColumn> InheritedColumns(const Relation& parent);
/// The names of keys that a partition takes over from its parent follow its own name.
std::vector<SqlConstraint> InheritedConstraints(const Relation& parent, const std::string& child);

/// A leaf's options as its Fluss table has them.
void SetTableOptions(const Relation& relation, TableDescriptor* descriptor);
/// Whether a table has the same options as another, but for the mark that only SQL writes it, which guards nothing on a
/// cluster.
bool HaveSameOptions(const TableDescriptor& one, const TableDescriptor& other);

/// The Fluss table that holds a leaf's or a plain table's rows.
Result<TableDescriptor> DescribeTable(const Relation& relation);

}  // namespace weir::sql
