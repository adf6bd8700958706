#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weir::sql {

/// Positions are characters of the statement's text, from 1; 0: unknown.

struct QualifiedName {
  std::string database;  // empty: the session's
  std::string schema;    // empty: by the search path
  std::string name;
  int position = 0;
};

/// A type as written, in PostgreSQL's canonical spelling: "integer", "numeric(10,2)", "text[]".
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
  enum class Kind { kExpression, kMinValue, kMaxValue };
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

struct Distribution {
  enum class Kind { kBy, kRandomly, kReplicated };
  Kind kind = Kind::kBy;
  std::vector<std::string> columns;
};

struct CreateTable {
  QualifiedName name;
  bool if_not_exists = false;
  bool temporary = false;
  std::vector<ColumnDefinition> columns;
  std::vector<TableConstraint> constraints;
  std::optional<PartitionBy> partition_by;
  std::optional<QualifiedName> parent;      // PARTITION OF
  std::optional<BoundClause> bound;         // … its FOR VALUES
  std::optional<InlinePartitions> inline_partitions;
  std::optional<Distribution> distribution;
  std::vector<std::pair<std::string, std::string>> options;  // WITH ( … )
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
};
struct DropDatabase {
  std::string name;
  bool if_exists = false;
  bool cascade = false;
  bool is_schema = false;
};

struct TransactionControl {
  enum class Kind { kBegin, kCommit, kRollback, kSavepoint, kRelease, kRollbackTo };
  Kind kind = Kind::kBegin;
  std::string savepoint;
  bool read_only = false;
};

/// SET, RESET (no value) and SHOW of a parameter.
struct SetParameter {
  std::string name;
  std::optional<std::string> value;
  bool local = false;
};
struct ShowParameter {
  std::string name;  // "all": every one
};

struct Explain {
  bool analyze = false;
  bool verbose = false;
  bool costs = true;
  bool json = false;
  std::string query;
  int query_offset = 0;  // characters before it
};

/// SELECT, INSERT, UPDATE, DELETE, VALUES, COPY …: what DuckDB executes, as text.
struct Query {
  std::string text;
  std::string command;  // "SELECT", "INSERT", …
};

using Action = std::variant<Query, CreateTable, AttachPartition, DetachPartition, DropTable, Truncate, CreateDatabase,
                            DropDatabase, TransactionControl, SetParameter, ShowParameter, Explain>;

struct Statement {
  Action action;
  std::string text;  // without the semicolon
  int offset = 0;    // characters before it in the whole text
};

}  // namespace weir::sql
