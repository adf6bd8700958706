#include "sql/analyze/inline_function.h"

#include <fmt/format.h>

#include "postgres/function.h"
#include "sql/analyze/coerce.h"
#include "sql/analyze/definition.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using postgres::Value;

namespace {

// --- arguments in the place of parameters

void ShiftLevels(Expression& expression, int levels, int from);

void ShiftLevels(Query& query, int levels, int from) {
  ForEachExpression(
      query, [&](ExpressionPtr& child) { ShiftLevels(*child, levels, from); },
      [&](Query& inner) { ShiftLevels(inner, levels, from + 1); });
}

// What refers to queries around the expression refers to them from further in.
void ShiftLevels(Expression& expression, int levels, int from) {
  const auto shift = [&](int* level) { *level += *level >= from ? levels : 0; };
  if (auto* column = std::get_if<ColumnReference>(&expression.node)) shift(&column->level);
  if (auto* row = std::get_if<WholeRow>(&expression.node)) shift(&row->level);
  if (auto* aggregate = std::get_if<Aggregate>(&expression.node)) shift(&aggregate->level);
  if (auto* grouping = std::get_if<Grouping>(&expression.node)) shift(&grouping->level);
  ForEachChild(
      expression, [&](ExpressionPtr& child) { ShiftLevels(*child, levels, from); },
      [&](Query& inner) { ShiftLevels(inner, levels, from + 1); });
}

class Substitution {
 public:
  // `strict`: the arguments are looked at besides, wherever they are used.
  Substitution(Expressions* arguments, bool strict) : arguments_(arguments), uses_(arguments->size(), strict ? 2 : 0) {}

  // `levels`: so many queries further in than the call does what is visited stand.
  Status In(Query& query, int levels) {
    Count(query, levels);
    WEIR_RETURN_NOT_OK(Check());
    Replace(query, levels);
    return Status::OK();
  }
  Status In(ExpressionPtr& expression) {
    Count(*expression, 0);
    WEIR_RETURN_NOT_OK(Check());
    Replace(expression, 0);
    return Status::OK();
  }

 private:
  void Count(Query& query, int levels) {
    ForEachExpression(
        query, [&](ExpressionPtr& child) { Count(*child, levels); }, [&](Query& inner) { Count(inner, levels + 1); });
  }
  void Count(Expression& expression, int levels) {
    if (const auto* parameter = std::get_if<Parameter>(&expression.node)) {
      const auto at = static_cast<size_t>(parameter->number - 1);
      // In a query of the body it may be computed for each of its rows.
      uses_[at] += levels > 0 && VolatilityOf(*(*arguments_)[at]) == 'v' ? 2 : 1;
    }
    ForEachChild(
        expression, [&](ExpressionPtr& child) { Count(*child, levels); },
        [&](Query& inner) { Count(inner, levels + 1); });
  }

  Status Check() {
    for (size_t i = 0; i < uses_.size(); ++i) {
      if (uses_[i] < 2) continue;
      Expression& argument = *(*arguments_)[i];
      const bool changes = VolatilityOf(argument) == 'v';
      if (!changes && Clone(argument) != nullptr) continue;
      return postgres::Error(sqlstate::kFeatureNotSupported,
                             fmt::format("{} as an argument that a function uses more than once is not supported",
                                         changes ? "what changes from call to call" : "a subquery"),
                             {.hint = "Compute the argument in a subquery of FROM.", .position = BeginOf(argument)});
    }
    return Status::OK();
  }

  void Replace(Query& query, int levels) {
    ForEachExpression(
        query, [&](ExpressionPtr& child) { Replace(child, levels); },
        [&](Query& inner) { Replace(inner, levels + 1); });
  }
  void Replace(ExpressionPtr& expression, int levels) {
    if (const auto* parameter = std::get_if<Parameter>(&expression->node)) {
      const auto at = static_cast<size_t>(parameter->number - 1);
      ExpressionPtr& argument = (*arguments_)[at];
      if (uses_[at] > 1) {
        expression = Clone(*argument, levels);
        return;
      }
      ShiftLevels(*argument, levels, 0);
      expression = std::move(argument);
      return;
    }
    ForEachChild(
        *expression, [&](ExpressionPtr& child) { Replace(child, levels); },
        [&](Query& inner) { Replace(inner, levels + 1); });
  }

  Expressions* const arguments_;
  std::vector<int> uses_;
};

// --- what becomes of the body

// Whether a query is an expression with SELECT before it.
bool IsExpression(const Query& query) {
  const bool plain = query.with.empty() && query.relations.empty() && !query.where && !query.distinct &&
                     query.distinct_on.empty() && !query.set_operation;
  const bool grouped = !query.group_by.empty() || query.grouping_sets || query.having || query.has_aggregates ||
                       !query.windows.empty() || query.has_set_returning;
  const bool cut = !query.order_by.empty() || query.limit || query.offset || !query.locks.empty();
  return plain && !grouped && !cut && query.targets.size() == 1 && !query.targets[0].hidden;
}

ExpressionPtr NullOf(postgres::TypeRef type) { return MakeExpression(Constant{}, type, 0); }

// Whether one of the arguments is NULL; null: there are none. `levels`: as Substitution has it.
ExpressionPtr AnyIsNull(const Expressions& arguments, int levels) {
  Logic any{.kind = Logic::Kind::kOr, .arguments = {}};
  for (const ExpressionPtr& argument : arguments) {
    NullTest test{.argument = Clone(*argument, levels)};
    any.arguments.push_back(MakeExpression(std::move(test), {oid::kBool, -1}, 0));
  }
  if (any.arguments.size() == 1) return std::move(any.arguments[0]);
  return any.arguments.empty() ? nullptr : MakeExpression(std::move(any), {oid::kBool, -1}, 0);
}

ExpressionPtr Choice(ExpressionPtr condition, ExpressionPtr value, ExpressionPtr otherwise, postgres::TypeRef type) {
  Case choice;
  choice.whens.push_back({std::move(condition), std::move(value)});
  choice.otherwise = std::move(otherwise);
  return MakeExpression(std::move(choice), type, 0);
}

// A function without a result gives an empty text of the type void, once its query has run.
ExpressionPtr Void(ExpressionPtr value) {
  const postgres::TypeRef type{oid::kVoid, -1};
  const auto nothing = [&] { return MakeExpression(Constant{Value(std::string())}, type, 0); };
  NullTest test{.argument = std::move(value)};
  return Choice(MakeExpression(std::move(test), {oid::kBool, -1}, 0), nothing(), nothing(), type);
}

// The first row is the result; an aggregate gives one.
void KeepFirstRow(QueryPtr* query) {
  const bool one = (*query)->has_aggregates && (*query)->group_by.empty() && !(*query)->grouping_sets;
  if (one && !(*query)->set_operation) return;
  auto limit = [] { return MakeExpression(Constant{Value(int64_t{1})}, {oid::kInt8, -1}, 0); };
  if (!(*query)->limit && !(*query)->with_ties) {
    (*query)->limit = limit();
    return;
  }
  auto above = std::make_unique<Query>();
  RangeEntry entry;
  entry.alias = "body";
  for (const Target& target : (*query)->targets) {
    if (target.hidden) continue;
    const int place = static_cast<int>(entry.columns.size());
    entry.columns.push_back({target.name, target.expression->type});
    above->targets.push_back({target.name, MakeExpression(ColumnReference{0, 0, place}, target.expression->type, 0)});
  }
  entry.source = RangeEntry::Subquery{std::move(*query)};
  above->relations.push_back(std::move(entry));
  above->from.push_back({.relation = 0});
  above->limit = limit();
  *query = std::move(above);
}

postgres::TypeRef TypeOfFirst(const Query& query) {
  for (const Target& target : query.targets) {
    if (!target.hidden) return target.expression->type;
  }
  return {oid::kVoid, -1};
}

ExpressionPtr AsSubquery(QueryPtr query, int position) {
  const postgres::TypeRef type = TypeOfFirst(*query);
  SubqueryExpression subquery{.kind = SubqueryExpression::Kind::kScalar, .query = std::move(query)};
  return MakeExpression(std::move(subquery), type, position);
}

// Only the first column of a query whose columns are of no interest.
void KeepFirstColumn(Query* query) {
  bool kept = false;
  for (Target& target : query->targets) {
    if (!target.hidden && std::exchange(kept, true)) target.hidden = true;
  }
}

}  // namespace

Result<ExpressionPtr> InlineValue(InlinedCall call) {
  const bool is_void = call.type.oid == oid::kVoid;
  const bool strict = call.function.strict && !call.arguments.empty();
  Substitution substitution(&call.arguments, strict);
  ExpressionPtr value;
  if (IsExpression(*call.body)) {
    value = std::move(call.body->targets[0].expression);
    WEIR_RETURN_NOT_OK(substitution.In(value));
  } else {
    if (is_void) KeepFirstColumn(call.body.get());
    KeepFirstRow(&call.body);
    WEIR_RETURN_NOT_OK(substitution.In(*call.body, 1));
    value = AsSubquery(std::move(call.body), call.position);
  }
  if (is_void) value = Void(std::move(value));
  if (strict) value = Choice(AnyIsNull(call.arguments, 0), NullOf(call.type), std::move(value), call.type);
  value->position = call.position;
  return value;
}

QueryPtr WithNumbers(QueryPtr rows) {
  ShiftLevels(*rows, 1, 1);
  auto numbered = std::make_unique<Query>();
  RangeEntry entry;
  entry.alias = "body";
  for (const Target& target : rows->targets) {
    if (target.hidden) continue;
    const int place = static_cast<int>(entry.columns.size());
    entry.columns.push_back({target.name, target.expression->type});
    numbered->targets.push_back(
        {target.name, MakeExpression(ColumnReference{0, 0, place}, target.expression->type, 0)});
  }
  entry.source = RangeEntry::Subquery{std::move(rows)};
  numbered->relations.push_back(std::move(entry));
  numbered->from.push_back({.relation = 0});
  numbered->windows.emplace_back();
  WindowCall number;
  number.function = &postgres::FindFunctions("row_number").front();
  numbered->targets.push_back({"ordinality", MakeExpression(std::move(number), {oid::kInt8, -1}, 0)});
  return numbered;
}

Result<QueryPtr> InlineRows(InlinedCall call) {
  auto rows = std::make_unique<Query>();
  if (!call.function.returns_set && !call.function.returns_row()) {
    InlinedCall inner{call.function, std::move(call.body), {}, call.type, call.position};
    for (ExpressionPtr& argument : call.arguments) {
      ShiftLevels(*argument, 1, 0);
      inner.arguments.push_back(std::move(argument));
    }
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr value, InlineValue(std::move(inner)));
    rows->targets.push_back({call.function.name, std::move(value)});
    return rows;
  }
  if (!call.function.returns_set) KeepFirstRow(&call.body);
  const bool strict = call.function.strict && !call.arguments.empty();
  Substitution substitution(&call.arguments, strict);
  if (!strict) {
    WEIR_RETURN_NOT_OK(substitution.In(*call.body, 1));
    return std::move(call.body);
  }
  WEIR_RETURN_NOT_OK(substitution.In(*call.body, 2));
  RangeEntry entry;
  entry.alias = "body";
  for (const Target& target : call.body->targets) {
    if (target.hidden) continue;
    const int place = static_cast<int>(entry.columns.size());
    entry.columns.push_back({target.name, target.expression->type});
    rows->targets.push_back({target.name, MakeExpression(ColumnReference{0, 0, place}, target.expression->type, 0)});
  }
  entry.source = RangeEntry::Subquery{std::move(call.body)};
  rows->relations.push_back(std::move(entry));
  rows->from.push_back({.relation = 0});
  Logic no_null{.kind = Logic::Kind::kNot, .arguments = {}};
  no_null.arguments.push_back(AnyIsNull(call.arguments, 1));
  rows->where = MakeExpression(std::move(no_null), {oid::kBool, -1}, 0);
  return rows;
}

}  // namespace weir::sql::analyze
