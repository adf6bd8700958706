#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sql/dialect/access_statement.h"
#include "sql/dialect/qualified_name.h"

namespace weir::sql {

/// Positions are characters of the statement's text, from 1; 0: unknown.

/// A type as written, in PostgreSQL's canonical spelling: "integer", "numeric(10,2)", "text[]". Empty for the
/// columns of a partition and of CREATE TABLE … AS, which name none.
struct TypeName {
  std::string text;
  int position = 0;
};

/// An expression as text that both PostgreSQL and DuckDB read.
struct Expression {
  std::string text;
  int position = 0;
};

struct ColumnDefinition {
  std::string name;
  TypeName type;
  bool not_null = false;
  std::optional<Expression> default_value;
  std::string collation;
  int position = 0;
};

struct TableConstraint {
  enum class Kind { kPrimaryKey, kUnique, kCheck, kForeignKey };
  Kind kind = Kind::kPrimaryKey;
  std::string name;                   // empty: chosen
  std::vector<std::string> columns;   // keys
  std::optional<Expression> check;
  bool no_inherit = false;
  std::optional<QualifiedName> references;       // kForeignKey
  std::vector<std::string> referenced_columns;   // empty: its primary key
  int position = 0;
};

/// A column or an expression of a partition key.
struct PartitionKeyPart {
  std::string column;  // empty: an expression
  Expression expression;
  std::string collation;
  std::string operator_class;
  int position = 0;
};

struct PartitionBy {
  std::string strategy;  // as written, lower case
  std::vector<PartitionKeyPart> key;
  int position = 0;
};

struct BoundValue {
  enum class Kind { kExpression, kMinValue, kMaxValue, kAnyValue };  // the last: DEFAULT in a list of KWDB
  Kind kind = Kind::kExpression;
  Expression expression;
};
using BoundTuple = std::vector<BoundValue>;

/// FOR VALUES …, DEFAULT, or KWDB's VALUES ….
struct BoundClause {
  enum class Kind { kDefault, kRange, kList, kHash };
  Kind kind = Kind::kDefault;
  BoundTuple from;                // kRange
  BoundTuple to;                  // kRange
  std::vector<BoundTuple> values; // kList; one value each in PostgreSQL
  std::optional<int64_t> modulus;
  std::optional<int64_t> remainder;
  int position = 0;
};

struct PartitionDefinition;
/// Partitions written inside of CREATE TABLE (KWDB; Cloudberry's classic syntax).
struct InlinePartitions {
  PartitionBy by;
  std::vector<PartitionDefinition> partitions;
};
struct PartitionDefinition {
  std::string name;
  BoundClause bound;
  std::optional<InlinePartitions> sub;
  int position = 0;
};

/// A partition in Cloudberry's classic syntax, which may stand for many (EVERY).
struct ClassicPartition {
  std::string name;  // empty: numbered
  bool is_default = false;
  enum class Bound { kNone, kList, kRange };
  Bound bound = Bound::kNone;
  std::vector<Expression> values;   // kList
  std::optional<Expression> start;  // kRange
  std::optional<Expression> end;
  std::optional<Expression> every;
  bool start_exclusive = false;
  bool end_inclusive = false;
  std::vector<std::pair<std::string, std::string>> options;
  std::string tablespace;
  std::optional<std::vector<ClassicPartition>> parts;  // its own sub-partitions
  int position = 0;
};
/// SUBPARTITION BY, with the partitions that each one above has unless it says its own.
struct ClassicLevel {
  PartitionBy by;
  std::optional<std::vector<ClassicPartition>> pattern;  // SUBPARTITION TEMPLATE
};
struct ClassicPartitions {
  std::vector<ClassicPartition> partitions;  // of the table itself, whose key is CreateTable's
  std::vector<ClassicLevel> levels;          // below them
};

struct Distribution {
  enum class Kind { kBy, kRandomly, kReplicated };
  Kind kind = Kind::kBy;
  std::vector<std::string> columns;
};

struct CreateTable {
  QualifiedName name;
  bool if_not_exists = false;
  bool temporary = false;
  bool unlogged = false;
  std::vector<ColumnDefinition> columns;
  std::vector<TableConstraint> constraints;
  std::optional<PartitionBy> partition_by;  // also where inline_partitions says it
  std::optional<QualifiedName> parent;      // PARTITION OF
  std::optional<BoundClause> bound;         // … its FOR VALUES
  std::optional<InlinePartitions> inline_partitions;
  std::optional<ClassicPartitions> classic_partitions;
  std::optional<Distribution> distribution;
  /// WITH ( … ), names in lower case, "true" where no value is written; KWDB's BUCKET_COUNT is "bucket.num".
  std::vector<std::pair<std::string, std::string>> options;
  std::string access_method;  // USING
  std::string tablespace;
  enum class OnCommit { kPreserveRows, kDeleteRows, kDrop };
  OnCommit on_commit = OnCommit::kPreserveRows;
  std::optional<std::string> query;         // CREATE TABLE … AS
  bool with_no_data = false;
};

struct AttachPartition {
  QualifiedName parent;
  QualifiedName partition;
  BoundClause bound;
  bool if_exists = false;
};
struct DetachPartition {
  QualifiedName parent;
  QualifiedName partition;
  bool if_exists = false;
  bool concurrently = false;
  bool finalize = false;
};
/// KWDB's ALTER TABLE … PARTITION BY; without partitions: PARTITION BY NOTHING.
struct AlterPartitioning {
  QualifiedName name;
  bool if_exists = false;
  std::optional<InlinePartitions> partitions;
};

struct DropTable {
  std::vector<QualifiedName> names;
  bool if_exists = false;
  bool cascade = false;
};
struct Truncate {
  std::vector<QualifiedName> names;
  bool only = false;
};
struct CreateDatabase {
  std::string name;
  bool if_not_exists = false;
  bool is_schema = false;
  std::string owner;  // AUTHORIZATION, OWNER; empty: who runs the statement
};
struct DropDatabase {
  std::string name;
  bool if_exists = false;
  bool cascade = false;
  bool is_schema = false;
};

/// LOCK TABLE.
struct LockTable {
  struct Item {
    QualifiedName name;
    bool only = false;  // without the partitions below it
  };
  std::vector<Item> items;
  std::string mode;  // "access exclusive", lower case
  bool nowait = false;
};

struct TransactionControl {
  enum class Kind { kBegin, kCommit, kRollback, kSavepoint, kRelease, kRollbackTo };
  Kind kind = Kind::kBegin;
  bool start = false;  // written START TRANSACTION, which is also the command tag
  std::string savepoint;
  std::optional<bool> read_only;   // absent: as the session has it
  std::optional<bool> deferrable;  // likewise
  std::string isolation;           // "read committed", …; empty: the session's
  bool chain = false;              // COMMIT or ROLLBACK AND CHAIN
};

/// SET, RESET (no value; name "all": every one) and SHOW of a parameter.
struct SetParameter {
  std::string name;
  std::optional<std::string> value;
  bool local = false;
  bool reset = false;  // written RESET, which is also the command tag
  bool transaction = false;  // written SET TRANSACTION
  /// SET TRANSACTION and SET SESSION CHARACTERISTICS may set several.
  std::vector<std::pair<std::string, std::string>> also;
};
struct ShowParameter {
  std::string name;  // "all": every one
};

/// SHOW of what the catalog holds (KWDB).
struct ShowCatalog {
  enum class Kind { kDatabases, kSchemas, kTables, kColumns, kIndexes, kCreate, kPartitions, kRanges };
  enum class Of { kAll, kDatabase, kTable };
  Kind kind = Kind::kTables;
  Of of = Of::kAll;
  QualifiedName target;  // kDatabase: in `name`
};

struct Explain {
  bool analyze = false;
  bool verbose = false;
  bool costs = true;
  bool json = false;
  std::optional<bool> summary;  // the planning time; absent: with ANALYZE
  std::string query;
  int query_offset = 0;  // characters before it
};

/// SELECT, INSERT, UPDATE, DELETE, VALUES, COPY …: what DuckDB executes, as text.
struct Query {
  std::string text;
  std::string command;  // "SELECT", "INSERT", …
};

/// A statement that this dialect knows and Weir does not do: 0A000 "<what> is not supported".
struct Unsupported {
  std::string what;  // "CREATE INDEX"
  std::string hint;
};

/// A statement that succeeds without doing anything here: VACUUM, ANALYZE, DISCARD, SET CONSTRAINTS, …
struct NoEffect {
  std::string tag;  // its command tag
};

using Action = std::variant<Query, CreateTable, AttachPartition, DetachPartition, DropTable, Truncate, CreateDatabase,
                            DropDatabase, TransactionControl, SetParameter, ShowParameter, Explain, Unsupported,
                            NoEffect, ShowCatalog, AlterPartitioning, LockTable, AccessStatement>;

struct Statement {
  Action action;
  std::string text;  // without the semicolon
  int offset = 0;    // characters before it in the whole text
};

}  // namespace weir::sql
