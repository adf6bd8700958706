#include "weir/predicate.h"

#include <fmt/format.h>

namespace weir {
namespace {

std::string_view OpName(Predicate::Op op) {
  switch (op) {
    case Predicate::Op::kEqual: return "Equal";
    case Predicate::Op::kNotEqual: return "NotEqual";
    case Predicate::Op::kLess: return "LessThan";
    case Predicate::Op::kLessOrEqual: return "LessOrEqual";
    case Predicate::Op::kGreater: return "GreaterThan";
    case Predicate::Op::kGreaterOrEqual: return "GreaterOrEqual";
    case Predicate::Op::kIsNull: return "IsNull";
    case Predicate::Op::kIsNotNull: return "IsNotNull";
    case Predicate::Op::kStartsWith: return "StartsWith";
    case Predicate::Op::kContains: return "Contains";
    case Predicate::Op::kEndsWith: return "EndsWith";
    case Predicate::Op::kIn: return "In";
    case Predicate::Op::kNotIn: return "NotIn";
    case Predicate::Op::kAnd: return "And";
    case Predicate::Op::kOr: return "Or";
    case Predicate::Op::kNot: return "Not";
  }
  return "Unknown";
}

struct LiteralText {
  std::string operator()(const Predicate::Null&) const { return "Null"; }
  std::string operator()(bool v) const { return fmt::format("Bool({})", v); }
  std::string operator()(int64_t v) const { return fmt::format("Int64({})", v); }
  std::string operator()(double v) const { return fmt::format("Float64({})", v); }
  std::string operator()(const std::string& v) const { return fmt::format("String(\"{}\")", v); }
  std::string operator()(const Predicate::BytesLiteral& v) const {
    return fmt::format("Bytes({} bytes)", v.bytes.size());
  }
  std::string operator()(const Predicate::DecimalLiteral& v) const {
    return fmt::format("Decimal({}e-{})", v.unscaled, v.scale);
  }
  std::string operator()(const Predicate::DateLiteral& v) const { return fmt::format("Date({})", v.days); }
  std::string operator()(const Predicate::TimeLiteral& v) const { return fmt::format("Time({})", v.millis); }
  std::string operator()(const Predicate::TimestampLiteral& v) const {
    return fmt::format("{}({}, {})", v.zoned ? "TimestampLtz" : "Timestamp", v.millis, v.nanos);
  }
};

}  // namespace

std::string Predicate::ToString() const {
  std::string items;
  const auto add = [&](const std::string& item) { items += (items.empty() ? "" : ", ") + item; };
  if (op == Op::kAnd || op == Op::kOr || op == Op::kNot) {
    for (const Predicate& child : children) add(child.ToString());
    return fmt::format("Compound {{ function: {}, children: [{}] }}", OpName(op), items);
  }
  for (const Literal& literal : literals) add(std::visit(LiteralText{}, literal));
  return fmt::format("Leaf {{ field: \"{}\", function: {}, literals: [{}] }}", column, OpName(op), items);
}

}  // namespace weir
