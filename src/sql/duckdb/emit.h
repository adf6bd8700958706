#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "postgres/value/row_shape.h"
#include "sql/analyze/tree.h"
#include "sql/duckdb/build.h"
#include "sql/engine/table_change.h"

namespace weir::sql::duck {

namespace tree = ::weir::sql::analyze;

/// A column of a relation or result in DuckDB's tree.
struct EmittedColumn {
  std::string name;
  duckdb::LogicalType type;
  postgres::Oid oid = 0;
  std::shared_ptr<const postgres::RowShape> row;  // as ResultColumn has it
};
using EmittedColumns = std::vector<EmittedColumn>;

/// A query in DuckDB's tree; its columns are named c0, c1, …
struct EmittedQuery {
  duckdb::unique_ptr<duckdb::QueryNode> node;
  EmittedColumns columns;
};

/// A query of WITH that changes a table, or is read by one that does: it runs before the statement, whose WITH then has
/// its rows.
struct EmittedChange {
  std::string alias;  // in the statement
  duckdb::unique_ptr<duckdb::SQLStatement> statement;
  EmittedColumns columns;  // of its RETURNING
  RelationPtr target = nullptr;            // null: it changes none
  std::optional<TableChange> change = {};  // none: INSERT
};

/// What the session gives.
struct EmitContext {
  std::string user;          // the current one
  std::string session_user;
  std::string database;
  const std::vector<postgres::TypeRef>* parameters = nullptr;
  bool shaped_parameters = false;  // arrays among them have any dimensions and bounds (physical.h)
  /// Whether a change of a table's rows must give the old ones too (TableChange::keeps_old); empty: never.
  std::function<bool(const RelationPtr&)> keeps_old_rows = {};
};

/// The unique keys of a table: the primary key, and those of its unique indexes.
std::vector<UniqueKey> UniqueKeysOf(const sql::Relation& table);

/// Makes DuckDB's unbound tree of a typed one. Every relation gets an alias of its own in the whole statement and its
/// columns the names c0, c1, …, so that no name of the user's ever meets DuckDB's rules of names; every expression's
/// form is known, so that DuckDB is never left to choose a type.
///
/// Throws (errors.h) what DuckDB cannot do: 0A000.
class Emitter {
 public:
  explicit Emitter(EmitContext context) : context_(std::move(context)) {}

  duckdb::unique_ptr<duckdb::SQLStatement> Statement(const tree::Query& query);
  /// An expression of a definition, over `columns` by their names.
  Emitted Definition(const tree::Expression& expression, const std::vector<SqlColumn>& columns);
  /// Of the rows that the statement gives, in forms that Arrow has (output.h).
  const EmittedColumns& columns() const { return columns_; }
  std::vector<EmittedChange> TakeChanges() { return std::move(changes_); }
  bool locks_rows() const { return locks_rows_; }
  /// What the statement does to its table's rows; none: it is a query or an INSERT.
  std::optional<TableChange> TakeChange() { return std::move(change_); }

 private:
  struct Relation {
    std::string alias;
    EmittedColumns columns;
    std::string there = {};  // a column besides, which no row has that an outer join makes up; empty: there is none
    std::string met = {};    // likewise, of the rows that one join makes up
  };
  /// What is computed late of a query (emit_late.cc).
  struct Late {
    struct Set {
      Parsed expression;  // UNNEST of a list
      size_t depth = 1;   // more than that of the sets in it
    };
    std::string alias;          // of the rows that the targets are made of
    bool of_groups = false;     // sets that are grouped by: `alias` is the beginning of each depth's
    bool sorted_below = false;  // the order and the limit do not depend on what is late
    bool windows_above = false;  // the windows are over the rows that the targets are made of
    std::vector<Set> sets;

    size_t Deepest() const;
    void TakeSets(size_t depth, duckdb::SelectNode* node);
    std::string AliasOf(size_t depth) const;
  };
  /// A query that is being emitted, and those around it.
  struct Scope {
    const tree::Query* query = nullptr;
    Scope* outer = nullptr;
    std::vector<Relation> relations;
    /// The names and columns of WITH's queries that have been emitted, into `with_node`.
    std::vector<std::optional<Relation>> with;
    duckdb::QueryNode* with_node = nullptr;
    std::set<int> with_read;                // what is being emitted reads these queries of WITH
    std::vector<std::set<int>> with_reads;  // and each of them those
    bool returns_new = false;  // within RETURNING of rows that are not in their leaf yet
    std::set<int> read;        // columns of the table that is changed, by what is emitted
    bool grouped = false;
    bool correlated = false;  // refers to a query around it
    std::vector<Emitted> groups;      // as GROUP BY has them
    std::vector<bool> group_is_keyed;  // grouped by a key of its value
    std::unordered_set<std::string> aggregates;  // names of functions that are called as such
    Late* late = nullptr;        // while expressions are emitted that may hold sets
    std::vector<Emitted> shown;  // late targets, over the rows that they are made of
  };
  class Within;  // a scope while it is open

  // --- queries (emit_query.cc) ---
  EmittedQuery Query(const tree::Query& query);
  EmittedQuery Select(const tree::Query& query);
  EmittedQuery SetOperation(const tree::Query& query);
  /// INTERSECT and EXCEPT of rows that are compared by keys.
  EmittedQuery ByKeys(const tree::SetOperation& operation, EmittedQuery left, EmittedQuery right);
  /// With a column that says whether it is the right side.
  EmittedQuery WithSide(EmittedQuery query, bool right);
  EmittedQuery DistinctByKeys(EmittedQuery query);
  /// A query over one without a FROM of its own: SELECT c0, … FROM (query); the way to add what it cannot have itself.
  duckdb::unique_ptr<duckdb::SelectNode> Around(EmittedQuery query, std::string* alias);
  EmittedQuery Converted(const tree::ConvertedQuery& query) { return Converted(*query.query, query.columns); }
  /// `columns`, over the query's: ColumnReference{0, 0, …}; none: as they are.
  EmittedQuery Converted(const tree::Query& query, const tree::Expressions& columns);
  EmittedQuery InForms(EmittedQuery query, const EmittedColumns& columns);
  void With(const tree::Query& query, duckdb::QueryNode* node);
  void WithItem(size_t index);
  void WithChange(const tree::Query& query, size_t index);
  void RunBefore(int index);
  duckdb::unique_ptr<duckdb::SQLStatement> Change(const tree::Query& query);
  duckdb::unique_ptr<duckdb::QueryNode> Recursive(const tree::WithItem& item, size_t index);
  void Targets(const tree::Query& query, duckdb::SelectNode* node, EmittedQuery* result);
  /// A target as the query's groups have it.
  Emitted TargetValue(const tree::Query& query, size_t index);
  /// Marks a SELECT that locks rows, as row_locking.h reads it.
  void Locks(const tree::Query& query, duckdb::SelectNode* node);
  EmittedQuery Output(const tree::Query& query, EmittedQuery result);
  void Groups(const tree::Query& query, duckdb::SelectNode* node);
  void AsGrouped(Parsed* expression);
  void Modifiers(const tree::Query& query, const EmittedColumns& columns, EmittedQuery* result);
  void Distinct(const tree::Query& query, EmittedQuery* result);
  void OrderBy(const tree::Query& query, EmittedQuery* result);
  void Limit(const tree::Query& query, EmittedQuery* result);
  EmittedQuery Numbered(const tree::Query& query, EmittedQuery result);
  EmittedQuery WithoutHidden(const tree::Query& query, EmittedQuery result);
  Parsed LimitOf(const tree::Expression& expression, const char* what);
  duckdb::OrderByNode SortBy(const tree::SortKey& key, Parsed value);

  // --- targets that are computed late (emit_late.cc) ---
  static bool IsLate(const tree::Query& query);
  Emitted OfSet(const tree::Expression& expression, Emitted set);
  size_t DepthOf(const duckdb::ParsedExpression& set) const;
  bool IsFromBelow(const Parsed& expression) const;
  void TakeWhole(Parsed* expression, duckdb::SelectNode* below);
  void TakeFromBelow(Parsed* expression, duckdb::SelectNode* below);
  static void SetsOfGroups(Late* late, duckdb::SelectNode* node);
  void LateTargets(const tree::Query& query, Late* late, duckdb::SelectNode* below);
  duckdb::unique_ptr<duckdb::SelectNode> AboveLate(const tree::Query& query, Late late,
                                                   duckdb::unique_ptr<duckdb::SelectNode> rows);

  // --- joins (emit_join.cc) ---
  duckdb::unique_ptr<duckdb::TableRef> From(const std::vector<tree::FromItem>& items);
  duckdb::unique_ptr<duckdb::TableRef> Item(const tree::FromItem& item);
  duckdb::unique_ptr<duckdb::TableRef> LeftJoin(duckdb::unique_ptr<duckdb::TableRef> kept,
                                                const tree::FromItem& missing,
                                                duckdb::unique_ptr<duckdb::TableRef> rows,
                                                const tree::ExpressionPtr& condition, bool turned = false);
  duckdb::unique_ptr<duckdb::TableRef> FullJoin(const tree::FromItem& item, const std::vector<Relation>& declared,
                                                duckdb::unique_ptr<duckdb::TableRef> left,
                                                duckdb::unique_ptr<duckdb::TableRef> right);
  duckdb::unique_ptr<duckdb::SelectNode> Gathered(const std::set<int>& relations,
                                                  duckdb::unique_ptr<duckdb::TableRef> table,
                                                  const std::string& alias);
  duckdb::unique_ptr<duckdb::TableRef> Where(const std::set<int>& relations,
                                             duckdb::unique_ptr<duckdb::TableRef> table, Parsed condition);

  // --- FROM (emit_from.cc) ---
  void Relations(const tree::Query& query);
  void Declare(const tree::RangeEntry& entry, size_t index);
  duckdb::unique_ptr<duckdb::TableRef> Entry(int relation);
  duckdb::unique_ptr<duckdb::TableRef> Marked(duckdb::unique_ptr<duckdb::TableRef> table, Relation* relation);
  duckdb::unique_ptr<duckdb::TableRef> SequenceRow(const tree::RangeEntry::Table& table, Relation* relation);
  duckdb::unique_ptr<duckdb::TableRef> Table(const tree::RangeEntry& entry, Relation* relation);
  duckdb::unique_ptr<duckdb::TableRef> SystemTable(const tree::RangeEntry& entry, Relation* relation);
  duckdb::unique_ptr<duckdb::TableRef> SystemTable(const tree::RangeEntry::SystemTable& table,
                                                   const std::vector<std::string>& columns, Relation* relation);
  duckdb::unique_ptr<duckdb::TableRef> Subquery(const tree::RangeEntry& entry, Relation* relation);
  void Bar(duckdb::QueryNode* view) const;
  /// Of generate_series of integers, which makes its rows as they are asked for. Null for another function.
  duckdb::unique_ptr<duckdb::TableRef> Series(const tree::RangeEntry::Functions& functions, Relation* relation);
  duckdb::unique_ptr<duckdb::TableRef> CatalogRows(const tree::RangeEntry::Functions& functions, Relation* relation);
  duckdb::unique_ptr<duckdb::TableRef> Functions(const tree::RangeEntry& entry, Relation* relation);
  Emitted RowsOf(const tree::Expression& expression, std::span<const tree::OutputColumn> columns);
  duckdb::unique_ptr<duckdb::TableRef> Values(const tree::RangeEntry& entry, Relation* relation);
  duckdb::unique_ptr<duckdb::TableRef> WithQuery(const tree::RangeEntry& entry, Relation* relation);
  Relation& RelationAt(int level, int relation);
  Scope& ScopeAt(int level);
  void NameColumns(Relation* relation, duckdb::TableRef* table);

  // --- INSERT (emit_insert.cc) ---
  duckdb::unique_ptr<duckdb::SQLStatement> Insert(const tree::Query& query);
  duckdb::unique_ptr<duckdb::SelectStatement> InsertSource(const tree::Query& query);
  void Target(const tree::Query& query);
  duckdb::unique_ptr<duckdb::TableRef> TargetTable(const tree::Query& query);
  static const sql::Relation& TargetRelation(const tree::Query& query);
  static Parsed DefaultOf(const SqlColumn& column);
  ParsedList Returning(const tree::Query& query);
  Parsed LeafOid(const Relation& target);
  // --- changes of rows, as TableChange takes them (emit_change.cc, emit_conflict.cc, emit_merge.cc) ---
  duckdb::unique_ptr<duckdb::SQLStatement> Update(const tree::Query& query);
  duckdb::unique_ptr<duckdb::SQLStatement> Delete(const tree::Query& query);
  duckdb::unique_ptr<duckdb::SQLStatement> Merge(const tree::Query& query);
  duckdb::unique_ptr<duckdb::SQLStatement> Upsert(const tree::Query& query);
  duckdb::unique_ptr<duckdb::SQLStatement> InsertRows(const tree::Query& query);
  duckdb::unique_ptr<duckdb::SelectNode> Beside(const tree::Query& query);
  std::vector<Parsed> OldRow(const tree::Query& query);
  Parsed Assigned(const tree::Assignment& assignment, const SqlColumn& column);
  void Carry(const tree::Query& query, duckdb::SelectNode* rows, const std::string& alias, int but);
  Parsed GeneratedValue(const sql::Relation& table, size_t column, const Relation& row);
  duckdb::unique_ptr<duckdb::SelectNode> WithGenerated(const sql::Relation& table,
                                                       duckdb::unique_ptr<duckdb::SelectNode> rows,
                                                       std::string (*name_of)(size_t));
  duckdb::unique_ptr<duckdb::SelectNode> WithReturning(const tree::Query& query,
                                                       duckdb::unique_ptr<duckdb::SelectNode> rows,
                                                       const TableChange& change);
  duckdb::unique_ptr<duckdb::SQLStatement> Changing(const tree::Query& query, TableChange change,
                                                    duckdb::unique_ptr<duckdb::SelectNode> rows,
                                                    duckdb::SelectNode* with);
  duckdb::unique_ptr<duckdb::SelectNode> Proposed(const tree::Query& query, const std::vector<UniqueKey>& keys,
                                                  std::map<int, ParsedList>* known);
  duckdb::unique_ptr<duckdb::TableRef> WithSameKey(const tree::Query& query, duckdb::unique_ptr<duckdb::TableRef> rows,
                                                   const Relation& proposed, const UniqueKey& key,
                                                   const std::map<int, ParsedList>& known);
  Parsed Conflicts(const tree::Query& query, const std::vector<UniqueKey>& keys, Relation* proposed,
                   duckdb::SelectNode* rows);
  duckdb::unique_ptr<duckdb::SelectNode> Matches(const tree::Query& query);
  Parsed ChosenAction(const tree::Query& query, bool matched);

  // --- expressions (emit_expression.cc, emit_call.cc) ---
  Emitted Value(const tree::Expression& expression);
  EmittedList Values(const tree::Expressions& expressions);
  /// As the function takes them: with the blanks that it sees.
  EmittedList Arguments(const postgres::Function& function, const tree::Expressions& expressions);
  Parsed Condition(const tree::Expression& expression);
  Parsed Connected(bool all, std::span<const tree::ExpressionPtr> conditions);
  /// A condition of WHERE: NULL is as good as false there.
  Parsed Filter(const tree::Expression& expression);
  Emitted Of(const tree::Constant& constant, const tree::Expression& expression);
  Emitted Of(const tree::Parameter& parameter, const tree::Expression& expression);
  Emitted Of(const tree::ColumnReference& column, const tree::Expression& expression);
  Emitted Of(const tree::WholeRow& row, const tree::Expression& expression);
  Emitted OfComposite(const tree::RowOf& row, postgres::TypeRef type);
  Emitted Of(const tree::Call& call, const tree::Expression& expression);
  Emitted Of(const tree::Aggregate& aggregate, const tree::Expression& expression);
  Emitted Of(const tree::WindowCall& call, const tree::Expression& expression);
  Emitted Of(const tree::Grouping& grouping, const tree::Expression& expression);
  Emitted Of(const tree::Logic& logic, const tree::Expression& expression);
  Emitted Of(const tree::NullTest& test, const tree::Expression& expression);
  Emitted Of(const tree::BooleanTest& test, const tree::Expression& expression);
  Emitted Of(const tree::DistinctTest& test, const tree::Expression& expression);
  Emitted Of(const tree::NullIf& null_if, const tree::Expression& expression);
  Emitted Of(const tree::Case& choice, const tree::Expression& expression);
  Emitted Of(const tree::CaseOperand& operand, const tree::Expression& expression);
  Emitted Of(const tree::Coalesce& coalesce, const tree::Expression& expression);
  Emitted Of(const tree::Extreme& extreme, const tree::Expression& expression);
  Emitted Of(const tree::ArrayOf& array, const tree::Expression& expression);
  Emitted Of(const tree::RowOf& row, const tree::Expression& expression);
  Emitted Of(const tree::RowComparison& comparison, const tree::Expression& expression);
  Emitted Of(const tree::ArrayTest& test, const tree::Expression& expression);
  Emitted Of(const tree::Coercion& coercion, const tree::Expression& expression);
  Emitted Of(const tree::ElementValue& element, const tree::Expression& expression);
  Emitted Of(const tree::Subscript& subscript, const tree::Expression& expression);
  Emitted JsonElement(Emitted json, const tree::Subscript& subscript);
  void Ends(const tree::Subscript::Step& step, EmittedList* ends);
  void AddSteps(const std::vector<tree::Subscript::Step>& steps, bool slice, EmittedList* arguments);
  Emitted PartOfArray(Emitted array, const std::vector<tree::Subscript::Step>& steps, bool slice,
                      postgres::TypeRef type);
  Emitted CharacterOf(Emitted name, const tree::Subscript& subscript, postgres::TypeRef type);
  Emitted Of(const tree::FieldOf& field, const tree::Expression& expression);
  Emitted Of(const tree::SubqueryExpression& subquery, const tree::Expression& expression);
  Emitted Of(const tree::SessionValue& value, const tree::Expression& expression);
  Emitted Of(const tree::DefaultValue& value, const tree::Expression& expression);
  Emitted Of(const tree::RowSubqueryField& field, const tree::Expression& expression);
  Emitted Of(const tree::ElementAssignment& assignment, const tree::Expression& expression);
  Emitted Of(const tree::Collated& collated, const tree::Expression& expression);

  Emitted Modified(Emitted value, postgres::TypeRef type, bool explicit_cast);
  Emitted Rounded(Emitted value, int32_t modifier);
  /// The elements of an array that is written out or constant, as the coercions around it make them; else none.
  EmittedList WrittenElements(const tree::Expression& array);
  Emitted Elements(Emitted array, const tree::Expression& element, postgres::TypeRef type);
  Emitted OfDomain(Emitted value, const tree::Coercion& coercion);
  Parsed FilterRows(const tree::RowComparison& comparison);
  Parsed Compared(tree::RowComparison::Kind kind, const std::vector<const postgres::Function*>& functions,
                  const std::vector<const postgres::Function*>* equal, const EmittedList& left,
                  const EmittedList& right);
  Emitted RowOfQuery(const tree::SubqueryExpression& subquery, const tree::Expression& expression);
  duckdb::unique_ptr<duckdb::SelectNode> Side(const tree::SubqueryExpression& subquery, EmittedList* columns);
  Emitted Quantified(const tree::SubqueryExpression& subquery, const tree::Expression& expression);
  Emitted ArrayFrom(const tree::SubqueryExpression& subquery, const tree::Expression& expression);
  Emitted Subselect(duckdb::SubqueryType type, EmittedQuery query, postgres::TypeRef result);

  // --- calls of functions (emit_call.cc) and aggregates (emit_aggregate.cc) ---
  Emitted Apply(const postgres::Function& function, EmittedList arguments, postgres::TypeRef result);
  Emitted WithVariadicArray(const postgres::Function& function, EmittedList arguments, postgres::TypeRef result);
  Emitted Generated(const postgres::Function& function, EmittedList arguments, postgres::TypeRef result);
  Parsed FrameOffset(const tree::Window& window, const tree::Expression& offset, const char* end);
  void Window(const tree::Window& window, duckdb::WindowExpression* call);
  /// The window function's calls of one call of PostgreSQL's: made by `make`, which gets a name and the arguments.
  using MakeAggregate = std::function<Parsed(const std::string& name, ParsedList arguments)>;
  Emitted Hypothetical(const tree::Aggregate& aggregate, const tree::Expression& expression);
  Parsed Precedes(const tree::Aggregate& aggregate, bool or_equal, ParsedList* keys);
  Emitted Aggregated(const postgres::Function& function, EmittedList arguments, postgres::TypeRef result, bool distinct,
                     const MakeAggregate& make);

  std::string NewAlias(const char* prefix) { return prefix + std::to_string(next_alias_++); }

  const EmitContext context_;
  Scope* scope_ = nullptr;
  int next_alias_ = 0;
  int levels_ = 0;  // of the expressions that were emitted last
  /// Queries that see the columns around them as expressions (outer_conditions.h).
  std::unordered_set<const tree::Query*> hidden_outside_;
  const tree::SubqueryExpression* filtering_ = nullptr;  // EXISTS that is a condition of WHERE
  std::vector<const Emitted*> case_operands_;
  std::vector<Emitted> elements_;
  EmittedColumns columns_;
  std::vector<EmittedChange> changes_;
  bool within_with_ = false;  // RETURNING is read by the statement, not by a client
  bool locks_rows_ = false;
  std::optional<TableChange> change_;
};

}  // namespace weir::sql::duck
