#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/functions.h"
#include "sql/duckdb/json_calls.h"
#include "sql/duckdb/may_fail.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/percentiles.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/shaped_calls.h"
#include "sql/duckdb/typed_calls.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::WindowBoundary;
using postgres::Oid;
using postgres::TypeRef;
namespace oid = postgres::oid;

/// A sum of DECIMALs up to this width holds 10^11 rows.
constexpr int kSummableWidth = 27;
constexpr int kFrameScale = 12;  // pg.frame_number's

bool IsInteger(Oid type) { return type == oid::kInt2 || type == oid::kInt4 || type == oid::kInt8; }

/// The order of the values tells in what these give.
bool ShowsOrder(std::string_view name) {
  return name == "array_agg" || name == "string_agg" || name == "json_agg" || name == "jsonb_agg";
}

struct WindowFunction {
  std::string_view name;
  ExpressionType type;
};
constexpr WindowFunction kWindowFunctions[] = {
    {"row_number", ExpressionType::WINDOW_ROW_NUMBER},   {"rank", ExpressionType::WINDOW_RANK},
    {"dense_rank", ExpressionType::WINDOW_RANK_DENSE},   {"percent_rank", ExpressionType::WINDOW_PERCENT_RANK},
    {"cume_dist", ExpressionType::WINDOW_CUME_DIST},     {"ntile", ExpressionType::WINDOW_NTILE},
    {"lag", ExpressionType::WINDOW_LAG},                 {"lead", ExpressionType::WINDOW_LEAD},
    {"first_value", ExpressionType::WINDOW_FIRST_VALUE}, {"last_value", ExpressionType::WINDOW_LAST_VALUE},
    {"nth_value", ExpressionType::WINDOW_NTH_VALUE},
};

const WindowFunction* FindWindowFunction(const postgres::Function& function) {
  if (function.kind != postgres::FunctionKind::kWindow) return nullptr;
  for (const WindowFunction& known : kWindowFunctions) {
    if (known.name == function.name) return &known;
  }
  return nullptr;
}

WindowBoundary BoundaryOf(tree::Window::Unit unit, tree::Window::Bound bound) {
  using Bound = tree::Window::Bound;
  using Unit = tree::Window::Unit;
  const auto by_unit = [&](WindowBoundary range, WindowBoundary rows, WindowBoundary groups) {
    return unit == Unit::kRange ? range : unit == Unit::kRows ? rows : groups;
  };
  switch (bound) {
    case Bound::kUnboundedPreceding: return WindowBoundary::UNBOUNDED_PRECEDING;
    case Bound::kUnboundedFollowing: return WindowBoundary::UNBOUNDED_FOLLOWING;
    case Bound::kCurrentRow:
      return by_unit(WindowBoundary::CURRENT_ROW_RANGE, WindowBoundary::CURRENT_ROW_ROWS,
                     WindowBoundary::CURRENT_ROW_GROUPS);
    case Bound::kPreceding:
      return by_unit(WindowBoundary::EXPR_PRECEDING_RANGE, WindowBoundary::EXPR_PRECEDING_ROWS,
                     WindowBoundary::EXPR_PRECEDING_GROUPS);
    case Bound::kFollowing:
      return by_unit(WindowBoundary::EXPR_FOLLOWING_RANGE, WindowBoundary::EXPR_FOLLOWING_ROWS,
                     WindowBoundary::EXPR_FOLLOWING_GROUPS);
  }
  return WindowBoundary::INVALID;
}

duckdb::WindowExcludeMode ExcludeOf(tree::Window::Exclude exclude) {
  switch (exclude) {
    case tree::Window::Exclude::kNoOthers: return duckdb::WindowExcludeMode::NO_OTHER;
    case tree::Window::Exclude::kCurrentRow: return duckdb::WindowExcludeMode::CURRENT_ROW;
    case tree::Window::Exclude::kGroup: return duckdb::WindowExcludeMode::GROUP;
    case tree::Window::Exclude::kTies: return duckdb::WindowExcludeMode::TIES;
  }
  return duckdb::WindowExcludeMode::NO_OTHER;
}

/// range_agg and range_intersect_agg are computed over the list of their values; empty: another aggregate.
std::string RangeAggregate(const postgres::Function& function) {
  const bool multiranges = function.arguments.size() == 1 && function.arguments[0] == oid::kAnymultirange;
  if (function.name == "range_agg") return "pg.multirange_union";
  if (function.name != "range_intersect_agg") return {};
  return multiranges ? "pg.multirange_intersection" : "pg.range_intersection";
}
Emitted OfAllRanges(const std::string& helper, Emitted range, TypeRef result,
                    const std::function<Parsed(const std::string&, ParsedList)>& make) {
  const LogicalType form = LogicalType::LIST(range.type);
  const Oid array = postgres::FindType(range.oid)->array;
  EmittedList ranges;
  ranges.push_back({make("list", ListOf(std::move(range.expression))), form, array});
  return TypedHelper(helper, std::move(ranges), result);
}

/// Numerics of any size where equal ones count once: DISTINCT takes those for different that show different scales.
Emitted SumOfDistinct(const postgres::Function& function, const Emitted& value,
                      const std::function<Parsed(const std::string&, ParsedList)>& make) {
  Parsed sum = make(OwnName(function), ListOf(Function("pg.trim_scale(numeric)", value.expression->Copy())));
  Parsed scale = make("max", ListOf(Function("pg.scale(numeric)", value.expression->Copy())));
  Parsed shown =
      Operator(ExpressionType::OPERATOR_COALESCE, ListOf(std::move(scale), Literal(duckdb::Value::INTEGER(0))));
  return {Function("pg.round(numeric,int4)", std::move(sum), std::move(shown)), BigNumericType(), oid::kNumeric};
}

/// sum: over integers and DECIMALs DuckDB's, whose accumulator has 128 bits.
Emitted SumOf(const postgres::Function& function, Emitted value, bool distinct,
              const std::function<Parsed(const std::string&, ParsedList)>& make) {
  if (distinct && value.is_big()) return SumOfDistinct(function, value, make);
  const bool decimal = value.type.id() == LogicalTypeId::DECIMAL;
  if (decimal && duckdb::DecimalType::GetWidth(value.type) <= kSummableWidth) {
    const LogicalType form = LogicalType::DECIMAL(38, duckdb::DecimalType::GetScale(value.type));
    return {CastTo(form, make("sum", ListOf(std::move(value.expression)))), form, oid::kNumeric};
  }
  if (decimal) {
    Parsed scale = Literal(duckdb::Value::INTEGER(duckdb::DecimalType::GetScale(value.type)));
    return {make("pg.sum(decimal)", ListOf(std::move(value.expression), std::move(scale))), BigNumericType(),
            oid::kNumeric};
  }
  if (Parsed stored = StoredNumeric(value)) {
    return {make("pg.sum(stored)", ListOf(std::move(stored))), BigNumericType(), oid::kNumeric};
  }
  if (IsInteger(value.oid)) {
    const LogicalType form = LogicalType::DECIMAL(38, 0);
    return {CastTo(form, make("sum", ListOf(std::move(value.expression)))), form, oid::kNumeric};
  }
  const LogicalType form = PhysicalType({function.result});
  return {make(OwnName(function), ListOf(std::move(InOwnForm(std::move(value)).expression))), form, function.result};
}

/// A numeric that frames are measured by, as DuckDB adds it up.
Parsed FrameDecimal(Parsed number) {
  return Function("pg.decimal_of", std::move(number), NullOf(LogicalType::DECIMAL(38, kFrameScale)));
}

/// What may fail is evaluated only for the rows that FILTER lets through.
void WhereFiltered(const tree::ExpressionPtr& condition, const Parsed& filter, const tree::Expressions& written,
                   EmittedList* values) {
  if (!condition || !IsRepeatable(*condition)) return;
  for (size_t i = 0; i < values->size(); ++i) {
    Emitted& value = (*values)[i];
    if (MayFail(*written[i])) value.expression = If(filter->Copy(), std::move(value.expression), NullOf(value.type));
  }
}

}  // namespace

Emitted Emitter::Aggregated(const postgres::Function& function, EmittedList arguments, TypeRef result, bool distinct,
                            const MakeAggregate& make) {
  const std::string_view name = function.name;
  const LogicalType form = PhysicalType({result.oid});
  if (name == "count") {
    if (arguments.empty()) return {make("count_star", {}), LogicalType::BIGINT, result.oid};
    Parsed value = distinct ? KeyOf(std::move(arguments[0])) : std::move(arguments[0].expression);
    return {make("count", ListOf(std::move(value))), LogicalType::BIGINT, result.oid};
  }
  if (name == "sum" && (IsInteger(arguments[0].oid) || arguments[0].is_numeric())) {
    if (result.oid != oid::kInt8) return SumOf(function, std::move(arguments[0]), distinct, make);
    Parsed sum = make("sum", ListOf(std::move(arguments[0].expression)));  // a HUGEINT
    return {Function("pg.bigint_of_sum", std::move(sum)), LogicalType::BIGINT, result.oid};
  }
  if (name == "avg" && (IsInteger(arguments[0].oid) || arguments[0].is_numeric())) {
    const postgres::Function* numeric_sum = nullptr;
    for (const auto& candidate : postgres::FindFunctions("sum")) {
      if (candidate.arguments[0] == oid::kNumeric) numeric_sum = &candidate;
    }
    Parsed count = make("count", ListOf(distinct ? KeyOf(arguments[0].Copy()) : arguments[0].expression->Copy()));
    Emitted sum = InForm(SumOf(*numeric_sum, std::move(arguments[0]), distinct, make), BigNumericType());
    return {Function("pg.average", std::move(sum.expression), std::move(count)), BigNumericType(), result.oid};
  }
  if (Parsed stored = name == "min" || name == "max" ? StoredNumeric(arguments[0]) : nullptr) {
    return {make("pg." + std::string(name) + "(stored)", ListOf(std::move(stored))), BigNumericType(), result.oid};
  }
  if ((name == "min" || name == "max") && arguments[0].is_big()) {
    return {make(OwnName(function), ListOf(std::move(arguments[0].expression))), BigNumericType(), result.oid};
  }
  if ((name == "min" || name == "max") && NeedsKey(arguments[0].oid, arguments[0].type)) {
    const LogicalType type = arguments[0].type;
    Parsed key = KeyOf(arguments[0].Copy());
    return {make(name == "min" ? "arg_min" : "arg_max", ListOf(std::move(arguments[0].expression), std::move(key))),
            type, result.oid};
  }
  if (name == "min" || name == "max") {
    const LogicalType type = arguments[0].type;
    return {make(std::string(name), ListOf(std::move(arguments[0].expression))), type, result.oid};
  }
  if (name == "array_agg" && IsShaped(arguments[0].oid, arguments[0].type)) {
    EmittedList texts;
    texts.push_back({make("list", ListOf(std::move(arguments[0].expression))), LogicalType::LIST(LogicalType::VARCHAR),
                     oid::kTextArray});
    return ShapedHelper("pg.shaped_gathered", std::move(texts), result);
  }
  if (name == "array_agg") {
    const LogicalType type = LogicalType::LIST(arguments[0].type);
    Parsed list = make("list", ListOf(std::move(arguments[0].expression)));
    if (arguments[0].type.id() == LogicalTypeId::LIST) list = Function("pg.even_arrays", std::move(list));
    return {std::move(list), type, result.oid};
  }
  if (auto json = JsonAggregate(function, &arguments, result, make)) return std::move(*json);
  if (const std::string helper = RangeAggregate(function); !helper.empty()) {
    return OfAllRanges(helper, std::move(arguments[0]), result, make);
  }
  if (name == "mode") {
    const LogicalType type = arguments.back().type;
    if (NeedsKey(arguments.back().oid, type)) {
      Parsed place = Function("pg.most_often", make("list", ListOf(KeyOf(arguments.back().Copy()))));
      Parsed values = make("list", ListOf(std::move(arguments.back().expression)));
      return {Function("pg.element", std::move(values), std::move(place)), type, result.oid};
    }
    return {make("mode", ListOf(std::move(arguments.back().expression))), type, result.oid};
  }
  if (IsPercentile(function)) return Percentile(function, std::move(arguments), result, make);
  ParsedList own;
  for (Emitted& argument : arguments) {
    Emitted value = InOwnForm(std::move(argument));
    own.push_back(distinct && value.is_big() ? Function("pg.trim_scale(numeric)", std::move(value.expression))
                                             : std::move(value.expression));
  }
  if (name == "string_agg") {  // a delimiter of NULL is none
    Parsed none = CastTo(form, Literal(duckdb::Value("")));
    own[1] = Operator(ExpressionType::OPERATOR_COALESCE, ListOf(std::move(own[1]), std::move(none)));
  }
  if (HasOwnFunction(OwnName(function))) return {make(OwnName(function), std::move(own)), form, result.oid};
  if (function.computation != postgres::Computation::kDuckDb) {
    Throw(Error("0A000", "aggregate function " + std::string(name) + " is not supported for these types"));
  }
  return {CastTo(form, make(std::string(function.computed_by), std::move(own))), form, result.oid};
}

Emitted Emitter::Of(const tree::Aggregate& aggregate, const tree::Expression& expression) {
  const postgres::AggregateKind kind = postgres::FindAggregate(aggregate.function->oid)->kind;
  if (kind == postgres::AggregateKind::kHypothetical) return Hypothetical(aggregate, expression);
  const bool plain = kind == postgres::AggregateKind::kNormal;
  const auto holds_query = [](const tree::ExpressionPtr& argument) { return HoldsQuery(*argument); };
  if (aggregate.level > 0 && std::ranges::any_of(aggregate.arguments, holds_query)) {
    Throw(Error("0A000", "a subquery in an aggregate of an outer query is not supported"));
  }
  EmittedList arguments = Values(aggregate.direct_arguments);
  const size_t direct = arguments.size();
  EmittedList ordered = Arguments(*aggregate.function, aggregate.arguments);
  Parsed filter = aggregate.filter ? Condition(*aggregate.filter) : nullptr;
  WhereFiltered(aggregate.filter, filter, aggregate.arguments, &ordered);
  std::vector<duckdb::OrderByNode> orders;
  const bool quantile = IsPercentile(*aggregate.function) && IsQuantile(ordered.front(), arguments.front());
  for (const tree::SortKey& key : aggregate.order_by) {
    if (plain && ordered[key.target].is_constant()) continue;
    if (!quantile || key.descending) orders.push_back(SortBy(key, KeyOf(ordered[key.target].Copy())));
  }
  const size_t count =
      aggregate.order_by.empty() || aggregate.num_arguments == 0 ? ordered.size() : aggregate.num_arguments;
  for (size_t i = 0; i < count; ++i) arguments.push_back(std::move(ordered[i]));
  if (aggregate.distinct && orders.empty() && ShowsOrder(aggregate.function->name)) {
    orders.push_back(SortBy({}, KeyOf(arguments[direct].Copy())));
  }
  Parsed key;  // what tells whether values are the same, where they do not
  const bool lists = aggregate.distinct && ShowsOrder(aggregate.function->name);
  if (lists && NeedsKey(arguments[direct].oid, arguments[direct].type)) key = KeyOf(arguments[direct].Copy());
  Scope& scope = ScopeAt(aggregate.level);
  const auto call = [&](const std::string& name, ParsedList values, bool distinct) -> Parsed {
    duckdb::unique_ptr<duckdb::OrderModifier> order;
    if (!orders.empty()) {
      order = duckdb::make_uniq<duckdb::OrderModifier>();
      for (const auto& by : orders) order->orders.emplace_back(by.type, by.null_order, by.expression->Copy());
    }
    auto made = duckdb::make_uniq<duckdb::FunctionExpression>("system", "main", name, std::move(values),
                                                              filter ? filter->Copy() : nullptr, std::move(order),
                                                              distinct);
    scope.aggregates.insert(made->function_name);
    return made;
  };
  const MakeAggregate make = [&](const std::string& name, ParsedList values) -> Parsed {
    if (!key || name != "list") return call(name, std::move(values), aggregate.distinct);
    Parsed keys = call(name, ListOf(key->Copy()), false);
    return Function("pg.distinct", call(name, std::move(values), false), std::move(keys));
  };
  return Aggregated(*aggregate.function, std::move(arguments), expression.type, aggregate.distinct, make);
}

Emitted Emitter::Of(const tree::Grouping& grouping, const tree::Expression& expression) {
  ParsedList groups;
  const Scope& scope = ScopeAt(grouping.level);
  for (int index : grouping.items) {
    const Emitted& group = scope.groups[index];
    groups.push_back(scope.group_is_keyed[index] ? KeyOf(group.Copy()) : group.expression->Copy());
  }
  return {CastTo(LogicalType::INTEGER, Operator(ExpressionType::GROUPING_FUNCTION, std::move(groups))),
          LogicalType::INTEGER, expression.type.oid};
}

/// How far a frame goes: rows or groups, or what is added to the key that orders them.
Parsed Emitter::FrameOffset(const tree::Window& window, const tree::Expression& offset, const char* end) {
  using Bound = tree::Window::Bound;
  const bool away = &offset == window.start_offset.get() ? window.start == Bound::kFollowing
                                                         : window.end == Bound::kPreceding;
  Emitted value = Value(offset);
  if (window.unit != tree::Window::Unit::kRange) {
    return Function("pg.frame_rows", CastTo(LogicalType::BIGINT, std::move(value.expression)),
                    Literal(duckdb::Value(end)));
  }
  if (value.is_big()) {
    return FrameDecimal(Function("pg.frame_step", std::move(value.expression), Literal(duckdb::Value::BOOLEAN(away))));
  }
  const auto& key = *window.expressions[static_cast<size_t>(window.order_by[0].target)];
  if (value.oid == oid::kFloat8) {
    return Function("pg.frame_float", std::move(value.expression), Literal(duckdb::Value::BOOLEAN(away)));
  }
  if (key.type.oid == oid::kTimetz) return Function("pg.timetz_step", std::move(value.expression));
  return value.type.IsIntegral() ? CastTo(LogicalType::HUGEINT, std::move(value.expression))
                                 : std::move(value.expression);
}

void Emitter::Window(const tree::Window& window, duckdb::WindowExpression* call) {
  Late* const late = std::exchange(scope_->late, nullptr);  // windows come before sets
  EmittedList values = Values(window.expressions);
  scope_->late = late;
  const bool by_offset = window.unit == tree::Window::Unit::kRange && (window.start_offset || window.end_offset);
  for (int index : window.partition_by) call->partitions.push_back(KeyOf(values[index].Copy()));
  for (const tree::SortKey& key : window.order_by) {
    const Emitted& value = values[key.target];
    if (by_offset && value.is_big()) {
      call->orders.push_back(SortBy(key, FrameDecimal(Function("pg.frame_number", value.expression->Copy()))));
      continue;
    }
    const bool numbered = value.oid == oid::kTimetz;  // its key is a number that steps are added to
    if (by_offset && !numbered && NeedsKey(value.oid, value.type)) {
      Throw(Error("0A000", "RANGE with an offset is not supported for this type"));
    }
    Parsed sorted = KeyOf(value.Copy());
    for (const auto* offset : {&window.start_offset, &window.end_offset}) {
      if (!by_offset || !*offset || (*offset)->type.oid != oid::kFloat8) continue;
      Parsed number = CastTo(LogicalType::DOUBLE, std::move(sorted));
      sorted = Function("pg.frame_float_key", std::move(number), Value(**offset).expression);
    }
    const bool wide = by_offset && value.type.IsIntegral();  // the key and the offset may be added up
    call->orders.push_back(SortBy(key, wide ? CastTo(LogicalType::HUGEINT, std::move(sorted)) : std::move(sorted)));
  }
  call->start = BoundaryOf(window.unit, window.start);
  call->end = BoundaryOf(window.unit, window.end);
  if (window.start_offset) call->start_expr = FrameOffset(window, *window.start_offset, "starting");
  if (window.end_offset) call->end_expr = FrameOffset(window, *window.end_offset, "ending");
  call->exclude_clause = ExcludeOf(window.exclude);
}

Emitted Emitter::Of(const tree::WindowCall& call, const tree::Expression& expression) {
  EmittedList arguments = Arguments(*call.function, call.arguments);
  const WindowFunction* known = FindWindowFunction(*call.function);
  Parsed filter = call.filter ? Condition(*call.filter) : nullptr;
  WhereFiltered(call.filter, filter, call.arguments, &arguments);
  const tree::Window& window = scope_->query->windows[call.window];
  if (known == nullptr) {
    return Aggregated(*call.function, std::move(arguments), expression.type, false,
                      [&](const std::string& name, ParsedList values) -> Parsed {
                        auto made = duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_AGGREGATE,
                                                                                "system", "main", name);
                        made->children = std::move(values);
                        if (filter) made->filter_expr = filter->Copy();
                        Window(window, made.get());
                        return made;
                      });
  }
  auto made = duckdb::make_uniq<duckdb::WindowExpression>(known->type, "system", "main", std::string(known->name));
  LogicalType form = PhysicalType({expression.type.oid});
  const bool shifted = known->type == ExpressionType::WINDOW_LAG || known->type == ExpressionType::WINDOW_LEAD;
  if (shifted && arguments.size() > 2) {
    EmittedList alike;
    alike.push_back(std::move(arguments[0]));
    alike.push_back(std::move(arguments[2]));
    Unify(&alike);
    arguments[0] = std::move(alike[0]);
    made->default_expr = std::move(alike[1].expression);
  }
  if (shifted && arguments.size() > 1)
    made->offset_expr = CastTo(LogicalType::BIGINT, std::move(arguments[1].expression));
  if (call.function->result == oid::kAnyelement || call.function->result == oid::kAnycompatible)
    form = arguments[0].type;
  const size_t count = shifted ? 1 : arguments.size();
  for (size_t i = 0; i < count; ++i) {
    const bool number = known->type == ExpressionType::WINDOW_NTILE || i == 1;
    Parsed value = std::move(arguments[i].expression);
    if (number) {
      value = Function("pg.window_count", CastTo(LogicalType::BIGINT, std::move(value)),
                       Literal(duckdb::Value(std::string(call.function->name))));
    }
    made->children.push_back(std::move(value));
  }
  Window(window, made.get());
  return {CastTo(form, std::move(made)), form, expression.type.oid};
}

}  // namespace weir::sql::duck
