#include "format/wire/predicates.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <variant>

#include "format/row_values.h"

namespace weir::wire {
namespace {

using Op = Predicate::Op;

// The protocol's numbers.
enum NodeType { kLeafNode = 0, kCompoundNode = 1 };
enum CompoundFunction { kAndFunction = 0, kOrFunction = 1 };
enum LiteralKind {
  kBooleanLiteral, kTinyIntLiteral, kSmallIntLiteral, kIntLiteral, kBigIntLiteral, kFloatLiteral, kDoubleLiteral,
  kCharLiteral, kStringLiteral, kDecimalLiteral, kDateLiteral, kTimeLiteral, kTimestampLiteral, kTimestampLtzLiteral,
  kBinaryLiteral, kBytesLiteral,
};
constexpr int kSmallDecimal = 18;  // digits that fit 64 bits

std::optional<LiteralKind> LiteralKindOf(TypeId type) {
  switch (type) {
    case TypeId::kBoolean: return kBooleanLiteral;
    case TypeId::kTinyInt: return kTinyIntLiteral;
    case TypeId::kSmallInt: return kSmallIntLiteral;
    case TypeId::kInt: return kIntLiteral;
    case TypeId::kBigInt: return kBigIntLiteral;
    case TypeId::kFloat: return kFloatLiteral;
    case TypeId::kDouble: return kDoubleLiteral;
    case TypeId::kChar: return kCharLiteral;
    case TypeId::kString: return kStringLiteral;
    case TypeId::kDecimal: return kDecimalLiteral;
    case TypeId::kDate: return kDateLiteral;
    case TypeId::kTime: return kTimeLiteral;
    case TypeId::kTimestamp: return kTimestampLiteral;
    case TypeId::kTimestampLtz: return kTimestampLtzLiteral;
    case TypeId::kBinary: return kBinaryLiteral;
    case TypeId::kBytes: return kBytesLiteral;
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return std::nullopt;
}

/// Sets a literal's value; false where it has none of the column's type.
struct LiteralWriter {
  const DataType& type;
  LiteralValue* out;
  LiteralKind kind() const { return static_cast<LiteralKind>(out->literal_type()); }

  bool operator()(const Predicate::Null&) const { return out->set_is_null(true), true; }
  bool operator()(bool value) const { return out->set_boolean_value(value), kind() == kBooleanLiteral; }
  bool operator()(int64_t value) const {
    if (kind() == kBigIntLiteral) return out->set_bigint_value(value), true;
    if (kind() == kDecimalLiteral) return (*this)(Predicate::DecimalLiteral{value, 0});
    if (kind() == kFloatLiteral || kind() == kDoubleLiteral) {
      const auto number = static_cast<double>(value);
      constexpr int64_t kExact = int64_t{1} << 53;
      return value >= -kExact && value <= kExact && (*this)(number);
    }
    const auto narrow = static_cast<int32_t>(value);
    return out->set_int_value(narrow), narrow == value && kind() >= kTinyIntLiteral && kind() <= kIntLiteral;
  }
  bool operator()(double value) const {
    if (kind() == kDoubleLiteral) return out->set_double_value(value), true;
    const auto narrow = static_cast<float>(value);
    return out->set_float_value(narrow), kind() == kFloatLiteral && static_cast<double>(narrow) == value;
  }
  bool operator()(const std::string& value) const {
    return out->set_string_value(value), kind() == kCharLiteral || kind() == kStringLiteral;
  }
  bool operator()(const Predicate::BytesLiteral& value) const {
    return out->set_binary_value(value.bytes), kind() == kBinaryLiteral || kind() == kBytesLiteral;
  }
  bool operator()(const Predicate::DecimalLiteral& value) const {
    __int128 unscaled = value.unscaled;
    for (int scale = value.scale; scale < type.scale(); ++scale) {
      if (__builtin_mul_overflow(unscaled, static_cast<__int128>(10), &unscaled)) return false;
    }
    for (int scale = value.scale; scale > type.scale(); --scale) {
      if (unscaled % 10 != 0) return false;
      unscaled /= 10;
    }
    if (type.precision() > kSmallDecimal) {
      char bytes[kMaxDecimalBytes];
      return out->set_decimal_bytes(bytes, static_cast<size_t>(StoreDecimal(unscaled, bytes) - bytes)), true;
    }
    const auto narrow = static_cast<int64_t>(unscaled);
    return out->set_decimal_value(narrow), kind() == kDecimalLiteral && narrow == unscaled;
  }
  bool operator()(const Predicate::DateLiteral& value) const {
    return out->set_int_value(value.days), kind() == kDateLiteral;
  }
  bool operator()(const Predicate::TimeLiteral& value) const {
    return out->set_int_value(value.millis), kind() == kTimeLiteral;
  }
  bool operator()(const Predicate::TimestampLiteral& value) const {
    out->set_timestamp_millis_value(value.millis);
    out->set_timestamp_nano_of_millis_value(value.nanos);
    return kind() == (value.zoned ? kTimestampLtzLiteral : kTimestampLiteral);
  }
};

std::optional<PredicateNode> LeafToWire(const Predicate& predicate, const Schema& schema) {
  const int position = schema.IndexOf(predicate.column);
  if (position < 0) return std::nullopt;
  const Column& column = schema.column(position);
  const std::optional<LiteralKind> kind = LiteralKindOf(column.type.id());
  if (!kind) return std::nullopt;
  PredicateNode node;
  node.set_type(kLeafNode);
  node.mutable_leaf()->set_function(static_cast<int32_t>(predicate.op));
  node.mutable_leaf()->set_field_id(column.id);
  for (const Predicate::Literal& literal : predicate.literals) {
    LiteralValue* const value = node.mutable_leaf()->add_literals();
    value->set_literal_type(*kind);
    value->set_is_null(false);
    if (!std::visit(LiteralWriter{column.type, value}, literal)) return std::nullopt;
  }
  return node;
}

Status Malformed(std::string_view what) {
  return {ErrorCode::kCorruptMessage, fmt::format("the filter of a fetch has {}", what)};
}

Result<Predicate::Literal> LiteralFromWire(const LiteralValue& message, const DataType& type) {
  if (message.is_null()) return Predicate::Literal(Predicate::Null{});
  switch (message.literal_type()) {
    case kBooleanLiteral: return Predicate::Literal(message.boolean_value());
    case kTinyIntLiteral:
    case kSmallIntLiteral:
    case kIntLiteral: return Predicate::Literal(int64_t{message.int_value()});
    case kBigIntLiteral: return Predicate::Literal(message.bigint_value());
    case kFloatLiteral: return Predicate::Literal(double{message.float_value()});
    case kDoubleLiteral: return Predicate::Literal(message.double_value());
    case kCharLiteral:
    case kStringLiteral: return Predicate::Literal(message.string_value());
    case kDecimalLiteral: {
      if (type.id() != TypeId::kDecimal) return Malformed("a decimal for a column of another type");
      if (!message.has_decimal_bytes()) {
        return Predicate::Literal(Predicate::DecimalLiteral{message.decimal_value(), type.scale()});
      }
      __int128 unscaled = 0;
      if (!LoadDecimal(message.decimal_bytes(), &unscaled)) return Malformed("a decimal that is none");
      return Predicate::Literal(Predicate::DecimalLiteral{unscaled, type.scale()});
    }
    case kDateLiteral: return Predicate::Literal(Predicate::DateLiteral{message.int_value()});
    case kTimeLiteral: return Predicate::Literal(Predicate::TimeLiteral{message.int_value()});
    case kTimestampLiteral:
    case kTimestampLtzLiteral:
      return Predicate::Literal(Predicate::TimestampLiteral{message.timestamp_millis_value(),
                                                            message.timestamp_nano_of_millis_value(),
                                                            message.literal_type() == kTimestampLtzLiteral});
    case kBinaryLiteral:
    case kBytesLiteral: return Predicate::Literal(Predicate::BytesLiteral{message.binary_value()});
  }
  return Malformed(fmt::format("a literal of the unknown type {}", message.literal_type()));
}

Result<Predicate> LeafFromWire(const LeafPredicate& leaf, const Schema& schema) {
  if (leaf.function() < 0 || leaf.function() > static_cast<int32_t>(Op::kNotIn)) {
    return Malformed(fmt::format("the unknown function {}", leaf.function()));
  }
  const auto column = std::ranges::find(schema.columns(), leaf.field_id(), &Column::id);
  if (column == schema.columns().end()) return Malformed(fmt::format("no column with id {}", leaf.field_id()));
  Predicate predicate;
  predicate.op = static_cast<Op>(leaf.function());
  predicate.column = column->name;
  for (const LiteralValue& literal : leaf.literals()) {
    WEIR_ASSIGN_OR_RETURN(Predicate::Literal value, LiteralFromWire(literal, column->type));
    predicate.literals.push_back(std::move(value));
  }
  return predicate;
}

}  // namespace

std::optional<PredicateNode> PredicateToWire(const Predicate& predicate, const Schema& schema) {
  if (predicate.op == Op::kNot) return std::nullopt;
  if (predicate.op != Op::kAnd && predicate.op != Op::kOr) return LeafToWire(predicate, schema);
  PredicateNode node;
  node.set_type(kCompoundNode);
  node.mutable_compound()->set_function(predicate.op == Op::kAnd ? kAndFunction : kOrFunction);
  for (const Predicate& child : predicate.children) {
    std::optional<PredicateNode> part = PredicateToWire(child, schema);
    if (!part && predicate.op == Op::kOr) return std::nullopt;
    if (part) *node.mutable_compound()->add_children() = std::move(*part);
  }
  if (node.compound().children_size() == 0) return std::nullopt;
  return node;
}

Result<Predicate> PredicateFromWire(const PredicateNode& message, const Schema& schema) {
  if (message.type() == kLeafNode) return LeafFromWire(message.leaf(), schema);
  const CompoundPredicate& compound = message.compound();
  const bool known = compound.function() == kAndFunction || compound.function() == kOrFunction;
  if (message.type() != kCompoundNode || !known || compound.children().empty()) {
    return Malformed("a part that is neither an AND, an OR nor a comparison");
  }
  Predicate predicate;
  predicate.op = compound.function() == kAndFunction ? Op::kAnd : Op::kOr;
  for (const PredicateNode& child : compound.children()) {
    WEIR_ASSIGN_OR_RETURN(Predicate part, PredicateFromWire(child, schema));
    predicate.children.push_back(std::move(part));
  }
  return predicate;
}

}  // namespace weir::wire
