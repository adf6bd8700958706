#include "sql/engine/condition.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "postgres/made_type.h"
#include "postgres/shard.h"
#include "postgres/value/date_time.h"
#include "postgres/value/numeric.h"
#include "postgres/value/ordered_text.h"
#include "postgres/value/text.h"
#include "sql/catalog/sql_types.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"
#include "types/floor_div.h"

namespace weir::sql {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using ConditionKind = Condition::Kind;
using Op = Condition::Op;

std::optional<Op> OpOf(ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL: return Op::kEqual;
    case ExpressionType::COMPARE_NOTEQUAL: return Op::kNotEqual;
    case ExpressionType::COMPARE_LESSTHAN: return Op::kLess;
    case ExpressionType::COMPARE_LESSTHANOREQUALTO: return Op::kLessOrEqual;
    case ExpressionType::COMPARE_GREATERTHAN: return Op::kGreater;
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO: return Op::kGreaterOrEqual;
    default: return std::nullopt;
  }
}

Op Flipped(Op op) {
  switch (op) {
    case Op::kLess: return Op::kGreater;
    case Op::kLessOrEqual: return Op::kGreaterOrEqual;
    case Op::kGreater: return Op::kLess;
    case Op::kGreaterOrEqual: return Op::kLessOrEqual;
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kIn:
    case Op::kNotIn:
    case Op::kIsNull:
    case Op::kIsNotNull: break;
  }
  return op;
}

/// What is true where the comparison is false: neither is where one side is NULL.
Op Opposite(Op op) {
  switch (op) {
    case Op::kEqual: return Op::kNotEqual;
    case Op::kNotEqual: return Op::kEqual;
    case Op::kLess: return Op::kGreaterOrEqual;
    case Op::kLessOrEqual: return Op::kGreater;
    case Op::kGreater: return Op::kLessOrEqual;
    case Op::kGreaterOrEqual: return Op::kLess;
    case Op::kIn: return Op::kNotIn;
    case Op::kNotIn: return Op::kIn;
    case Op::kIsNull: return Op::kIsNotNull;
    case Op::kIsNotNull: return Op::kIsNull;
  }
  return op;
}

enum class Truth { kTrue, kFalse, kUnknown };

Condition Test(Op op, int column, std::vector<duckdb::Value> values) {
  Condition condition;
  condition.kind = ConditionKind::kTest;
  condition.op = op;
  condition.column = column;
  condition.values = std::move(values);
  return condition;
}

Condition Combine(ConditionKind kind, std::vector<Condition> children) {
  if (children.size() == 1) return std::move(children[0]);
  Condition condition;
  condition.kind = children.empty() ? ConditionKind::kAnything : kind;
  condition.children = std::move(children);
  return condition;
}

/// A column beside the constants of a test.
struct Operand {
  const duckdb::BoundColumnRefExpression* column = nullptr;
  uint32_t value_type = 0;  // as Condition has it: of a column that holds texts, where the values are loaded from them
};

Operand OperandOf(const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF) {
    return {&expression.Cast<duckdb::BoundColumnRefExpression>()};
  }
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_FUNCTION) return {};
  const auto& function = expression.Cast<duckdb::BoundFunctionExpression>();
  if (function.function.name == "pg.numeric_key" || function.function.name == "normalized_interval") {
    const Operand operand = OperandOf(*function.children[0]);
    const bool numeric = operand.value_type == postgres::oid::kNumeric;
    return numeric || operand.value_type == postgres::oid::kInterval ? operand : Operand();
  }
  if (function.function.name != "pg.loaded") return {};
  Operand operand = OperandOf(*function.children[0]);
  const duckdb::Expression& type = *function.children[1];
  if (operand.value_type != 0 || type.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return {};
  const auto& constant = type.Cast<duckdb::BoundConstantExpression>().value;
  operand.value_type = static_cast<uint32_t>(constant.GetValue<int64_t>());
  return operand;
}

/// The column of a date or of a timestamp without a zone that is compared as a moment; null: it is something else.
const duckdb::Expression* LocalTimeOf(const duckdb::Expression& operand) {
  if (operand.GetExpressionClass() != ExpressionClass::BOUND_FUNCTION) return nullptr;
  const auto& function = operand.Cast<duckdb::BoundFunctionExpression>();
  const std::string& name = function.function.name;
  if (name != "pg.timestamptz(date)" && name != "pg.timestamptz(timestamp)") return nullptr;
  const duckdb::Expression& column = *function.children[0];
  return column.GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF ? &column : nullptr;
}

/// A local time that no clock that shows such a moment is before (or past): none is farther than this from UTC.
std::optional<duckdb::Value> LocalTimeBeside(const duckdb::Value& moment, bool before,
                                             const duckdb::LogicalType& type) {
  constexpr int64_t kFarthest = int64_t{16} * 3600 * 1'000'000;
  if (moment.IsNull() || moment.type().id() != duckdb::LogicalTypeId::TIMESTAMP_TZ) return std::nullopt;
  const int64_t micros = moment.GetValueUnsafe<duckdb::timestamp_tz_t>().value;
  if (!postgres::IsFinite(postgres::Timestamp{micros})) return std::nullopt;
  duckdb::Value local = duckdb::Value::TIMESTAMP(duckdb::timestamp_t(before ? micros - kFarthest : micros + kFarthest));
  if (!local.DefaultTryCastAs(type)) return std::nullopt;
  return local;
}

/// A constant beside such a column, as the column holds it where equal values are held alike.
duckdb::Value HeldText(uint32_t type, const duckdb::Value& constant) {
  if (constant.IsNull()) return duckdb::Value(duckdb::LogicalType::VARCHAR);
  std::string text;
  if (type == postgres::oid::kNumeric) {
    postgres::AppendNumeric(ValueOrThrow(postgres::ReadNumericOrder(duckdb::StringValue::Get(constant))), &text);
  } else {
    postgres::WriteText(type, duck::FromDuck(constant, {type}), {}, &text);
  }
  return duckdb::Value(text);
}

std::optional<Op> RangeOpOf(std::string_view function) {
  static constexpr std::pair<std::string_view, Op> kOps[] = {
      {"pg.range_eq(anyrange,anyrange)", Op::kEqual}, {"pg.range_ne(anyrange,anyrange)", Op::kNotEqual},
      {"pg.range_lt(anyrange,anyrange)", Op::kLess},  {"pg.range_le(anyrange,anyrange)", Op::kLessOrEqual},
      {"pg.range_gt(anyrange,anyrange)", Op::kGreater}, {"pg.range_ge(anyrange,anyrange)", Op::kGreaterOrEqual}};
  for (const auto& [name, op] : kOps) {
    if (name == function) return op;
  }
  return std::nullopt;
}

/// Whether both are of one column, or expression, in one form.
bool OfOneOperand(const Condition& a, const Condition& b) {
  if (a.expression || b.expression) return a.expression && b.expression && a.expression->Equals(*b.expression);
  return a.column == b.column && a.value_type == b.value_type;
}

/// a = 1 OR a IN (2, 3) as a IN (1, 2, 3): DuckDB writes IN of an expression so. Nothing where it is more than that.
std::optional<Condition> AsList(const std::vector<Condition>& alternatives) {
  if (alternatives.empty()) return std::nullopt;
  Condition list = alternatives.front();
  list.op = Op::kIn;
  list.values.clear();
  for (const Condition& one : alternatives) {
    const bool equal = one.kind == ConditionKind::kTest && (one.op == Op::kEqual || one.op == Op::kIn);
    if (!equal || !OfOneOperand(one, alternatives.front())) return std::nullopt;
    list.values.insert(list.values.end(), one.values.begin(), one.values.end());
  }
  return list;
}

/// Reads expressions over one scan.
class Reader {
 public:
  /// `exactly`: nothing that lets through more than the expression does, unless it is anything.
  Reader(duckdb::ClientContext& context, const duckdb::LogicalGet& get, bool exactly, int tests = 0)
      : context_(context), get_(get), exactly_(exactly), tests_(tests) {}

  /// What holds exactly when the expression has that truth value; what cannot be told lets anything through.
  Condition Read(const duckdb::Expression& expression, Truth truth = Truth::kTrue) const {
    switch (expression.GetExpressionClass()) {
      case ExpressionClass::BOUND_COMPARISON:
        return ReadComparison(expression.Cast<duckdb::BoundComparisonExpression>(), truth);
      case ExpressionClass::BOUND_CONJUNCTION:
        return ReadConjunction(expression.Cast<duckdb::BoundConjunctionExpression>(), truth);
      case ExpressionClass::BOUND_BETWEEN: return ReadBetween(expression.Cast<duckdb::BoundBetweenExpression>(), truth);
      case ExpressionClass::BOUND_OPERATOR:
        return ReadOperator(expression.Cast<duckdb::BoundOperatorExpression>(), truth);
      case ExpressionClass::BOUND_FUNCTION:
        return truth == Truth::kTrue ? ReadFunction(expression.Cast<duckdb::BoundFunctionExpression>()) : Condition();
      case ExpressionClass::BOUND_COLUMN_REF:
        if (expression.return_type.id() != duckdb::LogicalTypeId::BOOLEAN) return {};
        if (truth == Truth::kUnknown) return OnOperand(expression, Op::kIsNull, {});
        return OnOperand(expression, Op::kEqual, {duckdb::Value::BOOLEAN(truth == Truth::kTrue)});
      default: return {};
    }
  }

 private:
  /// How deep tests of truth values are read, of which each reads what it tests several times.
  static constexpr int kMostTests = 4;

  std::optional<duckdb::Value> Constant(const duckdb::Expression& expression) const {
    if (!expression.IsScalar() || expression.IsVolatile() || expression.HasParameter() || expression.HasSubquery()) {
      return std::nullopt;
    }
    duckdb::Value value;
    if (!duckdb::ExpressionExecutor::TryEvaluateScalar(context_, expression, value)) return std::nullopt;
    return value;
  }

  /// The expression with the relation's columns by position, as partition keys are bound.
  duckdb::shared_ptr<duckdb::Expression> OverRelation(const duckdb::Expression& operand) const {
    const auto& columns = get_.GetColumnIds();
    bool known = true;
    auto copy = operand.Copy();
    duckdb::ExpressionIterator::VisitExpressionMutable<duckdb::BoundColumnRefExpression>(
        copy, [&](duckdb::BoundColumnRefExpression& reference, duckdb::unique_ptr<duckdb::Expression>& slot) {
          const auto& binding = reference.binding;
          known = known && binding.table_index == get_.table_index && binding.column_index < columns.size() &&
                  !columns[binding.column_index].IsVirtualColumn();
          if (!known) return;
          auto column = columns[binding.column_index].GetPrimaryIndex();
          slot = duckdb::make_uniq<duckdb::BoundReferenceExpression>(reference.return_type, column);
        });
    if (!known) return nullptr;
    return duckdb::shared_ptr<duckdb::Expression>(std::move(copy));
  }

  /// A test of what stands beside the constants: a column or an expression.
  Condition OnOperand(const duckdb::Expression& operand, Op op, std::vector<duckdb::Value> values) const {
    if (operand.IsScalar()) return {};
    if (const auto* const local = exactly_ ? nullptr : LocalTimeOf(operand)) return OnLocalTime(*local, op, values);
    Condition test = Test(op, -1, std::move(values));
    if (const Operand side = OperandOf(operand); side.column != nullptr) {
      const auto& binding = side.column->binding;
      const auto& columns = get_.GetColumnIds();
      if (binding.table_index != get_.table_index || binding.column_index >= columns.size()) return {};
      const auto& column = columns[binding.column_index];
      if (column.IsVirtualColumn() || column.HasChildren()) return {};
      test.column = static_cast<int>(column.GetPrimaryIndex());
      test.value_type = side.value_type;
      if (side.value_type == 0) return test;
      for (duckdb::Value& value : test.values) value = HeldText(side.value_type, value);
    } else {
      test.expression = OverRelation(operand);
      if (!test.expression) return {};
    }
    return test;
  }

  /// A test of the moment that a local time is, whatever the zone's rules are.
  Condition OnLocalTime(const duckdb::Expression& column, Op op, const std::vector<duckdb::Value>& values) const {
    const bool from = op == Op::kGreater || op == Op::kGreaterOrEqual;
    const bool to = op == Op::kLess || op == Op::kLessOrEqual;
    if (op == Op::kIsNull || op == Op::kIsNotNull) return OnOperand(column, op, {});
    if (values.size() != 1 || (!from && !to && op != Op::kEqual)) return {};
    std::vector<Condition> sides;
    const auto add = [&](bool before) {
      if (auto local = LocalTimeBeside(values[0], before, column.return_type)) {
        sides.push_back(OnOperand(column, before ? Op::kGreaterOrEqual : Op::kLessOrEqual, {std::move(*local)}));
      }
    };
    if (!to) add(true);
    if (!from) add(false);
    return Combine(ConditionKind::kAnd, std::move(sides));
  }

  Condition ReadComparison(const duckdb::BoundComparisonExpression& comparison, Truth truth) const {
    const duckdb::Expression* operand = comparison.left.get();
    auto value = Constant(*comparison.right);
    auto op = OpOf(comparison.GetExpressionType());
    if (!value) {
      value = Constant(*comparison.left);
      operand = comparison.right.get();
      if (op) op = Flipped(*op);
    }
    if (!value) return {};
    if (value->type().id() == duckdb::LogicalTypeId::BOOLEAN &&
        operand->GetExpressionClass() != ExpressionClass::BOUND_COLUMN_REF) {
      Condition read = ReadTruthTest(comparison.GetExpressionType(), *operand, *value, truth);
      if (!op || truth != Truth::kTrue) return read;
      Condition whole = OnOperand(*operand, *op, {*value});  // a key may be the expression itself
      if (read.kind == ConditionKind::kAnything) return whole;
      return Combine(ConditionKind::kAnd, {std::move(read), std::move(whole)});
    }
    if (!op) return ReadDistinct(comparison.GetExpressionType(), *operand, *value, truth);
    if (truth == Truth::kUnknown) return value->IsNull() ? Condition() : OnOperand(*operand, Op::kIsNull, {});
    return OnOperand(*operand, truth == Truth::kTrue ? *op : Opposite(*op), {*value});
  }

  /// operand IS [NOT] DISTINCT FROM value, which is never unknown.
  Condition ReadDistinct(ExpressionType type, const duckdb::Expression& operand, const duckdb::Value& value,
                         Truth truth) const {
    const bool same = type == ExpressionType::COMPARE_NOT_DISTINCT_FROM;
    if ((!same && type != ExpressionType::COMPARE_DISTINCT_FROM) || truth == Truth::kUnknown) return {};
    const bool wanted = same == (truth == Truth::kTrue);  // whether they are to be the same
    if (value.IsNull()) return OnOperand(operand, wanted ? Op::kIsNull : Op::kIsNotNull, {});
    if (wanted) return OnOperand(operand, Op::kEqual, {value});
    return Combine(ConditionKind::kOr,
                   {OnOperand(operand, Op::kNotEqual, {value}), OnOperand(operand, Op::kIsNull, {})});
  }

  /// A condition beside a truth value: IS TRUE and its like, and = and <>.
  Condition ReadTruthTest(ExpressionType type, const duckdb::Expression& operand, const duckdb::Value& value,
                          Truth truth) const {
    if (tests_ == kMostTests) return {};
    const Reader inner(context_, get_, exactly_, tests_ + 1);
    const Truth is = value.IsNull() ? Truth::kUnknown : value.GetValue<bool>() ? Truth::kTrue : Truth::kFalse;
    const Truth other = is == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
    switch (type) {
      case ExpressionType::COMPARE_EQUAL:
      case ExpressionType::COMPARE_NOTEQUAL: {
        if (is == Truth::kUnknown) return {};
        if (truth == Truth::kUnknown) return inner.Read(operand, Truth::kUnknown);
        return inner.Read(operand, (type == ExpressionType::COMPARE_EQUAL) == (truth == Truth::kTrue) ? is : other);
      }
      case ExpressionType::COMPARE_NOT_DISTINCT_FROM:
      case ExpressionType::COMPARE_DISTINCT_FROM: {
        if (truth == Truth::kUnknown) return {};
        if ((type == ExpressionType::COMPARE_NOT_DISTINCT_FROM) == (truth == Truth::kTrue))
          return inner.Read(operand, is);
        const Truth third = is == Truth::kUnknown ? Truth::kFalse : Truth::kUnknown;
        return Combine(ConditionKind::kOr, {inner.Read(operand, other), inner.Read(operand, third)});
      }
      default: return {};
    }
  }

  Condition ReadConjunction(const duckdb::BoundConjunctionExpression& conjunction, Truth truth) const {
    if (truth == Truth::kUnknown) return {};
    std::vector<Condition> children;
    for (const auto& child : conjunction.children) children.push_back(Read(*child, truth));
    const bool all = (conjunction.GetExpressionType() == ExpressionType::CONJUNCTION_AND) == (truth == Truth::kTrue);
    if (auto list = all ? std::nullopt : AsList(children)) return std::move(*list);
    return Combine(all ? ConditionKind::kAnd : ConditionKind::kOr, std::move(children));
  }

  Condition ReadBetween(const duckdb::BoundBetweenExpression& between, Truth truth) const {
    if (truth == Truth::kUnknown) return {};
    std::vector<Condition> sides;
    const auto side = [&](const duckdb::Expression& bound, Op op) {
      const auto value = Constant(bound);
      const Op wanted = truth == Truth::kTrue ? op : Opposite(op);
      sides.push_back(value ? OnOperand(*between.input, wanted, {*value}) : Condition());
    };
    side(*between.lower, between.lower_inclusive ? Op::kGreaterOrEqual : Op::kGreater);
    side(*between.upper, between.upper_inclusive ? Op::kLessOrEqual : Op::kLess);
    return Combine(truth == Truth::kTrue ? ConditionKind::kAnd : ConditionKind::kOr, std::move(sides));
  }

  Condition ReadOperator(const duckdb::BoundOperatorExpression& expression, Truth truth) const {
    const bool is_true = truth == Truth::kTrue;
    switch (expression.GetExpressionType()) {
      case ExpressionType::OPERATOR_IS_NULL: return ReadNullTest(*expression.children[0], is_true, truth);
      case ExpressionType::OPERATOR_IS_NOT_NULL: return ReadNullTest(*expression.children[0], !is_true, truth);
      case ExpressionType::COMPARE_IN:
      case ExpressionType::COMPARE_NOT_IN: {
        if (truth == Truth::kUnknown) return {};
        return ReadIn(expression,
                      (expression.GetExpressionType() == ExpressionType::COMPARE_IN) == is_true ? Op::kIn : Op::kNotIn);
      }
      case ExpressionType::OPERATOR_NOT: {
        const Truth of_child = truth == Truth::kUnknown ? truth : is_true ? Truth::kFalse : Truth::kTrue;
        return Read(*expression.children[0], of_child);
      }
      default: return {};
    }
  }

  /// child IS NULL or, as `null` says, IS NOT NULL, which are never unknown.
  Condition ReadNullTest(const duckdb::Expression& child, bool null, Truth truth) const {
    if (truth == Truth::kUnknown) return {};
    const auto of = child.GetExpressionClass();
    const bool plain = of != ExpressionClass::BOUND_COMPARISON && of != ExpressionClass::BOUND_CONJUNCTION &&
                       of != ExpressionClass::BOUND_BETWEEN &&
                       child.GetExpressionType() != ExpressionType::OPERATOR_NOT;
    if (plain) return OnOperand(child, null ? Op::kIsNull : Op::kIsNotNull, {});
    if (tests_ == kMostTests) return {};
    const Reader inner(context_, get_, exactly_, tests_ + 1);
    if (null) return inner.Read(child, Truth::kUnknown);
    return Combine(ConditionKind::kOr, {inner.Read(child, Truth::kTrue), inner.Read(child, Truth::kFalse)});
  }

  Condition ReadIn(const duckdb::BoundOperatorExpression& in, Op op) const {
    std::vector<duckdb::Value> values;
    for (size_t i = 1; i < in.children.size(); ++i) {
      auto value = Constant(*in.children[i]);
      if (!value) return {};
      values.push_back(std::move(*value));
    }
    return OnOperand(*in.children[0], op, std::move(values));
  }

  /// A comparison of a column of ranges, which has the types of what it compares before that.
  Condition ReadRanges(const duckdb::BoundFunctionExpression& function, Op op) const {
    const duckdb::Expression* operand = function.children[1].get();
    auto value = Constant(*function.children[2]);
    if (!value) {
      value = Constant(*operand);
      operand = function.children[2].get();
      op = Flipped(op);
    }
    const auto types = Constant(*function.children[0]);
    const bool plain = operand->GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF;
    if (!plain || !value || value->type().id() != duckdb::LogicalTypeId::VARCHAR || !types) return {};
    const auto type = duckdb::ListValue::GetChildren(*types).back().GetValue<uint32_t>();
    if (type >= postgres::kFirstMadeOid) return {};  // how many forms equal values have is known of PostgreSQL's own
    Condition test = OnOperand(*operand, op, {*value});
    if (test.kind == ConditionKind::kTest) test.value_type = type;
    return test;
  }

  /// k = ANY (constant array), and comparisons of ranges.
  Condition ReadFunction(const duckdb::BoundFunctionExpression& function) const {
    const std::string& name = function.function.name;
    if (const auto op = RangeOpOf(name)) return ReadRanges(function, *op);
    bool contains = name == "contains" || name == "list_contains" || name == "array_contains" || name == "list_has";
    if (!contains || function.children.size() != 2) return {};
    auto list = Constant(*function.children[0]);
    if (!list || list->IsNull() || list->type().id() != duckdb::LogicalTypeId::LIST) return {};
    const auto& items = duckdb::ListValue::GetChildren(*list);
    return OnOperand(*function.children[1], Op::kIn, std::vector<duckdb::Value>(items.begin(), items.end()));
  }

  duckdb::ClientContext& context_;
  const duckdb::LogicalGet& get_;
  const bool exactly_;
  const int tests_;  // of truth values that this is within
};

bool HoldsWholeNumbers(const duckdb::LogicalType& type) {
  using duckdb::LogicalTypeId;
  const auto id = type.id();
  return id == LogicalTypeId::SMALLINT || id == LogicalTypeId::INTEGER || id == LogicalTypeId::BIGINT;
}

/// Whether it is a column of whole numbers as a wider type has them: so it stands beside what its own does not hold.
bool IsWidened(const duckdb::Expression& expression, int column) {
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_CAST || !HoldsWholeNumbers(expression.return_type)) {
    return false;
  }
  const duckdb::Expression& child = *expression.Cast<duckdb::BoundCastExpression>().child;
  return child.GetExpressionClass() == ExpressionClass::BOUND_REF && HoldsWholeNumbers(child.return_type) &&
         child.return_type.id() < expression.return_type.id() &&
         static_cast<int>(child.Cast<duckdb::BoundReferenceExpression>().index) == column;
}

bool Concerns(const Condition& test, const KeyPart& part) {
  if (test.column >= 0) return part.column == test.column;
  if (!test.expression) return false;
  if (part.expression) return test.expression->Equals(*part.expression);
  return part.column >= 0 && IsWidened(*test.expression, part.column);
}

KeyDomain Beside(Op op, KeyValue value) {
  KeyInterval interval;
  if (op == Op::kLess || op == Op::kLessOrEqual) {
    interval.high = std::move(value);
    interval.high_inclusive = op == Op::kLessOrEqual;
  } else {
    interval.low = std::move(value);
    interval.low_inclusive = op == Op::kGreaterOrEqual;
  }
  return KeyDomain::Of(std::move(interval));
}

/// A constant beside a part of a key, as the part compares it. Nothing when no key can be equal to it, or when what
/// stands beside it is another form of a type that is compared by its values.
std::optional<KeyValue> ConstantKeyOf(const KeyPart& part, const duckdb::Value& constant) {
  const bool is_text = constant.IsNull() || constant.type().id() == duckdb::LogicalTypeId::VARCHAR;
  if (part.value_type != 0 && !is_text) return std::nullopt;
  if (!constant.IsNull() && HoldsWholeNumbers(constant.type()) && HoldsWholeNumbers(ToDuckType(part.type))) {
    return KeyValue{constant.GetValue<int64_t>()};  // also one that no key is equal to
  }
  auto value = ToKeyValue(part.type, constant);
  if (!value) return std::nullopt;
  Result<KeyValue> ordered = postgres::InOrder(part.value_type, std::move(*value));
  return ordered.ok() ? std::optional(std::move(*ordered)) : std::nullopt;
}

/// Where one compares values and the other the texts that hold them, their orders differ: only equality says something
/// of both, and only of a type whose equal values are held alike.
bool SaysNothing(const Condition& test, const KeyPart& part) {
  if ((part.value_type == 0) == (test.value_type == 0)) return false;
  if (OneFormOf(test.value_type) != OneForm::kAlways) return true;
  switch (test.op) {
    case Op::kEqual:
    case Op::kIn:
    case Op::kIsNull:
    case Op::kIsNotNull: return false;
    case Op::kNotEqual:
    case Op::kNotIn:
    case Op::kLess:
    case Op::kLessOrEqual:
    case Op::kGreater:
    case Op::kGreaterOrEqual: return true;
  }
  return true;
}

/// Of all together, by halves: one after the other they would take the square of their number.
KeyDomain Folded(std::span<KeyDomain> domains, const KeyDomain& of_none,
                 KeyDomain (KeyDomain::*combine)(const KeyDomain&) const) {
  if (domains.empty()) return of_none;
  if (domains.size() == 1) return std::move(domains.front());
  const size_t half = domains.size() / 2;
  const KeyDomain before = Folded(domains.first(half), of_none, combine);
  return (before.*combine)(Folded(domains.subspan(half), of_none, combine));
}

KeyDomain ListDomain(const Condition& test, const KeyPart& part) {
  std::vector<KeyDomain> excluded;
  std::vector<KeyValue> points;
  for (const duckdb::Value& raw : test.values) {
    auto value = ConstantKeyOf(part, raw);
    if (!value) return KeyDomain::All();
    if (IsNull(*value)) {
      if (test.op == Op::kNotIn) return KeyDomain::None();  // never true
      continue;
    }
    if (test.op == Op::kNotIn) excluded.push_back(KeyDomain::Except(*value));
    points.push_back(std::move(*value));
  }
  if (test.op == Op::kNotIn) return Folded(excluded, KeyDomain::NotNull(), &KeyDomain::Intersect);
  return points.empty() ? KeyDomain::None() : KeyDomain::Points(std::move(points));
}

KeyDomain TestDomain(const Condition& test, const KeyPart& part) {
  if (SaysNothing(test, part)) return KeyDomain::NotNull();  // a NULL passes no comparison
  switch (test.op) {
    case Op::kIsNull: return KeyDomain::NullOnly();
    case Op::kIsNotNull: return KeyDomain::NotNull();
    case Op::kIn:
    case Op::kNotIn: return ListDomain(test, part);
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLess:
    case Op::kLessOrEqual:
    case Op::kGreater:
    case Op::kGreaterOrEqual: break;
  }
  auto value = ConstantKeyOf(part, test.values[0]);
  if (!value) return KeyDomain::All();
  if (IsNull(*value)) return KeyDomain::None();
  if (test.op == Op::kEqual) return KeyDomain::Point(std::move(*value));
  if (test.op == Op::kNotEqual) return KeyDomain::Except(*value);
  return Beside(test.op, std::move(*value));
}

KeyDomain DomainOf(const Condition& condition, const KeyPart& part) {
  switch (condition.kind) {
    case ConditionKind::kAnything: return KeyDomain::All();
    case ConditionKind::kTest: return Concerns(condition, part) ? TestDomain(condition, part) : KeyDomain::All();
    case ConditionKind::kAnd:
    case ConditionKind::kOr: {
      std::vector<KeyDomain> domains;
      for (const Condition& child : condition.children) domains.push_back(DomainOf(child, part));
      return condition.kind == ConditionKind::kAnd ? Folded(domains, KeyDomain::All(), &KeyDomain::Intersect)
                                          : Folded(domains, KeyDomain::None(), &KeyDomain::Union);
    }
  }
  return KeyDomain::All();
}

/// The value of an expression over one column at a value of it.
std::optional<KeyValue> ValueAt(duckdb::ClientContext& context, const KeyPart& part, const KeyValue& micros) {
  auto copy = part.expression->Copy();
  duckdb::ExpressionIterator::VisitExpressionMutable<duckdb::BoundReferenceExpression>(
      copy, [&](duckdb::BoundReferenceExpression& reference, duckdb::unique_ptr<duckdb::Expression>& slot) {
        duckdb::Value value = duckdb::Value::TIMESTAMP(duckdb::timestamp_t(std::get<int64_t>(micros)));
        slot = duckdb::make_uniq<duckdb::BoundConstantExpression>(value.DefaultCastAs(reference.return_type));
      });
  duckdb::Value value;
  if (!duckdb::ExpressionExecutor::TryEvaluateScalar(context, *copy, value)) return std::nullopt;
  return ToKeyValue(part.type, value);
}

/// date_trunc(unit, column), which does not fall where the column rises; gives the column.
const duckdb::BoundReferenceExpression* TruncatedColumn(const KeyPart& part) {
  const duckdb::Expression* expression = part.expression.get();
  while (expression && expression->GetExpressionClass() == ExpressionClass::BOUND_CAST) {
    expression = expression->Cast<duckdb::BoundCastExpression>().child.get();
  }
  if (!expression || expression->GetExpressionClass() != ExpressionClass::BOUND_FUNCTION) return nullptr;
  const auto& function = expression->Cast<duckdb::BoundFunctionExpression>();
  if (function.function.name != "date_trunc" || function.children.size() != 2) return nullptr;
  const duckdb::Expression& column = *function.children[1];
  bool plain = column.GetExpressionClass() == ExpressionClass::BOUND_REF &&
               column.return_type.id() == duckdb::LogicalTypeId::TIMESTAMP;
  return plain ? &column.Cast<duckdb::BoundReferenceExpression>() : nullptr;
}

/// DuckDB turns date_trunc('day', t) = c into a range of t before the scan sees it: this is the way back, from what
/// is known of the column to what is known of the key.
KeyDomain TruncatedDomain(duckdb::ClientContext& context, const Condition& condition, const KeyPart& part) {
  const auto* column = TruncatedColumn(part);
  if (!column) return KeyDomain::All();
  KeyPart whole;
  whole.column = static_cast<int>(column->index);
  whole.type = DataType::Timestamp();
  KeyDomain of_column = DomainOf(condition, whole);
  KeyDomain truncated = of_column.nulls() ? KeyDomain::NullOnly() : KeyDomain::None();
  for (const KeyInterval& interval : of_column.intervals()) {
    KeyInterval image;
    if (interval.low) image.low = ValueAt(context, part, *interval.low);
    if (interval.high) image.high = ValueAt(context, part, *interval.high);
    bool reached = !image.high || interval.high_inclusive || *image.high != *interval.high;
    image.high_inclusive = reached;
    truncated = truncated.Union(KeyDomain::Of(std::move(image)));
  }
  return truncated;
}

/// NOT column as a key, from what is known of the column.
KeyDomain NegatedDomain(const Condition& condition, const KeyPart& part) {
  const duckdb::Expression* const key = part.expression.get();
  if (key == nullptr || key->GetExpressionType() != ExpressionType::OPERATOR_NOT) return KeyDomain::All();
  const duckdb::Expression& child = *key->Cast<duckdb::BoundOperatorExpression>().children[0];
  if (child.GetExpressionClass() != ExpressionClass::BOUND_REF) return KeyDomain::All();
  KeyPart column;
  column.column = static_cast<int>(child.Cast<duckdb::BoundReferenceExpression>().index);
  const KeyDomain of_column = DomainOf(condition, column);
  std::vector<KeyValue> points;
  if (of_column.nulls()) points.emplace_back();
  for (const int64_t value : {0, 1}) {
    if (of_column.Contains(KeyValue{1 - value})) points.emplace_back(value);
  }
  return points.empty() ? KeyDomain::None() : KeyDomain::Points(std::move(points));
}

/// The shards of the keys that a condition lets through, where these are few.
KeyDomain ShardDomain(const Condition& condition, const KeyPart& part) {
  constexpr size_t kMostKeys = 1024;
  if (part.sharded.empty()) return KeyDomain::All();
  std::vector<DataType> types;
  std::vector<KeyTuple> keys(1);  // of the columns so far
  for (const KeyPart& column : part.sharded) {
    const auto values = DomainOf(condition, column).AsPoints(kMostKeys);
    if (!values || values->size() * keys.size() > kMostKeys) return KeyDomain::All();
    types.push_back(column.type);
    std::vector<KeyTuple> longer;
    for (const KeyTuple& key : keys) {
      for (const KeyValue& value : *values) {
        longer.push_back(key);
        longer.back().push_back(value);
      }
    }
    keys = std::move(longer);
  }
  if (keys.empty()) return KeyDomain::None();
  std::vector<KeyValue> shards;
  for (const KeyTuple& key : keys) shards.emplace_back(int64_t{postgres::ShardOf(types, key, part.shards)});
  return KeyDomain::Points(std::move(shards));
}

/// The tests of columns that hold together.
void GatherTests(const Condition& condition, std::vector<const Condition*>* tests) {
  if (condition.kind == ConditionKind::kTest && condition.column >= 0) tests->push_back(&condition);
  if (condition.kind != ConditionKind::kAnd) return;
  for (const Condition& child : condition.children) GatherTests(child, tests);
}

Predicate::Op PredicateOp(Op op) {
  switch (op) {
    case Op::kEqual: return Predicate::Op::kEqual;
    case Op::kNotEqual: return Predicate::Op::kNotEqual;
    case Op::kLess: return Predicate::Op::kLess;
    case Op::kLessOrEqual: return Predicate::Op::kLessOrEqual;
    case Op::kGreater: return Predicate::Op::kGreater;
    case Op::kGreaterOrEqual: return Predicate::Op::kGreaterOrEqual;
    case Op::kIn: return Predicate::Op::kIn;
    case Op::kNotIn: return Predicate::Op::kNotIn;
    case Op::kIsNull: return Predicate::Op::kIsNull;
    case Op::kIsNotNull: return Predicate::Op::kIsNotNull;
  }
  return Predicate::Op::kIsNotNull;
}

Predicate::Literal TimestampOf(const DataType& type, int64_t micros) {
  const bool zoned = type.id() == TypeId::kTimestampLtz;
  if (type.precision() <= 3 && !postgres::IsFinite(postgres::Timestamp{micros})) {  // as it is held, in whole units
    const int64_t millis = type.precision() == 0 ? FloorDiv(micros, 1'000'000) * 1000 : FloorDiv(micros, 1000);
    return Predicate::TimestampLiteral{millis, 0, zoned};
  }
  return Predicate::TimestampLiteral{FloorDiv(micros, 1000), static_cast<int32_t>(FloorMod(micros, 1000) * 1000),
                                     zoned};
}

std::optional<Predicate::Literal> LiteralOf(const DataType& type, const duckdb::Value& raw) {
  auto value = ToKeyValue(type, raw);
  if (!value || IsNull(*value)) return std::nullopt;
  switch (type.id()) {
    case TypeId::kBoolean: return Predicate::Literal{std::get<int64_t>(*value) != 0};
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt: return Predicate::Literal{std::get<int64_t>(*value)};
    case TypeId::kFloat:
    case TypeId::kDouble: return Predicate::Literal{std::get<double>(*value)};
    case TypeId::kChar:
    case TypeId::kString: return Predicate::Literal{std::get<std::string>(*value)};
    case TypeId::kDate:
      return Predicate::Literal{Predicate::DateLiteral{static_cast<int32_t>(std::get<int64_t>(*value))}};
    case TypeId::kDecimal:
      return Predicate::Literal{Predicate::DecimalLiteral{std::get<__int128>(*value), type.scale()}};
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      // nanoseconds are cut off above, so a batch could be left out wrongly
      if (type.precision() > 6) return std::nullopt;
      return TimestampOf(type, std::get<int64_t>(*value));
    case TypeId::kBytes:
    case TypeId::kTime:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return std::nullopt;
}

/// NaN is above every number here; what is known of a batch's numbers says nothing of its NaNs.
bool MeetsNaN(const DataType& type, const Condition& test) {
  if (type.id() != TypeId::kFloat && type.id() != TypeId::kDouble) return false;
  if (test.op == Op::kGreater || test.op == Op::kGreaterOrEqual || test.op == Op::kNotEqual || test.op == Op::kNotIn)
    return true;
  return std::any_of(test.values.begin(), test.values.end(), [](const duckdb::Value& value) {
    return !value.IsNull() && std::isnan(value.GetValue<double>());
  });
}

/// Whether a test of values is one of the texts that hold them.
bool IsHeldAlike(const Condition& test) {
  return (test.op == Op::kEqual || test.op == Op::kIn) && OneFormOf(test.value_type) == OneForm::kAlways;
}

std::optional<Predicate> TestPredicate(const Condition& test, const Relation& relation) {
  if (test.column < 0 || test.column >= static_cast<int>(relation.columns.size())) return std::nullopt;
  const SqlColumn& column = relation.columns[test.column];
  if (test.value_type != 0 && !IsHeldAlike(test)) return std::nullopt;
  if (column.data_type.is_nested() || MeetsNaN(column.data_type, test)) return std::nullopt;
  Predicate predicate;
  predicate.op = PredicateOp(test.op);
  predicate.column = column.name;
  for (const duckdb::Value& value : test.values) {
    auto literal = LiteralOf(column.data_type, value);
    if (!literal) return std::nullopt;
    predicate.literals.push_back(std::move(*literal));
  }
  return predicate;
}

}  // namespace

Condition Condition::And(std::vector<Condition> children) { return Combine(ConditionKind::kAnd, std::move(children)); }

bool TestsExpressions(const Condition& condition) {
  return condition.expression || std::ranges::any_of(condition.children, TestsExpressions);
}

Condition ReadExpression(duckdb::ClientContext& context, const duckdb::LogicalGet& get,
                         const duckdb::Expression& expression) {
  return Reader(context, get, false).Read(expression);
}

Condition ReadOverRelation(duckdb::ClientContext& context, const Relation& relation,
                           duckdb::unique_ptr<duckdb::Expression> expression) {
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  for (const SqlColumn& column : relation.columns) {
    types.push_back(ToDuckType(column.data_type));
    names.push_back(column.name);
  }
  duckdb::LogicalGet get(0, duckdb::TableFunction(), nullptr, std::move(types), std::move(names));
  for (size_t i = 0; i < relation.columns.size(); ++i) get.AddColumnId(i);
  duckdb::ExpressionIterator::VisitExpressionMutable<duckdb::BoundReferenceExpression>(
      expression, [&](duckdb::BoundReferenceExpression& reference, duckdb::unique_ptr<duckdb::Expression>& slot) {
        slot = duckdb::make_uniq<duckdb::BoundColumnRefExpression>(reference.return_type,
                                                                   duckdb::ColumnBinding(0, reference.index));
      });
  return Reader(context, get, true).Read(*expression);
}

Condition ReadTableFilter(int column, const duckdb::TableFilter& filter) {
  using duckdb::TableFilterType;
  switch (filter.filter_type) {
    case TableFilterType::CONSTANT_COMPARISON: {
      const auto& constant = filter.Cast<duckdb::ConstantFilter>();
      auto op = OpOf(constant.comparison_type);
      return op ? Test(*op, column, {constant.constant}) : Condition{};
    }
    case TableFilterType::IS_NULL: return Test(Op::kIsNull, column, {});
    case TableFilterType::IS_NOT_NULL: return Test(Op::kIsNotNull, column, {});
    case TableFilterType::IN_FILTER: {
      const auto& in = filter.Cast<duckdb::InFilter>();
      return Test(Op::kIn, column, std::vector<duckdb::Value>(in.values.begin(), in.values.end()));
    }
    case TableFilterType::CONJUNCTION_AND:
    case TableFilterType::CONJUNCTION_OR: {
      bool all = filter.filter_type == TableFilterType::CONJUNCTION_AND;
      const auto& parts = all ? filter.Cast<duckdb::ConjunctionAndFilter>().child_filters
                              : filter.Cast<duckdb::ConjunctionOrFilter>().child_filters;
      std::vector<Condition> children;
      for (const auto& part : parts) children.push_back(ReadTableFilter(column, *part));
      return Combine(all ? ConditionKind::kAnd : ConditionKind::kOr, std::move(children));
    }
    case TableFilterType::OPTIONAL_FILTER: {
      const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
      return child ? ReadTableFilter(column, *child) : Condition{};
    }
    case TableFilterType::DYNAMIC_FILTER: {
      const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
      if (!data) return {};
      duckdb::lock_guard<duckdb::mutex> lock(data->lock);
      return data->initialized && data->filter ? ReadTableFilter(column, *data->filter) : Condition{};
    }
    default: return {};
  }
}

KeyDomains DomainsOf(duckdb::ClientContext& context, const Condition& condition, const std::vector<KeyPart>& key) {
  KeyDomains domains;
  for (const KeyPart& part : key) {
    domains.push_back(DomainOf(condition, part)
                          .Intersect(TruncatedDomain(context, condition, part))
                          .Intersect(NegatedDomain(condition, part))
                          .Intersect(ShardDomain(condition, part)));
  }
  return domains;
}

bool IsContradiction(const Condition& condition, const Relation& relation) {
  constexpr size_t kMostTests = 16;
  std::vector<const Condition*> tests;
  GatherTests(condition, &tests);
  if (tests.size() < 2 || tests.size() > kMostTests) return false;
  return std::ranges::any_of(tests, [&](const Condition* test) {
    KeyPart part;
    part.column = test->column;
    part.type = relation.columns[static_cast<size_t>(test->column)].data_type;
    part.value_type = test->value_type;
    return DomainOf(condition, part).empty();
  });
}

std::optional<Predicate> ToPredicate(const Condition& condition, const Relation& relation) {
  if (condition.kind == ConditionKind::kAnything) return std::nullopt;
  if (condition.kind == ConditionKind::kTest) return TestPredicate(condition, relation);
  Predicate predicate;
  predicate.op = condition.kind == ConditionKind::kAnd ? Predicate::Op::kAnd : Predicate::Op::kOr;
  for (const Condition& child : condition.children) {
    auto read = ToPredicate(child, relation);
    if (!read && condition.kind == ConditionKind::kOr) return std::nullopt;
    if (read) predicate.children.push_back(std::move(*read));
  }
  if (predicate.children.empty()) return std::nullopt;
  return predicate.children.size() == 1 ? std::move(predicate.children[0]) : predicate;
}

}  // namespace weir::sql
