#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pg_query.pb.h"
#include "postgres/error.h"
#include "postgres/resolve.h"
#include "sql/analyze/analyze.h"
#include "sql/analyze/names.h"
#include "sql/analyze/tree.h"

namespace weir::sql::analyze {

/// PostgreSQL's limit of $1, ….
inline constexpr int kMaxParameters = 65535;

using Nodes = google::protobuf::RepeatedPtrField<pg_query::Node>;

/// Where an expression stands: what may stand in it, and what messages call the place.
enum class Clause {
  kNone,
  kJoinOn,
  kJoinUsing,
  kFromSubquery,
  kFromFunction,
  kWhere,
  kHaving,
  kFilter,
  kWindowPartition,
  kWindowOrder,
  kWindowRange,
  kWindowRows,
  kWindowGroups,
  kSelectTarget,
  kInsertTarget,
  kUpdateSource,
  kUpdateTarget,
  kMergeWhen,
  kGroupBy,
  kOrderBy,
  kDistinctOn,
  kLimit,
  kOffset,
  kReturning,
  kValues,
  kValuesSingle,
  kCheck,
  kDefault,
  kGenerated,
  kPartitionKey,
  kPartitionBound,
  kIndexExpression,
  kIndexCondition,
  kUsing,
  kCopyWhere,
};
/// "WHERE", as in "argument of WHERE must be type boolean".
std::string_view NameOf(Clause clause);

/// What the queries of one statement share.
struct Statement {
  Statement(const dialect::Source& text, size_t text_begin, const Context& context);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Of a node's location; 0 for none.
  int Position(int location) const { return location < 0 ? 0 : source.Position(begin + static_cast<size_t>(location)); }
  /// 54001 when recursion has used up what it may use of the stack.
  Status CheckStack() const;

  const dialect::Source& source;
  size_t begin;
  Names& names;
  const postgres::Resolver& resolver;
  const postgres::Settings& settings;
  bool parameters_allowed;
  dialect::ViewNames* noted;  // null: nothing is noted
  bool of_view = false;       // it is the query of a view
  bool keeps_calls = false;   // as Context has it
  DefinerPtr definer;         // whose rights it has as a function's body; null: its caller's
  const SqlFunction* function = nullptr;  // whose body it is; null: none's
  int function_depth = 0;                 // so many bodies around it
  int inlined_here = 0;
  int* inlined = &inlined_here;  // calls of functions in the whole statement that their bodies have taken the place of
  std::vector<bool> fixed_parameters;           // their types were given
  std::vector<postgres::TypeRef> parameters;    // OID 0: not seen yet; oid::kUnknown: nothing has told its type yet
  const char* stack_base;
};

/// A column that a name may mean.
struct NamedColumn {
  std::string name;
  ExpressionPtr value;  // of the scope's own level
};

/// Something of FROM that names can refer to: a relation, or a join with its merged columns.
struct NamedItem {
  std::string name;    // what qualifies its columns; empty: nothing does
  std::string schema;  // of a table without an alias: what may qualify its name
  int relation = -1;   // in Query::relations; its columns are the item's
  std::vector<NamedColumn> columns;  // of a join, or of a view that is changed
  int changed_view = -1;             // that view's place in Query::relations
  bool name_visible = true;
  bool columns_visible = true;
  bool lateral_only = false;  // for LATERAL only
  bool lateral_ok = true;     // not across a RIGHT or FULL join
};

/// A relation as messages know it besides its alias.
struct RelationName {
  std::string schema;
  std::string table;
  bool aliased = false;
};

struct WithEntry;

/// A query while it is analysed, inside of those around it.
struct Scope {
  Scope(Statement& whole, Scope* outer, Query* current) : statement(whole), parent(outer), query(current) {}

  Statement& statement;
  Scope* parent;
  Query* query;
  std::vector<NamedItem> names;
  std::vector<RelationName> relation_names;  // along Query::relations
  std::vector<std::vector<UniqueKey>> keys;  // along Query::relations
  std::vector<std::shared_ptr<WithEntry>> with;
  Clause clause = Clause::kNone;
  bool lateral_active = false;
  bool has_windows = false;
  int set_returning = 0;           // calls of functions that return sets, so far
  int set_returning_position = 0;  // of the last one
  bool in_outer_join = false;   // the side that may be null, for WITH RECURSIVE's rules
  bool recursion_barred = false;  // in a subquery expression
  bool refers_to_itself = false;  // FROM has the query of WITH RECURSIVE that it is of
  std::string_view recursion_bar;  // "within EXCEPT"
  std::vector<const pg_query::WindowDef*> window_definitions;
  const pg_query::UpdateStmt* update = nullptr;
  ExpressionPtr view_condition;  // that every row of the view meets which an INSERT, UPDATE or DELETE changes
  Expressions view_values;       // of its columns, over the table that stands in its place
};

/// Sets a scope's clause for as long as it lives.
class InClause {
 public:
  InClause(Scope& scope, Clause clause) : scope_(scope), before_(std::exchange(scope.clause, clause)) {}
  ~InClause() { scope_.clause = before_; }
  InClause(const InClause&) = delete;
  InClause& operator=(const InClause&) = delete;

 private:
  Scope& scope_;
  Clause before_;
};

/// An error with PostgreSQL's text at a node's location.
Status ErrorAt(const Scope& scope, int location, std::string_view sqlstate, std::string message,
               std::string hint = {}, std::string detail = {});
/// The same at a position.
Status ErrorAtPosition(int position, std::string_view sqlstate, std::string message, std::string hint = {},
                       std::string detail = {});
/// `status` with that position where it has none.
Status WithPosition(const Status& status, int position);
/// PostgreSQL's name of a type in messages.
std::string TypeName(const Scope& scope, postgres::Oid type);

/// The strings of a qualified name.
std::vector<std::string> NamesOf(const Nodes& nodes);
std::string Dotted(const std::vector<std::string>& names);

template <typename Node>
ExpressionPtr MakeExpression(Node node, postgres::TypeRef type, int position) {
  return std::make_unique<Expression>(Expression{Expression::Node(std::move(node)), type, position});
}

/// A column of a relation of the scope's query.
ExpressionPtr ColumnOf(const Scope& scope, int level, int relation, int column, int position);

struct FoundItem {
  const NamedItem* item = nullptr;  // null: none
  Scope* scope = nullptr;
  int level = 0;
};
/// The relation or join that a (qualified) name means here.
Result<FoundItem> FindItem(Scope& scope, std::string_view schema, std::string_view name, int location);
/// The column of that name of an item; null: it has none. 42702: more than one.
Result<ExpressionPtr> FindColumnOf(const Scope& scope, const FoundItem& item, std::string_view column, int location);
/// The column that an unqualified name means here; null: none. `local`: of this query only.
Result<ExpressionPtr> FindColumn(Scope& scope, std::string_view name, bool local, int location);
/// An item's columns as SELECT * has them: the hidden ones left out.
struct ExpandedColumn {
  std::string name;
  ExpressionPtr value;
  std::string join = {};  // the alias of the join whose column it is
};
std::vector<ExpandedColumn> ExpandItem(const FoundItem& item, int position);

/// 42703, with a hint of what may have been meant.
Status MissingColumn(Scope& scope, std::string_view relation, std::string_view column, int location);
/// 42P01 for a qualifier that nothing in FROM has.
Status MissingRelation(Scope& scope, std::string_view schema, std::string_view relation, int location);

}  // namespace weir::sql::analyze
