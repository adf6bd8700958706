#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "postgres/copy/options.h"
#include "sql/dialect/access_statement.h"
#include "sql/dialect/foreign_key_rules.h"
#include "sql/dialect/foreign_statement.h"
#include "sql/dialect/function_statement.h"
#include "sql/dialect/index_statement.h"
#include "sql/dialect/qualified_name.h"
#include "sql/dialect/sequence_statement.h"
#include "sql/dialect/type_statement.h"
#include "sql/dialect/zone_statement.h"

namespace weir::sql {

/// Positions are characters of the statement's text, from 1; 0: unknown.

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
  std::string compression = {};  // empty: not said
  std::string comment = {};  // of a column that LIKE stands for
  std::vector<std::pair<std::string, std::string>> encoding = {};  // ENCODING (…)
  bool serial = false;       // its type was written serial, smallserial or bigserial
  std::optional<IdentityClause> identity = {};
  std::optional<Expression> generated = {};  // GENERATED ALWAYS AS (…) STORED
  int position = 0;
};

/// One of the parts of EXCLUDE (part WITH operator, …).
struct ExclusionPart {
  IndexColumn column;
  std::string op;
};

struct TableConstraint {
  enum class Kind { kPrimaryKey, kUnique, kCheck, kForeignKey, kExclusion };
  Kind kind = Kind::kPrimaryKey;
  std::string name;                   // empty: chosen
  std::vector<std::string> columns;   // keys
  std::optional<Expression> check;
  bool no_inherit = false;
  bool not_valid = false;  // ALTER TABLE: rows that are there are not looked at
  std::optional<QualifiedName> references;       // kForeignKey
  std::vector<std::string> referenced_columns;   // empty: its primary key
  ForeignKeyRules rules = {};
  std::string comment = {};                      // of one that LIKE stands for
  std::vector<std::string> included = {};        // INCLUDE (…) of keys
  std::string using_index = {};                  // of keys: USING INDEX; empty: its own
  int32_t shards = 0;                            // KWDB's USING HASH WITH BUCKET_COUNT = n; 0: not said
  bool nulls_not_distinct = false;               // of a unique key
  std::vector<std::string> descending = {};      // KWDB's DESC: which of a primary key's columns
  std::string method = {};                       // of kExclusion
  std::vector<ExclusionPart> exclusion = {};     // likewise
  char deferrable_key = '\0';                    // likewise: what it stands for, as SqlExclusion::key has it
  std::optional<IndexExpression> condition = {}; // likewise: WHERE
  int position = 0;
};

/// LIKE source in CREATE TABLE, with what it includes besides columns and NOT NULL.
struct LikeTable {
  QualifiedName source;
  size_t place = 0;  // so many of the table's own columns come before
  bool comments = false;
  bool constraints = false;
  bool defaults = false;
  bool generated = false;
  bool identity = false;
  bool indexes = false;
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

/// One of KWDB's indexes among the columns of CREATE TABLE, without the table.
struct InlineIndex {
  CreateIndex index;
  std::optional<InlinePartitions> partitions;
};

/// COLUMN name ENCODING (…) or DEFAULT COLUMN ENCODING (…): how Cloudberry stores a column.
struct ColumnEncoding {
  std::string column;  // empty: DEFAULT, those that are not named
  std::vector<std::pair<std::string, std::string>> options;
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
  bool from_minvalue = false;  // START (MINVALUE), in place of `start`
  bool to_maxvalue = false;    // END (MAXVALUE)
  std::vector<std::pair<std::string, std::string>> options;
  std::string tablespace;
  std::vector<ColumnEncoding> encodings;  // its own, then those of its list that it does not have
  std::optional<std::vector<ClassicPartition>> parts;  // its own sub-partitions
  int position = 0;
};
/// SUBPARTITION BY, with the partitions that each one above has unless it says its own.
struct ClassicLevel {
  PartitionBy by;
  std::optional<std::vector<ClassicPartition>> pattern;  // SUBPARTITION TEMPLATE
  std::string pattern_text;                              // … as it is written, without the parentheses
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
  std::vector<LikeTable> likes;
  std::vector<ColumnEncoding> encodings;  // beside those of its columns
  std::vector<InlineIndex> indexes;
  std::optional<PartitionBy> partition_by;  // also where inline_partitions says it
  std::optional<QualifiedName> parent;      // PARTITION OF
  std::optional<BoundClause> bound;         // … its FOR VALUES
  std::optional<InlinePartitions> inline_partitions;
  std::optional<ClassicPartitions> classic_partitions;
  std::optional<Distribution> distribution;
  /// WITH ( … ), names in lower case, "true" where no value is written.
  std::vector<std::pair<std::string, std::string>> options;
  std::string access_method;  // USING
  std::string tablespace;
  enum class OnCommit { kPreserveRows, kDeleteRows, kDrop };
  OnCommit on_commit = OnCommit::kPreserveRows;
  std::optional<std::string> query;         // CREATE TABLE … AS, with blanks before it as of Copy
  bool with_no_data = false;
  std::optional<ForeignClause> foreign = {};  // CREATE FOREIGN TABLE, CREATE EXTERNAL TABLE
  bool select_into = false;                 // written SELECT … INTO
  std::vector<QualifiedName> inherits = {};  // INHERITS (…)
  std::optional<QualifiedName> of_type = {};  // OF: a composite type, …
  int64_t of_type_oid = 0;                    // … once it is found
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
/// Which of a table's partitions the classic syntax means.
struct ClassicPartitionId {
  enum class Kind { kName, kValue, kDefault };
  Kind kind = Kind::kName;
  std::string name;                // kName: what follows "prt_" in the relation's name
  std::vector<Expression> values;  // kValue: of the partition key
  int position = 0;
};

/// What Cloudberry's classic forms of ALTER TABLE do to partitions.
namespace classic {

struct AddPartition {
  ClassicPartition partition;
};
struct DropPartition {
  ClassicPartitionId partition;
  bool if_exists = false;
  bool cascade = false;
};
struct TruncatePartition {
  ClassicPartitionId partition;
};
struct RenamePartition {
  ClassicPartitionId partition;
  std::string new_name;
};
struct ExchangePartition {
  ClassicPartitionId partition;
  QualifiedName table;
  std::string validation;  // "WITH VALIDATION", "WITHOUT VALIDATION"; empty: neither is written
};
struct SplitPartition {
  ClassicPartitionId partition;
  std::vector<Expression> at;
  std::optional<ClassicPartition> range;  // START and END in place of AT
  std::optional<std::pair<ClassicPartitionId, ClassicPartitionId>> into;
};
/// SET SUBPARTITION TEMPLATE.
struct SetTemplate {
  std::optional<std::vector<ClassicPartition>> pattern;  // nothing: the template goes
  std::string text;                                      // as it is written, without the parentheses
};

}  // namespace classic

using ClassicAction =
    std::variant<classic::AddPartition, classic::DropPartition, classic::TruncatePartition, classic::RenamePartition,
                 classic::ExchangePartition, classic::SplitPartition, classic::SetTemplate>;

struct ClassicStep {
  std::vector<ClassicPartitionId> below;  // ALTER PARTITION …: the way down to the table whose partitions are meant
  ClassicAction action = {};
};
struct AlterClassicPartition {
  QualifiedName name;
  bool if_exists = false;
  std::vector<ClassicStep> steps = {};
  /// Calls `visit` with the table of each EXCHANGE PARTITION.
  template <typename Self, typename Visit>
  static void ForEachExchanged(Self& self, const Visit& visit) {
    for (auto& step : self.steps) {
      if (auto* exchange = std::get_if<classic::ExchangePartition>(&step.action)) visit(exchange->table);
    }
  }
};

/// KWDB's ALTER TABLE … PARTITION BY; without partitions: PARTITION BY NOTHING.
struct AlterPartitioning {
  QualifiedName name;
  bool if_exists = false;
  std::optional<InlinePartitions> partitions;
};

/// The actions of ALTER TABLE.
namespace alter {

struct AddColumn {
  ColumnDefinition column;
  std::vector<TableConstraint> constraints;  // written with it
  bool if_not_exists = false;
};
struct DropColumn {
  std::string name;
  bool if_exists = false;
  bool cascade = false;  // views that use it go with it, and defaults that draw on its sequences
};
struct RenameColumn {
  std::string name;
  std::string new_name;
};
struct SetDefault {
  std::string column;
  std::optional<Expression> value;  // nothing: DROP DEFAULT
};
struct AddIdentity {
  std::string column;
  IdentityClause identity;
};
/// SET GENERATED, and the options of the column's sequence.
struct SetIdentity {
  std::string column;
  std::optional<bool> always;  // else BY DEFAULT; nothing: as it is
  std::optional<SequenceOptions> options;
};
struct DropIdentity {
  std::string column;
  bool if_exists = false;
};
struct DropExpression {
  std::string column;
  bool if_exists = false;
};
struct SetNotNull {
  std::string column;
  bool not_null = true;  // false: DROP NOT NULL
};
struct SetType {
  std::string column;
  TypeName type;
  std::string collation;
  std::optional<Expression> conversion;  // USING
};
/// SET STORAGE and SET STATISTICS of a column.
struct SetStorage {
  std::string column;
  std::string storage;  // in lower case
};
struct SetStatistics {
  std::string column;
  int target = -1;
};
struct SetCompression {
  std::string column;
  std::string method;  // in lower case
};
/// SET (…) and RESET (…) of a column.
struct SetParameters {
  std::string column;
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> reset;
};
/// SET WITHOUT OIDS, DISABLE TRIGGER USER and their like: how every table is.
struct SetUsual {};
struct SetLogged {
  bool logged = true;
};
/// REPLICA IDENTITY: 'd', 'n', 'f', or 'i' with an index.
struct SetReplicaIdentity {
  char identity = 'd';
  std::string index;
};
/// CLUSTER ON; empty: SET WITHOUT CLUSTER.
struct ClusterOn {
  std::string index;
};
/// SET TABLESPACE and SET ACCESS METHOD: there is one of each.
struct SetStore {
  std::string tablespace;     // else:
  std::string access_method;
};
/// ENABLE and DISABLE TRIGGER ALL, which are foreign keys here.
struct SwitchTriggers {
  bool enable = true;
  std::string trigger;  // empty: ALL
};
struct AddConstraint {
  TableConstraint constraint;
};
struct DropConstraint {
  std::string name;
  bool if_exists = false;
  bool cascade = false;  // foreign keys that refer to what it keeps unique go with it
};
struct ValidateConstraint {
  std::string name;
};
/// Of a foreign key: when it is checked.
struct AlterConstraint {
  std::string name;
  bool deferrable = false;
  bool deferred = false;  // INITIALLY DEFERRED
};
struct RenameConstraint {
  std::string name;
  std::string new_name;
};
struct RenameTable {
  std::string new_name;
};
struct SetSchema {
  std::string schema;
};
struct SetOwner {
  std::string role;  // "current_user" and its like: in lower case, `keyword` set
  bool keyword = false;
};
/// SET and RESET of storage parameters.
struct SetOptions {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> reset;
};

/// SET DISTRIBUTED, and SET WITH (REORGANIZE = true) with or without it, which writes the rows anew in any case.
struct SetDistribution {
  std::optional<Distribution> distribution;  // nothing: it stays
  bool reorganize = false;
  bool vacuum = false;  // … as VACUUM FULL does it, of a partition alone, too
};

struct Inherit {
  QualifiedName parent;
  bool no = false;  // NO INHERIT
};

/// OF a composite type; nothing: NOT OF.
struct OfType {
  std::optional<QualifiedName> type;
};

/// OPTIONS (…) of a foreign table.
struct SetForeignOptions {
  std::vector<OptionChange> changes;
};

}  // namespace alter

using AlterAction =
    std::variant<alter::AddColumn, alter::DropColumn, alter::RenameColumn, alter::SetDefault, alter::SetNotNull,
                 alter::SetType, alter::AddConstraint, alter::DropConstraint, alter::ValidateConstraint,
                 alter::AlterConstraint,
                 alter::RenameConstraint, alter::RenameTable, alter::SetSchema, alter::SetOwner, alter::SetOptions,
                 alter::AddIdentity, alter::SetIdentity, alter::DropIdentity, alter::DropExpression,
                 alter::SetForeignOptions, alter::SetStorage, alter::SetStatistics, alter::SetUsual,
                 alter::SetCompression, alter::SetParameters, alter::SetLogged, alter::SetReplicaIdentity,
                 alter::ClusterOn, alter::SetStore, alter::SwitchTriggers, alter::SetDistribution,
                 alter::Inherit, alter::OfType>;

struct AlterTable {
  QualifiedName name;
  bool view = false;  // written ALTER VIEW
  bool foreign = false;  // written ALTER FOREIGN TABLE
  bool materialized = false;  // written ALTER MATERIALIZED VIEW
  bool if_exists = false;
  bool only = false;
  std::vector<AlterAction> actions;
};

struct DropTable {
  enum class Kind { kTable, kForeign, kExternal };
  std::vector<QualifiedName> names;
  bool if_exists = false;
  bool cascade = false;
  Kind kind = Kind::kTable;
};

struct CreateView {
  QualifiedName name;
  bool replace = false;
  std::vector<std::string> columns;  // fewer than the query has: the others are called as in it
  std::string text;                  // of the whole statement; of a materialized view: as CREATE VIEW would be written
  bool materialized = false;
  bool if_not_exists = false;  // of a materialized one
  bool with_no_data = false;   // likewise
  bool temporary = false;
  char check_option = '\0';  // as ViewDefinition has it
  std::map<std::string, std::string> switches = {};  // likewise
};
struct DropView {
  std::vector<QualifiedName> names;
  bool if_exists = false;
  bool cascade = false;
  bool materialized = false;
};
struct RefreshMaterializedView {
  QualifiedName name;
  bool concurrently = false;
  bool with_no_data = false;
};
struct Truncate {
  std::vector<QualifiedName> names;
  bool only = false;
  bool restart_identity = false;
  bool cascade = false;  // with the tables that refer to them
};
struct CreateDatabase {
  std::string name;
  bool if_not_exists = false;
  bool is_schema = false;
  std::string owner;  // AUTHORIZATION, OWNER; empty: who runs the statement
};
struct DropDatabase {
  std::string name;
  std::vector<std::string> others = {};  // DROP SCHEMA a, b, …: those behind the first
  bool if_exists = false;
  bool cascade = false;
  bool is_schema = false;
};
/// ALTER SCHEMA … RENAME TO and ALTER DATABASE … RENAME TO.
struct RenameDatabase {
  std::string name;
  std::string new_name;
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
  enum class Kind {
    kDatabases, kSchemas, kTables, kColumns, kIndexes, kConstraints, kCreate, kPartitions, kRanges, kRangeOfRow, kZone,
    kZones, kGrants, kMemberships, kRoles
  };
  enum class Of { kAll, kDatabase, kTable };
  Kind kind = Kind::kTables;
  Of of = Of::kAll;
  QualifiedName target;               // kDatabase: in `name`
  std::string index;                  // of the table, which only its ranges and partitions are shown of; empty: all
  bool bare_index = false;            // `target` names the index, without its table
  ZoneTarget zone;                    // kZone
  std::vector<std::string> grantees;  // kGrants, kMemberships; empty: all
  std::vector<std::string> roles = {};  // kMemberships: of which; empty: of all
  std::vector<std::string> row;       // kRangeOfRow: an expression a column of the table
  std::optional<int64_t> range_id;    // likewise: the range, once it is found
  std::vector<std::string> hidden = {};  // kZone: columns that are there for who names them
};

/// KWDB's settings of the whole cluster.
struct ClusterSetting {
  enum class Action { kSet, kReset, kShow, kShowAll };
  Action action = Action::kShowAll;
  std::string name = {};
  std::string value = {};  // kSet
};

struct Explain {
  bool analyze = false;
  bool verbose = false;
  bool costs = true;
  bool json = false;
  std::optional<bool> summary;  // the planning time; absent: with ANALYZE
  std::string query;            // with blanks before it, as of Copy
};

/// In a query's text, in the place of the number of the range that FROM [SHOW RANGE … FOR ROW (…)] is about.
inline constexpr int64_t kFirstRangeMark = 9'000'000'000'000'000'000;

/// SELECT, INSERT, UPDATE, DELETE, VALUES, …, as text.
struct Query {
  std::string text;
  std::string command;  // "SELECT", "INSERT", …
  std::vector<ShowCatalog> ranges_of_rows = {};  // the n-th stands in the text as kFirstRangeMark + n
};

/// PREPARE name (types) AS query.
struct PrepareQuery {
  std::string name;
  std::vector<TypeName> types;
  std::string query;  // with blanks before it, as of Copy
};
struct ExecutePrepared {
  std::string name;
  std::vector<Expression> arguments;
};
struct Deallocate {
  std::string name;  // empty: all
};

/// DECLARE name CURSOR FOR query.
struct DeclareCursor {
  std::string name;
  bool hold = false;     // WITH HOLD
  bool forward = false;  // NO SCROLL
  bool scroll = false;
  bool insensitive = false;
  bool asensitive = false;
  std::string query;     // with blanks before it, as of Copy
};
/// FETCH and MOVE.
struct FetchCursor {
  enum class Direction { kForward, kBackward, kAbsolute, kRelative };
  std::string name;
  bool move = false;
  Direction direction = Direction::kForward;
  int64_t count = 1;  // rows, or the row; the greatest: ALL
};
struct CloseCursor {
  std::string name;  // empty: all
};
/// COPY … FROM and TO. The texts of the query and of WHERE have blanks in place of what the statement has before them:
/// their positions are its own.
struct Copy {
  enum class Data { kClient, kFile, kProgram };

  bool from = false;
  Data data = Data::kClient;         // where it comes from or goes to
  QualifiedName table;               // where there is no query
  std::optional<Query> query;        // COPY (query) TO
  bool query_gives_rows = true;      // false: INSERT, UPDATE or DELETE without RETURNING
  std::vector<std::string> columns;  // of the table; empty: all
  std::vector<postgres::CopyOption> options;
  std::optional<Expression> where;  // of COPY FROM
  bool ignores_external = false;    // IGNORE EXTERNAL PARTITIONS
  int64_t reject_limit = 0;         // SEGMENT REJECT LIMIT; 0: rows with errors are errors
  bool reject_percent = false;
  bool logs_errors = false;         // LOG ERRORS
};

struct Discard {
  std::string what;  // "ALL", "PLANS", "SEQUENCES", "TEMP"
};

/// A statement that this dialect knows and Weir does not do: 0A000 "<what> is not supported".
struct Unsupported {
  std::string what;  // "CREATE INDEX"
  std::string hint;
};

/// When the foreign keys that may be deferred are checked, until the transaction ends.
struct SetConstraints {
  std::vector<QualifiedName> names;  // of constraints, each by its table's schema; empty: ALL
  bool deferred = false;             // else IMMEDIATE
};

/// A statement that succeeds without doing anything here: VACUUM, ANALYZE, …
struct NoEffect {
  std::string tag;  // its command tag
  /// Tables that it names, with the columns that it names of each.
  struct Target {
    QualifiedName name;
    std::vector<std::string> columns;
  };
  std::vector<Target> targets = {};
  bool analyzes = false;  // ANALYZE, or VACUUM with it
  bool full = false;      // VACUUM FULL
  bool verbose = false;
  bool skip_locked = false;
  bool concurrently = false;  // REINDEX
  std::string reindexed = {};  // REINDEX: "table", "index", "schema", "database", "system", whose name is the target's
};
/// DROP TRIGGER and its like: of what nobody can have made.
struct DropAbsent {
  std::string kind;  // "trigger"
  bool if_exists = false;
  std::string tag = {};
  std::vector<std::string> names = {};
  std::optional<QualifiedName> relation = {};  // ON
};

/// COMMENT ON what there is.
struct CommentOn {
  enum class Kind {
    kTable, kForeignTable, kView, kMaterializedView, kColumn, kConstraint, kIndex, kSequence,  // of relations
    kType, kDomain, kDomainConstraint, kRoutine, kSchema, kDatabase, kRole, kServer
  };
  Kind kind = Kind::kTable;
  QualifiedName table;              // or the index, sequence, type or domain
  std::string name;                 // of the column or constraint, schema, database, role, server
  RoutineKind routine = RoutineKind::kFunction;
  FunctionName function = {};       // kRoutine
  std::optional<std::string> text;  // nothing: NULL

  bool is_of_relation() const { return kind <= Kind::kSequence; }
};

using Action =
    std::variant<Query, CreateTable, AttachPartition, DetachPartition, DropTable, Truncate, CreateDatabase,
                 DropDatabase, RenameDatabase, TransactionControl, SetParameter, ShowParameter, Explain, Unsupported,
                 NoEffect, DropAbsent, ShowCatalog, AlterPartitioning, LockTable, PrepareQuery, ExecutePrepared,
                 Deallocate, DeclareCursor, FetchCursor, CloseCursor, Copy, Discard, AlterTable, AlterClassicPartition,
                 CommentOn, CreateView, DropView, AccessStatement, CreateSequence, AlterSequence, DropSequences,
                 CreateIndex, RenameIndex, AttachIndex, DropIndexes, ConfigureZone, SetConstraints, ClusterSetting,
                 RefreshMaterializedView, CreateEnum, CreateRange, CreateComposite, CreateDomain, AlterType, DropTypes,
                 CreateFunction, DropFunctions, AlterFunction, CallProcedure, CreateServer, AlterServer, DropServers,
                 ImportSchema, CreateExtension, ArchivePartition>;

/// What takes the place of a part of a statement: a query that of FROM [SHOW …]. In characters, from 1.
struct ExpandedPiece {
  int position = 0;    // as it was written
  int length = 0;      // likewise
  int new_length = 0;
};

struct Statement {
  Action action;
  std::string text;  // without the semicolon
  int offset = 0;    // characters before it in the whole text
  std::vector<ExpandedPiece> expanded = {};  // where `text` is not what was written
};

}  // namespace weir::sql
