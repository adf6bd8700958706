#include "sql/engine/row_comparisons.h"

#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "sql/engine/errors.h"
#include "sql/engine/scalar_functions.h"

namespace weir::sql {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::make_uniq;
using duckdb::ParsedExpression;
using Slot = duckdb::unique_ptr<ParsedExpression>;
using Slots = duckdb::vector<Slot>;

constexpr const char* kRow = "weir_row";
constexpr const char* kMatches = "weir_matches";
constexpr const char* kMatch = "weir_match";

/// The elements of a row that is written out; null for other expressions.
Slots* ElementsOf(ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::FUNCTION) return nullptr;
  auto& function = expression.Cast<duckdb::FunctionExpression>();
  return function.function_name == "row" ? &function.children : nullptr;
}

bool IsScalarSubquery(const ParsedExpression& expression) {
  return expression.GetExpressionClass() == ExpressionClass::SUBQUERY &&
         expression.Cast<duckdb::SubqueryExpression>().subquery_type == duckdb::SubqueryType::SCALAR;
}

Slot Not(Slot operand) {
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_NOT, std::move(operand));
}

Slot Compare(ExpressionType op, const ParsedExpression& left, const ParsedExpression& right);

/// The elements joined by AND or OR.
Slot Each(ExpressionType op, ExpressionType join, const Slots& left, const Slots& right) {
  Slots parts;
  for (size_t i = 0; i < left.size(); ++i) parts.push_back(Compare(op, *left[i], *right[i]));
  if (parts.size() == 1) return std::move(parts[0]);
  return make_uniq<duckdb::ConjunctionExpression>(join, std::move(parts));
}

/// The first elements that differ decide.
Slot Ordered(ExpressionType op, const Slots& left, const Slots& right, size_t at) {
  const bool last = at + 1 == left.size();
  if (last) return Compare(op, *left[at], *right[at]);
  const bool less = op == ExpressionType::COMPARE_LESSTHAN || op == ExpressionType::COMPARE_LESSTHANOREQUALTO;
  const auto strict = less ? ExpressionType::COMPARE_LESSTHAN : ExpressionType::COMPARE_GREATERTHAN;
  auto rest = make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND,
                                                       Compare(ExpressionType::COMPARE_EQUAL, *left[at], *right[at]),
                                                       Ordered(op, left, right, at + 1));
  return make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_OR,
                                                  Compare(strict, *left[at], *right[at]), std::move(rest));
}

Slot CompareRows(ExpressionType op, const Slots& left, const Slots& right) {
  if (left.size() != right.size()) Throw(Error("42601", "unequal number of entries in row expressions"));
  if (left.empty()) Throw(Error("0A000", "cannot compare rows of zero length"));
  switch (op) {
    case ExpressionType::COMPARE_EQUAL:
    case ExpressionType::COMPARE_NOT_DISTINCT_FROM: return Each(op, ExpressionType::CONJUNCTION_AND, left, right);
    case ExpressionType::COMPARE_NOTEQUAL:
    case ExpressionType::COMPARE_DISTINCT_FROM: return Each(op, ExpressionType::CONJUNCTION_OR, left, right);
    default: return Ordered(op, left, right, 0);
  }
}

/// `left op right`, element by element where both are rows.
Slot Compare(ExpressionType op, const ParsedExpression& left, const ParsedExpression& right) {
  Slot l = left.Copy(), r = right.Copy();
  Slots* left_row = ElementsOf(*l);
  Slots* right_row = ElementsOf(*r);
  if (left_row && right_row) return CompareRows(op, *left_row, *right_row);
  return make_uniq<duckdb::ComparisonExpression>(op, std::move(l), std::move(r));
}

/// How many columns a subquery says that it gives; nothing for `*`.
std::optional<size_t> WidthOf(const duckdb::SelectStatement& subquery) {
  if (subquery.node->type != duckdb::QueryNodeType::SELECT_NODE) return std::nullopt;
  const auto& results = subquery.node->Cast<duckdb::SelectNode>().select_list;
  for (const Slot& result : results) {
    if (result->GetExpressionClass() == ExpressionClass::STAR) return std::nullopt;
  }
  return results.size();
}

/// FROM (subquery) AS weir_row (c0, c1, …), and the references to its columns.
duckdb::unique_ptr<duckdb::TableRef> AsRows(duckdb::unique_ptr<duckdb::SelectStatement> subquery, size_t width,
                                            Slots* columns) {
  const std::optional<size_t> given = WidthOf(*subquery);
  if (given && *given != width) {
    Throw(Error("42601", *given < width ? "subquery has too few columns" : "subquery has too many columns"));
  }
  auto rows = make_uniq<duckdb::SubqueryRef>(std::move(subquery), kRow);
  for (size_t i = 0; i < width; ++i) {
    const std::string name = "c" + std::to_string(i);
    rows->column_name_alias.push_back(name);
    columns->push_back(make_uniq<duckdb::ColumnRefExpression>(name, kRow));
  }
  return rows;
}

/// (SELECT result FROM table)
Slot ScalarSubquery(Slot result, duckdb::unique_ptr<duckdb::TableRef> table) {
  auto select = make_uniq<duckdb::SelectNode>();
  select->select_list.push_back(std::move(result));
  select->from_table = std::move(table);
  auto subquery = make_uniq<duckdb::SubqueryExpression>();
  subquery->subquery_type = duckdb::SubqueryType::SCALAR;
  subquery->subquery = make_uniq<duckdb::SelectStatement>();
  subquery->subquery->node = std::move(select);
  return subquery;
}

/// (a, b) op (SELECT …): compared within the subquery, which still gives at most one row.
Slot CompareWithSubquery(ExpressionType op, const Slots& row, duckdb::SubqueryExpression& subquery, bool row_is_left) {
  Slots columns;
  auto table = AsRows(std::move(subquery.subquery), row.size(), &columns);
  return ScalarSubquery(row_is_left ? CompareRows(op, row, columns) : CompareRows(op, columns, row), std::move(table));
}

Slot Aggregate(const char* name, Slot argument) {
  Slots arguments;
  arguments.push_back(std::move(argument));
  return make_uniq<duckdb::FunctionExpression>(name, std::move(arguments));
}

Slot Constant(duckdb::Value value) { return make_uniq<duckdb::ConstantExpression>(std::move(value)); }

/// (a, b) op ANY (SELECT …): true when a row is, else NULL when the outcome of one is unknown.
Slot CompareWithAny(ExpressionType op, const Slots& row, duckdb::SubqueryExpression& subquery) {
  Slots columns;
  auto table = AsRows(std::move(subquery.subquery), row.size(), &columns);
  auto match = CompareRows(op, row, columns);
  match->SetAlias(kMatch);
  auto each = ScalarSubquery(std::move(match), std::move(table));
  auto matches = make_uniq<duckdb::SubqueryRef>(
      std::move(each->Cast<duckdb::SubqueryExpression>().subquery), kMatches);
  auto unknown = make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NULL,
                                                       make_uniq<duckdb::ColumnRefExpression>(kMatch));
  auto outcome = make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck matched, open;
  matched.when_expr = Aggregate("bool_or", make_uniq<duckdb::ColumnRefExpression>(kMatch));
  matched.then_expr = Constant(duckdb::Value::BOOLEAN(true));
  open.when_expr = Aggregate("bool_or", std::move(unknown));
  open.then_expr = Constant(duckdb::Value(duckdb::LogicalType::BOOLEAN));
  outcome->case_checks.push_back(std::move(matched));
  outcome->case_checks.push_back(std::move(open));
  outcome->else_expr = Constant(duckdb::Value::BOOLEAN(false));
  return ScalarSubquery(std::move(outcome), std::move(matches));
}

Slot Comparison(duckdb::ComparisonExpression& comparison) {
  const auto op = comparison.GetExpressionType();
  Slots* left = ElementsOf(*comparison.left);
  Slots* right = ElementsOf(*comparison.right);
  if (left && right) return CompareRows(op, *left, *right);
  if (left && IsScalarSubquery(*comparison.right)) {
    return CompareWithSubquery(op, *left, comparison.right->Cast<duckdb::SubqueryExpression>(), true);
  }
  if (right && IsScalarSubquery(*comparison.left)) {
    return CompareWithSubquery(op, *right, comparison.left->Cast<duckdb::SubqueryExpression>(), false);
  }
  return nullptr;
}

Slot Between(duckdb::BetweenExpression& between) {
  if (!ElementsOf(*between.input)) return nullptr;
  return make_uniq<duckdb::ConjunctionExpression>(
      ExpressionType::CONJUNCTION_AND,
      Compare(ExpressionType::COMPARE_GREATERTHANOREQUALTO, *between.input, *between.lower),
      Compare(ExpressionType::COMPARE_LESSTHANOREQUALTO, *between.input, *between.upper));
}

Slot In(duckdb::OperatorExpression& in) {
  if (!ElementsOf(*in.children[0])) return nullptr;
  Slots parts;
  for (size_t i = 1; i < in.children.size(); ++i) {
    parts.push_back(Compare(ExpressionType::COMPARE_EQUAL, *in.children[0], *in.children[i]));
  }
  Slot any = parts.size() == 1 ? std::move(parts[0])
                               : make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_OR, std::move(parts));
  return in.GetExpressionType() == ExpressionType::COMPARE_IN ? std::move(any) : Not(std::move(any));
}

/// IS NULL and IS NOT NULL: of a row, all of its elements. A name may be a whole row.
Slot Nullness(duckdb::OperatorExpression& test) {
  const bool null = test.GetExpressionType() == ExpressionType::OPERATOR_IS_NULL;
  if (Slots* row = ElementsOf(*test.children[0])) {
    Slots parts;
    for (Slot& element : *row) {
      parts.push_back(make_uniq<duckdb::OperatorExpression>(test.GetExpressionType(), std::move(element)));
    }
    if (parts.empty()) return Constant(duckdb::Value::BOOLEAN(true));
    if (parts.size() == 1) return std::move(parts[0]);
    return make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND, std::move(parts));
  }
  if (test.children[0]->GetExpressionClass() != ExpressionClass::COLUMN_REF) return nullptr;
  return make_uniq<duckdb::FunctionExpression>(null ? "weir_is_null" : "weir_is_not_null", std::move(test.children));
}

Slot Operator(duckdb::OperatorExpression& expression) {
  switch (expression.GetExpressionType()) {
    case ExpressionType::COMPARE_IN:
    case ExpressionType::COMPARE_NOT_IN: return In(expression);
    case ExpressionType::OPERATOR_IS_NULL:
    case ExpressionType::OPERATOR_IS_NOT_NULL: return Nullness(expression);
    default: return nullptr;
  }
}

Slot Any(duckdb::SubqueryExpression& subquery, bool true_only) {
  if (subquery.subquery_type != duckdb::SubqueryType::ANY || !subquery.child) return nullptr;
  Slots* row = ElementsOf(*subquery.child);
  // DuckDB finds what is equal, and has false for some of what is NULL.
  if (!row || (true_only && subquery.comparison_type == ExpressionType::COMPARE_EQUAL)) return nullptr;
  return CompareWithAny(subquery.comparison_type, *row, subquery);
}

/// x IS NULL, of a row: it or each of its fields.
duckdb::unique_ptr<duckdb::Expression> BindNullness(duckdb::FunctionBindExpressionInput& input, ExpressionType test) {
  auto& operand = input.children[0];
  const auto test_of = [&](duckdb::unique_ptr<duckdb::Expression> value) {
    auto bound = make_uniq<duckdb::BoundOperatorExpression>(test, duckdb::LogicalType::BOOLEAN);
    bound->children.push_back(std::move(value));
    return bound;
  };
  if (operand->return_type.id() == duckdb::LogicalTypeId::UNKNOWN) throw duckdb::ParameterNotResolvedException();
  if (operand->return_type.id() != duckdb::LogicalTypeId::STRUCT) return test_of(std::move(operand));
  auto all = make_uniq<duckdb::BoundConjunctionExpression>(ExpressionType::CONJUNCTION_AND);
  const size_t fields = duckdb::StructType::GetChildCount(operand->return_type);
  for (size_t i = 0; i < fields; ++i) {
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
    arguments.push_back(operand->Copy());
    arguments.push_back(make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::BIGINT(static_cast<int64_t>(i) + 1)));
    all->children.push_back(test_of(BindFunction(input.context, "struct_extract_at", std::move(arguments))));
  }
  return all;
}

duckdb::unique_ptr<duckdb::Expression> BindIsNull(duckdb::FunctionBindExpressionInput& input) {
  return BindNullness(input, ExpressionType::OPERATOR_IS_NULL);
}
duckdb::unique_ptr<duckdb::Expression> BindIsNotNull(duckdb::FunctionBindExpressionInput& input) {
  return BindNullness(input, ExpressionType::OPERATOR_IS_NOT_NULL);
}

duckdb::ScalarFunction NullTest(const char* name, duckdb::function_bind_expression_t bind) {
  duckdb::ScalarFunction function(name, {duckdb::LogicalType::ANY}, duckdb::LogicalType::BOOLEAN, nullptr);
  function.bind_expression = bind;
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  return function;
}

}  // namespace

void CompareElements(Slot& slot, bool true_only) {
  Slot rewritten;
  switch (slot->GetExpressionClass()) {
    case ExpressionClass::COMPARISON: rewritten = Comparison(slot->Cast<duckdb::ComparisonExpression>()); break;
    case ExpressionClass::BETWEEN: rewritten = Between(slot->Cast<duckdb::BetweenExpression>()); break;
    case ExpressionClass::OPERATOR: rewritten = Operator(slot->Cast<duckdb::OperatorExpression>()); break;
    case ExpressionClass::SUBQUERY: rewritten = Any(slot->Cast<duckdb::SubqueryExpression>(), true_only); break;
    default: break;
  }
  if (!rewritten) return;
  rewritten->SetAlias(slot->GetAlias());
  slot = std::move(rewritten);
}

void RegisterRowFunctions(duckdb::DuckDB& database) {
  AddFunction(database, NullTest("weir_is_null", BindIsNull));
  AddFunction(database, NullTest("weir_is_not_null", BindIsNotNull));
}

}  // namespace weir::sql
