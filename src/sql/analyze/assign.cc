#include "sql/analyze/assign.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "postgres/identifier.h"
#include "postgres/made_type.h"
#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/shard_column.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::Node;
using pg_query::ResTarget;
using postgres::CoercionContext;

namespace {

const RangeEntry& TargetOf(const Scope& scope) {
  return scope.query->relations[static_cast<size_t>(scope.query->target_relation)];
}

const OutputColumn& ColumnAt(const Scope& scope, int column) {
  return TargetOf(scope).columns[static_cast<size_t>(column)];
}

std::string TableName(const Scope& scope) {
  return scope.relation_names[static_cast<size_t>(scope.query->target_relation)].table;
}

const std::string& ShownColumn(const RangeEntry& target, size_t index) {
  const auto shown = [](const RangeEntry::ViewColumn& column) { return !column.hidden; };
  auto column = std::ranges::find_if(target.view_columns, shown);
  while (index-- > 0) column = std::find_if(std::next(column), target.view_columns.end(), shown);
  return column->name;
}

Status ComputedColumn(const Scope& scope, const std::string& column) {
  const char* verb = scope.query->command == Query::Command::kInsert ? "insert into" : "update";
  return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported,
                 fmt::format("cannot {} column \"{}\" of view \"{}\"", verb, column, TableName(scope)), {},
                 "View columns that are not columns of their base relation are not updatable.");
}

// The table's column that a view's is.
Result<int> ColumnOfView(const Scope& scope, const std::string& name, int location) {
  for (const RangeEntry::ViewColumn& column : TargetOf(scope).view_columns) {
    if (column.hidden || !postgres::IsMeant(name, column.name)) continue;
    if (column.place < 0) return ComputedColumn(scope, column.name);
    return column.place;
  }
  return ErrorAt(scope, location, sqlstate::kUndefinedColumn,
                 fmt::format("column \"{}\" of relation \"{}\" does not exist", name, TableName(scope)));
}

}  // namespace

Status AssignedTwice(const Scope& scope, int column) {
  const auto* table = std::get_if<RangeEntry::Table>(&TargetOf(scope).source);
  const std::string& name = table == nullptr ? ColumnAt(scope, column).name
                                             : table->relation->columns[static_cast<size_t>(column)].name;
  return ErrorAt(scope, -1, sqlstate::kSyntaxError, fmt::format("multiple assignments to same column \"{}\"", name));
}

Result<int> TargetColumn(const Scope& scope, const std::string& name, int location) {
  if (!TargetOf(scope).view_columns.empty()) return ColumnOfView(scope, name, location);
  const auto& columns = TargetOf(scope).columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!postgres::IsMeant(name, columns[i].name)) continue;
    if (!columns[i].hidden) return static_cast<int>(i);
    if (scope.query->command == Query::Command::kInsert) break;  // INSERT does not know system columns
    return ErrorAt(scope, location, sqlstate::kFeatureNotSupported,
                   fmt::format("cannot assign to system column \"{}\"", name));
  }
  if (FindShardColumn(TargetOf(scope), name) != nullptr) {
    return ErrorAt(scope, location, sqlstate::kObjectNotInPrerequisiteState,
                   fmt::format("cannot write directly to computed column \"{}\"", name));
  }
  return ErrorAt(scope, location, sqlstate::kUndefinedColumn,
                 fmt::format("column \"{}\" of relation \"{}\" does not exist", name, TableName(scope)));
}

Result<std::vector<int>> InsertColumns(const Scope& scope, const Nodes& listed) {
  std::vector<int> columns;
  if (listed.empty()) {
    for (const RangeEntry::ViewColumn& column : TargetOf(scope).view_columns) {
      if (!column.hidden) columns.push_back(column.place);
    }
    if (!columns.empty()) return columns;
    const auto& all = TargetOf(scope).columns;
    for (size_t i = 0; i < all.size(); ++i) {
      if (!all[i].hidden) columns.push_back(static_cast<int>(i));
    }
    return columns;
  }
  std::map<std::string, bool> known;  // whether it is the whole column
  for (const Node& node : listed) {
    const ResTarget& item = node.res_target();
    WEIR_ASSIGN_OR_RETURN(const int column, TargetColumn(scope, item.name(), item.location()));
    const auto [earlier, added] = known.emplace(item.name(), item.indirection().empty());
    if (!added && (earlier->second || item.indirection().empty())) {
      return ErrorAt(scope, item.location(), sqlstate::kDuplicateColumn,
                     fmt::format("column \"{}\" specified more than once", item.name()));
    }
    columns.push_back(column);
  }
  return columns;
}

Status CheckValueCount(const Scope& scope, const Expressions& values, const std::vector<int>& columns,
                       const Nodes& listed) {
  if (values.size() > columns.size()) {
    return ErrorAtPosition(BeginOf(*values[columns.size()]), sqlstate::kSyntaxError,
                           "INSERT has more expressions than target columns");
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (columns[i] < 0) return ComputedColumn(scope, ShownColumn(TargetOf(scope), i));
  }
  if (listed.empty() || values.size() == columns.size()) return Status::OK();
  const auto* row = values.size() == 1 ? std::get_if<RowOf>(&values[0]->node) : nullptr;
  const bool parenthesised = row != nullptr && row->fields.size() == columns.size();
  return ErrorAt(scope, listed[static_cast<int>(values.size())].res_target().location(), sqlstate::kSyntaxError,
                 "INSERT has more target columns than expressions",
                 parenthesised ? "The insertion source is a row expression containing the same number of columns "
                                 "expected by the INSERT. Did you accidentally use extra parentheses?"
                               : "");
}

namespace {

// A part of a row, NULL where there is no row.
ExpressionPtr PartOf(const Expression& row, int field, const postgres::Attribute& attribute) {
  const auto* constant = std::get_if<Constant>(&row.node);
  if (constant != nullptr && constant->value.is_null()) return MakeExpression(Constant{}, attribute.type, 0);
  if (const auto* written = std::get_if<RowOf>(&row.node)) return Clone(*written->fields[static_cast<size_t>(field)]);
  ExpressionPtr copy = Clone(row);
  if (!copy) return copy;
  return MakeExpression(FieldOf{std::move(copy), field, attribute.name}, attribute.type, 0);
}

// column[…] = value, from the given step of the way on
Result<ExpressionPtr> AssignElement(Scope& scope, const OutputColumn& column, const ResTarget& item, int first,
                                    ExpressionPtr value, ExpressionPtr container) {
  std::vector<const pg_query::A_Indices*> indices;
  for (int i = first; i < item.indirection_size(); ++i) {
    const Node& step = item.indirection(i);
    if (step.has_a_indices()) {
      indices.push_back(&step.a_indices());
      continue;
    }
    return ErrorAt(
        scope, item.location(), sqlstate::kDatatypeMismatch,
        fmt::format("cannot assign to field \"{}\" of column \"{}\" because its type {} is not a composite type",
                    step.string().sval(), column.name, TypeName(scope, column.type.oid)));
  }
  if (container->position == 0) container->position = scope.statement.Position(item.location());
  WEIR_ASSIGN_OR_RETURN(const postgres::Oid element, ElementType(scope, *container));
  ElementAssignment result;
  WEIR_ASSIGN_OR_RETURN(result.steps, AnalyzeSubscripts(scope, *container, indices));
  const postgres::TypeRef array = postgres::BaseTypeOf(column.type);
  const postgres::TypeRef wanted = {result.steps[0].slice ? array.oid : element, array.modifier};
  const postgres::Oid from = value->type.oid;
  const int position = scope.statement.Position(item.location());
  WEIR_ASSIGN_OR_RETURN(result.value, CoerceIfPossible(scope, std::move(value), wanted, CoercionContext::kAssignment,
                                                       CallForm::kImplicitCast));
  if (!result.value) {
    return ErrorAtPosition(position, sqlstate::kDatatypeMismatch,
                           fmt::format("subscripted assignment to \"{}\" requires type {} but expression is of type {}",
                                       column.name, TypeName(scope, wanted.oid), TypeName(scope, from)),
                           "You will need to rewrite or cast the expression.");
  }
  result.container = std::move(container);
  ExpressionPtr changed = MakeExpression(std::move(result), array, 0);
  return array == column.type ? std::move(changed) : CoerceToColumn(scope, std::move(changed), column, position);
}

// column.field.… = value, from the given step of the way on: the row with that field replaced.
Result<ExpressionPtr> AssignField(Scope& scope, const OutputColumn& column, const ResTarget& item, int step,
                                  ExpressionPtr value, const Expression& container) {
  const int position = scope.statement.Position(item.location());
  const std::string& name = item.indirection(step).string().sval();
  const postgres::TypeRef whole = postgres::BaseTypeOf(container.type);
  const postgres::MadeType* made = postgres::FindComposite(whole.oid);
  const char* why = made == nullptr ? "is not a composite type" : nullptr;
  const int field = made == nullptr ? -1 : made->FindAttribute(name);
  if (field < 0) {
    const std::string type = TypeName(scope, container.type.oid);
    return ErrorAtPosition(
        position, why != nullptr ? sqlstate::kDatatypeMismatch : sqlstate::kUndefinedColumn,
        fmt::format("cannot assign to field \"{}\" of column \"{}\" because {}", name, column.name,
                    why != nullptr ? fmt::format("its type {} {}", type, why)
                                   : fmt::format("there is no such column in data type {}", type)));
  }
  RowOf row;
  for (size_t i = 0; i < made->attributes.size(); ++i) {
    const postgres::Attribute& attribute = made->attributes[i];
    ExpressionPtr part = PartOf(container, static_cast<int>(i), attribute);
    if (!part) return ErrorAtPosition(position, sqlstate::kFeatureNotSupported, "this assignment is not supported");
    const bool further = static_cast<int>(i) == field && step + 1 < item.indirection_size();
    if (further && item.indirection(step + 1).has_a_indices()) {
      WEIR_ASSIGN_OR_RETURN(part, AssignElement(scope, {name, attribute.type}, item, step + 1, std::move(value),
                                                std::move(part)));
    } else if (further) {
      WEIR_ASSIGN_OR_RETURN(part, AssignField(scope, column, item, step + 1, std::move(value), *part));
    } else if (static_cast<int>(i) == field) {
      WEIR_ASSIGN_OR_RETURN(part, CoerceToColumn(scope, std::move(value), {name, attribute.type}, position));
    }
    row.fields.push_back(std::move(part));
    row.names.push_back(attribute.name);
  }
  ExpressionPtr changed = MakeExpression(std::move(row), {whole.oid, -1}, 0);
  const bool same = whole.oid == container.type.oid;
  return same ? std::move(changed) : CoerceToColumn(scope, std::move(changed), {column.name, container.type}, position);
}

}  // namespace

Result<ExpressionPtr> AssignValue(Scope& scope, int place, const ResTarget& item, ExpressionPtr value,
                                  ExpressionPtr container) {
  const OutputColumn& column = ColumnAt(scope, place);
  const int position = scope.statement.Position(item.location());
  if (std::holds_alternative<DefaultValue>(value->node)) {
    if (!item.indirection().empty()) {
      return ErrorAtPosition(position, sqlstate::kFeatureNotSupported,
                             item.indirection(0).has_a_indices() ? "cannot set an array element to DEFAULT"
                                                                 : "cannot set a subfield to DEFAULT");
    }
    value->type = column.type;
    return value;
  }
  if (item.indirection().empty()) return CoerceToColumn(scope, std::move(value), column, position);
  if (!container) container = MakeExpression(Constant{}, column.type, 0);
  if (!item.indirection(0).has_a_indices()) {
    return AssignField(scope, column, item, 0, std::move(value), *container);
  }
  return AssignElement(scope, column, item, 0, std::move(value), std::move(container));
}

namespace {

Result<ExpressionPtr> AnalyzeOrDefault(Scope& scope, const Node& node) {
  if (!node.has_set_to_default()) return Analyze(scope, node);
  return MakeExpression(DefaultValue{}, {oid::kUnknown, -1},
                        scope.statement.Position(node.set_to_default().location()));
}

Status CheckColumnCount(const Scope& scope, size_t values, const pg_query::MultiAssignRef& reference, int location) {
  if (values == static_cast<size_t>(reference.ncolumns())) return Status::OK();
  return ErrorAt(scope, location, sqlstate::kSyntaxError, "number of columns does not match number of values");
}

// A column of (a, b) = (SELECT …); the first one brings the subquery in.
Result<ExpressionPtr> AnalyzeRowSubquery(Scope& scope, const pg_query::MultiAssignRef& reference) {
  const pg_query::SubLink& link = reference.source().sub_link();
  Query& query = *scope.query;
  if (reference.colno() == 1) {
    WEIR_ASSIGN_OR_RETURN(QueryPtr subquery, AnalyzeSubquery(scope, link.subselect()));
    size_t columns = 0;
    for (const Target& target : subquery->targets) columns += target.hidden ? 0 : 1;
    WEIR_RETURN_NOT_OK(CheckColumnCount(scope, columns, reference, link.location()));
    query.row_subqueries.push_back(std::move(subquery));
  }
  int field = reference.colno();
  for (const Target& target : query.row_subqueries.back()->targets) {
    if (target.hidden || --field > 0) continue;
    const RowSubqueryField node{static_cast<int>(query.row_subqueries.size()) - 1, reference.colno() - 1};
    return MakeExpression(node, target.expression->type, BeginOf(*target.expression));
  }
  return postgres::Error(sqlstate::kInternalError, "a column of a row subquery is missing");
}

// A column of (a, b) = ROW(…); the first one reads the whole row, in which t.* stands for its columns, into `row`.
Result<ExpressionPtr> AnalyzeRowField(Scope& scope, const pg_query::MultiAssignRef& reference, Expressions* row) {
  if (reference.colno() == 1) {
    const pg_query::RowExpr& written = reference.source().row_expr();
    WEIR_ASSIGN_OR_RETURN(*row, AnalyzeList(scope, written.args(), scope.clause, true));
    WEIR_RETURN_NOT_OK(CheckColumnCount(scope, row->size(), reference, written.location()));
  }
  return std::move((*row)[static_cast<size_t>(reference.colno()) - 1]);
}

Result<ExpressionPtr> AnalyzeMultiAssign(Scope& scope, const pg_query::MultiAssignRef& reference, Expressions* row) {
  const Node& source = reference.source();
  if (source.has_sub_link() && source.sub_link().sub_link_type() == pg_query::EXPR_SUBLINK) {
    return AnalyzeRowSubquery(scope, reference);
  }
  if (source.has_row_expr()) return AnalyzeRowField(scope, reference, row);
  return ErrorAt(scope, LocationOf(source), sqlstate::kFeatureNotSupported,
                 "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression");
}

// The assignment to the same column so far, where parts of it are assigned one after the other.
Assignment* Earlier(std::vector<Assignment>* assignments, int column) {
  for (Assignment& assignment : *assignments) {
    if (assignment.column == column) return &assignment;
  }
  return nullptr;
}

}  // namespace

Result<std::vector<Assignment>> AnalyzeAssignments(Scope& scope, const Nodes& items) {
  const InClause in(scope, Clause::kUpdateSource);
  Expressions values;
  Expressions row;  // that several columns are assigned from
  for (const Node& node : items) {
    const Node& source = node.res_target().val();
    ExpressionPtr value;
    if (source.has_multi_assign_ref()) {
      WEIR_ASSIGN_OR_RETURN(value, AnalyzeMultiAssign(scope, source.multi_assign_ref(), &row));
    } else {
      WEIR_ASSIGN_OR_RETURN(value, AnalyzeOrDefault(scope, source));
    }
    values.push_back(std::move(value));
  }
  std::vector<Assignment> assignments;
  int twice = -1;
  std::set<int> by_parts;  // columns of which parts are assigned
  for (size_t i = 0; i < values.size(); ++i) {
    const ResTarget& item = items[static_cast<int>(i)].res_target();
    WEIR_ASSIGN_OR_RETURN(const int column, TargetColumn(scope, item.name(), item.location()));
    Assignment* earlier = Earlier(&assignments, column);
    ExpressionPtr container = ColumnOf(scope, 0, scope.query->target_relation, column, 0);
    const bool parts = earlier != nullptr && !item.indirection().empty() && by_parts.contains(column);
    if (!item.indirection().empty()) by_parts.insert(column);
    if (parts) container = std::move(earlier->value);
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                          AssignValue(scope, column, item, std::move(values[i]), std::move(container)));
    if (parts) {
      earlier->value = std::move(value);
      continue;
    }
    if (earlier != nullptr && twice < 0) twice = column;
    assignments.push_back({column, std::move(value)});
  }
  if (twice < 0) return assignments;
  return AssignedTwice(scope, twice);
}

}  // namespace weir::sql::analyze
