#include "sql/analyze/sort.h"

#include <fmt/format.h>

#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::Node;

namespace {

Status SortUsing(const Scope& scope, const pg_query::SortBy& sort, const Expression& by, SortKey* key) {
  const std::vector<std::string> name = NamesOf(sort.use_op());
  const int position = scope.statement.Position(sort.location());
  WEIR_ASSIGN_OR_RETURN(const postgres::ResolvedOperator resolved,
                        scope.statement.resolver.ResolveOperator(name.back(), by.type.oid, by.type.oid, position));
  if (name.back() == "<" || name.back() == "~<~") {
    key->less = postgres::FindFunction(resolved.op->function);
    return Status::OK();
  }
  const postgres::Operator* less = postgres::FindOperator(resolved.op->commutator);
  if ((name.back() == ">" || name.back() == "~>~") && less != nullptr) {
    key->descending = true;
    key->less = postgres::FindFunction(less->function);
    return Status::OK();
  }
  return ErrorAtPosition(position, sqlstate::kWrongObjectType,
                         fmt::format("operator {} is not a valid ordering operator", name.back()),
                         "Ordering operators must be \"<\" or \">\" members of btree operator families.");
}

Status AmbiguousName(const Scope& scope, const std::string& name, Clause clause, int location) {
  return ErrorAt(scope, location, sqlstate::kAmbiguousColumn,
                 fmt::format("{} \"{}\" is ambiguous", NameOf(clause), name));
}

Result<int> FindByName(Scope& scope, const pg_query::ColumnRef& reference, Clause clause) {
  const std::string& name = reference.fields(0).string().sval();
  if (clause == Clause::kGroupBy) {
    WEIR_ASSIGN_OR_RETURN(const ExpressionPtr column, FindColumn(scope, name, true, reference.location()));
    if (column) return -1;
  }
  int found = -1;
  const std::vector<Target>& targets = scope.query->targets;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].hidden || targets[i].name != name) continue;
    if (found >= 0 && !Equal(*targets[static_cast<size_t>(found)].expression, *targets[i].expression)) {
      return AmbiguousName(scope, name, clause, reference.location());
    }
    if (found < 0) found = static_cast<int>(i);
  }
  return found;
}

Result<int> FindByPlace(Scope& scope, const pg_query::A_Const& constant, Clause clause) {
  if (!constant.has_ival()) {
    return ErrorAt(scope, constant.location(), sqlstate::kSyntaxError,
                   fmt::format("non-integer constant in {}", NameOf(clause)));
  }
  const int place = constant.ival().ival();
  int visible = 0;
  for (size_t i = 0; i < scope.query->targets.size(); ++i) {
    if (!scope.query->targets[i].hidden && ++visible == place) return static_cast<int>(i);
  }
  return ErrorAt(scope, constant.location(), sqlstate::kInvalidColumnReference,
                 fmt::format("{} position {} is not in select list", NameOf(clause), place));
}

// GROUP BY cannot mean an output column that is made of what comes after grouping.
Status CheckGroupable(const Expression& expression) {
  const bool aggregate = std::holds_alternative<Aggregate>(expression.node);
  if (aggregate || std::holds_alternative<WindowCall>(expression.node)) {
    return ErrorAtPosition(expression.position, aggregate ? sqlstate::kGroupingError : sqlstate::kWindowingError,
                           fmt::format("{} functions are not allowed in GROUP BY", aggregate ? "aggregate" : "window"));
  }
  Status status;
  ForEachChild(
      const_cast<Expression&>(expression),
      [&](ExpressionPtr& child) { if (status.ok()) status = CheckGroupable(*child); }, [](Query&) {});
  return status;
}

Result<int> FindNamed(Scope& scope, const Node& node, Clause clause) {
  if (node.has_column_ref() && node.column_ref().fields_size() == 1 && node.column_ref().fields(0).has_string()) {
    return FindByName(scope, node.column_ref(), clause);
  }
  if (node.has_a_const()) return FindByPlace(scope, node.a_const(), clause);
  return -1;
}

}  // namespace

Result<SortKey> MakeSortKey(const Scope& scope, const pg_query::SortBy& sort, const Expression& by) {
  SortKey key;
  const int position = scope.statement.Position(LocationOf(sort.node()));
  if (sort.sortby_dir() == pg_query::SORTBY_USING) {
    WEIR_RETURN_NOT_OK(SortUsing(scope, sort, by, &key));
  } else {
    WEIR_ASSIGN_OR_RETURN(key.less, LessFunction(scope, by.type.oid, position));
    key.descending = sort.sortby_dir() == pg_query::SORTBY_DESC;
  }
  key.nulls_first = sort.sortby_nulls() == pg_query::SORTBY_NULLS_FIRST ||
                    (sort.sortby_nulls() != pg_query::SORTBY_NULLS_LAST && key.descending);
  return key;
}

Result<int> FindTargetByName(Scope& scope, const Node& node, Clause clause) {
  WEIR_ASSIGN_OR_RETURN(const int found, FindNamed(scope, node, clause));
  if (found >= 0 && clause == Clause::kGroupBy) {
    WEIR_RETURN_NOT_OK(CheckGroupable(*scope.query->targets[static_cast<size_t>(found)].expression));
  }
  return found;
}

Result<int> FindOrAddTarget(Scope& scope, const Node& node, Clause clause) {
  WEIR_ASSIGN_OR_RETURN(const int named, FindTargetByName(scope, node, clause));
  std::vector<Target>& targets = scope.query->targets;
  if (named >= 0) {
    Target& target = targets[static_cast<size_t>(named)];
    WEIR_ASSIGN_OR_RETURN(target.expression, UnknownToText(scope, std::move(target.expression)));
    return named;
  }
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr expression, Analyze(scope, node, clause));
  for (size_t i = 0; i < targets.size(); ++i) {
    if (Equal(*targets[i].expression, *expression)) return static_cast<int>(i);
  }
  WEIR_ASSIGN_OR_RETURN(expression, UnknownToText(scope, std::move(expression)));
  targets.push_back({.name = "?column?", .expression = std::move(expression), .hidden = true});
  return static_cast<int>(targets.size()) - 1;
}

Status AnalyzeOrderBy(Scope& scope, const Nodes& items) {
  for (const Node& node : items) {
    const pg_query::SortBy& sort = node.sort_by();
    WEIR_ASSIGN_OR_RETURN(const int target, FindOrAddTarget(scope, sort.node(), Clause::kOrderBy));
    const Expression& by = *scope.query->targets[static_cast<size_t>(target)].expression;
    WEIR_ASSIGN_OR_RETURN(SortKey key, MakeSortKey(scope, sort, by));
    key.target = target;
    bool known = false;  // sorted by already: it changes nothing
    for (const SortKey& before : scope.query->order_by) known = known || before.target == target;
    if (!known) scope.query->order_by.push_back(key);
  }
  return Status::OK();
}

namespace {

const Expression* FindInQuery(Query& query, int level) {
  const Expression* found = nullptr;
  ForEachExpression(
      query, [&](ExpressionPtr& child) { if (!found) found = FindColumnOfLevel(*child, level); },
      [&](Query& inner) { if (!found) found = FindInQuery(inner, level + 1); });
  return found;
}

}  // namespace

const Expression* FindColumnOfLevel(const Expression& expression, int level) {
  if (const auto* column = std::get_if<ColumnReference>(&expression.node)) {
    return column->level == level ? &expression : nullptr;
  }
  if (const auto* row = std::get_if<WholeRow>(&expression.node)) return row->level == level ? &expression : nullptr;
  const Expression* found = nullptr;
  ForEachChild(
      const_cast<Expression&>(expression),
      [&](ExpressionPtr& child) { if (!found) found = FindColumnOfLevel(*child, level); },
      [&](Query& inner) { if (!found) found = FindInQuery(inner, level + 1); });
  return found;
}

}  // namespace weir::sql::analyze
