#include <algorithm>
#include <variant>

#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
namespace oid = postgres::oid;

Parsed Number(double value) { return Literal(duckdb::Value::DOUBLE(value)); }

/// Where a row's key stands before the given one; NULL has its place too.
Parsed StandsBefore(const tree::SortKey& order, const Parsed& row, const Parsed& given) {
  const auto op = order.descending ? ExpressionType::COMPARE_GREATERTHAN : ExpressionType::COMPARE_LESSTHAN;
  const Parsed& first = order.nulls_first ? row : given;
  const Parsed& last = order.nulls_first ? given : row;
  Parsed of_null = Conjunction(ExpressionType::CONJUNCTION_AND, IsNull(first->Copy()), IsNotNull(last->Copy()));
  ParsedList either = ListOf(Compare(op, row->Copy(), given->Copy()), std::move(of_null));
  return Operator(ExpressionType::OPERATOR_COALESCE, std::move(either));
}

}  // namespace

/// Whether a row comes before the hypothetical one, or is its peer. Gives the row's keys.
Parsed Emitter::Precedes(const tree::Aggregate& aggregate, bool or_equal, ParsedList* keys) {
  EmittedList given = Values(aggregate.direct_arguments);
  EmittedList rows = Values(aggregate.arguments);
  Parsed result = Literal(duckdb::Value::BOOLEAN(or_equal));
  for (size_t i = rows.size(); i-- > 0;) {
    EmittedList both;
    both.push_back(std::move(rows[i]));
    both.push_back(std::move(given[i]));
    Unify(&both);
    const Parsed row = KeyOf(std::move(both[0]));
    const Parsed value = KeyOf(std::move(both[1]));
    Parsed same = Compare(ExpressionType::COMPARE_NOT_DISTINCT_FROM, row->Copy(), value->Copy());
    Parsed later = Conjunction(ExpressionType::CONJUNCTION_AND, std::move(same), std::move(result));
    result =
        Conjunction(ExpressionType::CONJUNCTION_OR, StandsBefore(aggregate.order_by[i], row, value), std::move(later));
    keys->push_back(row->Copy());
    keys->back()->SetAlias("k" + std::to_string(i));
  }
  return result;
}

/// rank, dense_rank, percent_rank and cume_dist of a row that is not there: counts of those before it.
Emitted Emitter::Hypothetical(const tree::Aggregate& aggregate, const tree::Expression& expression) {
  const std::string_view name = aggregate.function->name;
  const bool dense = name == "dense_rank";
  Parsed filter = aggregate.filter ? Condition(*aggregate.filter) : nullptr;
  ParsedList keys;
  Parsed before = Precedes(aggregate, name == "cume_dist", &keys);
  if (filter) before = Conjunction(ExpressionType::CONJUNCTION_AND, filter->Copy(), std::move(before));
  Scope& scope = ScopeAt(aggregate.level);
  const auto is_constant = [](const auto& argument) {
    return std::holds_alternative<tree::Constant>(argument->node) ||
           std::holds_alternative<tree::Parameter>(argument->node);
  };
  if (scope.query->grouping_sets && !std::ranges::all_of(aggregate.direct_arguments, is_constant)) {
    // They are NULL in the groups of other sets, and here a row's.
    Throw(Error("0A000", "a hypothetical row of columns is not supported with grouping sets"));
  }
  const auto count = [&](const char* function, ParsedList values, Parsed of, bool distinct) -> Parsed {
    scope.aggregates.insert(function);
    return duckdb::make_uniq<duckdb::FunctionExpression>("system", "main", function, std::move(values), std::move(of),
                                                         nullptr, distinct);
  };
  Parsed preceding = dense ? count("count", ListOf(Function("struct_pack", std::move(keys))), std::move(before), true)
                           : count("count_star", {}, std::move(before), false);
  if (dense || name == "rank") {
    Parsed rank = Function("+", std::move(preceding), Literal(duckdb::Value::BIGINT(1)));
    return {CastTo(LogicalType::BIGINT, std::move(rank)), LogicalType::BIGINT, expression.type.oid};
  }
  Parsed share = CastTo(LogicalType::DOUBLE, std::move(preceding));
  Parsed all = CastTo(LogicalType::DOUBLE, count("count_star", {}, std::move(filter), false));
  if (name == "cume_dist") {
    share = Function("/", Function("+", std::move(share), Number(1)), Function("+", std::move(all), Number(1)));
  } else {
    Parsed none = Compare(ExpressionType::COMPARE_EQUAL, all->Copy(), Number(0));
    share = If(std::move(none), Number(0), Function("/", std::move(share), std::move(all)));
  }
  return {CastTo(LogicalType::DOUBLE, std::move(share)), LogicalType::DOUBLE, expression.type.oid};
}

}  // namespace weir::sql::duck
