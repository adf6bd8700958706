#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "postgres/function.h"
#include "postgres/type.h"
#include "postgres/value.h"
#include "sql/catalog/relation.h"

namespace weir::sql::analyze {

/// The typed tree of a statement: what PostgreSQL's analysis would make of its text. Every name is bound, every
/// operator, function, aggregate and cast is one row of the vocabulary, every literal has a value of its type, every
/// coercion stands where it happens. Plain data; nothing here knows how it is executed.

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;
using Expressions = std::vector<ExpressionPtr>;
struct Query;
using QueryPtr = std::unique_ptr<Query>;

/// A value of the expression's type; std::monostate is NULL.
struct Constant {
  postgres::Value value;
};

/// $1, …
struct Parameter {
  int number = 1;
};

/// A column of a relation of this query (level 0) or of one around it. Every Query is a level: the two sides of a set
/// operation, the source of an INSERT and the query of a WITH item too.
struct ColumnReference {
  int level = 0;     // queries outward
  int relation = 0;  // in Query::relations
  int column = 0;    // in RangeEntry::columns
};

/// A whole row of a relation, as one record: NULL where an outer join found none.
struct WholeRow {
  int level = 0;
  int relation = 0;
};

/// How a call was written, for texts that show it.
enum class CallForm {
  kFunction,
  kSqlSyntax,
  kOperator,
  kExplicitCast,
  kImplicitCast
};  // kSqlSyntax: EXTRACT(… FROM …)

/// A function, or the function of an operator or cast, on arguments of exactly its types (polymorphic ones resolved by
/// the arguments; the result's is the expression's). One that returns a set does so wherever it stands.
struct Call {
  const postgres::Function* function = nullptr;
  Expressions arguments;
  CallForm form = CallForm::kFunction;
  bool variadic_array = false;  // the last argument is the array of the variadic ones
};

struct SortKey {
  int target = 0;  // in the list of targets, or of the aggregate's arguments
  bool descending = false;
  bool nulls_first = false;
  const postgres::Function* less = nullptr;  // what it is ordered by; of USING, or of the type's btree class
};

struct Aggregate {
  const postgres::Function* function = nullptr;
  Expressions direct_arguments;  // percentile_cont(THESE) WITHIN GROUP (…)
  Expressions arguments;
  bool star = false;      // count(*)
  bool distinct = false;
  std::vector<SortKey> order_by;  // by arguments; those behind `num_arguments` are there for the order only
  size_t num_arguments = 0;
  ExpressionPtr filter;
  int level = 0;  // the query that it aggregates over, outward
};

/// A window function, or an aggregate over a window.
struct WindowCall {
  const postgres::Function* function = nullptr;
  Expressions arguments;
  bool star = false;
  ExpressionPtr filter;
  int window = 0;  // in Query::windows
};

/// GROUPING(…): bits of the grouping expressions that are not in the row's grouping set.
struct Grouping {
  Expressions arguments;
  std::vector<int> items;  // what they are in Query::group_by
  int level = 0;           // the query that it is about, outward
};

struct Logic {
  enum class Kind { kAnd, kOr, kNot };
  Kind kind = Kind::kAnd;
  Expressions arguments;
};

/// IS [NOT] NULL; of a row: of all its fields.
struct NullTest {
  ExpressionPtr argument;
  bool negated = false;
  bool by_field = false;
};

struct BooleanTest {
  enum class Kind { kTrue, kNotTrue, kFalse, kNotFalse, kUnknown, kNotUnknown };
  Kind kind = Kind::kTrue;
  ExpressionPtr argument;
};

/// IS [NOT] DISTINCT FROM, by the function of =.
struct DistinctTest {
  const postgres::Function* equal = nullptr;
  ExpressionPtr left;
  ExpressionPtr right;
  bool negated = false;
};

struct NullIf {
  const postgres::Function* equal = nullptr;
  ExpressionPtr left;  // both as = wants them; the left one's type is the expression's
  ExpressionPtr right;
};

/// CASE, also the simple one: its operand stands as CaseOperand in the conditions and is evaluated once.
struct Case {
  struct When {
    ExpressionPtr condition;
    ExpressionPtr result;
  };
  ExpressionPtr operand;  // null: searched
  std::vector<When> whens;
  ExpressionPtr otherwise;  // never null; a NULL constant where none is written
};
struct CaseOperand {};

struct Coalesce {
  Expressions arguments;
};
struct Extreme {
  bool greatest = true;
  Expressions arguments;
};

/// ARRAY[…]; `nested`: the elements are arrays themselves and make one of more dimensions.
struct ArrayOf {
  Expressions elements;
  bool nested = false;
};

/// ROW(…) and (a, b).
struct RowOf {
  Expressions fields;
  std::vector<std::string> names;  // f1, …
};

/// (a, b) < (c, d), element by element with SQL's three-valued logic.
struct RowComparison {
  enum class Kind { kEqual, kNotEqual, kLess, kLessEqual, kGreaterEqual, kGreater };
  Kind kind = Kind::kEqual;
  std::vector<const postgres::Function*> functions;        // of the operator, one a column
  std::vector<const postgres::Function*> equal_functions;  // of =, for the order
  Expressions left;
  Expressions right;
};

/// x op ANY (array), x op ALL (array); x IN (…) of more than one value where all have one type.
struct ArrayTest {
  const postgres::Function* function = nullptr;
  bool any = true;
  ExpressionPtr left;
  ExpressionPtr array;
};

/// What a domain asks of a value.
struct DomainTest {
  std::string domain;
  std::string constraint;   // empty: NOT NULL
  ExpressionPtr condition;  // over ElementValue, which VALUE is; null: NOT NULL
};

/// A coercion that is no function of the vocabulary.
struct Coercion {
  enum class Kind {
    kRelabel,    // the same value under another type
    kThroughText,  // output function, then input function
    kElements,   // an array's elements, each by `element`
    kModifier,   // to the expression's modifier: numeric(p,s), varchar(n), char(n), timestamp(p), bit(n), …
    kFields,     // a row's fields, to a named row type
    kDomain,     // to a domain over the value's type: its constraints are checked
  };
  Kind kind = Kind::kRelabel;
  ExpressionPtr argument;
  ExpressionPtr element;  // kElements: an expression over ElementValue
  bool explicit_cast = false;  // 'abcdef'::varchar(3) cuts, storing it does not
  std::vector<DomainTest> tests = {};  // kDomain
  bool changes = false;                // kDomain: the argument is another with each evaluation
};
/// Stands for the element in Coercion::element, and for the value in Coercion::tests.
struct ElementValue {};

struct Subscript {
  struct Step {
    ExpressionPtr lower;  // null: open
    ExpressionPtr upper;  // null: open; of a single subscript: the subscript
    bool slice = false;
  };
  ExpressionPtr container;  // array, json or jsonb
  std::vector<Step> steps;
};

/// (row).field
struct FieldOf {
  ExpressionPtr record;
  int field = 0;
  std::string name;
};

struct SubqueryExpression {
  enum class Kind { kExists, kAny, kAll, kRow, kScalar, kArray };  // kRow: (a, b) < (SELECT c, d …)
  Kind kind = Kind::kScalar;
  QueryPtr query;
  /// kAny, kAll, kRow: the values on the left, and the function of the operator for each of the query's columns.
  Expressions left;
  std::vector<const postgres::Function*> functions;
  std::vector<const postgres::Function*> equal_functions;        // of more than one column that are ordered
  RowComparison::Kind comparison = RowComparison::Kind::kEqual;  // of more than one column
  /// The query's columns as the operators want them: over ColumnReference{0, 0, column}; empty: as they are.
  Expressions columns;
};

/// CURRENT_DATE, CURRENT_TIMESTAMP(p), LOCALTIME, …, CURRENT_USER, SESSION_USER, CURRENT_CATALOG, CURRENT_SCHEMA.
struct SessionValue {
  enum class Kind {
    kCurrentDate, kCurrentTime, kCurrentTimestamp, kLocalTime, kLocalTimestamp,
    kCurrentUser, kSessionUser, kCurrentRole, kUser, kCurrentCatalog, kCurrentSchema,
  };
  Kind kind = Kind::kCurrentDate;
  std::optional<int> precision = {};
};

/// DEFAULT in VALUES of INSERT or in SET: the column's own default.
struct DefaultValue {};

/// A column of one of Query::row_subqueries: UPDATE … SET (a, b) = (SELECT x, y …). NULL where it has no row; more than
/// one is an error (21000).
struct RowSubqueryField {
  int subquery = 0;
  int field = 0;
};

/// SET a[1] = value, SET a[1:2] = value: the array with those elements replaced.
struct ElementAssignment {
  ExpressionPtr container;
  std::vector<Subscript::Step> steps;
  ExpressionPtr value;
};

struct Collated {
  ExpressionPtr argument;
  std::string collation;
};

/// A call, in a definition, of a function that is written in SQL: what the function is made of stands in its place.
struct CalledFunction {
  int64_t function = -1;  // pg_proc.oid
  std::string schema;     // its database, as TablePath has it
  std::string name;
  char volatility = 'v';  // as the function was declared
  Expressions arguments;
};

struct Expression {
  using Node =
      std::variant<Constant, Parameter, ColumnReference, WholeRow, Call, Aggregate, WindowCall, Grouping, Logic,
                   NullTest, BooleanTest, DistinctTest, NullIf, Case, CaseOperand, Coalesce, Extreme, ArrayOf, RowOf,
                   RowComparison, ArrayTest, Coercion, ElementValue, Subscript, FieldOf, SubqueryExpression,
                   SessionValue, DefaultValue, RowSubqueryField, ElementAssignment, Collated>;
  Node node;
  postgres::TypeRef type;
  int position = 0;  // character of the statement's text, from 1; 0: none
  std::shared_ptr<const CalledFunction> called = {};  // that it stands for; null: none
};

/// A column of a relation or of a query's result.
struct OutputColumn {
  std::string name;
  postgres::TypeRef type;
  bool hidden = false;  // not part of *: tableoid and other system columns, KWDB's shard columns
};

/// What FROM (and INSERT, UPDATE, …) names.
struct RangeEntry {
  /// KWDB's hidden column of a sharded key, whose value is computed from the key's.
  struct ShardColumn {
    std::string name;
    int32_t buckets = 0;
    std::vector<int> columns;  // of the table, in the order of their names
  };
  /// A table of the SQL catalog.
  struct Table {
    RelationPtr relation;
    bool only = false;     // without the leaves below it
    bool of_view = false;  // a view's query or a function's body names it, whose owner must be allowed to use it
    int64_t checking_view = 0;  // whose CHECK OPTION rows that come in are held to; 0: none
    std::shared_ptr<const std::vector<ShardColumn>> shards = {};  // null: there are none
  };
  /// A table or view of pg_catalog, information_schema and their like.
  struct SystemTable {
    std::string schema;
    std::string name;
  };
  struct Subquery {
    QueryPtr query;
  };
  /// Functions in FROM; more than one: ROWS FROM (…), zipped.
  struct Functions {
    Expressions calls;
    std::vector<int> columns;  // how many each one has
    std::vector<OutputColumn> given;  // these, as the functions and their lists of definitions call them
    bool ordinality = false;   // a last column of bigint counts
  };
  struct Values {
    std::vector<Expressions> rows;
  };
  struct WithQuery {
    int level = 0;  // the query, outward, in whose WITH it stands
    int index = 0;  // in Query::with
  };
  using Source = std::variant<Subquery, Table, SystemTable, Functions, Values, WithQuery>;

  /// A column of a view in whose place its table stands, as the target of a change.
  struct ViewColumn {
    std::string name;
    bool hidden = false;
    int place = -1;        // of the table's column that it is; −1: it is computed, or a system column
    bool is_read = false;  // by the statement, not by the view's own query alone
  };

  /// A view between the one that is changed and its table.
  struct InnerView {
    RelationPtr view;
    std::vector<int> places;  // of the table's columns that its columns are; −1: computed
    std::set<int> read;       // of its columns, by the view above
  };

  Source source;
  RelationPtr view;   // whose query the subquery is; null: none's
  std::vector<InnerView> inner_views;    // from the outermost
  RelationPtr definer;  // the functions whose owner must be allowed to use it, as a body of one names it; null: none
  std::vector<ViewColumn> view_columns;  // empty: the table is named itself
  std::string alias;  // as columns are qualified by
  std::vector<OutputColumn> columns;
  bool lateral = false;  // refers to relations before it
  bool whole = false;    // a WholeRow asks for it
  /// TABLESAMPLE
  struct Sample {
    bool system = false;
    ExpressionPtr percent;     // double precision
    ExpressionPtr repeatable;  // null: another one each time
  };
  std::optional<Sample> sample;
  int position = 0;
};

/// FROM's tree: a relation, or a join. Columns that USING merges are bound to one side, or to a Coalesce of both.
struct FromItem {
  enum class Join { kInner, kLeft, kRight, kFull, kCross };
  int relation = -1;  // ≥ 0: that relation, and nothing below counts
  Join join = Join::kInner;
  std::unique_ptr<FromItem> left;
  std::unique_ptr<FromItem> right;
  ExpressionPtr condition;  // null with kCross
  std::vector<std::string> merged = {};  // what USING and NATURAL name; the condition says what it means
};

struct Target {
  std::string name;
  ExpressionPtr expression;
  bool hidden = false;  // there for ORDER BY only
};

/// What rows are grouped by: a target's expression, or another one.
struct GroupItem {
  int target = -1;
  ExpressionPtr expression;  // null: the target's
};

struct Window {
  std::vector<SortKey> order_by;  // of `expressions`
  std::vector<int> partition_by;  // in `expressions`
  Expressions expressions;
  enum class Unit { kRange, kRows, kGroups };
  enum class Bound { kUnboundedPreceding, kPreceding, kCurrentRow, kFollowing, kUnboundedFollowing };
  enum class Exclude { kNoOthers, kCurrentRow, kGroup, kTies };
  Unit unit = Unit::kRange;
  Bound start = Bound::kUnboundedPreceding;
  Bound end = Bound::kCurrentRow;
  ExpressionPtr start_offset;
  ExpressionPtr end_offset;
  Exclude exclude = Exclude::kNoOthers;
  std::string name = {};  // of WINDOW; empty: it stands in OVER
  bool between = false;   // the frame has both of its ends written
  bool framed = false;    // there is a frame
};

/// FOR UPDATE and its like.
struct RowLock {
  enum class Strength { kKeyShare, kShare, kNoKeyUpdate, kUpdate };
  enum class Wait { kBlock, kNoWait, kSkipLocked };
  Strength strength = Strength::kUpdate;
  Wait wait = Wait::kBlock;
  std::vector<int> relations;  // in Query::relations
};

/// A query of WITH. One of WITH RECURSIVE may refer to those after it.
struct WithItem {
  std::string name;
  QueryPtr query;                     // recursive: a UNION whose right side refers to the item itself
  std::vector<OutputColumn> columns;  // as its references see them
  bool recursive = false;
  std::optional<bool> materialized;
  bool may_recurse = false;  // it is one of WITH RECURSIVE
  bool traversed = false;    // SEARCH and CYCLE have been worked into its query
};

/// A query whose columns are converted before they are used. (Where the query's own targets could be converted, they
/// have been; that changes nothing it sorts or compares.)
struct ConvertedQuery {
  QueryPtr query;
  /// One for each of the query's visible columns, over ColumnReference{0, 0, column}; empty: as they are.
  Expressions columns;
};

struct SetOperation {
  enum class Kind { kUnion, kIntersect, kExcept };
  Kind kind = Kind::kUnion;
  bool all = false;
  ConvertedQuery left;  // both give the columns' types
  ConvertedQuery right;
};

struct Assignment {
  int column = 0;  // of the target relation
  ExpressionPtr value;
};

struct OnConflict {
  bool update = false;
  std::vector<int> key;      // the columns of the arbiter; empty: any, unless there is an index
  std::string index = {};    // the arbiter where it is more than these columns
  std::string constraint;    // ON CONSTRAINT
  int excluded = -1;         // the relation that `excluded` is
  std::vector<Assignment> assignments;
  ExpressionPtr where;
};

struct MergeAction {
  enum class Kind { kInsert, kUpdate, kDelete, kNothing };
  bool matched = true;
  Kind kind = Kind::kNothing;
  ExpressionPtr condition;  // null: always
  std::vector<Assignment> assignments;
};

/// SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE.
struct Query {
  enum class Command { kSelect, kInsert, kUpdate, kDelete, kMerge };
  Command command = Command::kSelect;

  std::vector<WithItem> with;
  std::vector<RangeEntry> relations;
  std::vector<FromItem> from;  // side by side
  ExpressionPtr where;

  std::vector<Target> targets;  // the rows that it gives; of INSERT, …: RETURNING
  bool distinct = false;
  std::vector<int> distinct_on;  // targets

  std::vector<GroupItem> group_by;
  /// Indices in `group_by`, one list a grouping set; absent: one set of all of them.
  std::optional<std::vector<std::vector<int>>> grouping_sets;
  bool group_distinct = false;  // GROUP BY DISTINCT: equal sets once
  ExpressionPtr having;
  std::vector<Window> windows;
  bool has_aggregates = false;
  bool has_set_returning = false;  // in the targets

  /// In place of from … windows: the targets are then the columns of both sides.
  std::optional<SetOperation> set_operation;
  /// VALUES (…), (…) as a query of its own is one relation of Values.

  std::vector<SortKey> order_by;  // targets
  ExpressionPtr limit;            // bigint
  ExpressionPtr offset;
  bool with_ties = false;
  std::vector<RowLock> locks;

  // INSERT, UPDATE, DELETE, MERGE
  int target_relation = -1;          // in `relations`
  std::vector<int> insert_columns;   // of the target, in the order of the source's columns
  /// Gives the values of insert_columns in their types, DefaultValue where DEFAULT is written in VALUES; its query is
  /// null for DEFAULT VALUES.
  ConvertedQuery insert_source;
  std::vector<Assignment> assignments;
  std::vector<QueryPtr> row_subqueries;  // of RowSubqueryField
  std::optional<OnConflict> on_conflict;
  std::vector<MergeAction> merge_actions;
  ExpressionPtr merge_condition;
  enum class Overriding { kNone, kUser, kSystem };
  Overriding overriding = Overriding::kNone;
};

/// A column of a relation.
struct ColumnOrigin {
  int64_t relation = 0;  // 0: it is of none
  int column = 0;        // pg_attribute.attnum
};

/// A table whose rows a cursor's rows name, by columns behind those that it shows.
struct CursorTable {
  RelationPtr table;
  std::vector<std::string> columns;
  size_t first = 0;     // where they begin
  bool locked = false;  // FOR UPDATE and its like
};

/// A statement after analysis.
struct AnalyzedQuery {
  QueryPtr query;
  std::vector<postgres::TypeRef> parameters;  // $1, …
  std::vector<OutputColumn> columns;          // of the rows that it gives; empty: none
  std::vector<ColumnOrigin> origins = {};     // along them
  std::vector<CursorTable> cursor_tables = {};
};

}  // namespace weir::sql::analyze
