#include "postgres/made_type.h"
#include "sql/analyze/modify.h"
#include "sql/duckdb/blanks.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/emit_change.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/may_fail.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/outer_conditions.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/duckdb/shaped_calls.h"
#include "sql/duckdb/value_lists.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
namespace oid = postgres::oid;
using postgres::TypeRef;

Emitted Boolean(Parsed expression) { return {std::move(expression), LogicalType::BOOLEAN, oid::kBool}; }

/// DuckDB's binder computes constants anew at each level that they are below, which for many levels takes minutes and
/// cannot be cancelled.
constexpr int kLevelsComputedEarly = 32;

/// Whether it is computed of constants alone, by functions and casts.
bool IsConstant(const duckdb::ParsedExpression& expression) {
  using Class = duckdb::ExpressionClass;
  const Class of = expression.GetExpressionClass();
  if (of == Class::CONSTANT) return true;
  if (of != Class::FUNCTION && of != Class::CAST && of != Class::OPERATOR) return false;
  bool constant = true;
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      expression, [&](const duckdb::ParsedExpression& child) { constant = constant && IsConstant(child); });
  return constant;
}

Parsed NullBoolean() { return NullOf(LogicalType::BOOLEAN); }
Parsed BooleanLiteral(bool value) { return Literal(duckdb::Value::BOOLEAN(value)); }

bool IsNullConstant(const tree::Expression& expression) {
  const auto* constant = std::get_if<tree::Constant>(&expression.node);
  return constant != nullptr && std::holds_alternative<std::monostate>(constant->value);
}

/// Whether a relation is the proposed row of ON CONFLICT: who reads it reads the table, as far as privileges go.
bool IsExcluded(const tree::Query& query, int relation) {
  return query.on_conflict && query.on_conflict->excluded == relation;
}

/// The order that decides rows that are equal so far: strict for all but the last column.
bool IsOrder(tree::RowComparison::Kind kind) {
  return kind != tree::RowComparison::Kind::kEqual && kind != tree::RowComparison::Kind::kNotEqual;
}

}  // namespace

Emitted Emitter::Value(const tree::Expression& expression) {
  const int beside = std::exchange(levels_, 0);
  Emitted value = std::visit([&](const auto& node) { return Of(node, expression); }, expression.node);
  if (++levels_ % kLevelsComputedEarly == 0 && IsConstant(*value.expression)) {
    value.expression = Function("pg.once", ListOf(std::move(value.expression)));
  }
  levels_ = std::max(levels_, beside);
  value.oid = postgres::BaseTypeOf({value.oid}).oid;  // a domain's values are those of its base type
  return value;
}

EmittedList Emitter::Values(const tree::Expressions& expressions) {
  EmittedList values;
  values.reserve(expressions.size());
  for (const auto& expression : expressions) values.push_back(Value(*expression));
  return values;
}

Parsed Emitter::Condition(const tree::Expression& expression) { return Value(expression).expression; }

Parsed Emitter::Filter(const tree::Expression& expression) {
  const auto* logic = std::get_if<tree::Logic>(&expression.node);
  if (logic != nullptr && logic->kind == tree::Logic::Kind::kAnd) {
    ParsedList parts;
    for (const auto& argument : logic->arguments) parts.push_back(Filter(*argument));
    GatherValueLists(true, &parts);
    if (parts.size() == 1) return std::move(parts.front());
    return Conjunction(ExpressionType::CONJUNCTION_AND, std::move(parts));
  }
  if (logic != nullptr && logic->kind == tree::Logic::Kind::kOr) {  // a filter leaves out what is decided by itself
    ParsedList parts;
    for (const auto& argument : logic->arguments) {
      const bool inner = std::holds_alternative<tree::Logic>(argument->node);
      parts.push_back(inner ? Filter(*argument) : Condition(*argument));
    }
    GatherValueLists(false, &parts);
    return parts.size() == 1 ? std::move(parts.front()) : Conjunction(ExpressionType::CONJUNCTION_OR, std::move(parts));
  }
  if (const auto* row = std::get_if<tree::RowComparison>(&expression.node)) return FilterRows(*row);
  const auto* subquery = std::get_if<tree::SubqueryExpression>(&expression.node);
  const bool rows =
      subquery != nullptr && subquery->kind == tree::SubqueryExpression::Kind::kAny && subquery->left.size() > 1;
  filtering_ = ExistsOf(expression);
  if (!rows) return Condition(expression);
  if (IsMisjoined(*subquery->query, true)) hidden_outside_.insert(subquery->query.get());
  // (a, b) IN (SELECT …): a semijoin, where NULL drops the row as false does.
  EmittedList right;
  auto node = Side(*subquery, &right);
  node->where_clause = Compared(subquery->comparison, subquery->functions, &subquery->equal_functions,
                                Values(subquery->left), right);
  node->select_list.push_back(BooleanLiteral(true));
  return Subselect(duckdb::SubqueryType::EXISTS, {std::move(node), {}}, {oid::kBool}).expression;
}

/// (a, b) < (1, 2) where NULL is as good as false: a < 1 OR (a = 1 AND b < 2), which leaves partitions out.
Parsed Emitter::FilterRows(const tree::RowComparison& comparison) {
  const EmittedList left = Values(comparison.left);
  const EmittedList right = Values(comparison.right);
  if (!IsOrder(comparison.kind)) {
    return Compared(comparison.kind, comparison.functions, &comparison.equal_functions, left, right);
  }
  const auto call = [&](const postgres::Function& function, size_t i) {
    EmittedList arguments;
    arguments.push_back(left[i].Copy());
    arguments.push_back(right[i].Copy());
    return Apply(function, std::move(arguments), {oid::kBool}).expression;
  };
  const bool less = comparison.kind == tree::RowComparison::Kind::kLess ||
                    comparison.kind == tree::RowComparison::Kind::kLessEqual;
  const auto strict = less ? ExpressionType::COMPARE_LESSTHAN : ExpressionType::COMPARE_GREATERTHAN;
  Parsed result = call(*comparison.functions.back(), left.size() - 1);
  for (size_t i = left.size() - 1; i-- > 0;) {
    Parsed same =
        Conjunction(ExpressionType::CONJUNCTION_AND, call(*comparison.equal_functions[i], i), std::move(result));
    Parsed decided = call(*comparison.functions[i], i);
    if (decided->GetExpressionClass() != duckdb::ExpressionClass::COMPARISON) {
      return Compared(comparison.kind, comparison.functions, &comparison.equal_functions, left, right);
    }
    decided->SetExpressionTypeUnsafe(strict);  // what is equal is decided by the columns behind
    result = Conjunction(ExpressionType::CONJUNCTION_OR, std::move(decided), std::move(same));
  }
  return result;
}

Emitted Emitter::Of(const tree::Constant& constant, const tree::Expression& expression) {
  const TypeRef type = expression.type;
  LogicalType form = PhysicalType(type);
  if (const auto* number = std::get_if<postgres::Numeric>(&constant.value)) form = TypeOfConstant(*number);
  const auto* array = std::get_if<postgres::Array>(&constant.value);
  if (array != nullptr && ElementOf(type.oid) != oid::kBpchar && HasOwnBounds(*array) &&
      type.oid != oid::kInt2vector && type.oid != oid::kOidvector) {
    form = LogicalType::VARCHAR;
  }
  if (std::holds_alternative<std::monostate>(constant.value)) {
    if (type.oid == oid::kNumeric) form = LogicalType::DECIMAL(1, 0);
    return {NullOf(form), form, type.oid};
  }
  duckdb::Value value = ToDuck(constant.value, type, form);
  form = value.type();  // an array's dimensions are its value's
  return {Literal(std::move(value)), form, type.oid};
}

Emitted Emitter::Of(const tree::Parameter& parameter, const tree::Expression& expression) {
  const LogicalType form = FormOfParameter(expression.type, context_.shaped_parameters);
  auto value = duckdb::make_uniq<duckdb::ParameterExpression>();
  value->identifier = std::to_string(parameter.number);
  return {CastTo(form, std::move(value)), form, expression.type.oid};
}

namespace {

/// xmax of a row that INSERT returns: 0, or the transaction that `updates` it. `target`: what has the row.
Emitted XmaxOf(const std::string& target, bool updates) {
  const LogicalType form = PhysicalType({oid::kXid});
  Parsed none = CastTo(form, Literal(duckdb::Value::INTEGER(0)));
  if (!updates) return {std::move(none), form, oid::kXid};
  Parsed is_new =
      Compare(ExpressionType::COMPARE_EQUAL, ColumnOf(target, kActionColumn), ActionOf(RowAction::kInsert));
  Parsed here = CastTo(form, Function("txid_current", ParsedList()));
  return {If(std::move(is_new), std::move(none), std::move(here)), form, oid::kXid};
}

}  // namespace

Emitted Emitter::Of(const tree::ColumnReference& column, const tree::Expression& expression) {
  const Relation& relation = RelationAt(column.level, column.relation);
  const EmittedColumn& found = relation.columns[column.column];
  Scope* inner = scope_;
  bool hidden = false;
  for (int level = 0; level < column.level; ++level, inner = inner->outer) {
    inner->correlated = true;
    hidden |= hidden_outside_.contains(inner->query);
  }
  Scope& scope = ScopeAt(column.level);
  const bool changed = column.relation == scope.query->target_relation;
  if (changed || IsExcluded(*scope.query, column.relation)) scope.read.insert(column.column);
  const bool is_new = changed && scope.returns_new;
  const tree::OutputColumn& named = scope.query->relations[column.relation].columns[column.column];
  if (is_new && named.hidden && named.name == analyze::kXmax) {
    const auto& conflict = scope.query->on_conflict;
    return XmaxOf(relation.alias, conflict && conflict->update);
  }
  const int width = is_new ? static_cast<int>(TargetRelation(*scope.query).columns.size()) : 0;
  if (is_new && column.column > width) {
    Throw(Error("0A000", "system column \"ctid\" of a row that has just been written is not supported"));
  }
  if (is_new && column.column == width) {  // tableoid
    return {LeafOid(relation), LogicalType::BIGINT, expression.type.oid};
  }
  Parsed value = ColumnOf(relation.alias, found.name);
  if (hidden) value = Function("pg.same", std::move(value));
  return FromColumn({std::move(value), found.type, expression.type.oid});
}

namespace {

/// What JSON calls a field of a relation's rows: of a table's or view's, as that does, whatever an alias calls it.
const std::string& FieldOfRow(const tree::RangeEntry& entry, size_t column) {
  const auto* table = std::get_if<tree::RangeEntry::Table>(&entry.source);
  const sql::Relation* named = table != nullptr ? table->relation.get() : nullptr;
  if (entry.view) named = table == nullptr ? entry.view.get() : nullptr;  // a table in a view's place has its columns
  return named != nullptr && column < named->columns.size() ? named->columns[column].name : entry.columns[column].name;
}

}  // namespace

Emitted Emitter::Of(const tree::WholeRow& row, const tree::Expression& expression) {
  const Relation& relation = RelationAt(row.level, row.relation);
  Scope& scope = ScopeAt(row.level);
  const auto& entry = scope.query->relations[row.relation];
  const bool changed = row.relation == scope.query->target_relation;  // it is always there
  ParsedList fields;
  duckdb::child_list_t<LogicalType> types;
  Parsed own;  // what every row of the relation has, but those that an outer join makes up
  if (!relation.there.empty()) own = ColumnOf(relation.alias, relation.there);
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const EmittedColumn& column = relation.columns[i];
    if (changed || IsExcluded(*scope.query, row.relation)) scope.read.insert(static_cast<int>(i));
    if (entry.columns[i].hidden) {
      if (entry.columns[i].name == "tableoid" && !changed && !own) own = ColumnOf(relation.alias, column.name);
      continue;
    }
    const TypeRef shown = postgres::BaseTypeOf({column.oid, entry.columns[i].type.modifier});
    const std::string name = FieldName(types.size(), shown, FieldOfRow(entry, i));
    Emitted value = FromColumn({ColumnOf(relation.alias, column.name), column.type, column.oid});
    fields.push_back(std::move(value.expression));
    fields.back()->SetAlias(name);
    types.emplace_back(name, value.type);
  }
  if (fields.empty()) Throw(Error("0A000", "a row without columns is not supported as a value"));
  const LogicalType type = LogicalType::STRUCT(std::move(types));
  Parsed value = Function("struct_pack", std::move(fields));
  if (own && HasOuterJoin(*scope.query)) {
    value = If(IsNull(std::move(own)), Literal(duckdb::Value()), std::move(value));
  }
  return {std::move(value), type, expression.type.oid};
}

Emitted Emitter::Of(const tree::Logic& logic, const tree::Expression&) {
  if (logic.kind == tree::Logic::Kind::kNot) return Boolean(Not(Condition(*logic.arguments.front())));
  return Boolean(Connected(logic.kind == tree::Logic::Kind::kAnd, logic.arguments));
}

/// AND or OR of all. What may fail is evaluated only where those before it leave the result open, as in PostgreSQL.
Parsed Emitter::Connected(bool all, std::span<const tree::ExpressionPtr> conditions) {
  size_t safe = 1;  // so many of them may be evaluated at once
  while (safe < conditions.size() && !MayFail(*conditions[safe])) ++safe;
  const auto first = conditions.first(safe);
  const auto rest = conditions.subspan(safe);
  ParsedList arguments;
  for (const auto& condition : first) arguments.push_back(Condition(*condition));
  GatherValueLists(all, &arguments);
  const auto op = all ? ExpressionType::CONJUNCTION_AND : ExpressionType::CONJUNCTION_OR;
  Parsed decided = arguments.size() == 1 ? std::move(arguments.front()) : Conjunction(op, std::move(arguments));
  if (rest.empty()) return decided;
  Parsed open = Connected(all, rest);
  if (!std::ranges::all_of(first, [](const auto& condition) { return IsRepeatable(*condition); })) {
    return Conjunction(op, std::move(decided), std::move(open));
  }
  Parsed test = all ? Not(decided->Copy()) : decided->Copy();
  return If(std::move(test), BooleanLiteral(!all), Conjunction(op, std::move(decided), std::move(open)));
}

Emitted Emitter::Of(const tree::NullTest& test, const tree::Expression&) {
  Emitted value = Value(*test.argument);
  if (!test.by_field || value.type.id() != LogicalTypeId::STRUCT) {
    return Boolean(test.negated ? IsNotNull(std::move(value.expression)) : IsNull(std::move(value.expression)));
  }
  ParsedList tests;  // of every field; a row that is not there has none
  for (idx_t i = 0; i < duckdb::StructType::GetChildCount(value.type); ++i) {
    Parsed field = Function("struct_extract", value.expression->Copy(),
                            Literal(duckdb::Value(duckdb::StructType::GetChildName(value.type, i))));
    tests.push_back(test.negated ? IsNotNull(std::move(field)) : IsNull(std::move(field)));
  }
  if (tests.empty()) return Boolean(BooleanLiteral(true));
  return Boolean(Conjunction(ExpressionType::CONJUNCTION_AND, std::move(tests)));
}

Emitted Emitter::Of(const tree::BooleanTest& test, const tree::Expression&) {
  using Kind = tree::BooleanTest::Kind;
  Parsed value = Condition(*test.argument);
  const auto is = [&](bool constant, bool negated) {
    return Boolean(Compare(negated ? ExpressionType::COMPARE_DISTINCT_FROM : ExpressionType::COMPARE_NOT_DISTINCT_FROM,
                           std::move(value), BooleanLiteral(constant)));
  };
  switch (test.kind) {
    case Kind::kTrue: return is(true, false);
    case Kind::kNotTrue: return is(true, true);
    case Kind::kFalse: return is(false, false);
    case Kind::kNotFalse: return is(false, true);
    case Kind::kUnknown: return Boolean(IsNull(std::move(value)));
    case Kind::kNotUnknown: return Boolean(IsNotNull(std::move(value)));
  }
  return Boolean(nullptr);
}

Emitted Emitter::Of(const tree::DistinctTest& test, const tree::Expression&) {
  Emitted left = Value(*test.left);
  Emitted right = Value(*test.right);
  // IS DISTINCT FROM itself, negated: IS NOT DISTINCT FROM
  const auto op = test.negated ? ExpressionType::COMPARE_NOT_DISTINCT_FROM : ExpressionType::COMPARE_DISTINCT_FROM;
  if (ComparisonOf(*test.equal)) return Boolean(CompareValues(op, std::move(left), std::move(right)));
  EmittedList arguments;
  Parsed nulls =
      Compare(ExpressionType::COMPARE_EQUAL, IsNull(left.expression->Copy()), IsNull(right.expression->Copy()));
  Parsed both = IsNull(left.expression->Copy());
  arguments.push_back(std::move(left));
  arguments.push_back(std::move(right));
  Parsed equal = Apply(*test.equal, std::move(arguments), {oid::kBool}).expression;
  ParsedList same = ListOf(std::move(equal), std::move(both));
  Parsed not_distinct = Conjunction(ExpressionType::CONJUNCTION_AND, std::move(nulls),
                                    Operator(ExpressionType::OPERATOR_COALESCE, std::move(same)));
  return Boolean(test.negated ? std::move(not_distinct) : Not(std::move(not_distinct)));
}

Emitted Emitter::Of(const tree::NullIf& null_if, const tree::Expression& expression) {
  Emitted left = Value(*null_if.left);
  EmittedList arguments;
  arguments.push_back(left.Copy());
  arguments.push_back(Value(*null_if.right));
  Parsed equal = Apply(*null_if.equal, std::move(arguments), {oid::kBool}).expression;
  return {If(std::move(equal), NullOf(left.type), std::move(left.expression)), left.type, expression.type.oid};
}

Emitted Emitter::Of(const tree::Case& choice, const tree::Expression& expression) {
  Emitted operand;
  if (choice.operand) operand = Value(*choice.operand);
  case_operands_.push_back(&operand);
  auto result = duckdb::make_uniq<duckdb::CaseExpression>();
  EmittedList values;
  for (const auto& when : choice.whens) {
    duckdb::CaseCheck check;
    check.when_expr = Condition(*when.condition);
    result->case_checks.push_back(std::move(check));
  }
  case_operands_.pop_back();
  std::vector<bool> is_null;
  for (const auto& when : choice.whens) {
    values.push_back(Value(*when.result));
    is_null.push_back(IsNullConstant(*when.result));
  }
  values.push_back(Value(*choice.otherwise));
  is_null.push_back(IsNullConstant(*choice.otherwise));
  const LogicalType form = UnifyBranches(&values, is_null);
  for (size_t i = 0; i < choice.whens.size(); ++i) result->case_checks[i].then_expr = std::move(values[i].expression);
  result->else_expr = std::move(values.back().expression);
  return {CastTo(form, std::move(result)), form, expression.type.oid};
}

Emitted Emitter::Of(const tree::CaseOperand&, const tree::Expression&) { return case_operands_.back()->Copy(); }

Emitted Emitter::Of(const tree::Coalesce& coalesce, const tree::Expression& expression) {
  EmittedList values = Values(coalesce.arguments);
  std::vector<bool> is_null;
  for (const auto& argument : coalesce.arguments) is_null.push_back(IsNullConstant(*argument));
  const LogicalType form = UnifyBranches(&values, is_null);
  ParsedList arguments;
  for (Emitted& value : values) arguments.push_back(std::move(value.expression));
  return {CastTo(form, Operator(ExpressionType::OPERATOR_COALESCE, std::move(arguments))), form, expression.type.oid};
}

Emitted Emitter::Of(const tree::Extreme& extreme, const tree::Expression& expression) {
  EmittedList values = Values(extreme.arguments);
  std::vector<bool> is_null;
  for (const auto& argument : extreme.arguments) is_null.push_back(IsNullConstant(*argument));
  const LogicalType form = UnifyBranches(&values, is_null);
  const bool first_of_equals = form.id() == duckdb::LogicalTypeId::INTERVAL;  // of which DuckDB gives any
  if (!first_of_equals && !NeedsKey(expression.type.oid, form)) {
    ParsedList arguments;
    for (Emitted& value : values) arguments.push_back(CastTo(form, std::move(value.expression)));
    return {Function(extreme.greatest ? "greatest" : "least", std::move(arguments)), form, expression.type.oid};
  }
  Emitted best = std::move(values.front());
  const auto better = extreme.greatest ? ExpressionType::COMPARE_GREATERTHAN : ExpressionType::COMPARE_LESSTHAN;
  for (size_t i = 1; i < values.size(); ++i) {
    Parsed wins = Conjunction(ExpressionType::CONJUNCTION_OR, IsNull(best.expression->Copy()),
                              CompareValues(better, values[i].Copy(), best.Copy()));
    best.expression = If(std::move(wins), std::move(values[i].expression), std::move(best.expression));
  }
  return best;
}

namespace {

/// ARRAY[…]; `nested`: of arrays.
Emitted ListOfValues(EmittedList values, bool nested, postgres::Oid type) {
  const auto is_unlike = [&](const Emitted& value) {
    return IsShaped(value.oid, value.type) || DimensionsOf(value.type) != DimensionsOf(values.front().type);
  };
  if (nested && std::ranges::any_of(values, is_unlike)) {
    return ShapedHelper("pg.shaped_rows", std::move(values), {type});
  }
  const LogicalType element = Unify(&values);
  ParsedList elements;
  for (Emitted& value : values) elements.push_back(std::move(value.expression));
  Parsed list = Function("list_value", std::move(elements));
  if (nested) list = Function("pg.same_lengths", std::move(list));
  const LogicalType form = LogicalType::LIST(element);
  return {CastTo(form, std::move(list)), form, type};
}

}  // namespace

Emitted Emitter::Of(const tree::ArrayOf& array, const tree::Expression& expression) {
  if (array.elements.empty()) {
    const LogicalType form = PhysicalType(expression.type);
    return {CastTo(form, Function("list_value", ParsedList())), form, expression.type.oid};
  }
  return ListOfValues(Values(array.elements), array.nested, expression.type.oid);
}

Emitted Emitter::Of(const tree::RowOf& row, const tree::Expression& expression) {
  if (postgres::FindComposite(expression.type.oid) != nullptr) return OfComposite(row, expression.type);
  ParsedList fields;
  duckdb::child_list_t<LogicalType> types;
  for (const auto& field : row.fields) {
    Emitted value = Value(*field);
    const std::string label = types.size() < row.names.size() ? row.names[types.size()] : std::string();
    const bool named = label != "f" + std::to_string(types.size() + 1);  // a join's columns are
    const std::string name = FieldName(types.size(), field->type, named ? label : std::string());
    Parsed expression_of = CastTo(value.type, std::move(value.expression));
    expression_of->SetAlias(name);
    fields.push_back(std::move(expression_of));
    types.emplace_back(name, value.type);
  }
  return {Function("struct_pack", std::move(fields)), LogicalType::STRUCT(std::move(types)), expression.type.oid};
}

/// In the form of the type.
Emitted Emitter::OfComposite(const tree::RowOf& row, TypeRef type) {
  const LogicalType form = PhysicalType(type);
  ParsedList fields;
  for (size_t i = 0; i < row.fields.size(); ++i) {
    const LogicalType& wanted = duckdb::StructType::GetChildType(form, i);
    Emitted value = InForm(Value(*row.fields[i]), wanted);
    fields.push_back(CastTo(wanted, std::move(value.expression)));
    fields.back()->SetAlias(duckdb::StructType::GetChildName(form, i));
  }
  return {Function("struct_pack", std::move(fields)), form, type.oid};
}

Parsed Emitter::Compared(tree::RowComparison::Kind kind, const std::vector<const postgres::Function*>& functions,
                         const std::vector<const postgres::Function*>* equal, const EmittedList& left,
                         const EmittedList& right) {
  const auto call = [&](const postgres::Function& function, size_t i) {
    EmittedList arguments;
    arguments.push_back(left[i].Copy());
    arguments.push_back(right[i].Copy());
    return Apply(function, std::move(arguments), {oid::kBool}).expression;
  };
  if (!IsOrder(kind) || left.size() == 1) {
    const bool all = kind != tree::RowComparison::Kind::kNotEqual;
    ParsedList tests;
    for (size_t i = 0; i < left.size(); ++i) tests.push_back(call(*functions[i], i));
    if (tests.size() == 1) return std::move(tests.front());
    return Conjunction(all ? ExpressionType::CONJUNCTION_AND : ExpressionType::CONJUNCTION_OR, std::move(tests));
  }
  // The first columns that are not equal decide; a NULL before that decides too, for unknown. `functions` of < and <=
  // are those of the whole operator, so <= on a column that is not equal says what < says.
  Parsed result = call(*functions.back(), left.size() - 1);
  for (size_t i = left.size() - 1; i-- > 0;) {
    Parsed same = call(*(*equal)[i], i);
    Parsed decided = call(*functions[i], i);
    auto choice = duckdb::make_uniq<duckdb::CaseExpression>();
    choice->case_checks.resize(2);
    choice->case_checks[0].when_expr = IsNull(same->Copy());
    choice->case_checks[0].then_expr = NullBoolean();
    choice->case_checks[1].when_expr = std::move(same);
    choice->case_checks[1].then_expr = std::move(result);
    choice->else_expr = std::move(decided);
    result = std::move(choice);
  }
  return result;
}

Emitted Emitter::Of(const tree::RowComparison& comparison, const tree::Expression&) {
  return Boolean(Compared(comparison.kind, comparison.functions, &comparison.equal_functions, Values(comparison.left),
                          Values(comparison.right)));
}

namespace {

/// value = ANY (list): true if it is there, else unknown if a NULL is; false of an empty list, whatever value is. No
/// lambda: DuckDB's cannot refer to the columns of a query around them.
Parsed ContainsValue(Parsed list, Parsed value) {
  Parsed known =
      Compare(ExpressionType::COMPARE_EQUAL, Function("len", list->Copy()), Function("list_count", list->Copy()));
  Parsed empty =
      Compare(ExpressionType::COMPARE_EQUAL, Function("len", list->Copy()), Literal(duckdb::Value::BIGINT(0)));
  Parsed found = If(std::move(empty), BooleanLiteral(false),
                    Function("list_contains", list->Copy(), std::move(value)));
  Parsed nothing = Operator(ExpressionType::OPERATOR_IS_NULL, std::move(list));
  Parsed otherwise = If(std::move(known), found->Copy(), NullBoolean());
  return If(std::move(nothing), NullBoolean(), If(found->Copy(), BooleanLiteral(true), std::move(otherwise)));
}

}  // namespace

EmittedList Emitter::WrittenElements(const tree::Expression& array) {
  if (const auto* constant = std::get_if<tree::Constant>(&array.node)) return ElementsOf(Of(*constant, array));
  if (const auto* written = std::get_if<tree::ArrayOf>(&array.node)) {
    return written->nested ? EmittedList() : Values(written->elements);
  }
  const auto* coercion = std::get_if<tree::Coercion>(&array.node);
  if (coercion == nullptr) return {};
  const postgres::Type* type = postgres::FindType(array.type.oid);
  const bool relabels = coercion->kind == tree::Coercion::Kind::kRelabel && type != nullptr && type->element != 0 &&
                        type->element != oid::kBpchar;
  if (!relabels && coercion->kind != tree::Coercion::Kind::kElements) return {};
  EmittedList elements = WrittenElements(*coercion->argument);
  for (Emitted& element : elements) {
    if (relabels) {
      element.oid = type->element;
      continue;
    }
    elements_.push_back(std::move(element));
    element = Value(*coercion->element);
    elements_.pop_back();
  }
  return elements;
}

Emitted Emitter::Of(const tree::ArrayTest& test, const tree::Expression&) {
  Emitted left = ArgumentOf(*test.function, Value(*test.left), test.left->type);
  const auto comparison = ComparisonOf(*test.function);
  const auto list_op = test.any ? ExpressionType::COMPARE_EQUAL : ExpressionType::COMPARE_NOTEQUAL;
  EmittedList elements = WrittenElements(*test.array);
  if (!elements.empty()) {  // written out: partitions can be left out by them
    const bool in = comparison && *comparison == list_op && !NeedsKey(left.oid, left.type) && AllOfForm(left, elements);
    ParsedList tests;
    if (in) {
      tests.push_back(std::move(left.expression));
      for (Emitted& element : elements) tests.push_back(std::move(element.expression));
      return Boolean(
          Operator(test.any ? ExpressionType::COMPARE_IN : ExpressionType::COMPARE_NOT_IN, std::move(tests)));
    }
    for (Emitted& element : elements) {
      EmittedList arguments;
      arguments.push_back(left.Copy());
      arguments.push_back(std::move(element));
      tests.push_back(Apply(*test.function, std::move(arguments), {oid::kBool}).expression);
    }
    if (tests.size() == 1) return Boolean(std::move(tests.front()));
    return Boolean(
        Conjunction(test.any ? ExpressionType::CONJUNCTION_OR : ExpressionType::CONJUNCTION_AND, std::move(tests)));
  }
  // any: true if one is, else unknown if one is, else false
  Emitted array = Flat(Value(*test.array));
  if (array.type.id() != LogicalTypeId::LIST) Throw(Error("0A000", "ANY over this kind of array is not supported"));
  const postgres::Type* array_type = postgres::FindType(array.oid);
  const postgres::Oid element = array_type != nullptr ? array_type->element : 0;
  const LogicalType child = duckdb::ListType::GetChildType(array.type);
  const bool alike = left.type == child ? !NeedsKey(left.oid, child) || left.oid == element
                                        : left.oid == element && !child.IsNested();
  if (test.any && comparison == ExpressionType::COMPARE_EQUAL && alike) {
    const LogicalType form = CommonForm(element, left.type, child);
    Parsed keys = KeyOf(InForm(std::move(array), LogicalType::LIST(form)));
    return Boolean(ContainsValue(std::move(keys), KeyWithin(InForm(std::move(left), form))));
  }
  const std::string name = NewAlias("e");
  EmittedList arguments;
  arguments.push_back(std::move(left));
  arguments.push_back({duckdb::make_uniq<duckdb::ColumnRefExpression>(name), child, element});
  Parsed one = Apply(*test.function, std::move(arguments), {oid::kBool}).expression;
  Parsed tests = WithLambda("list_transform", std::move(array.expression), name, std::move(one));
  return Boolean(Function(test.any ? "pg.any_true" : "pg.all_true", std::move(tests)));
}

Emitted Emitter::Elements(Emitted array, const tree::Expression& element, TypeRef type) {
  if (IsShaped(array.oid, array.type)) {
    EmittedList both;
    both.push_back(array.Copy());
    both.push_back(Elements(Flat(std::move(array)), element, type));
    return ShapedHelper("pg.in_dimensions_of", std::move(both), type);
  }
  if (array.type.id() != LogicalTypeId::LIST) Throw(Error("0A000", "this cast of an array is not supported"));
  const LogicalType& child = duckdb::ListType::GetChildType(array.type);
  const postgres::Type* array_type = postgres::FindType(array.oid);
  const std::string name = NewAlias("e");
  Emitted one{duckdb::make_uniq<duckdb::ColumnRefExpression>(name), child,
              array_type != nullptr ? array_type->element : 0};
  Emitted changed;
  if (child.id() == LogicalTypeId::LIST) {
    one.oid = array.oid;
    changed = Elements(std::move(one), element, type);
  } else {
    elements_.push_back(std::move(one));
    changed = Value(element);
    elements_.pop_back();
  }
  return {WithLambda("list_transform", std::move(array.expression), name, std::move(changed.expression)),
          LogicalType::LIST(changed.type), type.oid};
}

Emitted Emitter::Of(const tree::ElementValue&, const tree::Expression&) { return elements_.back().Copy(); }

Emitted Emitter::Of(const tree::Coercion& coercion, const tree::Expression& expression) {
  using Kind = tree::Coercion::Kind;
  if (coercion.kind == Kind::kElements && std::holds_alternative<tree::ArrayOf>(coercion.argument->node)) {
    EmittedList values = WrittenElements(expression);  // one by one: a DEFAULT can have no lambda
    if (!values.empty()) return ListOfValues(std::move(values), false, expression.type.oid);
  }
  Emitted value = Value(*coercion.argument);
  const TypeRef from{value.oid ? value.oid : coercion.argument->type.oid, coercion.argument->type.modifier};
  switch (coercion.kind) {
    case Kind::kRelabel: {
      if (expression.type.oid == oid::kBpchar && value.oid != oid::kBpchar) {  // held without the blanks at its end
        return {Function("rtrim", std::move(value.expression), Literal(duckdb::Value(" "))), value.type, oid::kBpchar};
      }
      const LogicalType form = PhysicalType({expression.type.oid});
      const bool same = value.type.id() == form.id() || value.type.id() == LogicalTypeId::DECIMAL ||
                        value.type.IsNested() || IsShaped(value.oid, value.type);
      if (same) return {std::move(value.expression), value.type, expression.type.oid};
      return {CastTo(form, std::move(value.expression)), form, expression.type.oid};
    }
    case Kind::kThroughText: return ThroughText(std::move(value), from, expression.type);
    case Kind::kElements: return Elements(std::move(value), *coercion.element, expression.type);
    case Kind::kModifier: return Modified(std::move(value), expression.type, coercion.explicit_cast);
    case Kind::kFields: return {std::move(value.expression), value.type, expression.type.oid};
    case Kind::kDomain: return OfDomain(std::move(value), coercion);
  }
  return value;
}

/// The value, which every test sees. What is another with each evaluation is evaluated once: as the element of a list.
Emitted Emitter::OfDomain(Emitted value, const tree::Coercion& coercion) {
  if (coercion.tests.empty()) return value;
  const std::string name = NewAlias("e");
  Emitted tested = value.Copy();
  if (coercion.changes) tested.expression = duckdb::make_uniq<duckdb::ColumnRefExpression>(name);
  ParsedList arguments = ListOf(tested.expression->Copy());
  elements_.push_back(tested.Copy());
  for (const tree::DomainTest& test : coercion.tests) {
    arguments.push_back(test.condition ? Condition(*test.condition) : IsNotNull(tested.expression->Copy()));
    arguments.push_back(Literal(duckdb::Value(test.domain)));
    arguments.push_back(Literal(duckdb::Value(test.constraint)));
  }
  elements_.pop_back();
  Parsed checked = Function("pg.of_domain", std::move(arguments));
  if (coercion.changes) {
    Parsed list = Function("list_value", std::move(value.expression));
    checked = Function("list_extract", WithLambda("list_transform", std::move(list), name, std::move(checked)),
                       Literal(duckdb::Value::BIGINT(1)));
  }
  return {std::move(checked), value.type, value.oid};
}

Emitted Emitter::Of(const tree::FieldOf& field, const tree::Expression& expression) {
  Emitted record = Value(*field.record);
  if (record.type.id() != LogicalTypeId::STRUCT) Throw(Error("0A000", "fields of this record are not supported"));
  const LogicalType type = duckdb::StructType::GetChildType(record.type, field.field);
  const std::string name = duckdb::StructType::GetChildName(record.type, field.field);
  return {Function("struct_extract", std::move(record.expression), Literal(duckdb::Value(name))), type,
          expression.type.oid};
}

Emitted Emitter::Subselect(duckdb::SubqueryType type, EmittedQuery query, TypeRef result) {
  auto subquery = duckdb::make_uniq<duckdb::SubqueryExpression>();
  subquery->subquery_type = type;
  const LogicalType form = type == duckdb::SubqueryType::EXISTS ? LogicalType::BOOLEAN : query.columns.front().type;
  subquery->subquery = AsStatement(std::move(query.node));
  return {std::move(subquery), form, result.oid};
}

Emitted Emitter::Of(const tree::SubqueryExpression& subquery, const tree::Expression& expression) {
  using Kind = tree::SubqueryExpression::Kind;
  switch (subquery.kind) {
    case Kind::kExists:
      if (IsMisjoined(*subquery.query, filtering_ == &subquery)) hidden_outside_.insert(subquery.query.get());
      return Subselect(duckdb::SubqueryType::EXISTS, Query(*subquery.query), expression.type);
    case Kind::kScalar: return Subselect(duckdb::SubqueryType::SCALAR, Query(*subquery.query), expression.type);
    case Kind::kArray: return ArrayFrom(subquery, expression);
    case Kind::kRow: return RowOfQuery(subquery, expression);
    case Kind::kAny:
    case Kind::kAll: return Quantified(subquery, expression);
  }
  return {};
}

/// (a, b) op (SELECT …): the comparison with the query's one row.
Emitted Emitter::RowOfQuery(const tree::SubqueryExpression& subquery, const tree::Expression& expression) {
  EmittedList left = Values(subquery.left);
  EmittedList right;
  auto node = Side(subquery, &right);
  node->select_list.push_back(
      Compared(subquery.comparison, subquery.functions, &subquery.equal_functions, left, right));
  return Subselect(duckdb::SubqueryType::SCALAR, {std::move(node), {{"c0", LogicalType::BOOLEAN, oid::kBool}}},
                   expression.type);
}

/// The query as what the left side is compared with: its columns as the operators want them.
duckdb::unique_ptr<duckdb::SelectNode> Emitter::Side(const tree::SubqueryExpression& subquery, EmittedList* columns) {
  EmittedQuery query = Converted(*subquery.query, subquery.columns);
  const EmittedColumns names = query.columns;
  std::string alias;
  auto node = Around(std::move(query), &alias);
  for (const EmittedColumn& column : names) columns->push_back({ColumnOf(alias, column.name), column.type, column.oid});
  return node;
}

/// The list of the query's rows in their order.
Emitted Emitter::ArrayFrom(const tree::SubqueryExpression& subquery, const tree::Expression& expression) {
  EmittedQuery query = Query(*subquery.query);
  KeepRowOfNone(*subquery.query, &query);
  const EmittedColumn column = query.columns.front();
  std::string inner;
  auto numbered = Around(std::move(query), &inner);
  auto number =
      duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_ROW_NUMBER, "system", "main", "row_number");
  number->start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
  number->end = duckdb::WindowBoundary::CURRENT_ROW_RANGE;
  number->SetAlias("number");
  numbered->select_list.push_back(ColumnOf(inner, column.name));
  numbered->select_list.push_back(std::move(number));
  std::string outer;
  auto node = Around({std::move(numbered), {}}, &outer);
  auto order = duckdb::make_uniq<duckdb::OrderModifier>();
  order->orders.emplace_back(duckdb::OrderType::ASCENDING, duckdb::OrderByNullType::NULLS_LAST,
                             ColumnOf(outer, "number"));
  const LogicalType form = LogicalType::LIST(column.type);
  Parsed list = duckdb::make_uniq<duckdb::FunctionExpression>(
      "system", "main", "list", ListOf(ColumnOf(outer, column.name)), nullptr, std::move(order));
  ParsedList or_empty = ListOf(std::move(list), CastTo(form, Function("list_value", ParsedList())));
  node->select_list.push_back(Operator(ExpressionType::OPERATOR_COALESCE, std::move(or_empty)));
  return Subselect(duckdb::SubqueryType::SCALAR, {std::move(node), {{"c0", form, expression.type.oid}}},
                   expression.type);
}

Emitted Emitter::Quantified(const tree::SubqueryExpression& subquery, const tree::Expression& expression) {
  const bool any = subquery.kind == tree::SubqueryExpression::Kind::kAny;
  EmittedList left = Values(subquery.left);
  for (size_t i = 0; i < left.size(); ++i) {
    left[i] = ArgumentOf(*subquery.functions[i], std::move(left[i]), subquery.left[i]->type);
  }
  const auto comparison = ComparisonOf(*subquery.functions.front());
  EmittedQuery query = Converted(*subquery.query, subquery.columns);
  const EmittedColumns columns = query.columns;
  const bool plain =
      left.size() == 1 && comparison && left[0].type == columns[0].type && !NeedsKey(left[0].oid, left[0].type);
  if (plain) {  // a join for DuckDB; x op ALL is NOT (x negated op ANY)
    auto node = duckdb::make_uniq<duckdb::SubqueryExpression>();
    node->subquery_type = duckdb::SubqueryType::ANY;
    node->subquery = AsStatement(std::move(query.node));
    node->child = std::move(left[0].expression);
    node->comparison_type = any ? *comparison : duckdb::NegateComparisonExpression(*comparison);
    return Boolean(any ? Parsed(std::move(node)) : Not(std::move(node)));
  }
  std::string alias;
  auto node = Around(std::move(query), &alias);
  EmittedList right;
  for (const EmittedColumn& column : columns) right.push_back({ColumnOf(alias, column.name), column.type, column.oid});
  Parsed match = Compared(subquery.comparison, subquery.functions, &subquery.equal_functions, left, right);
  // any: true if one is, else unknown if one is, else false; all: the other way round
  Parsed decided = Function(any ? "bool_or" : "bool_and", match->Copy());
  Parsed unknown = Compare(ExpressionType::COMPARE_GREATERTHAN, Function("count_star", ParsedList()),
                           Function("count", std::move(match)));
  auto choice = duckdb::make_uniq<duckdb::CaseExpression>();
  choice->case_checks.resize(2);
  choice->case_checks[0].when_expr = any ? std::move(decided) : Not(std::move(decided));
  choice->case_checks[0].then_expr = BooleanLiteral(any);
  choice->case_checks[1].when_expr = std::move(unknown);
  choice->case_checks[1].then_expr = NullBoolean();
  choice->else_expr = BooleanLiteral(!any);
  node->select_list.push_back(std::move(choice));
  return Subselect(duckdb::SubqueryType::SCALAR, {std::move(node), {{"c0", LogicalType::BOOLEAN, oid::kBool}}},
                   expression.type);
}

Emitted Emitter::Of(const tree::DefaultValue&, const tree::Expression& expression) {
  return {duckdb::make_uniq<duckdb::DefaultExpression>(), PhysicalType(expression.type), expression.type.oid};
}

Emitted Emitter::Of(const tree::RowSubqueryField& field, const tree::Expression& expression) {
  const tree::Query& query = *scope_->query->row_subqueries[field.subquery];
  EmittedQuery emitted = Query(query);
  const EmittedColumn column = emitted.columns[field.field];
  std::string alias;
  auto node = Around(std::move(emitted), &alias);
  node->select_list.push_back(ColumnOf(alias, column.name));
  return Subselect(duckdb::SubqueryType::SCALAR, {std::move(node), {column}}, expression.type);
}

Emitted Emitter::Of(const tree::Collated& collated, const tree::Expression&) {
  if (collated.collation != "C" && collated.collation != "POSIX" && collated.collation != "default" &&
      collated.collation != "ucs_basic") {
    Throw(Error("0A000", "collation \"" + collated.collation + "\" is not supported"));
  }
  return Value(*collated.argument);
}

}  // namespace weir::sql::duck
