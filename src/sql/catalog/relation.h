#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/partition_level.h"
#include "sql/catalog/foreign_table.h"
#include "sql/catalog/function.h"
#include "sql/catalog/index.h"
#include "sql/catalog/sequence.h"
#include "sql/dialect/foreign_key_rules.h"
#include "weir/table.h"

namespace weir::sql {

/// A column as SQL sees it.
struct SqlColumn {
  std::string name;
  std::string type;  // PostgreSQL's name, e.g. "numeric(10,2)"
  DataType data_type = DataType::String();
  bool not_null = false;
  std::optional<std::string> default_value;  // expression text
  std::string collation = {};                // empty: the database's
  /// pg_attribute.attnum, which stays when columns before it go; 0: its place, from 1.
  int number = 0;
  std::string comment = {};  // empty: none
  Properties encoding = {};  // Cloudberry's ENCODING (…), as written
  /// SET STORAGE and SET STATISTICS: kept and shown. '\0': the type's own; −1: the default.
  char storage = '\0';
  int statistics = -1;
  /// GENERATED … AS IDENTITY. The default is then the sequence's next value, which is not shown as one.
  enum class Identity { kNone, kAlways, kByDefault };
  Identity identity = Identity::kNone;
  char compression = '\0';  // SET COMPRESSION: 'p', 'l'; '\0': the default. Kept and shown.
  Properties parameters = {};  // SET (n_distinct = …): likewise
  /// GENERATED ALWAYS AS (expression) STORED: over the other columns of its row. It has no default then.
  std::optional<std::string> generated = {};
  /// Of a table that inherits: whether it has the column by itself, and how many of its parents have it.
  bool is_local = true;
  int inherited = 0;
};

/// What a foreign key's columns, along them, are to be found in.
struct SqlForeignKey {
  int64_t table = -1;        // the referenced relation
  std::vector<int> columns;  // its: pg_attribute.attnum
  ForeignKeyRules rules;     // set_columns: names of the referencing table

  bool operator==(const SqlForeignKey&) const = default;
};

/// EXCLUDE: of two rows that its index lets in, not all operators may hold between the parts of their keys.
struct SqlExclusion {
  std::string method;                  // "gist", "btree", …
  std::vector<std::string> operators;  // along the parts of the index of the constraint's name
  /// A DEFERRABLE key, which is held as EXCLUDE (… WITH =) would be: 'p', PRIMARY KEY, 'u', UNIQUE; '\0': it is none.
  char key = '\0';
  bool deferred = false;  // INITIALLY DEFERRED

  bool operator==(const SqlExclusion&) const = default;
};

struct SqlConstraint {
  enum class Kind { kPrimaryKey, kUnique, kCheck, kForeignKey, kExclusion };
  Kind kind = Kind::kPrimaryKey;
  std::string name;
  std::vector<std::string> columns;
  std::string check;  // expression text
  bool no_inherit = false;
  bool not_valid = false;  // rows that were there before it may not meet it
  std::string comment = {};
  std::vector<std::string> included = {};  // INCLUDE (…) of keys
  int32_t shards = 0;  // of a primary key: KWDB's BUCKET_COUNT; 0: it is not sharded (hash_shards.h)
  std::optional<SqlForeignKey> foreign = {};  // of a foreign key
  bool nulls_distinct = true;  // of a unique key
  bool primary = false;  // of a unique key: a PRIMARY KEY that an index keeps, as no key of Fluss's holds its types
  std::vector<std::string> descending = {};  // of a primary key: columns that KWDB shows so, of no consequence else

  std::optional<SqlExclusion> exclusion = {};  // of kExclusion
  /// Of a CHECK of a table that inherits: as of columns.
  bool is_local = true;
  int inherited = 0;

  /// Whether it says that `columns` are unique.
  bool is_key() const { return kind == Kind::kPrimaryKey || kind == Kind::kUnique; }
};

struct SqlPartitionKeyPart {
  int column = -1;         // position in the columns; −1: an expression, or the shard
  bool shard = false;      // the hidden shard column of the primary key (hash_shards.h)
  std::string expression;  // text of it
  DataType type = DataType::String();
  std::string sql_type = {};  // an expression's: PostgreSQL's name
  /// pg_type.oid of a type that is held as text and compared by its values (OrderedText); 0: what is held compares.
  uint32_t value_type = 0;
};

struct SqlPartitionKey {
  PartitionStrategy strategy = PartitionStrategy::kRange;
  std::vector<SqlPartitionKeyPart> parts;
};

/// What KWDB's PARTITION BY says of a leaf, which is no relation to KWDB: it is not dropped, attached or written to by
/// itself, and its own name is of no consequence.
struct DeclaredPartition {
  std::string name;    // empty: it holds the rows that are in no partition
  std::string values;  // "(1), (2)", "(1) TO (MAXVALUE)": as KWDB shows them

  bool operator==(const DeclaredPartition&) const = default;
};

struct Relation;
using RelationPtr = std::shared_ptr<const Relation>;

/// A relation that a view's query names: what the name, and those of its columns, meant when the view was made. What
/// has been renamed since is found by its number, what has been added is not seen.
struct ViewSource {
  struct Column {
    int number = 0;  // pg_attribute.attnum
    std::string name;
    bool used = false;  // the view cannot do without it
  };
  int64_t relation = -1;
  std::string schema;  // as the view's query has them
  std::string name;
  std::vector<Column> columns;
};

struct ViewDefinition {
  std::string query;  // in which every relation has its schema, and * is written out
  std::vector<std::string> columns;  // as the query calls them
  std::vector<ViewSource> sources;
  bool updatable = false;  // rows of the table that it reads can be changed through it
  std::vector<int> computed = {};  // places of columns that cannot be assigned through it
  char check_option = '\0';  // WITH CHECK OPTION: 'l', LOCAL, 'c', CASCADED; '\0': none
  std::vector<int64_t> functions = {};  // that its query calls (pg_proc.oid); the sources have those of their names
  std::map<std::string, std::string> switches = {};  // security_barrier, security_invoker: as they were written

  bool IsOn(const std::string& option) const;
};

/// What ANALYZE has found in a column (pg_stats).
struct ColumnStatistics {
  int number = 0;           // pg_attribute.attnum
  double null_share = 0;    // of all rows
  int width = 0;            // of a value, in bytes, on average
  double distinct = 0;      // how many values; negative: so many for each row; 0: not known
  std::vector<std::string> common = {};   // the most common values, as texts
  std::vector<double> shares = {};        // of all rows, along them
  std::vector<std::string> bounds = {};   // between which equally many of the other values lie
  std::optional<double> correlation = {};  // of the values' order and that of the rows

  bool operator==(const ColumnStatistics&) const = default;
};

/// What PostgreSQL keeps of a table for the sake of what Weir has no need of: kept and shown.
struct KeptMarks {
  bool unlogged = false;
  char replica_identity = 'd';  // pg_class.relreplident
  std::string identity_index = {};  // of 'i': its name
  std::string clustered_on = {};    // CLUSTER ON: an index's name; empty: none
  bool triggers_off = false;        // DISABLE TRIGGER ALL: its rows are not held to foreign keys

  bool operator==(const KeptMarks&) const = default;
};

/// A table, an inner node or the root of a partition tree, a sequence, a view or an index. Immutable, replaced when it
/// changes.
struct Relation {
  int64_t id = -1;  // stable; pg_class.oid
  TablePath path;
  std::vector<SqlColumn> columns;
  std::vector<SqlConstraint> constraints;
  std::optional<SqlPartitionKey> partition_key;  // partitioned tables only: they hold no rows
  std::optional<int64_t> parent;
  PartitionBound bound;         // in its parent
  std::string bound_text;       // as pg_get_expr shows it
  std::string declared_by = {};                     // "LIST", "RANGE", "HASH": KWDB's PARTITION BY made its partitions
  std::optional<DeclaredPartition> declared = {};   // of such a partition
  /// Rows: the Fluss table of a leaf or plain table, and for Fluss's own partitions which of them.
  std::shared_ptr<const TableInfo> table;
  std::optional<int64_t> fluss_partition;
  /// A cluster has no name to give to another table within a commit: what takes the place of "t" is called "t-2".
  /// 0: no other had the name.
  int table_number = 0;
  /// Nor can it rename a table: what it is called in Fluss since its relation was renamed. Empty: as the relation.
  std::string fluss_name = {};

  bool is_partitioned() const { return partition_key.has_value(); }
  bool is_view() const { return view != nullptr; }
  bool is_materialized() const { return materialized != nullptr; }
  bool is_sequence() const { return sequence.has_value(); }
  bool is_index() const { return index.has_value(); }
  bool is_foreign() const { return foreign.has_value(); }
  bool is_functions() const { return !functions.empty(); }
  /// A table that holds rows, here or, where it is foreign, elsewhere.
  bool is_leaf() const {
    return !is_partitioned() && !is_view() && !is_sequence() && !is_index() && !is_functions();
  }
  /// Whether SQL calls it a table.
  bool is_table() const { return (is_leaf() || is_partitioned()) && !is_materialized(); }
  /// Whether a Fluss table belongs to it.
  bool has_storage() const { return (is_leaf() && !is_foreign()) || (is_index() && !columns.empty()); }
  std::vector<int> PrimaryKey() const;  // positions; empty: none
  int ColumnIndex(std::string_view name) const;  // −1: none of that name
  const SqlConstraint* FindConstraint(std::string_view name) const;
  /// Whether any of its columns is a generated one.
  bool HasGenerated() const;
  /// The attnum of a column, by its place from 0.
  int NumberOf(size_t column) const {
    return columns[column].number > 0 ? columns[column].number : static_cast<int>(column) + 1;
  }
  int ColumnNumbered(int number) const;  // its place, from 0; −1: none has the attnum
  /// The highest attnum that a column has or has had.
  int LastNumber() const;

  /// How the leaves of a tree are spread, and WITH (…): kept at each node, taken over by new children. Absent: nothing
  /// was said; empty: at random.
  std::optional<std::vector<std::string>> distributed_by = {};
  Properties options = {};
  std::string comment = {};
  int64_t of_type = 0;  // OF a composite type (pg_type.oid), whose attributes are its columns; 0: of none
  int dropped_number = 0;  // the highest attnum of a column that was dropped; 0: none was
  std::vector<OwnedSequence> owned_sequences = {};
  std::optional<Sequence> sequence = {};            // its columns are then those of SELECT * FROM it
  std::shared_ptr<const ViewDefinition> view = {};  // null: it is none
  /// What its rows came from: it is a materialized view, and otherwise a table. Null: it is none.
  std::shared_ptr<const ViewDefinition> materialized = {};
  bool populated = true;  // false of a materialized view that holds nothing yet
  /// Of a view, materialized or not; null: it is none.
  const ViewDefinition* definition() const { return is_view() ? view.get() : materialized.get(); }
  std::vector<int64_t> views = {};                  // that name it; not known of a table that was made through Fluss
  /// The tables whose foreign keys refer to this one, which is no partition; nor are they.
  std::vector<int64_t> referenced_by = {};
  /// INHERITS: the parents in the order that they were said in, and the children, which are no partitions. A table that
  /// is read brings the rows of its children along.
  std::vector<int64_t> inherits = {};
  std::vector<int64_t> inherited_by = {};
  /// All functions of one name, whose relation is no table of anybody's (FunctionSetName); none: it is no such one.
  std::vector<SqlFunctionPtr> functions = {};
  std::optional<SqlIndex> index = {};               // its columns are then those of its PK table
  /// Cloudberry's SUBPARTITION TEMPLATEs of a root, by the level of the tables whose partitions they are, 1 below the
  /// root: as written, without the parentheses.
  std::map<int, std::string> templates = {};
  std::optional<ForeignTable> foreign = {};  // rows that are in files
  KeptMarks marks = {};
  std::optional<int64_t> counted_rows = {};  // when ANALYZE or VACUUM last looked; nothing: never
  std::vector<ColumnStatistics> statistics = {};  // when ANALYZE last looked; none: never
  std::vector<ColumnStatistics> statistics_with_heirs = {};  // likewise, together with the tables that inherit from it
  std::vector<RelationPtr> indexes = {};  // of a table, besides that of its primary key; in the table's own schema
};

/// "EXCLUDE USING gist (a WITH =, r WITH &&) WHERE ((b))", "UNIQUE (a) DEFERRABLE", as pg_get_constraintdef shows it.
std::string ExclusionText(const SqlConstraint& constraint, const Relation& table);

/// A PRIMARY KEY that is DEFERRABLE, which is kept as an EXCLUDE constraint is; null: the table has none.
const SqlConstraint* DeferrablePrimaryKeyOf(const Relation& table);
/// A PRIMARY KEY that is none to Fluss: a DEFERRABLE one, or one that an index keeps; null: the table has none.
const SqlConstraint* OwnPrimaryKeyOf(const Relation& table);

/// Where a relation's Fluss table is, if SQL has made it: under the relation's own name as Fluss writes it
/// (fluss_name.h), or the one that it had when it was made, those of indexes under their ids among the system's.
TablePath FlussPathOf(const Relation& relation);
/// Whether all rows (that its condition lets in) are in an index that have values in the first `columns` of its key:
/// one with a NULL behind them is not.
bool HoldsAllWith(const SqlIndex& index, const Relation& table, size_t columns);
/// Where an index's columns are in its table, in the order of the key, and their names. An expression is at −1, and its
/// name is the text that an index's definition has.
std::vector<int> KeyPositionsOf(const SqlIndex& index, const Relation& table);
std::vector<std::string> KeyColumnsOf(const SqlIndex& index, const Relation& table);
/// "lower(a)", "(a || b)"
std::string TextInIndex(const SqlIndex::Expression& expression);
/// Whether two indexes hold their tables' rows alike, by the columns' names: one may then be a part of the other.
bool SayTheSame(const SqlIndex& a, const Relation& table_of_a, const SqlIndex& b, const Relation& table_of_b);

/// The children of a partitioned table.
struct PartitionChildren {
  PartitionLevel level;
  std::vector<RelationPtr> relations;  // by position in the level
};
using PartitionChildrenPtr = std::shared_ptr<const PartitionChildren>;

}  // namespace weir::sql
