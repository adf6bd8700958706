#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/analyze/call.h"
#include "postgres/made_type.h"
#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/function.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/select.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::A_Expr;
using pg_query::Node;
using postgres::CoercionContext;
using postgres::Oid;
using postgres::TypeRef;

namespace {

constexpr int kMaxEntries = 1664;

bool IsNullConstant(const Node& node) { return node.has_a_const() && node.a_const().isnull(); }

bool IsRow(const ExpressionPtr& expression) { return std::holds_alternative<RowOf>(expression->node); }

WrittenOperator Written(const A_Expr& expression) { return {NamesOf(expression.name()), expression.location()}; }

Result<ExpressionPtr> AnalyzeComparison(Scope& scope, const A_Expr& expression) {
  const Node& right_node = expression.rexpr();
  if (expression.lexpr().has_row_expr() && right_node.has_sub_link() &&
      right_node.sub_link().sub_link_type() == pg_query::EXPR_SUBLINK) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr left, AnalyzeRow(scope, expression.lexpr().row_expr()));
    SubqueryExpression test{.kind = SubqueryExpression::Kind::kRow};
    WEIR_ASSIGN_OR_RETURN(test.query, AnalyzeSubquery(scope, right_node.sub_link().subselect()));
    return MakeSubqueryComparison(scope, Written(expression), std::move(test),
                                  std::move(std::get<RowOf>(left->node).fields));
  }
  ExpressionPtr left;
  if (expression.has_lexpr()) {
    WEIR_ASSIGN_OR_RETURN(left, Analyze(scope, expression.lexpr()));
  }
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr right, Analyze(scope, right_node));
  if (left && expression.lexpr().has_row_expr() && right_node.has_row_expr()) {
    return MakeRowComparison(scope, Written(expression), std::move(left), std::move(right));
  }
  return MakeOperator(scope, Written(expression), std::move(left), std::move(right));
}

Result<ExpressionPtr> AnalyzeAnyAll(Scope& scope, const A_Expr& expression) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr left, Analyze(scope, expression.lexpr()));
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr right, Analyze(scope, expression.rexpr()));
  return MakeArrayTest(scope, Written(expression), expression.kind() == pg_query::AEXPR_OP_ANY, std::move(left),
                       std::move(right));
}

Result<ExpressionPtr> AnalyzeDistinct(Scope& scope, const A_Expr& expression) {
  const bool negated = expression.kind() == pg_query::AEXPR_NOT_DISTINCT;
  const bool null_left = IsNullConstant(expression.lexpr());
  if (null_left || IsNullConstant(expression.rexpr())) {
    NullTest test{.negated = !negated};
    WEIR_ASSIGN_OR_RETURN(test.argument, Analyze(scope, null_left ? expression.rexpr() : expression.lexpr()));
    return MakeExpression(std::move(test), {oid::kBool, -1}, scope.statement.Position(expression.location()));
  }
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr left, Analyze(scope, expression.lexpr()));
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr right, Analyze(scope, expression.rexpr()));
  return MakeDistinctTest(scope, Written(expression), negated, std::move(left), std::move(right));
}

Result<ExpressionPtr> AnalyzeNullIf(Scope& scope, const A_Expr& expression) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr left, Analyze(scope, expression.lexpr()));
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr right, Analyze(scope, expression.rexpr()));
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr equal,
                        MakeOperator(scope, Written(expression), std::move(left), std::move(right)));
  if (equal->type.oid != oid::kBool) {
    return ErrorAt(scope, expression.location(), sqlstate::kDatatypeMismatch,
                   "NULLIF requires = operator to yield boolean");
  }
  auto& call = std::get<Call>(equal->node);
  const TypeRef type = call.arguments[0]->type;
  NullIf result{call.function, std::move(call.arguments[0]), std::move(call.arguments[1])};
  return MakeExpression(std::move(result), type, scope.statement.Position(expression.location()));
}

bool RefersToThisQuery(const Expression& expression, int level = 0) {
  if (const auto* column = std::get_if<ColumnReference>(&expression.node)) return column->level == level;
  if (const auto* row = std::get_if<WholeRow>(&expression.node)) return row->level == level;
  bool refers = std::holds_alternative<SubqueryExpression>(expression.node);
  ForEachChild(const_cast<Expression&>(expression),
               [&](ExpressionPtr& child) { refers = refers || RefersToThisQuery(*child, level); }, [](Query&) {});
  return refers;
}

// x = ANY (ARRAY[…]) of those that are no columns, if they have a type in common; null: they have none.
Result<ExpressionPtr> TestConstants(Scope& scope, const A_Expr& expression, bool any, Expressions* constants) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr left, Analyze(scope, expression.lexpr()));
  std::vector<Oid> types = {left->type.oid};
  for (const ExpressionPtr& constant : *constants) types.push_back(constant->type.oid);
  const Oid common = scope.statement.resolver.CommonTypeOrNone(types);
  const Oid array = common == 0 || common == oid::kRecord ? 0 : scope.statement.resolver.ArrayOf(common);
  if (array == 0) return ExpressionPtr();
  ArrayOf list;
  for (ExpressionPtr& constant : *constants) {
    WEIR_ASSIGN_OR_RETURN(constant, CoerceToCommon(scope, std::move(constant), common, "IN"));
    list.elements.push_back(std::move(constant));
  }
  constants->clear();
  return MakeArrayTest(scope, Written(expression), any, std::move(left),
                       MakeExpression(std::move(list), {array, -1}, 0));
}

Result<ExpressionPtr> TestOne(Scope& scope, const A_Expr& expression, ExpressionPtr right) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr left, Analyze(scope, expression.lexpr()));
  ExpressionPtr test;
  if (IsRow(left) && IsRow(right)) {
    WEIR_ASSIGN_OR_RETURN(test, MakeRowComparison(scope, Written(expression), std::move(left), std::move(right)));
  } else {
    WEIR_ASSIGN_OR_RETURN(test, MakeOperator(scope, Written(expression), std::move(left), std::move(right)));
  }
  return CoerceToBoolean(scope, std::move(test), "IN");
}

Result<ExpressionPtr> AnalyzeIn(Scope& scope, const A_Expr& expression) {
  const bool any = expression.name(0).string().sval() != "<>";
  Expressions constants;
  Expressions others;
  for (const Node& node : expression.rexpr().list().items()) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr one, Analyze(scope, node));
    (RefersToThisQuery(*one) ? others : constants).push_back(std::move(one));
  }
  Logic logic{.kind = any ? Logic::Kind::kOr : Logic::Kind::kAnd};
  if (constants.size() > 1) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr test, TestConstants(scope, expression, any, &constants));
    if (test) logic.arguments.push_back(std::move(test));
  }
  for (Expressions* list : {&constants, &others}) {
    for (ExpressionPtr& one : *list) {
      WEIR_ASSIGN_OR_RETURN(ExpressionPtr test, TestOne(scope, expression, std::move(one)));
      logic.arguments.push_back(std::move(test));
    }
  }
  if (logic.arguments.size() == 1) return std::move(logic.arguments[0]);
  return MakeExpression(std::move(logic), {oid::kBool, -1}, scope.statement.Position(expression.location()));
}

// a op b of nodes that are read anew each time they are needed.
Result<ExpressionPtr> CompareNodes(Scope& scope, const Node& left, std::string op, const Node& right, int location) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr a, Analyze(scope, left));
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr b, Analyze(scope, right));
  const WrittenOperator written{{std::move(op)}, location};
  if (left.has_row_expr() && right.has_row_expr()) return MakeRowComparison(scope, written, std::move(a), std::move(b));
  return MakeOperator(scope, written, std::move(a), std::move(b));
}

Result<ExpressionPtr> Range(Scope& scope, const A_Expr& expression, const Node& low, const Node& high, bool negated) {
  Logic logic{.kind = negated ? Logic::Kind::kOr : Logic::Kind::kAnd};
  const int location = expression.location();
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr above,
                        CompareNodes(scope, expression.lexpr(), negated ? "<" : ">=", low, location));
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr below,
                        CompareNodes(scope, expression.lexpr(), negated ? ">" : "<=", high, location));
  for (ExpressionPtr* test : {&above, &below}) {
    WEIR_ASSIGN_OR_RETURN(*test, CoerceToBoolean(scope, std::move(*test), negated ? "OR" : "AND"));
    logic.arguments.push_back(std::move(*test));
  }
  return MakeExpression(std::move(logic), {oid::kBool, -1}, scope.statement.Position(location));
}

Result<ExpressionPtr> AnalyzeBetween(Scope& scope, const A_Expr& expression) {
  const Node& low = expression.rexpr().list().items(0);
  const Node& high = expression.rexpr().list().items(1);
  const bool negated =
      expression.kind() == pg_query::AEXPR_NOT_BETWEEN || expression.kind() == pg_query::AEXPR_NOT_BETWEEN_SYM;
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr one_way, Range(scope, expression, low, high, negated));
  if (expression.kind() == pg_query::AEXPR_BETWEEN || expression.kind() == pg_query::AEXPR_NOT_BETWEEN) return one_way;
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr other_way, Range(scope, expression, high, low, negated));
  Logic logic{.kind = negated ? Logic::Kind::kAnd : Logic::Kind::kOr};
  logic.arguments.push_back(std::move(one_way));
  logic.arguments.push_back(std::move(other_way));
  return MakeExpression(std::move(logic), {oid::kBool, -1}, scope.statement.Position(expression.location()));
}

}  // namespace

Result<ExpressionPtr> AnalyzeOperator(Scope& scope, const A_Expr& expression) {
  switch (expression.kind()) {
    case pg_query::AEXPR_OP_ANY:
    case pg_query::AEXPR_OP_ALL: return AnalyzeAnyAll(scope, expression);
    case pg_query::AEXPR_DISTINCT:
    case pg_query::AEXPR_NOT_DISTINCT: return AnalyzeDistinct(scope, expression);
    case pg_query::AEXPR_NULLIF: return AnalyzeNullIf(scope, expression);
    case pg_query::AEXPR_IN: return AnalyzeIn(scope, expression);
    case pg_query::AEXPR_BETWEEN:
    case pg_query::AEXPR_NOT_BETWEEN:
    case pg_query::AEXPR_BETWEEN_SYM:
    case pg_query::AEXPR_NOT_BETWEEN_SYM: return AnalyzeBetween(scope, expression);
    default: return AnalyzeComparison(scope, expression);  // operators, LIKE, ILIKE and SIMILAR TO
  }
}

namespace {

// Where a subquery may not stand.
constexpr std::pair<Clause, std::string_view> kNoSubquery[] = {
    {Clause::kCheck, "cannot use subquery in check constraint"},
    {Clause::kDefault, "cannot use subquery in DEFAULT expression"},
    {Clause::kGenerated, "cannot use subquery in column generation expression"},
    {Clause::kPartitionKey, "cannot use subquery in partition key expression"},
    {Clause::kPartitionBound, "cannot use subquery in partition bound"},
    {Clause::kIndexExpression, "cannot use subquery in index expression"},
    {Clause::kIndexCondition, "cannot use subquery in index predicate"},
    {Clause::kUsing, "cannot use subquery in transform expression"},
    {Clause::kCopyWhere, "cannot use subquery in COPY FROM WHERE condition"},
};

std::string_view WhyNoSubquery(Clause clause) {
  const auto found = std::ranges::find(kNoSubquery, clause, &std::pair<Clause, std::string_view>::first);
  return found == std::end(kNoSubquery) ? std::string_view() : found->second;
}

TypeRef FirstColumnType(const Query& query) {
  for (const Target& target : query.targets) {
    if (!target.hidden) return target.expression->type;
  }
  return {};
}

Result<ExpressionPtr> ScalarSubquery(Scope& scope, const pg_query::SubLink& link, SubqueryExpression subquery) {
  if (VisibleColumns(*subquery.query) != 1) {
    return ErrorAt(scope, link.location(), sqlstate::kSyntaxError, "subquery must return only one column");
  }
  TypeRef type = FirstColumnType(*subquery.query);
  if (subquery.kind == SubqueryExpression::Kind::kArray) {
    const Oid element = type.oid;
    type.oid = scope.statement.resolver.ElementOf(element) != 0 ? element
                                                                : scope.statement.resolver.ArrayOf(element);
    if (type.oid == 0) {
      return ErrorAt(scope, link.location(), sqlstate::kUndefinedObject,
                     fmt::format("could not find array type for data type {}", TypeName(scope, element)));
    }
  }
  return MakeExpression(std::move(subquery), type, scope.statement.Position(link.location()));
}

// x op ANY (SELECT …), x IN (SELECT …), (x, y) op ALL (SELECT …)
Result<ExpressionPtr> QuantifiedSubquery(Scope& scope, const pg_query::SubLink& link, SubqueryExpression subquery) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr left, Analyze(scope, link.testexpr()));
  Expressions columns;
  if (IsRow(left)) {
    columns = std::move(std::get<RowOf>(left->node).fields);
  } else {
    columns.push_back(std::move(left));
  }
  WrittenOperator op{NamesOf(link.oper_name()), link.location()};
  if (op.name.empty()) op.name = {"="};
  return MakeSubqueryComparison(scope, op, std::move(subquery), std::move(columns));
}

}  // namespace

Result<QueryPtr> AnalyzeSubquery(Scope& scope, const Node& select) {
  const bool barred = std::exchange(scope.recursion_barred, true);
  Result<QueryPtr> query = AnalyzeQuery(scope.statement, &scope, select);
  scope.recursion_barred = barred;
  return query;
}

Result<ExpressionPtr> AnalyzeSubLink(Scope& scope, const pg_query::SubLink& link) {
  if (const std::string_view why = WhyNoSubquery(scope.clause); !why.empty()) {
    return ErrorAt(scope, link.location(), sqlstate::kFeatureNotSupported, std::string(why));
  }
  using Kind = SubqueryExpression::Kind;
  SubqueryExpression subquery;
  WEIR_ASSIGN_OR_RETURN(subquery.query, AnalyzeSubquery(scope, link.subselect()));
  switch (link.sub_link_type()) {
    case pg_query::EXISTS_SUBLINK:
      subquery.kind = Kind::kExists;
      return MakeExpression(std::move(subquery), {oid::kBool, -1}, scope.statement.Position(link.location()));
    case pg_query::ARRAY_SUBLINK:
      subquery.kind = Kind::kArray;
      return ScalarSubquery(scope, link, std::move(subquery));
    case pg_query::ALL_SUBLINK:
      subquery.kind = Kind::kAll;
      return QuantifiedSubquery(scope, link, std::move(subquery));
    case pg_query::ANY_SUBLINK:
      subquery.kind = Kind::kAny;
      return QuantifiedSubquery(scope, link, std::move(subquery));
    default: return ScalarSubquery(scope, link, std::move(subquery));  // the grammar makes no others
  }
}

namespace {

struct AnalyzedElements {
  Expressions elements;
  bool nested = false;
};

Result<AnalyzedElements> AnalyzeElements(Scope& scope, const pg_query::A_ArrayExpr& array, TypeRef type) {
  AnalyzedElements result;
  for (const Node& node : array.elements()) {
    ExpressionPtr element;
    if (node.has_a_array_expr()) {
      WEIR_ASSIGN_OR_RETURN(element, AnalyzeArray(scope, node.a_array_expr(), type));
      result.nested = true;
    } else {
      WEIR_ASSIGN_OR_RETURN(element, Analyze(scope, node));
      const bool vector = element->type.oid == oid::kInt2vector || element->type.oid == oid::kOidvector;
      result.nested = result.nested || (!vector && scope.statement.resolver.ElementOf(element->type.oid) != 0);
    }
    result.elements.push_back(std::move(element));
  }
  return result;
}

struct ArrayTypes {
  Oid array = 0;
  Oid element = 0;  // of more than one dimension: the array type itself
};

// What ARRAY[…] without a cast is made of.
Result<ArrayTypes> ArrayTypesOf(const Scope& scope, const pg_query::A_ArrayExpr& array,
                                const AnalyzedElements& elements) {
  if (elements.elements.empty()) {
    return ErrorAt(scope, array.location(), sqlstate::kIndeterminateDatatype, "cannot determine type of empty array",
                   "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
  }
  WEIR_ASSIGN_OR_RETURN(const Oid common, CommonType(scope, PointersTo(elements.elements), "ARRAY"));
  const Oid type = elements.nested ? common : scope.statement.resolver.ArrayOf(common);
  if (elements.nested && scope.statement.resolver.ElementOf(common) == 0) {
    return ErrorAt(scope, array.location(), sqlstate::kUndefinedObject,
                   fmt::format("could not find element type for data type {}", TypeName(scope, common)));
  }
  if (type == 0) {
    return ErrorAt(scope, array.location(), sqlstate::kUndefinedObject,
                   fmt::format("could not find array type for data type {}", TypeName(scope, common)));
  }
  return ArrayTypes{type, common};
}

}  // namespace

Result<ExpressionPtr> AnalyzeArray(Scope& scope, const pg_query::A_ArrayExpr& array, TypeRef type) {
  WEIR_RETURN_NOT_OK(scope.statement.CheckStack());
  WEIR_ASSIGN_OR_RETURN(AnalyzedElements elements, AnalyzeElements(scope, array, type));
  const bool cast = type.oid != 0;
  Oid element_type = elements.nested ? type.oid : scope.statement.resolver.ElementOf(type.oid);
  if (!cast) {
    WEIR_ASSIGN_OR_RETURN(const ArrayTypes types, ArrayTypesOf(scope, array, elements));
    type.oid = types.array;
    element_type = types.element;
  }
  ArrayOf result{.nested = elements.nested};
  for (ExpressionPtr& element : elements.elements) {
    const Oid from = element->type.oid;
    const int position = BeginOf(*element);
    ExpressionPtr value;
    if (cast) {
      WEIR_ASSIGN_OR_RETURN(value, CoerceIfPossible(scope, std::move(element), {element_type, type.modifier},
                                                    CoercionContext::kExplicit, CallForm::kExplicitCast));
    } else {
      WEIR_ASSIGN_OR_RETURN(value, CoerceToCommon(scope, std::move(element), element_type, "ARRAY"));
    }
    if (!value) {
      return ErrorAtPosition(position, sqlstate::kCannotCoerce,
                             fmt::format("cannot cast type {} to {}", TypeName(scope, from),
                                         TypeName(scope, element_type)));
    }
    result.elements.push_back(std::move(value));
  }
  if (!cast) type.modifier = CommonModifier(PointersTo(result.elements), element_type);
  return MakeExpression(std::move(result), type, scope.statement.Position(array.location()));
}

Result<ExpressionPtr> AnalyzeRow(Scope& scope, const pg_query::RowExpr& row) {
  RowOf result;
  WEIR_ASSIGN_OR_RETURN(result.fields, AnalyzeList(scope, row.args(), scope.clause));
  if (result.fields.size() > kMaxEntries) {
    return ErrorAt(scope, row.location(), sqlstate::kTooManyColumns,
                   fmt::format("ROW expressions can have at most {} entries", kMaxEntries));
  }
  for (size_t i = 0; i < result.fields.size(); ++i) result.names.push_back(fmt::format("f{}", i + 1));
  return MakeExpression(std::move(result), {oid::kRecord, -1}, scope.statement.Position(row.location()));
}

namespace {

std::vector<OutputColumn> VisibleOf(const std::vector<OutputColumn>& columns) {
  std::vector<OutputColumn> visible;
  for (const OutputColumn& column : columns) {
    if (!column.hidden) visible.push_back(column);
  }
  return visible;
}

std::vector<OutputColumn> OutParametersOf(const postgres::Function& function) {
  std::vector<OutputColumn> columns;
  for (const postgres::Parameter& parameter : function.parameters) {
    if (!postgres::IsOutput(parameter.mode)) continue;
    columns.push_back({std::string(parameter.name), {parameter.type, -1}});
  }
  return columns;
}

const Query* OuterQuery(const Scope& scope, int level) {
  const Scope* at = &scope;
  for (; level > 0 && at != nullptr; --level) at = at->parent;
  return at == nullptr ? nullptr : at->query;
}

std::optional<std::vector<OutputColumn>> ColumnsIn(const Query* query, const Expression& record);

// Of a column of record type: what its relation's query makes it of.
std::optional<std::vector<OutputColumn>> ColumnsOfColumn(const Query& query, const ColumnReference& reference) {
  if (reference.relation < 0) return std::nullopt;  // of a set operation
  const RangeEntry& relation = query.relations[static_cast<size_t>(reference.relation)];
  const auto* subquery = std::get_if<RangeEntry::Subquery>(&relation.source);
  if (subquery == nullptr) return std::nullopt;
  int column = reference.column;
  for (const Target& target : subquery->query->targets) {
    if (target.hidden) continue;
    if (column-- == 0) return ColumnsIn(subquery->query.get(), *target.expression);
  }
  return std::nullopt;
}

// `query` is what level 0 of the record means; null: unknown.
std::optional<std::vector<OutputColumn>> ColumnsIn(const Query* query, const Expression& record) {
  if (const auto* row = std::get_if<RowOf>(&record.node)) {
    std::vector<OutputColumn> columns;
    for (size_t i = 0; i < row->fields.size(); ++i) columns.push_back({row->names[i], row->fields[i]->type});
    return columns;
  }
  if (const auto* call = std::get_if<Call>(&record.node)) {
    std::vector<OutputColumn> columns = OutParametersOf(*call->function);
    if (!columns.empty()) return columns;
  }
  if (query == nullptr) return std::nullopt;
  if (const auto* whole = std::get_if<WholeRow>(&record.node); whole != nullptr && whole->level == 0) {
    return VisibleOf(query->relations[static_cast<size_t>(whole->relation)].columns);
  }
  if (const auto* column = std::get_if<ColumnReference>(&record.node); column != nullptr && column->level == 0) {
    return ColumnsOfColumn(*query, *column);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<OutputColumn>> RecordColumns(const Scope& scope, const Expression& record) {
  if (const postgres::MadeType* made = postgres::FindComposite(record.type.oid)) {
    std::vector<OutputColumn> columns;
    for (const postgres::Attribute& attribute : made->attributes) columns.push_back({attribute.name, attribute.type});
    return columns;
  }
  if (record.type.oid != oid::kRecord) return std::nullopt;
  if (const auto* whole = std::get_if<WholeRow>(&record.node)) {
    const Query* query = OuterQuery(scope, whole->level);
    return VisibleOf(query->relations[static_cast<size_t>(whole->relation)].columns);
  }
  if (const auto* column = std::get_if<ColumnReference>(&record.node)) {
    return ColumnsOfColumn(*OuterQuery(scope, column->level), *column);
  }
  return ColumnsIn(scope.query, record);
}

Result<Oid> ElementType(const Scope& scope, const Expression& container) {
  const Oid base = scope.statement.resolver.BaseType(container.type.oid);
  if (base == oid::kJsonb) return Oid{oid::kJsonb};
  const postgres::Type* type = scope.statement.resolver.Find(base);
  if (type != nullptr && type->element != 0) return type->element;
  return ErrorAtPosition(BeginOf(container), sqlstate::kDatatypeMismatch,
                         fmt::format("cannot subscript type {} because it does not support subscripting",
                                     TypeName(scope, container.type.oid)));
}

namespace {

Result<ExpressionPtr> AnalyzeSubscript(Scope& scope, const Node& node, bool json) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr subscript, Analyze(scope, node));
  const int position = BeginOf(*subscript);
  const Oid from = subscript->type.oid;
  if (json && (IsUnknown(*subscript) || !CanCoerce(scope, from, oid::kInt4, CoercionContext::kImplicit))) {
    if (!CanCoerce(scope, from, oid::kText, CoercionContext::kImplicit)) {
      return ErrorAtPosition(position, sqlstate::kDatatypeMismatch,
                             fmt::format("subscript type {} is not supported", TypeName(scope, from)),
                             "jsonb subscript must be coercible to either integer or text.");
    }
    return Coerce(scope, std::move(subscript), oid::kText);
  }
  WEIR_ASSIGN_OR_RETURN(subscript, CoerceIfPossible(scope, std::move(subscript), {oid::kInt4, -1},
                                                    CoercionContext::kAssignment, CallForm::kImplicitCast));
  if (subscript) return subscript;
  return ErrorAtPosition(position, sqlstate::kDatatypeMismatch, "array subscript must have type integer");
}

}  // namespace

Result<std::vector<Subscript::Step>> AnalyzeSubscripts(Scope& scope, const Expression& container,
                                                       const std::vector<const pg_query::A_Indices*>& indices) {
  WEIR_ASSIGN_OR_RETURN(const Oid element, ElementType(scope, container));
  const bool json = element == oid::kJsonb && scope.statement.resolver.BaseType(container.type.oid) == oid::kJsonb;
  bool slices = false;
  for (const auto* index : indices) {
    slices = slices || index->is_slice();
    if (!json || !index->is_slice()) continue;
    return ErrorAt(scope, LocationOf(index->has_uidx() ? index->uidx() : index->lidx()), sqlstate::kDatatypeMismatch,
                   "jsonb subscript does not support slices");
  }
  if (!json && indices.size() > 6) {
    return ErrorAt(scope, -1, sqlstate::kProgramLimitExceeded,
                   fmt::format("number of array dimensions ({}) exceeds the maximum allowed (6)", indices.size()));
  }
  std::vector<Subscript::Step> steps;
  for (const auto* index : indices) {
    Subscript::Step step{.slice = slices};
    if (index->has_lidx()) {
      WEIR_ASSIGN_OR_RETURN(step.lower, AnalyzeSubscript(scope, index->lidx(), json));
    } else if (slices && !index->is_slice()) {
      step.lower = MakeExpression(Constant{postgres::Value(int32_t{1})}, {oid::kInt4, -1}, 0);
    }
    if (index->has_uidx()) {
      WEIR_ASSIGN_OR_RETURN(step.upper, AnalyzeSubscript(scope, index->uidx(), json));
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

namespace {

Result<ExpressionPtr> ApplySubscripts(Scope& scope, ExpressionPtr container,
                                      std::vector<const pg_query::A_Indices*>* indices) {
  if (indices->empty()) return container;
  WEIR_ASSIGN_OR_RETURN(const Oid element, ElementType(scope, *container));
  Subscript result;
  WEIR_ASSIGN_OR_RETURN(result.steps, AnalyzeSubscripts(scope, *container, *indices));
  const Oid base = scope.statement.resolver.BaseType(container->type.oid);
  TypeRef type = {result.steps[0].slice ? base : element, container->type.modifier};
  result.container = std::move(container);
  indices->clear();
  return MakeExpression(std::move(result), type, 0);
}

Status UnknownField(const Scope& scope, const Expression& record, const std::string& name, int location) {
  if (record.type.oid == oid::kRecord) {
    if (const auto* whole = std::get_if<WholeRow>(&record.node)) {
      const Query* query = OuterQuery(scope, whole->level);
      return ErrorAt(scope, location, sqlstate::kUndefinedColumn,
                     fmt::format("column {}.{} does not exist",
                                 query->relations[static_cast<size_t>(whole->relation)].alias, name));
    }
    return ErrorAt(scope, location, sqlstate::kUndefinedColumn,
                   fmt::format("could not identify column \"{}\" in record data type", name));
  }
  if (postgres::FindComposite(record.type.oid) != nullptr) {
    return ErrorAt(scope, location, sqlstate::kUndefinedColumn,
                   fmt::format("column \"{}\" not found in data type {}", name, TypeName(scope, record.type.oid)));
  }
  return ErrorAt(scope, location, sqlstate::kWrongObjectType,
                 fmt::format("column notation .{} applied to type {}, which is not a composite type", name,
                             TypeName(scope, record.type.oid)));
}

}  // namespace

Result<ExpressionPtr> AnalyzeIndirection(Scope& scope, const pg_query::A_Indirection& indirection) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr result, Analyze(scope, indirection.arg()));
  const int location = LocationOf(indirection.arg());
  std::vector<const pg_query::A_Indices*> indices;
  for (const Node& step : indirection.indirection()) {
    if (step.has_a_indices()) {
      indices.push_back(&step.a_indices());
      continue;
    }
    if (step.has_a_star()) {
      return ErrorAt(scope, location, sqlstate::kFeatureNotSupported,
                     "row expansion via \"*\" is not supported here");
    }
    WEIR_ASSIGN_OR_RETURN(result, ApplySubscripts(scope, std::move(result), &indices));
    const std::string& name = step.string().sval();
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr field, FieldOrCall(scope, {name}, &result, location));
    if (!field) return UnknownField(scope, *result, name, location);
    result = std::move(field);
  }
  return ApplySubscripts(scope, std::move(result), &indices);
}

bool IsStar(const Node& node) {
  if (node.has_column_ref()) return node.column_ref().fields(node.column_ref().fields_size() - 1).has_a_star();
  if (!node.has_a_indirection()) return false;
  const auto& steps = node.a_indirection().indirection();
  return steps[steps.size() - 1].has_a_star();
}

namespace {

ExpressionPtr WholeRowOf(const FoundItem& found, int position) {
  if (found.item->relation >= 0) {
    // A function's or VALUES' single column of a scalar type is the row itself.
    RangeEntry& relation = found.scope->query->relations[static_cast<size_t>(found.item->relation)];
    const auto* functions = std::get_if<RangeEntry::Functions>(&relation.source);
    if (functions != nullptr && functions->calls.size() == 1 && !functions->ordinality &&
        relation.columns.size() == 1 && functions->calls[0]->type.oid != oid::kRecord) {
      return ColumnOf(*found.scope, found.level, found.item->relation, 0, position);
    }
    relation.whole = true;
    return MakeExpression(WholeRow{found.level, found.item->relation}, {oid::kRecord, -1}, position);
  }
  RowOf row;
  for (ExpandedColumn& column : ExpandItem(found, 0)) {
    row.names.push_back(column.name);
    row.fields.push_back(std::move(column.value));
  }
  return MakeExpression(std::move(row), {oid::kRecord, -1}, position);
}

// A reference's parts: [schema.]relation.column; a star counts as a column without a name.
struct ReferenceParts {
  std::string schema;
  std::string relation;
  std::string column;
};

Result<ReferenceParts> PartsOf(const Scope& scope, const pg_query::ColumnRef& reference) {
  std::vector<std::string> names = NamesOf(reference.fields());
  const size_t size = names.size();
  if (size > 4) {
    return ErrorAt(scope, reference.location(), sqlstate::kSyntaxError,
                   fmt::format("improper qualified name (too many dotted names): {}", Dotted(names)));
  }
  if (size == 4 && names[0] != scope.statement.names.database()) {
    return ErrorAt(scope, reference.location(), sqlstate::kFeatureNotSupported,
                   fmt::format("cross-database references are not implemented: {}", Dotted(names)));
  }
  ReferenceParts parts;
  parts.column = std::move(names[size - 1]);
  if (size > 1) parts.relation = std::move(names[size - 2]);
  if (size > 2) parts.schema = std::move(names[size - 3]);
  return parts;
}

Result<std::vector<ExpandedColumn>> ExpandRecord(const Scope& scope, ExpressionPtr record) {
  const int position = BeginOf(*record);
  const auto columns = RecordColumns(scope, *record);
  if (!columns && record->type.oid == oid::kRecord) {
    return Error(sqlstate::kWrongObjectType, "record type has not been registered");
  }
  if (!columns) {
    return ErrorAtPosition(position, sqlstate::kWrongObjectType,
                           fmt::format("type {} is not composite", TypeName(scope, record->type.oid)));
  }
  std::vector<ExpandedColumn> expanded;
  if (auto* row = std::get_if<RowOf>(&record->node)) {
    for (size_t i = 0; i < columns->size(); ++i) expanded.push_back({(*columns)[i].name, std::move(row->fields[i])});
    return expanded;
  }
  for (size_t i = 0; i < columns->size(); ++i) {
    ExpressionPtr copy = Clone(*record);
    if (!copy) return ErrorAtPosition(position, sqlstate::kFeatureNotSupported, "a subquery's row cannot be expanded");
    FieldOf field{std::move(copy), static_cast<int>(i), (*columns)[i].name};
    expanded.push_back({(*columns)[i].name, MakeExpression(std::move(field), (*columns)[i].type, position)});
  }
  return expanded;
}

Result<std::vector<ExpandedColumn>> ExpandAll(Scope& scope, int location) {
  std::vector<ExpandedColumn> all;
  bool visible = false;
  for (const NamedItem& item : scope.names) {
    if (!item.columns_visible || item.lateral_only) continue;
    visible = true;
    for (ExpandedColumn& column : ExpandItem({&item, &scope, 0}, scope.statement.Position(location))) {
      all.push_back(std::move(column));
    }
  }
  if (visible) return all;
  return ErrorAt(scope, location, sqlstate::kSyntaxError, "SELECT * with no tables specified is not valid");
}

}  // namespace

Result<std::vector<ExpandedColumn>> ExpandStar(Scope& scope, const Node& node) {
  if (node.has_a_indirection()) {
    pg_query::A_Indirection inner = node.a_indirection();
    inner.mutable_indirection()->RemoveLast();
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr record, AnalyzeIndirection(scope, inner));
    return ExpandRecord(scope, std::move(record));
  }
  const pg_query::ColumnRef& reference = node.column_ref();
  if (reference.fields_size() == 1) return ExpandAll(scope, reference.location());
  WEIR_ASSIGN_OR_RETURN(const ReferenceParts parts, PartsOf(scope, reference));
  WEIR_ASSIGN_OR_RETURN(const FoundItem found, FindItem(scope, parts.schema, parts.relation, reference.location()));
  if (found.item != nullptr) return ExpandItem(found, scope.statement.Position(reference.location()));
  return MissingRelation(scope, parts.schema, parts.relation, reference.location());
}

Result<ExpressionPtr> AnalyzeColumnRef(Scope& scope, const pg_query::ColumnRef& reference) {
  const int location = reference.location();
  if (scope.clause == Clause::kDefault || scope.clause == Clause::kPartitionBound) {
    return ErrorAt(scope, location, sqlstate::kFeatureNotSupported,
                   scope.clause == Clause::kDefault ? "cannot use column reference in DEFAULT expression"
                                                    : "cannot use column reference in partition bound expression");
  }
  WEIR_ASSIGN_OR_RETURN(const ReferenceParts parts, PartsOf(scope, reference));
  const bool star = reference.fields(reference.fields_size() - 1).has_a_star();
  if (parts.relation.empty()) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr column, FindColumn(scope, parts.column, false, location));
    if (column) return column;
    WEIR_ASSIGN_OR_RETURN(const FoundItem row, FindItem(scope, {}, parts.column, location));
    if (row.item != nullptr) return WholeRowOf(row, scope.statement.Position(location));
    if (ExpressionPtr parameter = NamedParameter(scope.statement, {}, parts.column, location)) return parameter;
    return MissingColumn(scope, {}, parts.column, location);
  }
  WEIR_ASSIGN_OR_RETURN(const FoundItem found, FindItem(scope, parts.schema, parts.relation, location));
  if (found.item == nullptr && parts.schema.empty() && !star) {
    ExpressionPtr parameter = NamedParameter(scope.statement, parts.relation, parts.column, location);
    if (parameter) return parameter;
  }
  if (found.item == nullptr) return MissingRelation(scope, parts.schema, parts.relation, location);
  if (star) return WholeRowOf(found, scope.statement.Position(location));
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr column, FindColumnOf(scope, found, parts.column, location));
  if (column) return column;
  ExpressionPtr row = WholeRowOf(found, scope.statement.Position(location));
  WEIR_ASSIGN_OR_RETURN(column, FieldOrCall(scope, {parts.column}, &row, location));
  if (column) return column;
  return MissingColumn(scope, parts.relation, parts.column, location);
}

}  // namespace weir::sql::analyze
