#include "client/predicate_eval.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "client/value_order.h"

namespace weir {
namespace {

using Op = Predicate::Op;

Status NoMatch(const Column& column, std::string_view literal) {
  return Status::Invalid(fmt::format("a {} literal does not match column '{}' of type {}", literal, column.name,
                                     column.type.ToString()));
}

bool IsInteger(TypeId id) { return id >= TypeId::kTinyInt && id <= TypeId::kBigInt; }
bool IsString(TypeId id) { return id == TypeId::kString || id == TypeId::kChar; }
bool IsBinary(TypeId id) { return id == TypeId::kBytes || id == TypeId::kBinary; }

std::pair<int64_t, int64_t> RangeOf(TypeId integer) {
  if (integer == TypeId::kTinyInt) return {-128, 127};
  if (integer == TypeId::kSmallInt) return {-32768, 32767};
  if (integer == TypeId::kInt) return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
  return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
}

/// Turns a literal into a value of a column's type.
struct LiteralBinder {
  const Column& column;
  Arena* arena;
  TypeId id() const { return column.type.id(); }

  Result<Datum> operator()(const Predicate::Null&) const {
    return Status::Invalid(
        fmt::format("column '{}' cannot be compared with NULL; use is_null() or is_not_null()", column.name));
  }
  Result<Datum> operator()(bool value) const {
    if (id() != TypeId::kBoolean) return NoMatch(column, "boolean");
    return Datum::Bool(value);
  }
  Result<Datum> operator()(int64_t value) const {
    if (IsInteger(id())) {
      const auto [min, max] = RangeOf(id());
      if (value >= min && value <= max) return Datum::Int(value);
      return Status::Invalid(fmt::format("{} is out of range for column '{}' of type {}", value, column.name,
                                         column.type.ToString()));
    }
    if (id() == TypeId::kFloat || id() == TypeId::kDouble) {
      const auto number = static_cast<double>(value);
      const bool exact = std::abs(number) < 9.2e18 && static_cast<int64_t>(number) == value;
      return exact ? (*this)(number) : Inexact(fmt::format("{}", value));
    }
    if (id() == TypeId::kDecimal) return (*this)(Predicate::DecimalLiteral{value, 0});
    return NoMatch(column, "integer");
  }
  Result<Datum> operator()(double value) const {
    if (id() == TypeId::kDouble) return Datum::Double(value);
    if (id() != TypeId::kFloat) return NoMatch(column, "floating point");
    if (std::isnan(value) || static_cast<double>(static_cast<float>(value)) == value) return Datum::Double(value);
    return Inexact(fmt::format("{}", value));
  }
  Result<Datum> operator()(const std::string& value) const {
    if (!IsString(id())) return NoMatch(column, "string");
    return Datum::Bytes(arena->CopyBytes(value));
  }
  Result<Datum> operator()(const Predicate::BytesLiteral& value) const {
    if (!IsBinary(id())) return NoMatch(column, "bytes");
    return Datum::Bytes(arena->CopyBytes(value.bytes));
  }
  Result<Datum> operator()(const Predicate::DecimalLiteral& value) const {
    if (id() != TypeId::kDecimal) return NoMatch(column, "decimal");
    const Status misfit = Status::Invalid(fmt::format("a decimal of scale {} does not fit column '{}' of type {}",
                                                      value.scale, column.name, column.type.ToString()));
    __int128 unscaled = value.unscaled;
    for (int scale = value.scale; scale < column.type.scale(); ++scale) {
      if (__builtin_mul_overflow(unscaled, static_cast<__int128>(10), &unscaled)) return misfit;
    }
    for (int scale = value.scale; scale > column.type.scale(); --scale) {
      if (unscaled % 10 != 0) return misfit;
      unscaled /= 10;
    }
    __int128 rest = unscaled;
    for (int digit = 0; digit < column.type.precision(); ++digit) rest /= 10;
    if (rest != 0) return misfit;
    return Datum::Decimal(unscaled);
  }
  Result<Datum> operator()(const Predicate::DateLiteral& value) const {
    if (id() != TypeId::kDate) return NoMatch(column, "date");
    return Datum::Int(value.days);
  }
  Result<Datum> operator()(const Predicate::TimeLiteral& value) const {
    if (id() != TypeId::kTime) return NoMatch(column, "time");
    return Datum::Int(value.millis);
  }
  Result<Datum> operator()(const Predicate::TimestampLiteral& value) const {
    if (id() != (value.zoned ? TypeId::kTimestampLtz : TypeId::kTimestamp)) {
      return NoMatch(column, value.zoned ? "timestamp with zone" : "timestamp without zone");
    }
    return Datum::Timestamp(value.millis, value.nanos);
  }

 private:
  Result<Datum> Inexact(const std::string& value) const {
    return Status::Invalid(fmt::format("{} cannot be represented exactly in column '{}' of type {}", value,
                                       column.name, column.type.ToString()));
  }
};

bool IsStringOp(Op op) { return op == Op::kStartsWith || op == Op::kContains || op == Op::kEndsWith; }
bool IsNullOp(Op op) { return op == Op::kIsNull || op == Op::kIsNotNull; }
bool IsListOp(Op op) { return op == Op::kIn || op == Op::kNotIn; }

/// SQL's three values, ordered so that AND is the least and OR the greatest.
enum class Truth { kFalse, kUnknown, kTrue };

Truth ToTruth(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

}  // namespace

struct BoundPredicate::Node {
  Op op = Op::kIsNotNull;
  int column = -1;
  std::vector<Datum> literals;
  std::vector<Node> children;
  std::shared_ptr<Arena> arena;

  static Result<Node> Bind(const Predicate& predicate, const Schema& schema, const std::shared_ptr<Arena>& arena,
                           std::set<int>* columns);
  Truth Evaluate(RowView row) const;
  bool Compares(const Datum& value) const;
  bool MayMatch(const std::vector<Range>& ranges, int64_t rows) const;
};

Result<BoundPredicate::Node> BoundPredicate::Node::Bind(const Predicate& predicate, const Schema& schema,
                                                        const std::shared_ptr<Arena>& arena, std::set<int>* columns) {
  Node node;
  node.op = predicate.op;
  node.arena = arena;
  if (predicate.op == Op::kAnd || predicate.op == Op::kOr || predicate.op == Op::kNot) {
    for (const Predicate& child : predicate.children) {
      WEIR_ASSIGN_OR_RETURN(Node bound, Bind(child, schema, arena, columns));
      node.children.push_back(std::move(bound));
    }
    if (predicate.op == Op::kNot && node.children.size() != 1) {
      return Status::Invalid(fmt::format("NOT takes one filter, not {}", node.children.size()));
    }
    return node;
  }
  node.column = schema.IndexOf(predicate.column);
  if (node.column < 0) return schema.IndexesOf({predicate.column}).status();
  const Column& column = schema.column(node.column);
  if (column.type.is_nested()) {
    return Status::Invalid(
        fmt::format("column '{}' of type {} cannot be filtered", column.name, column.type.ToString()));
  }
  if (IsStringOp(node.op) && !IsString(column.type.id())) {
    return Status::Invalid(fmt::format("a string function does not match column '{}' of type {}", column.name,
                                       column.type.ToString()));
  }
  const bool count_fits = IsListOp(node.op) || predicate.literals.size() == (IsNullOp(node.op) ? 0u : 1u);
  if (!count_fits) {
    return Status::Invalid(
        fmt::format("the filter on column '{}' has {} literals", column.name, predicate.literals.size()));
  }
  for (const Predicate::Literal& literal : predicate.literals) {
    if (IsListOp(node.op) && std::holds_alternative<Predicate::Null>(literal)) continue;
    WEIR_ASSIGN_OR_RETURN(const Datum value, std::visit(LiteralBinder{column, arena.get()}, literal));
    node.literals.push_back(value);
  }
  columns->insert(node.column);
  return node;
}

Truth BoundPredicate::Node::Evaluate(RowView row) const {
  if (op == Op::kAnd) {
    Truth all = Truth::kTrue;
    for (const Node& child : children) all = std::min(all, child.Evaluate(row));
    return all;
  }
  if (op == Op::kOr) {
    Truth any = Truth::kFalse;
    for (const Node& child : children) any = std::max(any, child.Evaluate(row));
    return any;
  }
  if (op == Op::kNot) {
    return static_cast<Truth>(static_cast<int>(Truth::kTrue) - static_cast<int>(children.front().Evaluate(row)));
  }
  const Datum& value = row[column];
  if (IsNullOp(op)) return ToTruth(value.is_null() == (op == Op::kIsNull));
  return value.is_null() ? Truth::kUnknown : ToTruth(Compares(value));
}

bool BoundPredicate::Node::Compares(const Datum& value) const {
  const auto equals = [&](const Datum& literal) { return CompareValues(value, literal) == 0; };
  switch (op) {
    case Op::kEqual: return CompareValues(value, literals[0]) == 0;
    case Op::kNotEqual: return CompareValues(value, literals[0]) != 0;
    case Op::kLess: return CompareValues(value, literals[0]) < 0;
    case Op::kLessOrEqual: return CompareValues(value, literals[0]) <= 0;
    case Op::kGreater: return CompareValues(value, literals[0]) > 0;
    case Op::kGreaterOrEqual: return CompareValues(value, literals[0]) >= 0;
    case Op::kStartsWith: return value.as_bytes().starts_with(literals[0].as_bytes());
    case Op::kEndsWith: return value.as_bytes().ends_with(literals[0].as_bytes());
    case Op::kContains: return value.as_bytes().find(literals[0].as_bytes()) != std::string_view::npos;
    case Op::kIn: return std::any_of(literals.begin(), literals.end(), equals);
    case Op::kNotIn: return std::none_of(literals.begin(), literals.end(), equals);
    case Op::kIsNull:
    case Op::kIsNotNull:
    case Op::kAnd:
    case Op::kOr:
    case Op::kNot: break;
  }
  return true;
}

bool BoundPredicate::Node::MayMatch(const std::vector<Range>& ranges, int64_t rows) const {
  const auto may_match = [&](const Node& child) { return child.MayMatch(ranges, rows); };
  if (op == Op::kAnd) return std::all_of(children.begin(), children.end(), may_match);
  if (op == Op::kOr) return std::any_of(children.begin(), children.end(), may_match);
  if (op == Op::kNot) return true;
  if (op == Op::kIn && literals.empty()) return false;
  const Range& range = ranges[column];
  if (!range.known) return true;
  if (op == Op::kIsNull) return range.null_count > 0;
  if (range.null_count >= rows) return false;  // nothing but NULLs
  if (op == Op::kIsNotNull || range.min.is_null() || range.max.is_null()) return true;
  const auto inside = [&](const Datum& value) {
    return CompareValues(range.min, value) <= 0 && CompareValues(value, range.max) <= 0;
  };
  switch (op) {
    case Op::kEqual: return inside(literals[0]);
    case Op::kNotEqual:
      return CompareValues(range.min, literals[0]) != 0 || CompareValues(range.max, literals[0]) != 0;
    case Op::kLess: return CompareValues(range.min, literals[0]) < 0;
    case Op::kLessOrEqual: return CompareValues(range.min, literals[0]) <= 0;
    case Op::kGreater: return CompareValues(range.max, literals[0]) > 0;
    case Op::kGreaterOrEqual: return CompareValues(range.max, literals[0]) >= 0;
    case Op::kIn: return std::any_of(literals.begin(), literals.end(), inside);
    case Op::kStartsWith:
      return range.max.as_bytes() >= literals[0].as_bytes() &&
             range.min.as_bytes().substr(0, literals[0].as_bytes().size()) <= literals[0].as_bytes();
    case Op::kIsNull:
    case Op::kIsNotNull:
    case Op::kContains:
    case Op::kEndsWith:
    case Op::kNotIn:
    case Op::kAnd:
    case Op::kOr:
    case Op::kNot: break;
  }
  return true;
}

Result<BoundPredicate> BoundPredicate::Bind(const Predicate& predicate, const Schema& schema) {
  std::set<int> columns;
  WEIR_ASSIGN_OR_RETURN(Node root, Node::Bind(predicate, schema, std::make_shared<Arena>(), &columns));
  BoundPredicate bound;
  bound.root_ = std::make_shared<const Node>(std::move(root));
  bound.columns_.assign(columns.begin(), columns.end());
  return bound;
}

bool BoundPredicate::Matches(RowView row) const { return root_->Evaluate(row) == Truth::kTrue; }
bool BoundPredicate::MayMatch(const std::vector<Range>& ranges, int64_t rows) const {
  return root_->MayMatch(ranges, rows);
}

}  // namespace weir
